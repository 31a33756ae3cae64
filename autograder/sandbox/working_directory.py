"""The working directory of a box: what cells wrote there, and what lay there at the place of a test."""

from __future__ import annotations

from collections.abc import Collection

from autograder.sandbox import wire
from autograder.sandbox.box_processes import BoxProcesses
from autograder.sandbox.held_files import MOST_HELD_BYTES, FilesAtPlace, HeldFiles, files_at_place
from autograder.sandbox.process import PATIENCE_S, Process
from autograder.sandbox.reports import CellRun
from autograder.sandbox.states import BoxGone, State
from autograder.sandbox.written_files import WrittenFiles, written_files_of


class WorkingDirectory:
    """The working directory of a box; a notebook that writes nothing costs it nothing.

    Parameters
    ----------
    processes : BoxProcesses
    held : HeldFiles

    Attributes
    ----------
    is_shared : bool
        Whether all processes have the same one; else each fork has a copy, and nothing is put back.
    """

    is_shared = True

    def __init__(self, processes: BoxProcesses, held: HeldFiles) -> None:
        self._processes, self._held = processes, held
        self._may_hold_more = False  # than was given
        self._now: FilesAtPlace | None = None  # after the cells so far, once it was asked

    def begin(self, *, is_shared: bool) -> None:
        """A box was made, or made anew: what was given lies there."""
        self.is_shared, self._held.shown, self._now = is_shared, None, None

    def begin_cell(self) -> None:
        """Let lie there what the last cell left."""
        if self._held.shown is not None:
            self.show(None)
        self._now = None
        self._held.drop_end()

    def end_cell(self, run: CellRun) -> None:
        """A cell has run."""
        self._may_hold_more |= not (run.kept and run.repeatable)

    def hold(self, state: State) -> None:
        """Remember what lies there for a state that is held now."""
        files = self._files_now()
        if files is not None:
            self._held.keep(state, files)

    def written(self, given: Collection[str], max_bytes: int) -> WrittenFiles:
        """What the cells have written, as far as it may be kept."""
        files = self._files_now()
        return WrittenFiles() if files is None else written_files_of(files, given, max_bytes)

    def show(self, state: State | None) -> list[str]:
        """Let lie there what lay there at a state's place, or after the last cell.

        Returns
        -------
        list of str
            Names under which there is something else all the same: too large, too many, or no file.
        """
        if not self.is_shared or not self._may_hold_more or not len(self._held):
            return []
        if None not in self._held and (files := self._files_now()) is not None:
            self._held.keep(None, files)
        if self._held.knows(state) and self._held.differing():
            self._turn_to(state)
        return self._held.not_held(state)

    def _files_now(self) -> FilesAtPlace | None:
        """What lies there after the cells so far; None when that cannot be found out."""
        if not self._may_hold_more:
            return FilesAtPlace()
        if self._now is None and (child := self._fork(None)) is not None:
            try:
                self._now = _read(child)
            except wire.WireError:
                return None
            finally:
                self._end(child)
        return self._now

    def _turn_to(self, state: State | None) -> None:
        child = self._fork(state)
        if child is None:
            return
        try:
            order = self._held.turn_to(state, _read(child, self._held.differing()))
            child.ask(wire.pack({"op": "place"}, order), PATIENCE_S)
        except wire.WireError:
            pass  # the notebook has broken its own process, and its tests there will tell
        finally:
            self._end(child)

    def _fork(self, state: State | None) -> Process | None:
        """A process to ask about files: any that is left will do."""
        box = self._processes
        here = [box.current] if state is None and not box.gone else []
        others = [one.process for one in box.held if one is state or (state is None and box.gone)]
        try:
            return box.fork((here + others)[-1], box.test_clock) if here or others else None
        except BoxGone:
            if here:
                box.lose_notebook()
            return None

    def _end(self, child: Process) -> None:
        child.close()
        self._processes.end_others()


def _read(process: Process, names: Collection[str] | None = None) -> FilesAtPlace:
    request = wire.pack({"op": "files", "bytes": MOST_HELD_BYTES}, None if names is None else list(names))
    return files_at_place(process.ask(request, PATIENCE_S))
