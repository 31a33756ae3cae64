"""AUTOTEST written out as nbgrader writes it, with its own preprocessor, from the instructor's own run.

The notebook runs in a kernel, as `nbgrader generate_assignment` runs it, in a copy of its folder. Refuses a
course without templates, and a notebook that stops.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import shlex
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

from autograder.assignment import AssignmentError
from autograder.autotests import Autotests
from autograder.course import Course
from autograder.nbgrader_bridge.patches import importing_nbgrader
from autograder.notebook_document import read_notebook_file
from autograder.storage import write_whole

with importing_nbgrader():
    from nbgrader.preprocessors import InstantiateTests, instantiatetests

_KERNEL = "python3"


def instantiate(course: Course, notebook: Path, found: Autotests, config: Any) -> None:
    """Write out the assertions of a notebook, to `found.kept`.

    Raises
    ------
    AssignmentError
        There are no templates, or the notebook stops.
    """
    if found.templates is None:
        raise AssignmentError(_without_templates(course, notebook, found))
    document = read_notebook_file(notebook)
    node = nbformat.from_dict(document)  # type: ignore[no-untyped-call]
    own_kernel = node.metadata.get("kernelspec")
    node.metadata["kernelspec"] = {"name": _KERNEL, "display_name": _KERNEL, "language": "python"}
    with tempfile.TemporaryDirectory(prefix="autotests-") as scratch:
        folder = Path(scratch) / notebook.parent.name
        shutil.copytree(notebook.parent, folder)
        preprocessor = InstantiateTests(config=config)
        preprocessor.autotest_filename = str(found.templates.resolve())
        preprocessor.log.disabled = True
        try:
            with _ending_kernels(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                preprocessor.preprocess(node, {"metadata": {"path": str(folder)}})
        except Exception as error:  # of the instructor's code, the templates or the kernel
            raise AssignmentError(
                f"{notebook}: nbgrader cannot write out the assertions of AUTOTEST: {_told(error)}. Run the "
                f"notebook from the top in JupyterLab, and compare {found.templates} with nbgrader's own."
            ) from error
        finally:
            preprocessor.log.disabled = False
    del node.metadata["kernelspec"]
    if own_kernel is not None:
        node.metadata["kernelspec"] = own_kernel
    found.kept.parent.mkdir(parents=True, exist_ok=True)
    write_whole(found.kept, json.dumps(node, indent=1, ensure_ascii=False).encode() + b"\n")


@contextlib.contextmanager
def _ending_kernels() -> Iterator[None]:
    """End the kernels that nbgrader starts in the block; it leaves one behind where a cell stops."""
    started: list[tuple[Any, Any]] = []
    original = instantiatetests.start_new_kernel

    def start(**words: Any) -> tuple[Any, Any]:
        started.append(original(**words))
        return started[-1]

    instantiatetests.start_new_kernel = start
    try:
        yield
    finally:
        instantiatetests.start_new_kernel = original
        for manager, client in started:
            client.stop_channels()
            if manager.is_alive():
                manager.shutdown_kernel(now=True)


def _told(error: Exception) -> str:
    name, value = getattr(error, "ename", ""), getattr(error, "evalue", "")
    return f"{name}: {value}" if name else f"{type(error).__name__}: {error}"


def _without_templates(course: Course, notebook: Path, found: Autotests) -> str:
    origin = importlib.util.find_spec("nbgrader")
    folder = Path(str(origin.origin)).parent if origin is not None else Path("nbgrader")
    own = folder / "docs" / "source" / "user_guide" / "autotests.yml"
    target = course.root.resolve() / found.file_name
    return (
        f"{notebook}, cell {found.cell} holds nbgrader's AUTOTEST, and there is no {found.file_name} beside "
        "the notebook or in the course's folder, which says how values are tested. Take nbgrader's own: "
        f"cp {shlex.quote(str(own))} {shlex.quote(str(target))}"
    )
