"""The page that puts published figures next to ours, and the picture of the three boundaries."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from init_utils.schemes import CLASSES, SCHEMES

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
PUBLISHED = json.loads((ROOT / "tests" / "data" / "published.json").read_text(encoding="utf-8"))


def _rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    section = page.split(f"# {heading}\n", maxsplit=1)[1].split("\n#", maxsplit=1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def _check(page: str) -> None:
    for name, tolerance in (("zeros", 1e-12), ("random", 0.05), ("he", 1e-12)):
        rows = _rows(page, name)
        assert {row[0]: row[1] for row in rows} == PUBLISHED["training"][name]["cost_at_iteration"]
        assert all(float(row[column]) <= tolerance for row in rows for column in (3, 5)), name
    assert all(float(row[4]) <= 5e-9 for row in _rows(page, "Expected outputs of the exercises"))
    assert [row[5] for row in _rows(page, "Accuracies")] == ["0.0e+00"] * 6
    four = {row[0]: row for row in _rows(page, "Four starts on photographs of 67,500 numbers")[:4]}
    assert four["zeros"][4] == "50.0 %"
    assert float(four["random_x10"][2].split(" → ")[1]) > 0.9
    assert float(four["he"][4].removesuffix(" %")) >= 95
    assert float(four["xavier"][4].removesuffix(" %")) >= 95


def test_the_page_shows_every_published_figure_with_a_deviation_within_tolerance() -> None:
    _check(PAGE)


def test_our_costs_have_six_decimals_and_our_accuracies_one() -> None:
    for name in ("zeros", "random", "he"):
        ours = [row[column] for row in _rows(PAGE, name) for column in (2, 4)]
        assert [cost for cost in ours if not re.fullmatch(r"\d\.\d{6}|inf", cost)] == []
    accuracies = {tuple(row[:2]): row[2:5] for row in _rows(PAGE, "Accuracies")}
    assert accuracies["he", "train"] == ["99.3 %"] * 3
    assert accuracies["random", "test"] == ["86.0 %"] * 3


def test_the_page_names_the_program_that_wrote_it() -> None:
    assert "Written by `python docs/comparison.py`, never by hand." in PAGE
    assert re.search(r"He and\s+Xavier learn all hundred", PAGE)


def test_the_picture_is_wide_and_small_enough_for_a_page() -> None:
    path = ROOT / "docs" / "boundaries.png"
    with Image.open(path) as picture:
        assert picture.width > 2.5 * picture.height > 1000
    assert path.stat().st_size < 200_000


def _colours(picture: Image.Image) -> set[str]:
    """Those that a person notices."""
    counted = picture.convert("RGB").getcolors(picture.width * picture.height) or []
    return {"#{:02x}{:02x}{:02x}".format(*colour) for count, colour in counted if count > 50}


def test_the_picture_has_the_colours_that_classes_and_schemes_have_in_the_lab() -> None:
    with Image.open(ROOT / "docs" / "boundaries.png") as picture:
        found = _colours(picture)
    drawn = [scheme for scheme in SCHEMES if scheme.name in ("zeros", "random", "He")]
    wanted = {*(one.colour for one in (*CLASSES, *drawn)), *(one.region for one in CLASSES)}
    assert wanted - found == set()
    assert {scheme.colour for scheme in SCHEMES if scheme not in drawn} & found == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "name"), [("comparison.py", "page.md"), ("make_pictures.py", "picture.png")]
)
def test_the_programs_write_what_is_committed(program: str, name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", ROOT / "docs" / program, tmp_path / name],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    if name.endswith(".md"):
        _check((tmp_path / name).read_text(encoding="utf-8"))
    else:
        with Image.open(tmp_path / name) as new, Image.open(ROOT / "docs" / "boundaries.png") as old:
            assert new.size == old.size
            left = (0, 0, new.width // 3, new.height)  # zeros: the same everywhere, to the last digit
            apart = ImageChops.difference(*(one.convert("L").crop(left) for one in (new, old)))
            moved = sum(apart.histogram()[64:])
            assert moved < 0.005 * apart.width * apart.height  # other marks make 0.02
