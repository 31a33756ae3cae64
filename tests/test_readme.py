"""README, docs/ and the pages beside them: commands run, links lead somewhere, figures are those measured."""

from __future__ import annotations

import json
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import init_utils
from autograder import cli
from autograder.misconceptions import CATALOGUE
from autograder.verdicts import SubmissionResult, Verdict
from docs.docstrings import restructured
from tests.nbgrader_suite.__main__ import EXCEPTIONS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
AUTOMATION = (ROOT / "docs" / "automation.md").read_text(encoding="utf-8")
TOP = [ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY", "RELEASING", "CHANGELOG")]
PAGES = [*TOP, *sorted((ROOT / "docs").glob("*.md"))]
ROSTER = """\
Student,ID,SIS User ID,SIS Login ID,Section,Initialization (4711)
    Points Possible,,,,,100
"Ada, Example",1,s1,ada,One,
"Zoe, Example",2,s2,zoe,One,
"""


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def typed() -> Iterator[list[str]]:
    """The commands of `autograder` that the instructors' steps and the page on automation show, as words."""
    steps = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| \d \| `(autograder [^`]*)` \|", steps, re.MULTILINE)
    lines += "".join(blocks(AUTOMATION, "bash")).splitlines()
    for line in lines:
        yield shlex.split(line)[1:]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone's folders, and the files that the commands name."""
    root = tmp_path_factory.mktemp("readme")
    for name in ("source", "release"):
        shutil.copytree(ROOT / name, root / name)
    (root / "canvas.csv").write_text(ROSTER, encoding="utf-8")
    class_folder = root / "class"
    subprocess.run(
        [sys.executable, ROOT / "examples" / "class.py", class_folder], check=True, capture_output=True
    )
    shutil.copytree(ROOT / "source", class_folder / "source")
    with zipfile.ZipFile(root / "submissions.zip", "w") as archive:
        for number, student in enumerate(("ada", "zoe"), start=1):
            notebook = class_folder / "submitted" / student / "initialization" / "initialization.ipynb"
            archive.write(notebook, f"{student}_{number}_{number}_initialization.ipynb")
    return root


def test_the_pages_show_every_verb_but_the_demo() -> None:
    assert [verb for verb in cli.VERBS if verb not in {words[0] for words in typed()}] == [
        "new",
        "try",
        "serve",
        "unread",
        "extension",
        "comment",
        "gradebook",
        "demo",
    ]
    steps = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
    assert "autograder extension " in steps
    assert "autograder unread " in steps
    own = (ROOT / "docs" / "own-assignment.md").read_text(encoding="utf-8")
    assert "autograder new " in own
    assert "autograder try " in own
    database = (ROOT / "docs" / "postgresql.md").read_text(encoding="utf-8")
    assert "autograder gradebook copy " in database
    service = (ROOT / "docs" / "serve.md").read_text(encoding="utf-8")
    assert "autograder serve --course " in service
    assert "autograder serve links " in service
    assert "make demo" in README


@pytest.mark.slow
def test_the_commands_work_as_typed_one_after_the_other(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course)
    codes = {}
    for words in typed():
        given = [str(course / "class") if word == "DIR" else word for word in words]
        codes[" ".join(words)] = cli.main(given)
    assert codes == {" ".join(words): cli.EXIT_OK for words in typed()}, capsys.readouterr().out
    written = json.loads((course / "results.json").read_text(encoding="utf-8"))
    assert [entry["student"] for entry in written["submissions"]] == ["ada"]


def test_the_json_shown_reads_as_a_result_with_no_key_that_the_program_lacks() -> None:
    [block] = blocks(AUTOMATION, "json")
    document = json.loads(block)
    [shown] = document["submissions"]
    result = SubmissionResult.from_dict(shown | {"assignment": document["assignment"]})
    assert [key for key in shown if key not in result.to_dict()] == []
    assert [key for key in shown["tests"][0] if key not in result.tests[0].to_dict()] == []


@pytest.mark.parametrize("page", ["automation", "grading"])
def test_every_verdict_is_named(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    assert [verdict for verdict in Verdict if f"`{verdict}`" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text) if "://" not in target]
    assert targets or page.name != "README.md", "the README links nothing"
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_heading_leads_to_one(page: Path) -> None:
    missing = []
    for target, anchor in re.findall(r"\]\(([^)#]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        other = (page.parent / target if target else page).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.*)$", other, re.MULTILINE)
        names = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
        if anchor not in names:
            missing.append(f"{target}#{anchor}")
    assert missing == []


def test_every_page_is_reached_from_the_sites_first_page() -> None:
    waiting, seen = [ROOT / "docs" / "index.md"], set()
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        for tree in blocks(page.read_text(encoding="utf-8"), r"\{toctree\}"):
            names = [
                line for line in tree.splitlines() if line and not line.startswith(":") and "*" not in line
            ]
            waiting += [(page.parent / f"{name}.md").resolve() for name in names]
    assert sorted(set(PAGES) - seen) == [ROOT / "README.md"]


def test_instructors_are_told_how_a_terminal_finds_the_program() -> None:
    page = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
    assert "`source .venv/bin/activate`" in page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_calls_the_roster_by_the_name_that_nbgrader_export_writes(page: Path) -> None:
    assert "--roster grades.csv" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_it_names_exists(page: Path) -> None:
    made = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = re.findall(r"`make ([a-z-]+)[` ]|^make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert [target for pair in named for target in pair if target and target not in made] == []


# ---------------------------------------------------------------- claims


def test_the_class_of_the_demo_is_as_large_as_the_readme_says() -> None:
    example = runpy.run_path(str(ROOT / "examples" / "class.py"))
    [number] = re.findall(r"an example class of (\d+) students", README)
    assert int(number) == len(example["CLASS"])


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "CHANGELOG.md"], ids=lambda page: page.name)
def test_the_number_of_recognised_mistakes_is_that_of_the_catalogue(page: Path) -> None:
    found = re.findall(r"(\d+) (?:are recognised|recognised mistakes)", page.read_text(encoding="utf-8"))
    assert found == [str(len(CATALOGUE))]


def rows_of_figures() -> list[list[str]]:
    page = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_nbgraders_own_tests_are_said_to_pass_without_exceptions_while_there_are_none() -> None:
    pages = (ROOT / "CONTRIBUTING.md", ROOT / "docs" / "grading.md")
    said = {"without exceptions" in page.read_text(encoding="utf-8") for page in pages}
    assert said == {not EXCEPTIONS}


def test_each_program_that_measures_is_run_by_make_bench_or_has_its_command_on_the_page_of_figures() -> None:
    page = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8").split("## How they are measured")[1]
    said = re.findall(r"`make bench` runs (.+?)\.", page, re.DOTALL)[0]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = {
        target: re.findall(
            r"benchmarks[/.](\w+)(?:\.py)?(?= |$)", makefile.split(f"\n{target}: ")[1].split("\n\n")[0], re.M
        )
        for target in ("bench", "soak")
    }
    assert re.findall(r"`(\w+)`", said) == list(dict.fromkeys(recipe["bench"]))
    own = re.findall(r"^python -m benchmarks\.(\w+)", page, re.MULTILINE)
    programs = {
        path.stem
        for path in (ROOT / "benchmarks").glob("*.py")
        if "__main__" in path.read_text(encoding="utf-8") and path.stem != "grading_run"  # run by grading
    }
    assert "make soak " in page
    assert sorted([*recipe["bench"], *recipe["soak"], *own]) == sorted(programs)


@pytest.mark.parametrize("row", rows_of_figures(), ids=lambda row: row[0][:30])
def test_each_figure_is_one_of_the_page_that_a_program_wrote(row: list[str]) -> None:
    _, figure, against, link = row
    if "comparison" in link:
        return  # the next test
    [target] = re.findall(r"\]\((.*?)\)", link)
    measured = (ROOT / "docs" / target).read_text(encoding="utf-8")
    told = f"{figure} {against}"
    numbers = re.findall(r"\d+[.,]\d+", told) or re.findall(r"\d{3,}", told)
    assert numbers
    assert [number for number in numbers if number not in measured] == []


def test_the_deviations_from_the_published_costs_are_those_of_the_comparison() -> None:
    page = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
    worst = {}
    for name in ("zeros", "random", "he"):
        section = page.split(f"\n### {name}\n")[1].split("\n#")[0]
        worst[name] = max(float(cell) for cell in re.findall(r"\| (\d\S*e-\d+|0) (?=\|)", section))
    assert max(worst["zeros"], worst["he"]) < 1e-15
    figures = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")
    for text in (README, figures):
        assert (
            f"zeros and He to 1e-15, the chaotic random run to {worst['random']:.2%}".replace("%", " %")
            in text
        )


def test_the_ratio_to_nbgrader_says_what_it_compares() -> None:
    measured = (ROOT / "benchmarks" / "grading.md").read_text(encoding="utf-8")
    [one] = re.findall(r"^\| ours, 1 worker \|.*\| (\S+) \| (\S+) \|$", measured, re.MULTILINE)
    [two] = re.findall(r"^\| ours, 2 workers \|.*\| (\S+) \| (\S+) \|$", measured, re.MULTILINE)
    for text in (README, (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")):
        flat = " ".join(text.replace("**", "").split())
        assert re.search(rf"ratio of {re.escape(two[1])}\.|first row is {re.escape(two[1])}\.", flat)
        assert re.search(r"two workers with (?:a|nbgrader's) serial run", flat)
        assert f"with one worker it is {one[1]}" in flat
        assert re.search(rf"CPU seconds of the whole process tree.* {re.escape(one[0])}", flat)


def test_the_figures_of_the_readme_are_those_of_the_page() -> None:
    table = README.split("| measured on 2 cores |")[1].split("\n\n")[0]
    numbers = re.findall(r"\d+\.\d+", table)
    figures = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")
    assert len(numbers) == 5
    assert [number for number in numbers if number not in figures] == []


# ---------------------------------------------------------------- what goes with a repository


def test_the_citation_names_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors", "type"} <= set(citation)
    assert (citation["version"], citation["license"]) == (init_utils.__version__, "BSD-3-Clause")


def test_every_wheel_named_on_a_page_is_of_this_version() -> None:
    for page in PAGES:
        found = re.findall(r"init_utils(?:_autograder)?-(\d[\d.]*)-py3", page.read_text(encoding="utf-8"))
        assert set(found) <= {init_utils.__version__}, page.name


def test_continuous_integration_runs_what_its_local_script_runs() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    made = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    jobs = workflow["jobs"]
    targets = jobs["pinned"]["strategy"]["matrix"]["target"]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert [target for target in targets if not re.search(rf"(?m)^\s*make {target}\b(?!-)", script)] == []
    assert jobs["everything"]["steps"][-1] == {"run": ".ci/run"}
    smoke = jobs["smoke"]["strategy"]["matrix"]["include"]
    assert [entry["python"] for entry in smoke] == ["3.11", "3.13"]
    tested = [entry["command"].split()[1] for entry in smoke]
    assert tested == ["test-oldest", "test-newest"]
    assert set(tested) <= set(made)
    assert [target for target in tested if f"make {target}" not in script] == []


def test_the_workflow_of_windows_and_macos_runs_the_commands_of_its_page_and_is_said_to_be_untested() -> None:
    path = ROOT / ".github" / "workflows" / "windows-macos.yml"
    text = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert "Untested" in text.splitlines()[0] + text.splitlines()[1]
    job = workflow["jobs"]["wasm"]
    assert set(workflow) == {"name", True, "permissions", "concurrency", "jobs"}  # YAML reads `on` as true
    assert job["strategy"]["matrix"]["os"] == ["windows-latest", "macos-latest"]
    assert all(("uses" in step) != ("run" in step) for step in job["steps"])
    typed = "\n".join(step.get("run", "") for step in job["steps"])
    page = (ROOT / "docs" / "windows-macos.md").read_text(encoding="utf-8")
    assert "**Not tested here.**" in page
    commands = re.findall(r"(?m)^    (autograder (?:new|try|grade|feedback) .*)$", page)
    assert len(commands) == 4
    assert [command for command in commands if command not in typed] == []


def test_hooks_run_programs_of_the_virtual_environment_and_fetch_nothing() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in hooks["repos"]] == ["local"]
    assert all(hook["entry"].startswith(".venv/bin/") for hook in hooks["repos"][0]["hooks"])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["The sum of |z|, `f(*x)`s."], [r"The sum of \|z\|, ``f(*x)``\ s."]),
        (["Returns", "-------", "int", "", ">>> f()"], ["Examples", "--------", "", ">>> f()"]),
        (["| a | b |", "| --- | --- |"], ["::", "", "    | a | b |", "    | --- | --- |"]),
        ([">>> f()", "'|z|'"], [">>> f()", "'|z|'"]),
    ],
)  # fmt: skip
def test_docstrings_become_what_numpydoc_reads(written: list[str], read: list[str]) -> None:
    assert restructured(written)[-len(read) :] == read
