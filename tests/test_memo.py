"""Results that travel as bytes can be read by who has the input of the run, and by nobody else."""

from __future__ import annotations

import numpy as np
import pytest

from init_utils import memo
from init_utils.memo import Memo, MemoError, make_key

X = np.arange(600.0).reshape(2, 300)
RESULT = {"W1": np.full((3, 2), 0.12345), "costs": np.array([0.7, 0.5])}


def test_a_result_that_came_as_bytes_is_found_by_the_whole_input_only() -> None:
    first, second = Memo(), Memo()
    first.put(make_key({"X": X}, {"rate": 0.1}), RESULT)
    assert second.add_bytes(first.to_bytes()) == 1
    for arrays, rate in (({"X": X}, 0.2), ({"X": X + 1e-15 + 1e-12}, 0.1), ({"Y": X}, 0.1), ({}, 0.1)):
        assert second.get(make_key(arrays, {"rate": rate})) is None
    found = second.get(make_key({"X": X}, {"rate": 0.1}))
    assert found is not None
    assert found.keys() == RESULT.keys()
    assert all(np.array_equal(found[name], RESULT[name]) for name in RESULT)


def test_neither_the_bytes_nor_what_is_kept_of_them_hold_a_key_a_name_or_a_number_of_the_result() -> None:
    first, second = Memo(), Memo()
    key = make_key({"X": X}, {})
    first.put(key, RESULT)
    data = first.to_bytes()
    second.add_bytes(data)
    kept = b"".join(place.encode() + sealed for place, sealed in second._sealed.items())
    for secret in (key.encode(), b"W1", b"costs", np.float64(0.12345).tobytes(), b"NUMPY"):
        assert secret not in kept
        assert secret == b"NUMPY" or secret not in data  # the file around the sealed results is an .npz
    assert second._results == {}


def test_sealed_results_are_handed_on_as_they_are() -> None:
    first, second, third = Memo(), Memo(), Memo()
    first.put("a", RESULT)
    second.add_bytes(first.to_bytes())
    second.put("b", RESULT)
    assert third.add_bytes(second.to_bytes()) == len(third) == 2
    assert all(third.get(key) is not None for key in "ab")
    assert len(third) == 2


def test_sealed_results_are_forgotten_before_those_of_this_process() -> None:
    first = Memo()
    first.put("a", {"W1": np.zeros(200)})
    second = Memo(largest_bytes=3000)
    second.put("b", {"W1": np.zeros(100)})
    second.add_bytes(first.to_bytes())
    assert len(second) == 2
    second.put("c", {"W1": np.zeros(100)})
    assert [second.get(key) is not None for key in "abc"] == [False, True, True]


def test_bytes_of_another_version_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = Memo().to_bytes()
    monkeypatch.setattr(memo, "FORMAT", 99)
    with pytest.raises(MemoError, match=r"the memo has format 3; expected 99\."):
        Memo().add_bytes(data)
