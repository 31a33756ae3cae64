"""What `run_autograder` starts in Gradescope's container: grade the one submission there is.

Reads `source/settings.json`, `source/course/` and `submission/` below the container's root, grades with
this engine in the best isolation that the container allows (never below the one that the settings name),
and writes `results/results.json`. Not a verb: the zip of `autograder export gradescope` calls it.

Exit code: 0 graded or rejected; 1 our fault, no results file, so that Gradescope asks the instructor.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from autograder import class_run
from autograder.cli.chosen_tier import chosen_tier
from autograder.course import Course, CourseError
from autograder.exporters.gradescope import results_document
from autograder.isolation import NOT_PROMISED, what_it_means
from autograder.meant_notebooks import meant
from autograder.storage import write_whole
from autograder.verdicts import Status, SubmissionResult

STUDENT = "student"


def main(argv: list[str] | None = None) -> int:
    """Grade what lies below the root named in `argv` (by default /autograder); the exit code."""
    words = sys.argv[1:] if argv is None else argv
    root = Path(words[0] if words else "/autograder")
    settings = json.loads((root / "source" / "settings.json").read_text("utf-8"))
    try:
        result = grade_one(root, settings["assignment"], settings["isolation"])
        document = results_document(result, settings["visibility"])
    except (CourseError, ValueError) as error:
        print(f"autograder: not graded: {error}", file=sys.stderr)
        return 1
    write_whole(root / "results" / "results.json", json.dumps(document, indent=1).encode())
    print(f"{result.status} in isolation {result.isolation}: {what_it_means(result.isolation)}")
    for promise in NOT_PROMISED.get(result.isolation, ()):
        print(f"  not promised: {promise}")
    return 0


def grade_one(root: Path, assignment: str, weakest: str) -> SubmissionResult:
    """The result of the submission below `root`.

    Raises
    ------
    CourseError
        The container allows no isolation as strong as `weakest`, or the set-up is broken.
    """
    try:
        tier = chosen_tier(None, print, weakest=weakest)
    except CourseError as error:
        raise CourseError(
            f"this container allows no isolation of {weakest!r} or better, which the bundle wants: {error} "
            f"For another bundle: autograder export gradescope {assignment} --isolation TIER"
        ) from error
    wanted = [path.name for path in Course(root / "source" / "course").notebooks(assignment)]
    notebooks = find_notebooks(root / "submission", wanted)
    if not notebooks:
        found = sorted(path.name for path in (root / "submission").rglob("*.ipynb"))
        expected = f"one notebook, {wanted[0]}" if len(wanted) == 1 else f"notebooks {', '.join(wanted)}"
        return SubmissionResult(
            STUDENT,
            assignment,
            Status.REJECTED,
            reason=f"Expected {expected}; got {', '.join(found) or 'none'}.",
            isolation=tier,
        )
    with tempfile.TemporaryDirectory() as folder:
        course = Course(Path(folder))
        shutil.copytree(root / "source" / "course", course.root, dirs_exist_ok=True)
        submitted = course.submitted(STUDENT, assignment)
        submitted.mkdir(parents=True)
        for name, notebook in notebooks.items():
            shutil.copyfile(notebook, submitted / name)
        options = class_run.Options(workers=1, isolation=tier)
        (result,) = class_run.grade(course, assignment, options)
    if result.status is Status.INTERNAL_ERROR:
        raise CourseError(result.reason)
    return result


def find_notebooks(folder: Path, wanted: Sequence[str]) -> dict[str, Path]:
    """For each name `wanted` the notebook called so, or the one that is meant; none where it is unclear."""
    by_name: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*.ipynb")):
        if path.is_file() and not path.is_symlink() and ".ipynb_checkpoints" not in path.parts:
            by_name.setdefault(path.name, []).append(path)
    named = {name: name for name in wanted if name in by_name} | meant(wanted, by_name)
    return {name: by_name[found][0] for name, found in named.items() if len(by_name[found]) == 1}


if __name__ == "__main__":
    sys.exit(main())
