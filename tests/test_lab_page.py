"""The lab as one file: what it holds, what it refuses, and the command that writes it."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from docs.lab_page import write_lab_page
from docs.solutions import ROOT, instructor_functions
from init_utils.lab.__main__ import main
from init_utils.lab.candidates import built_in_candidates
from init_utils.lab.page import page_html
from init_utils.lab.settings import LabSettings
from init_utils.lab.widget import Lab

SOLVED = ROOT / "source" / "initialization" / "initialization.ipynb"
DIMS = [2, 10, 5, 1]
LARGEST = 400_000  # bytes


def made(text: str) -> dict[str, Any]:
    """What a page was made with."""
    found = re.search(r'<script type="application/json" id="il-made">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    result: dict[str, Any] = json.loads(found[1])
    return result


def write_notebook(path: Path, *cells: str) -> Path:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(notebook, path)
    return path


def test_the_page_holds_itself_and_loads_nothing():
    text = page_html(built_in_candidates(), LabSettings())
    assert len(text.encode()) < LARGEST
    assert not re.search(r"(src|href)=\"|url\(|@import|https?://(?!www\.w3\.org/)", text)
    assert "default-src 'none'" in text
    assert made(text)["functions"] == []


def test_no_text_of_a_page_reaches_inner_html():
    program = page_html(built_in_candidates(), LabSettings())
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert way not in program, way


def test_a_page_of_a_solved_notebook_holds_the_weights_of_ten_seeds(tmp_path: Path, capsys: Any):
    page = tmp_path / "page.html"
    assert main([str(page), "--functions", str(SOLVED)]) == 0
    text = page.read_text(encoding="utf-8")
    assert capsys.readouterr().out == f"{page}: {len(text.encode()) / 1000:,.0f} kB\n"
    assert len(text.encode()) < LARGEST
    functions = {one["name"]: one for one in made(text)["functions"]}
    assert list(functions) == ["zeros", "random", "he"]
    assert list(functions["he"]["starts"]) == ["own", *map(str, range(1, 11))]
    answer = instructor_functions("initialization")["initialize_parameters_he"](DIMS)
    stored = np.frombuffer(base64.b64decode(functions["he"]["starts"]["own"]), "<f8")
    layers = [answer[f"{kind}{layer}"].ravel() for layer in (1, 2, 3) for kind in "Wb"]
    np.testing.assert_array_equal(stored, np.concatenate(layers))
    assert functions["zeros"]["note"] == "draws nothing: the same for every seed"


def test_nothing_is_trained_or_drawn_for_a_notebooks_functions(tmp_path: Path, capsys: Any):
    notebook = write_notebook(
        tmp_path / "mine.ipynb",
        "%matplotlib inline\nimport numpy as np\nSEED = 5",
        "raise RuntimeError('never run')",
        "result = train_everything()\nprint('never printed')",
        "def initialize_parameters_mine(layers_dims):\n"
        "    np.random.seed(SEED)\n"
        "    return {f'{k}{l}': np.ones((layers_dims[l], layers_dims[l-1] if k == 'W' else 1)) * SEED\n"
        "            for l in range(1, len(layers_dims)) for k in 'Wb'}",
    )
    assert main([str(tmp_path / "page.html"), "--functions", str(notebook)]) == 0
    functions = made((tmp_path / "page.html").read_text(encoding="utf-8"))["functions"]
    assert [one["name"] for one in functions] == ["mine"]
    assert "never" not in capsys.readouterr().out


def test_an_unfinished_function_is_in_the_page_with_its_message(tmp_path: Path):
    released = ROOT / "release" / "initialization" / "initialization.ipynb"
    assert main([str(tmp_path / "page.html"), "--functions", str(released)]) == 0
    functions = made((tmp_path / "page.html").read_text(encoding="utf-8"))["functions"]
    assert [bool(one["message"]) for one in functions] == [True, True, True]
    assert functions[0]["starts"] == {}


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (["x = 1"], "mine.ipynb defines no function whose name begins with initialize_parameters_\n"),
        (["import no_such_module"], "mine.ipynb, code cell 1, line 1: ModuleNotFoundError: "),
        (["x = 1", "def f(:"], "mine.ipynb, code cell 2, line 1: invalid syntax"),
    ],
)
def test_a_notebook_without_initializers_is_refused(
    cells: list[str], sentence: str, tmp_path: Path, capsys: Any
):
    notebook = write_notebook(tmp_path / "mine.ipynb", *cells)
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path / "page.html"), "--functions", str(notebook)])
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(sentence)
    assert not (tmp_path / "page.html").exists()


def test_what_is_no_notebook_is_refused(tmp_path: Path, capsys: Any):
    (tmp_path / "mine.ipynb").write_text("[1]")
    with pytest.raises(SystemExit):
        main([str(tmp_path / "page.html"), "--functions", str(tmp_path / "mine.ipynb")])
    assert capsys.readouterr().err == "mine.ipynb is no notebook of format 4\n"


def test_the_help_says_whose_rights_the_code_has(capsys: Any):
    with pytest.raises(SystemExit):
        main(["--help"])
    words = " ".join(capsys.readouterr().out.split())
    assert "Its code is run with your rights, without a sandbox: name your own notebooks only" in words


def test_a_text_ends_no_script_of_the_page():
    def initialize_parameters_mine(layers_dims: list[int]) -> Any:
        raise ValueError("</script><img src=x onerror=alert(1)>")

    one = Lab(initialize_parameters_mine, live=False)
    text = page_html(list(one.session.candidates.values()), one.session.settings, title="<b>")
    assert made(text)["functions"][0]["message"] == "ValueError: </script><img src=x onerror=alert(1)>"
    assert "<img" not in text
    assert "<b>" not in text


def test_a_lab_saves_itself_as_a_page(tmp_path: Path):
    one = Lab(instructor_functions("initialization")["initialize_parameters_he"], live=False, noise=0.2)
    one.save(tmp_path / "page.html")
    known = made((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert (known["settings"]["noise"], known["settings"]["compare"]) == (0.2, ["he"])


def test_the_front_page_of_the_site_embeds_the_lab_without_its_origin(tmp_path: Path):
    (tmp_path / "docs").mkdir()
    page = write_lab_page(tmp_path)
    assert page == tmp_path / "docs" / "try.html"
    assert made(page.read_text(encoding="utf-8"))["settings"]["iterations"] == 15_000
    front = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    frame = re.search(r"<iframe[^>]*>", front)
    assert frame is not None
    assert 'src="try.html"' in frame[0]
    assert 'sandbox="allow-scripts"' in frame[0]
    assert "allow-same-origin" not in front


def test_what_a_notebook_keeps_of_a_lab_is_neither_script_nor_frame():
    one = Lab(*instructor_functions("initialization").values(), live=False, iterations=20)
    one.run()
    kept = json.dumps(one._repr_mimebundle_()).lower()
    assert "<svg" in kept or "image/" in kept
    for element in ("<script", "<iframe", "javascript:"):
        assert element not in kept, element
