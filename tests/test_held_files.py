"""Files held with the states of a notebook: which differ between the places, and how they lie there again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.sandbox import held_files
from autograder.sandbox.held_files import Entry, FilesAtPlace, HeldFiles, NotHeld, files_at_place
from autograder.sandbox.inside import message_format
from autograder.sandbox.wire import Message, WireError

PLAIN: dict[str, Any] = {"files": {}, "links": {}, "left": {}, "folders": [], "gone": [], "is_whole": True}
ONE = np.ones(1, np.uint8)


def read(report: object) -> FilesAtPlace:
    return files_at_place(Message(*message_format.unpack(message_format.pack({}, report))))


def file(text: str) -> Entry:
    return Entry(data=text.encode())


def order(held: HeldFiles, place: str | None, **left: Entry | NotHeld | None) -> dict[str, Any]:
    made = held.turn_to(place, FilesAtPlace(left))
    return {name: part for name, part in made.items() if len(part)} | {
        "files": {name: data.tobytes().decode() for name, data in made["files"].items()}
    }


def test_a_report_is_read_as_it_is() -> None:
    report = PLAIN | {"files": {"a": ONE}, "links": {"l": "a"}, "left": {"b": [1, 2, 3, 4]}, "folders": ["f"]}
    assert read(report | {"gone": ["g"]}).entries == {
        "a": Entry(data=b"\1"), "l": Entry(target="a"), "b": NotHeld((1, 2, 3, 4)), "f": Entry(), "g": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "report",
    [
        7, {}, PLAIN | {"is_whole": 1}, PLAIN | {"files": []}, PLAIN | {"files": {"a": b"1"}},
        PLAIN | {"files": {1: ONE}}, PLAIN | {"files": {"": ONE}}, PLAIN | {"files": {"\u20ac": ONE}},
        PLAIN | {"files": {"a": np.ones(9 << 20, np.uint8)}}, PLAIN | {"links": {"a": 1}},
        PLAIN | {"left": {"a": [1, 2]}}, PLAIN | {"left": {"a": [1, 2, 3, "4"]}}, PLAIN | {"folders": [1]},
        PLAIN | {"gone": ["x" * 5000]}, PLAIN | {"folders": [str(i) for i in range(1001)]},
    ],
    ids=lambda report: str(report)[:60],
)  # fmt: skip
def test_a_report_of_another_form_is_refused(report: object) -> None:
    with pytest.raises(WireError):
        read(report)


def test_only_what_differs_between_the_places_is_put_back() -> None:
    held = HeldFiles({"given.csv": b"1"})
    held.keep("first", FilesAtPlace({"same": file("s"), "p": file("one")}))
    held.keep(None, FilesAtPlace({"same": file("s"), "p": file("two"), "new": file("n"), "given.csv": None}))
    assert held.differing() == ("p", "new", "given.csv")
    end = {"p": file("two"), "new": file("n"), "given.csv": None}
    assert order(held, "first", **end) == {"remove": ["new"], "files": {"p": "one", "given.csv": "1"}}
    assert held.shown == "first"


def test_what_tests_make_of_such_files_stays_with_their_place() -> None:
    held = HeldFiles({})
    held.keep("first", FilesAtPlace({"p": file("one")}))
    held.keep(None, FilesAtPlace({"p": file("two")}))
    order(held, "first", p=file("two"))
    assert order(held, None, p=file("of a test")) == {"files": {"p": "two"}}
    assert order(held, "first", p=file("of another")) == {"files": {"p": "of a test"}}
    assert order(held, None, p=NotHeld()) == {"remove": ["p"], "files": {"p": "of another"}}
    assert order(held, "first", p=file("of another")) == {"files": {"p": "of a test"}}


def test_only_what_was_asked_for_is_kept_of_a_report() -> None:
    held = HeldFiles({"given.csv": b"1"})
    held.keep("first", FilesAtPlace({"p": file("one"), "never given": None}))
    held.keep(None, FilesAtPlace({"p": file("two"), "given.csv": None}))
    order(held, "first", p=file("two"), other=file("of nobody"), **{"given.csv": None})
    assert held._places == {
        "first": {"p": file("one")},
        None: {"p": file("two"), "given.csv": None},
    }


def test_what_is_of_another_kind_is_removed_first() -> None:
    held = HeldFiles({})
    held.keep("first", FilesAtPlace({"a": file("1"), "b": Entry(), "c": Entry(target="a")}))
    held.keep(None, FilesAtPlace({"a": Entry(), "b": Entry(target="a"), "c": file("2")}))
    left = {"a": Entry(), "b": Entry(target="a"), "c": file("2")}
    made = order(held, "first", **left)
    assert made == {"remove": ["a", "b", "c"], "folders": ["b"], "links": {"c": "a"}, "files": {"a": "1"}}


def test_what_is_not_held_and_differs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    held = HeldFiles({"given.csv": b"1"})
    held.keep("first", FilesAtPlace({"big": NotHeld((1,)), "same": NotHeld((2,)), "\xff": NotHeld((1,))}))
    held.keep(None, FilesAtPlace({"big": NotHeld((3,)), "same": NotHeld((2,)), "\xff": NotHeld((2,))}))
    assert (held.differing(), held.not_held("first")) == ((), ["big", "'\\xff'"])
    assert held.not_held(None) == held.not_held("never") == []
    held.keep("second", FilesAtPlace({"given.csv": None}, is_whole=False))
    assert (held.differing(), held.not_held("second")) == (("given.csv",), ["big", "same", "'\\xff'"])
    monkeypatch.setattr(held_files, "MOST_HELD_ENTRIES", 0)
    held.keep("third", FilesAtPlace())
    assert (held.differing(), held.not_held("second")[-1]) == ((), "given.csv")


def test_equal_contents_of_two_places_are_one_object() -> None:
    held = HeldFiles({})
    held.keep("first", FilesAtPlace({"p": file("one")}))
    held.keep("second", FilesAtPlace({"p": file("one")}))
    assert held._places["first"]["p"] is held._places["second"]["p"]
