"""What the keeper takes from `/proc`, from texts as a kernel with swap writes them."""

from __future__ import annotations

import pytest

from autograder.sandbox.inside import proc

STATUS = """Name:\tpython
VmPeak:\t  900000 kB
RssAnon:\t    1000 kB
RssFile:\t    7000 kB
RssShmem:\t     200 kB
VmSwap:\t   50000 kB
Threads:\t1
"""
ROLLUP = """55d0c0e00000-7fff01b21000 ---p 00000000 00:00 0 [rollup]
Rss:               8200 kB
Pss:                600 kB
Pss_Anon:           500 kB
Pss_File:           100 kB
Swap:             50000 kB
SwapPss:          25000 kB
"""


@pytest.fixture(autouse=True)
def texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """`/proc` of one process."""
    files = {"7/status": STATUS, "7/smaps_rollup": ROLLUP}
    monkeypatch.setattr(proc, "_read", lambda path: files.get(path, ""))


def test_memory_that_was_swapped_out_counts() -> None:
    assert proc.status_bytes(7) == (1000 + 200 + 50_000) * 1024


def test_memory_that_was_swapped_out_counts_by_its_share() -> None:
    assert proc.proportional_bytes(7) == (600 + 25_000) * 1024


def test_a_process_that_is_gone_has_no_memory() -> None:
    assert (proc.status_bytes(8), proc.proportional_bytes(8)) == (0, 0)
