"""What fuzzing found stays found; each target is fuzzed for a while in the long tests."""

from __future__ import annotations

# ruff: noqa: E501 - tables of texts, one a line
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox import Limits
from autograder.sandbox.held_files import files_at_place
from autograder.sandbox.inside import message_format
from autograder.sandbox.reports import answer_of, cell_run_of
from autograder.sandbox.wire import Message
from autograder.sandbox.written_files import written_files_of
from autograder.verdicts import Verdict
from tests.fuzzing import KEPT, TARGETS, acting_parts, judge

ROOT = Path(__file__).parents[1]
KEPT_INPUTS = sorted(path.relative_to(KEPT).as_posix() for path in KEPT.glob("*/*"))
SECONDS = 10  # a target: thousands of inputs on a machine of its own


@pytest.mark.parametrize("name", TARGETS)
def test_valid_inputs_break_no_rule(name: str) -> None:
    for data in TARGETS[name].seeds:
        judge(name, data)


def test_the_reports_that_are_mutated_are_taken_as_they_are() -> None:
    cell, data, raised, files, keeper = (
        Message(*message_format.unpack(seed)) for seed in TARGETS["reports"].seeds
    )
    assert cell_run_of(cell, Limits()).verdict is None
    assert answer_of(data).value["n"] == [1.5, (2,), {3}]
    assert answer_of(raised).verdict is Verdict.RAISED
    assert [*written_files_of(files_at_place(files), (), 100).files] == ["out.csv"]
    assert keeper.header["reason"] == "memory"


@pytest.mark.parametrize("kept", KEPT_INPUTS)
def test_an_input_that_broke_a_rule_breaks_none_any_more(kept: str) -> None:
    judge(kept.partition("/")[0], (KEPT / kept).read_bytes())


@pytest.mark.parametrize(
    "html",
    [
        "<svg><script>x</script></svg>", "<p onclick=x>", "<img src=http://spy>", "<a href='java\nscript:x'>", "<link>",
        "<table background=//spy>", "<p style='background: url(//spy)'>", "<math><annotation-xml>", "<img srcset=//spy>",
    ],
)  # fmt: skip
def test_the_judge_sees_what_acts_or_loads(html: str) -> None:
    assert acting_parts(html)
    assert not acting_parts(
        "<p><b>x</b> <a href='https://x.y'>y</a><img src='data:image/png;base64,AA=='></p>"
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_made_up_inputs_break_no_rule(name: str) -> None:
    minutes = float(os.environ.get("FUZZ_MINUTES", SECONDS / 60))
    command = [sys.executable, "-W", "ignore", "-m", "tests.fuzzing", "--minutes", str(minutes), name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60 * minutes + 120)
    assert done.returncode == 0, done.stderr[-3_000:]
    assert done.stdout.startswith(f"{name}: ")
