"""The table of test times: groups, sums, and what is longer than it may be."""

from __future__ import annotations

from tests.time_table import GROUPS, group_of, read_report, time_table

REPORT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest">
<testcase classname="tests.test_corpus" name="test_a[right/plain]" time="600.4" />
<testcase classname="tests.test_corpus" name="test_b" time="100.2"><skipped message="x" /></testcase>
<testcase classname="tests.test_new" name="test_c" time="0.6" />
</testsuite></testsuites>
"""


def test_each_test_counts_for_its_file() -> None:
    assert read_report(REPORT) == {"tests.test_corpus": [600.4, 100.2], "tests.test_new": [0.6]}


def test_a_group_that_took_longer_than_it_may_is_marked() -> None:
    table = time_table(read_report(REPORT)).splitlines()
    assert table[:3] == [
        "| tests | number | took, s | may take, s |",
        "| --- | ---: | ---: | ---: |",
        "| corpus of submissions | 2 | 701 (longer than it may) | 660 |",
    ]
    assert table[-2:] == ["| everything else | 1 | 1 | 300 |", "| **all** | 3 | 701 | 2700 |"]


def test_files_stand_below_their_group() -> None:
    table = time_table(read_report(REPORT), files=True).splitlines()
    assert table[3] == "| &nbsp; tests.test_corpus | 2 | 701 | |"
    assert table[-2] == "| &nbsp; tests.test_new | 1 | 1 | |"


def test_a_file_that_no_group_names_belongs_to_the_last_one() -> None:
    assert group_of("tests.test_mistakes_in_notebooks") == "misconceptions"
    assert group_of("tests.browser.test_lab") == "browser"
    assert group_of("init_utils.network") == "mathematics, training, data"
    assert group_of("tests.test_anything") == "everything else"


def test_all_groups_together_may_take_45_minutes() -> None:
    assert sum(allowed for _, allowed in GROUPS.values()) == 45 * 60
