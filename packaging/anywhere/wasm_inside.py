"""Runs pytest inside the WebAssembly CPython: which of the students' tests, and why others are left out."""

from __future__ import annotations

import os
import sys
import traceback
import types
from collections.abc import Generator
from pathlib import Path
from typing import Any, NoReturn

import pytest

CLONE = Path("/clone")
TESTED = (
    "init_utils",
    "tests/wasm_checks.py",
    *(
        f"tests/test_{name}.py"
        for name in (
            "assignment_initialization", "comparison", "datasets", "diagnostics", "kernel", "lab_candidates",
            "lab_frames", "lab_layout", "lab_session", "lab_settings", "lab_status", "lab_widget", "network",
            "plotting", "published_figures", "schemes", "training",
        )
    ),
)  # fmt: skip
IGNORED = ("init_utils/compiled.py", "init_utils/lab/exporter.py")  # import numba, nbconvert
# Parts of tests' names, and why these tests are left out.
_SINES = "the sines of another C library differ in the last bit, and so do points that are drawn anew"
_JPEG = "Pillow has no JPEG there"
_LOOP = "needs a thread, or an event loop that runs beside the test"
LEFT_OUT = {
    "init_utils.images.load_image_dataset": _JPEG,
    "test_load_gives_the_published_points_bit_for_bit": _SINES,
    "test_the_file_of_published_points_is_what_its_script_writes": _SINES,
    "test_the_published_points_lie_in_memory_as_scikit_learn_gives_them": _SINES,
    "test_weights_that_overflow_are_said_and_stop_nobody": "its matrix product has other infinities",
    "test_frames_cross_as_figures_and_parameters": _LOOP,
    "test_at_most_thirty_updates_a_second_are_sent": _LOOP,
    "test_setting_a_trait_from_python_starts_again": _LOOP,
    "test_pause_holds_and_train_goes_on_from_there": _LOOP,
    "test_stop_ends_and_the_next_training_starts": _LOOP,
    "test_a_view_that_comes_late_gets_every_frame": _LOOP,
    "test_each_request_is_answered_before_it_is_done": _LOOP,
    "test_a_lab_whose_cell_is_run_again_stops": _LOOP,
    "test_a_closed_lab_stops": _LOOP,
    "test_the_seed_strip_": _LOOP,
    "test_where_threads_do_not_exist_": _LOOP,
    "test_an_executed_notebook_holds_the_picture": "starts a kernel, which is a process",
}
ABSENT = {
    "nbclient": "starts a kernel, which is a process",
    "nbformat": "starts a kernel, which is a process",
}
# What these errors say when a test itself, not `init_utils`, asks for what is not there.
REFUSED = {"does not support processes": "starts a process", "can't start new thread": "starts a thread"}


class _Absent(types.ModuleType):
    """A module that is not there: importing it works, using it skips the test."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def skip(*_arguments: object, **_options: object) -> NoReturn:
            pytest.skip(ABSENT[self.__name__])

        return skip


class Inside:
    """What pytest must know of the place where it runs."""

    @pytest.fixture
    def capfd(self, capsys: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
        """Descriptors cannot be duplicated there: what Python prints is captured."""
        return capsys

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for part, reason in LEFT_OUT.items():
                if part in item.nodeid:
                    item.add_marker(pytest.mark.skip(reason=reason))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        try:
            return (yield)
        except (OSError, RuntimeError) as error:
            ours = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
            last = next(name for name in reversed(ours) if name.startswith(str(CLONE)))
            for text, reason in REFUSED.items():
                if text in str(error) and last.startswith(str(CLONE / "tests")):
                    pytest.skip(reason)
            raise


def main(words: list[str]) -> int:
    """Run the tests; pytest's exit code."""
    os.getuid = lambda: 0  # pytest asks whose its temporary folder is
    sys.modules.update({name: _Absent(name) for name in ABSENT})
    os.chdir(CLONE)
    options = [
        "-q",
        "-rfEs",
        "--tb=short",
        "-m",
        "not slow",
        "-W",
        "default",
        "--capture=sys",
        "--durations=5",
    ]
    options += [f"--rootdir={CLONE}", *(f"--ignore={name}" for name in IGNORED)]
    for plugin in ("cacheprovider", "faulthandler", "logging"):  # each wants a descriptor or a folder
        options += ["-p", f"no:{plugin}"]
    return int(pytest.main([*options, *(words or TESTED)], plugins=[Inside()]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
