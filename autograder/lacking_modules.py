"""What an assignment imports that the interpreter of a tier lacks, told before anything is graded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from autograder.assignment import Assignment, load_notebooks
from autograder.assignment_cell import Role
from autograder.code_cell import imported_modules
from autograder.course import Course
from autograder.grading.registration import support_of
from autograder.sandbox.tier_parts import obstacle


def lacking_sentences(course: Course, name: str, tier: str) -> list[str]:
    """A sentence for each notebook of the assignment that imports what `tier` lacks.

    Only the interpreter of the tier `wasm` is another one than the grader's.
    """
    if tier != "wasm" or obstacle(tier) is not None:
        return []
    return [sentence for one in load_notebooks(course, name) for sentence in _sentences(one)]


def _sentences(assignment: Assignment) -> Iterator[str]:
    from autograder.sandbox.wasm.modules import lacking_modules  # it reads what is installed

    beside = {PurePosixPath(path).parts[0].removesuffix(".py") for path in assignment.files}
    names = [name for source in _sources(assignment) for name in imported_modules(source)]
    if lacking := lacking_modules(names, [*beside, *support_of(assignment).packages]):
        yield (
            f"{assignment.title} imports {', '.join(lacking)}: the tier wasm has no such "
            f"module{'s' if len(lacking) > 1 else ''}. Grade it in another tier (--isolation full, or "
            "landlock), or leave the import out."
        )


def _sources(assignment: Assignment) -> Iterator[str]:
    """Code that runs in the student's process: tests do not."""
    yield from (
        cell.source for cell in assignment.cells if cell.cell_type == "code" and cell.role is not Role.TEST
    )
    for path, data in assignment.files.items():
        if path.endswith(".py"):
            yield data.decode("utf-8", "replace")
