"""The living lab in an exported page: what is added, what is refused; the notebook has none of it."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import nbformat
import pytest

from docs.solutions import ROOT, instructor_functions
from init_utils.lab import still
from init_utils.lab.__main__ import main
from init_utils.lab.experiment import unpacked
from init_utils.lab.exporter import LabExporter
from init_utils.lab.living import LivingError, with_living_labs
from init_utils.lab.widget import Lab

FRAME = re.compile(r'<iframe class="initlab-living"([^>]*)>')


def lab(**settings: Any) -> Lab:
    return Lab(*instructor_functions("initialization").values(), live=False, **settings)


def notebook(*labs: Lab) -> Any:
    """A notebook that has been run, with the pictures of these labs."""
    outputs = [nbformat.v4.new_output("display_data", one._repr_mimebundle_()) for one in labs]
    cells = [nbformat.v4.new_code_cell("lab()", outputs=[output]) for output in outputs]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Mine"), *cells])


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A page of two labs, as nbconvert writes it."""
    page = tmp_path / "mine.html"
    text, _ = super(LabExporter, LabExporter()).from_notebook_node(notebook(lab(), lab(noise=0.2)))
    page.write_text(text, encoding="utf-8")
    return page


def pictures(*labs: Lab) -> str:
    return "".join(one._repr_mimebundle_()["text/html"] for one in labs)


def test_each_lab_gets_one_frame_and_the_engine_is_stored_once(exported: Path, capsys: Any):
    before = exported.read_text(encoding="utf-8")
    assert main(["--into", str(exported)]) == 0
    text = exported.read_text(encoding="utf-8")
    size = f"{len(text.encode()) / 1000:,.0f} kB"
    assert capsys.readouterr().out == f"{exported}: {size}, 2 labs that train\n"
    frames = FRAME.findall(text)
    assert len(frames) == 2
    for attributes in frames:
        assert 'sandbox="allow-scripts"' in attributes
    assert "allow-same-origin" not in text
    assert text.count("<iframe") == 2 + before.count("<iframe")
    assert text.count('id="initlab-page"') == 1
    assert len(text.encode()) - len(before.encode()) < 2 * 50_000 + 200_000
    noises = [
        json.loads(html.unescape(re.search('data-experiment="([^"]*)"', one)[1]))["settings"]["noise"]  # type: ignore[index]
        for one in frames
    ]
    assert noises == [0.05, 0.2]


def test_what_is_taken_out_again_leaves_the_page_as_it_was(exported: Path):
    before = exported.read_text(encoding="utf-8")
    text, count = with_living_labs(before)
    text = re.sub(r'<iframe class="initlab-living".*?</iframe>', "", text)
    text = re.sub(
        r'<script type="application/json" id="initlab-page">.*</script>\n', "", text, flags=re.DOTALL
    )
    assert (text, count) == (before, 2)


def test_a_page_that_has_the_living_lab_is_refused(exported: Path, capsys: Any):
    assert main(["--into", str(exported)]) == 0
    written = exported.read_bytes()
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["--into", str(exported)])
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        f"{exported} has the living lab already; to renew it, export the notebook again\n"
    )
    assert exported.read_bytes() == written


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        ("<p>No lab.</p>", "shows no lab; export a notebook that shows one with jupyter nbconvert --to html"),
        (
            '<div class="initlab-still"><img></div>',
            "shows a lab without its experiment; run the lab's cell again, then export the notebook",
        ),
        (
            '<div class="initlab-still" data-initlab="alert(1)"></div>',
            "holds a lab (number 1) that no lab wrote: it is no experiment of a lab",
        ),
        (
            '<script>\'<div class="initlab-still" data-initlab="{}">\'</script>'
            '&lt;div class="initlab-still" data-initlab="{}"&gt;',
            "shows no lab; export a notebook that shows one with jupyter nbconvert --to html",
        ),
    ],
)
def test_a_page_without_a_lab_is_refused_and_stays(page: str, sentence: str, tmp_path: Path, capsys: Any):
    path = tmp_path / "page.html"
    path.write_text(page, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["--into", str(path)])
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"{path} {sentence}\n"
    assert path.read_text(encoding="utf-8") == page


