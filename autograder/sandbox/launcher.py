"""A sandbox: a zygote, and a box for every submission.

`Sandbox` starts the zygote (`inside.zygote`) in the way its tier asks for, and hands out boxes.
It is safe to use from several threads.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from autograder.sandbox import passing, tier_parts, wire, zygote_command
from autograder.sandbox.box import Box
from autograder.sandbox.cgroup import BoxCgroup, sweep
from autograder.sandbox.faults import as_sandbox_error, regardless
from autograder.sandbox.inside.files import remove_folder
from autograder.sandbox.policy import Limits, Preload, SandboxError, require_tier
from autograder.sandbox.run_folders import FOLDER_PREFIX, sweep_old_folders
from autograder.sandbox.states import BoxParts

# A cold disk and a first compilation are slow; later starts take two seconds.
START_S = 120.0
COMPILED_S = 900.0  # the interpreter of the tier wasm is compiled when it is first used
BOX_S = 20.0
WITH_FOLDERS = ("landlock", "none")  # tiers whose boxes work in a folder that the launcher makes


class Sandbox:
    """The zygote of one tier, and the boxes forked from it.

    Parameters
    ----------
    tier : {"full", "wasm", "landlock", "none"}
    limits : Limits, optional
    workers : int, optional
        How many submissions run at a time (they share one zygote).
    preload : Preload, optional
        Modules and memo entries to have ready.
    cgroup : str, optional
        A cgroup as `cgroup.claimed` gives it; boxes are limited by children of it, too.

    Raises
    ------
    SandboxError
        The tier does not exist here, or the zygote does not start. It is started at once and waited
        for with the first box, so that a caller can do other things meanwhile.
    """

    def __init__(
        self,
        tier: str,
        limits: Limits | None = None,
        workers: int = 1,
        preload: Preload | None = None,
        cgroup: str = "",
    ) -> None:
        self.tier = require_tier(tier)
        self.limits = limits or Limits()
        self.workers = workers
        self.preload = preload or Preload()
        self._lock = threading.RLock()
        self._users = tier_parts.BoxUsers()
        self._ready = False
        self._cgroup = Path(cgroup) if cgroup else None
        self._prepared: BoxParts | None = None
        self._owes_reply = False  # whether the zygote has an order whose answer was not read
        with as_sandbox_error(f"the sandbox (tier {tier})"):
            sweep_old_folders()
            sweep()
            self._folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-"))
            try:
                self._start()
            except BaseException:
                self.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def box(
        self,
        files: Mapping[str, bytes] | None = None,
        limits: Limits | None = None,
        *,
        remembers: bool = False,
    ) -> Box:
        """A fresh box for one submission, with copies of `files` in its working directory.

        `limits` replaces the sandbox's own for this box. With `remembers` the figures that are drawn in it
        come into its memo: for the instructor's notebook.

        Raises
        ------
        SandboxError
            A file has an unsafe name, or the box cannot be made.
        """
        chosen = limits or self.limits
        with as_sandbox_error("the box"):
            return Box(lambda: self._open_box(chosen, remembers=remembers), chosen, files or {})

    def _open_box(self, limits: Limits, *, remembers: bool) -> BoxParts:
        with self._working():
            self._await_zygote()
            if limits == self.limits and self._prepared is not None and not remembers:
                pending, self._prepared = self._prepared, None
            else:
                pending = self._begin_box(limits, remembers=remembers)
            try:
                self._read_owed_reply()
            except BaseException:
                pending.close()
                raise
        return pending

    def prepare(self) -> None:
        """Begin to make the box that the next call of `box` returns, and do not wait for it.

        Raises
        ------
        SandboxError
            The zygote does not work.
        """
        with self._working():
            if self._prepared is None:
                self._await_zygote()
                self._prepared = self._begin_box(self.limits)

    def add_memo(self, memo: bytes) -> int:
        """Give the zygote results that need no repeating; the number of entries it took."""
        with self._working():
            self._drop_prepared()  # it knows nothing of them
            self._await_zygote()
            order = wire.pack({"op": "memo"}, np.frombuffer(memo, dtype=np.uint8))
            return int(self._ask(order, BOX_S).header["entries"])

    def close(self) -> None:
        """End the zygote and every box, and remove their folders."""
        with self._lock:
            if hasattr(self, "_control"):
                regardless(self._drop_prepared, self._control.close)
            if hasattr(self, "_process"):
                with contextlib.suppress(ProcessLookupError):
                    self._kill()
                self._process.wait()
            if hasattr(self, "_errors"):
                self._errors.close()
            remove_folder(str(self._folder))

    def _kill(self) -> None:
        if hasattr(os, "killpg"):
            os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()  # the host of the tier wasm, which starts no others

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        """One thread at a time; what nobody foresaw is the machine's fault, not a student's."""
        with self._lock, as_sandbox_error(f"the sandbox (tier {self.tier})"):
            yield

    def await_zygote(self) -> dict[str, Any]:
        """Wait until the zygote is ready: `threads`, `missing` modules, `seconds` it took."""
        with self._working():
            self._await_zygote()
            return self._report

    def _start(self) -> None:
        self._boxes = self._folder / "boxes"
        self._control, theirs = wire.Channel.pair()
        self._errors = (self._folder / "errors.txt").open("w+b")
        plan = zygote_command.plan(self.tier, self._folder, theirs.fileno(), self.preload.packages)
        with theirs:
            how: dict[str, Any] = {
                "stdout": subprocess.DEVNULL,
                "stderr": self._errors,
                "env": dict(plan.environment),
                "cwd": "/",
                "start_new_session": True,
            }
            if self.tier == "wasm":
                self._process = passing.popen(plan.command, theirs.fileno(), **how)
            else:
                passed = (theirs.fileno(),)
                self._process = subprocess.Popen(
                    plan.command, stdin=subprocess.DEVNULL, pass_fds=passed, **how
                )
        self._first_user = plan.first_user
        preload = self.preload
        setup = {
            "tier": self.tier,
            "modules": list(preload.modules),
            "warm": list(preload.warm),
            "memo_module": preload.memo_module,
            **plan.setup,
        }
        self._start_s = COMPILED_S if self.tier == "wasm" else START_S
        self._send(wire.pack({"op": "start"}, setup), self._start_s)

    def _await_zygote(self) -> None:
        if self._ready:
            return
        self._report = self._receive(self._start_s).header
        if not self._report.get("ready") or self._report.get("threads") != 1:
            raise SandboxError(f"the zygote is not as it must be (ready, one thread): {self._report}")
        self._ready = True
        if self.preload.memo:
            self.add_memo(self.preload.memo)

    def _begin_box(self, limits: Limits, *, remembers: bool = False) -> BoxParts:
        control, their_control = wire.Channel.pair()
        channel, their_channel = wire.Channel.pair()
        folder = self._boxes / secrets.token_hex(16)  # no other box can guess it, and look
        group = None
        try:
            with their_control, their_channel:
                place = None if self._first_user is None else self._users.next_place()
                if self.tier in WITH_FOLDERS:
                    folder.mkdir(mode=0o700)
                    if place is not None:
                        user = tier_parts.FIRST_BOX_USER + place
                        os.chown(folder, user, user)
                inner = None if self._first_user is None or place is None else self._first_user + place
                order = {
                    "op": "spawn",
                    "limits": limits.to_dict(),
                    "box": str(folder),
                    "user": inner,
                    "remembers": remembers,
                }
                descriptors = [their_control.fileno(), their_channel.fileno()]
                if self._cgroup is not None:
                    group = BoxCgroup(self._cgroup, limits.to_dict())
                    descriptors.append(group.entrance)
                self._read_owed_reply()
                self._send(wire.pack(order), BOX_S, tuple(descriptors))
                if group is not None:
                    group.close_entrance()
        except BaseException:
            BoxParts(control, channel, folder, group).close()
            raise
        self._owes_reply = True
        shown = folder if self.tier in WITH_FOLDERS else None
        return BoxParts(control, channel, shown, group, shares_files=self.tier != "wasm")

    def _drop_prepared(self) -> None:
        if self._prepared is not None:
            self._prepared.close()
            self._prepared = None

    def _read_owed_reply(self) -> None:
        if self._owes_reply:
            self._owes_reply = False
            self._receive(BOX_S)

    def _ask(self, order: bytes, seconds: float) -> wire.Message:
        self._read_owed_reply()
        self._send(order, seconds)
        return self._receive(seconds)

    def _send(self, order: bytes, seconds: float, descriptors: tuple[int, ...] = ()) -> None:
        try:
            self._control.send(order, time.monotonic() + seconds, descriptors)
        except wire.WireError as error:
            raise self._broken(error) from error

    def _receive(self, seconds: float) -> wire.Message:
        try:
            return self._control.receive(time.monotonic() + seconds)
        except wire.WireError as error:
            raise self._broken(error) from error

    def _broken(self, error: wire.WireError) -> SandboxError:
        reason = None if self._ready else tier_parts.obstacle(self.tier)
        if reason is not None:
            return zygote_command.not_here(self.tier, reason)
        self._errors.seek(0)
        printed = self._errors.read(4000).decode("utf-8", "replace").strip()
        return SandboxError(
            f"the sandbox (tier {self.tier}) does not work: {error}. {printed or 'It printed nothing.'} "
            "`autograder doctor` shows what this machine can do."
        )
