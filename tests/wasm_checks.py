"""Inside the WebAssembly CPython: that it is one, and that every public name of `init_utils` works there."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sklearn.datasets

from tests.public_names import call_all
from tests.test_without import (
    test_every_public_name_is_called,
    test_the_lab_trains_compares_seeds_and_shows_itself,
    test_the_mathematics_and_the_data_are_those_of_a_complete_installation,
    test_training_gives_the_same_costs_alone_watched_and_in_company,
)

__all__ = [
    "test_every_public_name_is_called",
    "test_the_lab_trains_compares_seeds_and_shows_itself",
    "test_the_mathematics_and_the_data_are_those_of_a_complete_installation",
    "test_training_gives_the_same_costs_alone_watched_and_in_company",
]


@pytest.fixture(scope="module")
def given() -> Any:
    """What each public name gave here; photographs are replaced, because Pillow has no JPEG."""
    picture = np.zeros((427, 640, 3), dtype=np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            sklearn.datasets, "load_sample_images", lambda: SimpleNamespace(images=[picture, picture])
        )
        return json.loads(json.dumps(call_all(), default=lambda value: None))


def test_this_python_has_words_of_32_bits_and_is_no_other_systems() -> None:
    assert (sys.platform, struct.calcsize("P")) == ("wasi", 4)


def test_no_thread_starts_here() -> None:
    with pytest.raises(RuntimeError, match="can't start new thread"):
        threading.Thread(target=print).start()


def test_no_process_starts_here() -> None:
    with pytest.raises(OSError, match="processes"):
        subprocess.run(["true"], check=False)


def test_numba_is_not_here() -> None:
    with pytest.raises(ModuleNotFoundError):
        __import__("numba")