def test_a_page_that_is_not_there_is_refused_with_its_name(tmp_path: Path, capsys: Any):
    with pytest.raises(SystemExit):
        main(["--into", str(tmp_path / "none.html")])
    assert "none.html" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "name one page: page.html to write a new one, or --into page.html for one that was exported"),
        (["page.html", "--into", "page.html"], "name one page: page.html to write a new one"),
        (
            ["--into", "page.html", "--functions", "mine.ipynb"],
            "--into takes no --functions: a lab in an exported page has those of its notebook",
        ),
    ],
)
def test_one_page_is_named(arguments: list[str], sentence: str, capsys: Any):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_the_help_shows_how_a_notebook_becomes_a_page_with_a_lab(capsys: Any):
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    assert (
        "  jupyter nbconvert --to html initialization.ipynb\n  python -m init_utils.lab --into init" in said
    )
    assert "jupyter nbconvert --to html_with_lab initialization.ipynb" in said


def test_lines_of_every_kind_are_counted_alike():
    page = "<p>\r\n\r\x0b\x0c\x85\u2028ü</p>\n" + pictures(lab())
    text, _ = with_living_labs(page)
    before, _, rest = text.partition("<iframe")
    assert before == page[: page.index("<div")]
    assert rest.partition("</iframe>")[2].startswith('<div class="initlab-still')


def test_texts_in_an_experiment_leave_neither_their_attribute_nor_a_script():
    def initialize_parameters_mine(layers_dims: list[int]) -> Any:
        raise ValueError('"></iframe></script><img src=x onerror=alert(1)>')

    text, _ = with_living_labs(pictures(Lab(initialize_parameters_mine, live=False)))
    assert "<img src=x" not in text
    assert text.count("</iframe>") == 1


def test_the_exporter_makes_the_page_in_one_step():
    page, resources = LabExporter().from_notebook_node(notebook(lab()))
    assert len(FRAME.findall(page)) == 1
    assert resources["output_extension"] == ".html"


def test_the_exporter_exports_a_notebook_without_a_lab_and_says_so(caplog: pytest.LogCaptureFixture):
    exporter = LabExporter()
    exporter.log.propagate = True
    page, _ = exporter.from_notebook_node(notebook())
    assert "<iframe" not in page
    assert [record.getMessage() for record in caplog.records] == [
        "The notebook shows no lab; export a notebook that shows one with jupyter nbconvert --to html."
    ]


def test_the_exporter_refuses_an_output_that_only_looks_like_a_lab():
    forged = notebook(lab())
    forged.cells[1].outputs[0].data["text/html"] = '<div class="initlab-still" data-initlab="{}"></div>'
    with pytest.raises(LivingError, match="no lab wrote"):
        LabExporter().from_notebook_node(forged)


def test_nbconvert_finds_the_exporter_by_its_entry_point():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["nbconvert.exporters"] == {
        "html_with_lab": f"{LabExporter.__module__}:{LabExporter.__name__}"
    }


def test_the_notebooks_file_carries_the_experiment_and_neither_script_nor_frame():
    kept = json.dumps(notebook(lab()))
    assert "data-initlab" in kept
    for element in ("<script", "<iframe", "javascript:", "srcdoc"):
        assert element not in kept.lower(), element


@pytest.mark.parametrize(("limit", "seeds"), [(500_000, 11), (9_000, 1)])
def test_a_notebook_holds_as_many_seeds_as_it_can_carry(
    limit: int, seeds: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(still, "LARGEST_EXPERIMENT", limit)
    (known,) = re.findall('data-initlab="([^"]*)"', pictures(lab()))
    functions = unpacked(known)["functions"]
    assert [len(one["starts"]) for one in functions] == [seeds] * 3


def test_a_lab_too_large_for_a_notebook_leaves_its_picture_only(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(still, "LARGEST_EXPERIMENT", 100)
    assert "data-initlab" not in pictures(lab())


def test_nothing_of_jupyter_is_loaded_for_the_command():
    program = (
        "import sys; from init_utils.lab.__main__ import main; "
        "sys.exit(sorted({'nbconvert', 'nbformat', 'ipywidgets', 'anywidget'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (done.returncode, done.stderr) == (0, "")
