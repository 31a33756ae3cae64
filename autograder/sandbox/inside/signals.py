"""Whom a student's process may signal: itself and what it started, and no held state, checkpoint or test.

The filter of system calls cannot tell processes apart, so it asks: the keeper is told of each `kill`,
`tgkill` and `tkill`, and sends the signal itself or answers with an error. Each fork that the grader orders
is a *state*; a process belongs to the nearest state among itself and its ancestors. A signal reaches only
processes that belong to the same state as its sender; an orphan's go to itself and its own children.
"""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Callable, Iterable, Sequence
from errno import EPERM, ESRCH
from fcntl import ioctl
from platform import machine

from . import lockdown, proc, seccomp

# struct seccomp_notif: id, thread, flags, then number, architecture, instruction pointer and six arguments.
NOTIFICATION, ANSWER = struct.Struct("QIIiIQ6Q"), struct.Struct("QqiI")
RECEIVE, SEND = 0xC0502100, 0xC0182101
# A number of no signal, sent to oneself: the sender is a state from now on. That only ever protects it.
DECLARE_STATE = 0x10000


def declare_state() -> None:
    """Tell the keeper, if there is one that is asked, that this process is a state."""
    with contextlib.suppress(OSError):
        os.kill(os.getpid(), DECLARE_STATE)


class SignalGate:
    """The keeper's answers to signals.

    Parameters
    ----------
    listener : int
        The descriptor of the filter.
    processes : callable
        Numbers of the box's processes.
    """

    def __init__(self, listener: int, processes: Callable[[], list[int]]) -> None:
        self._listener, self._processes = listener, processes
        self._states: set[int] = set()
        kinds = ("kill", "tkill", "tgkill")
        column = list(seccomp.ARCHITECTURES).index(machine())
        self._names = {seccomp.number_of(kind, column): kind for kind in kinds}

    def fileno(self) -> int:
        """The descriptor to wait at."""
        return self._listener

    def set_states(self, states: Iterable[int]) -> None:
        """The processes that the grader keeps; those that declared themselves and live stay states."""
        self._states = set(states) | {pid for pid in self._states if proc.exists(pid)}

    def answer(self) -> None:
        """Answer one signal; its sender waits."""
        notification = bytearray(NOTIFICATION.size)
        try:
            ioctl(self._listener, RECEIVE, notification)
        except OSError:
            return  # the sender has ended
        identity, thread, _, number, _, _, *arguments = NOTIFICATION.unpack(notification)
        try:
            self._act(self._names.get(number, ""), thread, [_signed(value) for value in arguments])
            error = 0
        except OSError as refusal:
            error = refusal.errno or EPERM
        with contextlib.suppress(OSError):
            ioctl(self._listener, SEND, ANSWER.pack(identity, -1 if error else 0, -error, 0))

    def _act(self, kind: str, thread: int, arguments: Sequence[int]) -> None:
        sender = proc.process_of(thread)
        if kind == "kill":
            target, number = arguments[:2]
            if target == sender and number == DECLARE_STATE:
                self._states.add(sender)
                return
            self._kill(sender, target, number)
        else:
            claimed, thread, number = arguments[:3] if kind == "tgkill" else (0, *arguments[:2])
            process = proc.process_of(thread)
            if claimed not in (0, process):
                raise ProcessLookupError(ESRCH, "no such thread")
            self._require_same_state(sender, process)
            lockdown.signal_thread(process, thread, number)

    def _kill(self, sender: int, target: int, number: int) -> None:
        if target > 0:
            self._require_same_state(sender, proc.process_of(target))
            os.kill(target, number)
            return
        own = self._state_of(sender)
        group = proc.group_of(sender) if target == 0 else -target
        reached = [
            pid
            for pid in self._processes()
            if self._state_of(pid) == own and (pid != sender if target == -1 else proc.group_of(pid) == group)
        ]
        if not reached:
            raise ProcessLookupError(ESRCH, "no process that belongs to the sender")
        # The sender last: it may end by this, and the others must have got theirs.
        for pid in sorted(reached, key=lambda pid: pid == sender):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _require_same_state(self, sender: int, target: int) -> None:
        # Outside the box there is none either, for its processes.
        if not target or target not in (*self._processes(), os.getpid()):
            raise ProcessLookupError(ESRCH, "no such process")
        if self._state_of(sender) != self._state_of(target):
            raise PermissionError(EPERM, "a process that does not belong to the sender")

    def _state_of(self, pid: int) -> int:
        """The nearest state among a process and its ancestors; else its topmost ancestor below the keeper."""
        while pid not in self._states:
            parent = proc.parent_of(pid)
            if parent in (0, os.getpid()):
                break
            pid = parent
        return pid


def _signed(value: int) -> int:
    """A register's lower half as an `int`."""
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value & 0x80000000 else value
