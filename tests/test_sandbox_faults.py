"""Faults of the code around a student, one place after another: they cost one cell or test and no other."""

from __future__ import annotations

import shutil
import textwrap
import time
from pathlib import Path

import pytest

from autograder.sandbox import Limits, Preload, Sandbox, engine_copy, reports, tier_parts
from autograder.verdicts import Verdict

LIMITS = Limits(cell_s=10, submission_s=60, memory_bytes=256 << 20, processes=24)
# Appended to the keeper's module: at the next step after a function made the file, that step raises, once.
RAISE_ONCE = """
def _raising(owner, name):
    original = getattr(owner, name)
    def step(*arguments, **options):
        if os.path.exists("raise-{how}"):
            if "{how}" == "once":
                os.unlink("raise-once")
            raise {error}("injected")
        return original(*arguments, **options)
    setattr(owner, name, step)
_raising({owner}, {name!r})
"""
PLACES = [
    *(
        ("Keeper", name)
        for name in (
            "_obey",
            "_guarded",
            "_enforce_memory",
            "_enforce_limits",
            "_over_limit",
            "_holds_too_much",
            "_exact_bytes",
            "_processes",
            "_end_others",
            "_receive",
            "_read",
            "_send",
        )
    ),
    ("SignalGate", "answer"),
    ("SignalGate", "set_states"),
    ("proc", "usage"),
    ("proc", "status_bytes"),
    ("proc", "is_dead"),
    ("message_format", "pack"),
    ("message_format", "from_parts"),
]
IN_LANDLOCK = [("Keeper", "_disk"), ("files", "walk"), ("proc", "descendants"), ("proc", "nameless_bytes")]
IN_FULL = [("Keeper", "_file_system_bytes")]
FUNCTIONS = """
    import os, time
    def right(): return 45
    def wrong(how):
        open(f"raise-{how}", "w").close()
        time.sleep(0.15)
        os.kill(os.getpid(), 0)
        return 0
"""


def broken_sandbox(
    tier: str, owner: str, name: str, how: str, error: str, folder: Path, monkeypatch
) -> Sandbox:
    """A sandbox whose keepers raise in one of their steps."""
    obstacle = tier_parts.obstacle(tier)
    if obstacle is not None:
        pytest.skip(f"tier {tier}: {obstacle}")
    folders = engine_copy.engine_folders()
    shutil.copytree(folders["inside"], folder / "inside", ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "inside" / "keeper.py").open("a", encoding="utf-8") as file:
        file.write(RAISE_ONCE.format(owner=owner, name=name, how=how, error=error))
    monkeypatch.setattr(
        engine_copy, "engine_folders", lambda packages: folders | {"inside": folder / "inside"}
    )
    monkeypatch.setattr("autograder.sandbox.zygote_command.engine_folders", engine_copy.engine_folders)
    return Sandbox(tier, LIMITS, preload=Preload(modules=()))


def cell(box, source: str) -> Verdict | None:
    return box.run_cell(textwrap.dedent(source)).verdict


@pytest.mark.parametrize("error", ["OSError", pytest.param("RuntimeError", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("tier", "owner", "name"),
    [
        *(pytest.param("full", *place) for place in (*PLACES[:2], *IN_FULL, PLACES[8])),
        *(pytest.param("full", *place, marks=pytest.mark.slow) for place in PLACES if place[1] != "_obey"),
        *(pytest.param("landlock", *place, marks=pytest.mark.slow) for place in (*PLACES, *IN_LANDLOCK)),
    ],
)
def test_a_keeper_that_raises_costs_no_other_test(tier, owner, name, error, tmp_path, monkeypatch):
    with (
        broken_sandbox(tier, owner, name, "once", error, tmp_path, monkeypatch) as sandbox,
        sandbox.box() as box,
    ):
        assert cell(box, FUNCTIONS) is None
        first = box.hold()
        assert cell(box, "x = 1\ndef later(): return x") is None
        second = box.hold()
        assert cell(box, "x = 2") is None
        with box.open_test(first) as process:
            assert process.call("wrong", ("once",)).verdict in (None, Verdict.CRASHED)
        for state, expected in ((second, 1), (None, 2), (second, 1)):
            with box.open_test(state) as process:
                assert process.call("right").value == 45
                assert process.call("later").value == expected
        with box.open_test(first) as process:
            assert process.call("right").value == 45
        assert cell(box, "assert later() == 2") is None


@pytest.mark.slow
@pytest.mark.parametrize(("owner", "name"), PLACES)
def test_a_keeper_that_raises_always_ends_its_box_with_a_verdict(owner, name, tmp_path, monkeypatch):
    with broken_sandbox("full", owner, name, "always", "OSError", tmp_path, monkeypatch) as sandbox:
        with sandbox.box() as box:
            cell(box, FUNCTIONS)
            state = box.hold()
            start = time.monotonic()
            cell(box, "wrong('always')")
            for _ in range(3):
                cell(box, "x = 1")
            with box.open_test(state) as process:
                assert process.call("right").verdict in (None, Verdict.CRASHED)
            assert time.monotonic() - start < 40
        with sandbox.box() as box:
            assert cell(box, "x = 1") is None


READING = ("_dict", "_list", "_claim", "_text", "_seconds", "_output", "_bundle", "_is_json")


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox("none", LIMITS, preload=Preload(modules=())) as made:
        yield made


@pytest.mark.parametrize("error", [ValueError, KeyError, RecursionError, MemoryError, AttributeError])
@pytest.mark.parametrize("name", READING)
def test_a_reader_that_raises_costs_the_report_it_reads(sandbox, name, error, monkeypatch):
    with sandbox.box() as box:
        assert cell(box, FUNCTIONS) is None
        original, due = getattr(reports, name), [True]

        def raising(*arguments):
            if due.pop() if due else False:
                raise error("injected")
            return original(*arguments)

        monkeypatch.setattr(reports, name, raising)
        assert (
            cell(box, "print(1)\nfrom IPython.display import display\ndisplay({'a': 1})") is Verdict.CRASHED
        )
        assert cell(box, "x = 1") is None
        due.append(True)
        with box.open_test() as process:
            reads_answers = name in ("_dict", "_list", "_claim", "_text", "_seconds")
            assert process.call("right").verdict is (Verdict.CRASHED if reads_answers else None)
        due.clear()
        with box.open_test() as process:
            assert process.call("right").value == 45


def test_a_keeper_that_is_gone_again_and_again_leaves_a_box_of_verdicts(sandbox):
    with sandbox.box() as box:
        assert cell(box, "import os, time\nkeeper = os.getppid()\ndef right(): return 45") is None
        # In the tier none a notebook can end its keeper.
        for _ in range(3):
            assert cell(box, "os.kill(os.getsid(0), 9); time.sleep(0.3)") is Verdict.CRASHED
            with box.open_test() as process:
                assert process.call("right").value == 45
        assert cell(box, "os.kill(os.getsid(0), 9); time.sleep(0.3)") is Verdict.CRASHED
        assert cell(box, "x = 1") is Verdict.CRASHED
        with box.open_test() as process:
            assert process.call("right").verdict is Verdict.CRASHED
