"""The students' wheel with the versions that Colab has: both notebooks whole, and the lab in Notebook 6.

`make test-colab` installs the versions in `.venv-colab` and runs this. Notebook 6 is the one in Colab's list;
its widget manager is that of ipywidgets 7, as the kernel is. Colab's own page is not tested.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from autograder.installation import FILE_NAMES
from tests.browser.live_jupyter import Server, classic_notebook, environment_of
from tests.programs import program

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-colab" / "bin" / "python"
VERSIONS = ROOT / "packaging" / "anywhere" / "colab.txt"
NO_VERSIONS = (
    "Colab's versions are not installed; `make test-colab PYTHON=python3.13` installs them and runs this"
)
LABS = {"initialization": 4, "deeper": 3}
ADDRESS = f"https://example.org/{FILE_NAMES[0]}"
LAST_ROW = {
    "initialization": "| **he** | 0.883054 | 0.064810 | 99.3 % | 96.0 % |",
    "deeper": "| 100.0 % |",
}
install_cell = program("install_cell")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.with_name("jupyter-notebook").exists(), reason=NO_VERSIONS),
]
# Before the kernel has answered, the manager still looks for widgets of an earlier session.
READY = "Jupyter.notebook.kernel.info_reply.status === 'ok' && Jupyter.notebook.kernel.widget_manager"
ALL_HAVE_RUN = """Jupyter.notebook.get_cells().every((cell) =>
  cell.cell_type !== 'code' || typeof cell.input_prompt_number === 'number')"""


def read(kind: str, name: str) -> dict[str, Any]:
    return json.loads((ROOT / kind / name / f"{name}.ipynb").read_text(encoding="utf-8"))


def solved(name: str, wheel: Path) -> dict[str, Any]:
    """The copy for Colab with the instructor's answers; its first cell installs the wheel from a file."""
    answers = {cell["id"]: cell["source"] for cell in read("source", name)["cells"]}
    made = install_cell.with_install_cell(read("release", name), ADDRESS)
    made["cells"][0]["source"] = [line.replace(ADDRESS, str(wheel)) for line in made["cells"][0]["source"]]
    for cell in made["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = answers[cell["id"]]
    return made


def run(folder: Path, *words: str) -> str:
    """What a module's program prints in Colab's environment, where no package index can be reached."""
    done = subprocess.run(
        [PYTHON, "-m", *words],
        cwd=folder,
        env=environment_of(PYTHON, folder / "private"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def canonical(versions: list[str]) -> list[str]:
    return sorted(line.lower().replace("_", "-").replace(".", "-") for line in versions if "==" in line)


@pytest.fixture
def folder(tmp_path: Path, built_wheels: Path) -> Path:
    """Both notebooks, solved, where `init_utils` is not installed yet."""
    run(tmp_path, "pip", "uninstall", "--quiet", "--yes", "init-utils")
    for name in LABS:
        text = json.dumps(solved(name, built_wheels / FILE_NAMES[0]))
        (tmp_path / f"{name}.ipynb").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def notebook_server(folder: Path) -> Iterator[Server]:
    with classic_notebook(folder, PYTHON) as server:
        yield server


@pytest.mark.parametrize("name", LABS)
def test_the_notebook_runs_whole_and_its_first_cell_replaces_none_of_colabs_versions(
    name: str, folder: Path
) -> None:
    run(folder, "nbconvert", "--to", "notebook", "--execute", "--output", "executed", f"{name}.ipynb")
    cells = json.loads((folder / "executed.ipynb").read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert {output["output_type"] for output in outputs} == {"stream", "display_data"}
    assert [output["text"] for output in outputs if output.get("name") == "stderr"] == []
    shown = [output["data"] for output in outputs if "data" in output]
    pictures = ["".join(data["text/html"]) for data in shown if "text/html" in data]
    assert ["initlab-still" in text for text in pictures] == [True] * LABS[name]
    tables = ["".join(data["text/markdown"]) for data in shown if "text/markdown" in data]
    assert any(LAST_ROW[name] in table.splitlines()[-1] for table in tables)

    installed = run(folder, "pip", "freeze", "--all").splitlines()
    assert [line.split(" @ ")[0] for line in installed if "==" not in line] == ["init-utils"]
    assert canonical(installed) == canonical(VERSIONS.read_text(encoding="utf-8").splitlines())
    assert "No broken requirements found." in run(folder, "pip", "check")


@pytest.mark.parametrize("name", LABS)
def test_every_lab_of_the_notebook_lives_in_notebook_6_and_the_last_one_trains(
    name: str, notebook_server: Server, browser_page: Page
) -> None:
    page = browser_page
    page.goto(notebook_server.notebook_url(f"{name}.ipynb"))
    page.wait_for_function("window.Jupyter?.notebook?.kernel?.info_reply?.status !== undefined")
    page.wait_for_function(READY)
    page.evaluate("Jupyter.notebook.execute_all_cells()")
    page.wait_for_function(ALL_HAVE_RUN, timeout=300_000)
    assert page.locator(".output_stderr, .output_error").all_inner_texts() == []
    labs = page.locator(".initlab")
    expect(labs).to_have_count(LABS[name])
    stills = page.locator(".initlab-still")
    expect(stills).to_have_count(LABS[name])
    assert [still.is_visible() for still in stills.all()] == [False] * LABS[name]

    lab = labs.last
    expect(lab).to_have_attribute("data-status", "ready")
    before = boundaries(lab)
    lab.get_by_role("button", name="Train", exact=True).click()
    expect(lab).to_have_attribute("data-status", "finished", timeout=120_000)
    done, _, planned = lab.locator(".il-clock").inner_text().partition(" of ")
    assert done == planned
    after = boundaries(lab)
    assert len(after) == len(before) > 1
    assert after[-1] != before[-1]
    if name == "initialization":
        assert [row.locator("dd").all_inner_texts()[:3] for row in lab.locator(".il-run").all()] == [
            ["0.693", "50.0 %", "50.0 %"],
            ["0.381", "83.0 %", "86.0 %"],
            ["0.0648", "99.3 %", "96.0 %"],
        ]


def boundaries(lab: Locator) -> list[str]:
    """What the boundary of each run looks like, as data addresses, once what was asked for is drawn."""
    lab.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    addresses: list[str] = lab.evaluate(
        "lab => [...lab.querySelectorAll('.il-boundary')].map((node) => node.toDataURL())"
    )
    return addresses
