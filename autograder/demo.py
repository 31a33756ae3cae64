"""A scratch course with an example class in it, made from the clone.

The wheels carry neither the instructor's notebooks nor the example class. So this needs the clone, and says
so where there is none.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError
from autograder.nbgrader_bridge.release import generate_release, write_release
from autograder.verdicts import Status, SubmissionResult

ASSIGNMENT = "initialization"
CONFIG = "nbgrader_config.py"
# Stands in a scratch course, so that a second demo may clear it away and nothing else ever is.
MARK = ".autograder-demo"


@dataclass(frozen=True)
class ExampleClass:
    """The class of `examples/class.py`.

    Attributes
    ----------
    clone : Path
        The folder of the repository.
    module : module
        `examples/class.py`, imported from there.
    """

    clone: Path
    module: Any

    @property
    def stories(self) -> dict[str, str]:
        """What each student did, by student."""
        return {student.name: student.story for student in self.module.CLASS}

    def surprises(self, results: list[SubmissionResult]) -> list[str]:
        """Sentences on every score that is not the expected one; empty when all are."""
        by_student = {result.student: result for result in results}
        found = []
        for student in self.module.CLASS:
            result = by_student.get(student.name)
            if result is None:
                found.append(f"{student.name} was not graded")
            elif student.rejected or result.status is not Status.GRADED:
                wanted = Status.REJECTED if student.rejected else Status.GRADED
                if result.status is not wanted:
                    found.append(f"{student.name} is {result.status}, expected {wanted}: {result.reason}")
            else:
                scores = {test.grade_id: test.score for test in result.tests}
                found += [
                    f"{student.name} has {scores.get(grade_id)} points for {grade_id}, expected {points}"
                    for grade_id, points in self.module.expected_scores(student).items()
                    if scores.get(grade_id) != points
                ]
        return found


def find_example_class(clone: Path | None = None) -> ExampleClass:
    """The example class, from `clone`, or from where this package lies, or from the current folder.

    Raises
    ------
    CourseError
        None of them is a clone of the repository.
    """
    places = [clone] if clone is not None else [Path(__file__).resolve().parents[1], Path.cwd()]
    for place in places:
        program = place / "examples" / "class.py"
        if program.is_file() and (place / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").is_file():
            return ExampleClass(place, _import_file(program))
    looked = " and ".join(str(place) for place in places)
    raise CourseError(
        "the demo needs a clone of the repository: the wheels carry no solutions, hidden tests or example "
        f"class. Looked in {looked}. Get the clone and name its folder: autograder demo --clone DIR"
    )


def build_course(example: ExampleClass, root: Path) -> Course:
    """A new course in `root`: instructor's copy, settings, release, and every submission of the class.

    Raises
    ------
    CourseError
        The folder exists and is not an earlier demo's.
    """
    if root.exists():
        if any(root.iterdir()) and not (root / MARK).is_file():
            raise CourseError(
                f"{root} exists and was not made by the demo; it is left alone. Name another: --into DIR"
            )
        shutil.rmtree(root)
    root.mkdir(parents=True)
    (root / MARK).write_text("Made by `autograder demo`, which clears this folder when it is run again.\n")
    shutil.copytree(example.clone / "source" / ASSIGNMENT, root / "source" / ASSIGNMENT)
    shutil.copy(example.clone / CONFIG, root)
    course = Course(root)
    write_release(course, ASSIGNMENT, generate_release(course, ASSIGNMENT))
    example.module.write_class(course.release(ASSIGNMENT) / f"{ASSIGNMENT}.ipynb", root)
    return course


def _import_file(path: Path) -> Any:
    # By path and under a name of our own: `class` is no name that an import statement can take.
    name = "autograder_example_class"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise CourseError(f"{path} cannot be imported; is the clone whole?")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
