"""The queue on the disk: what was accepted is written, and is there again after the process was killed.

In `.autograder/.serve/`: `queue/ID` is a submission that waits (a line of JSON, then the notebook),
`done/ID.json` what became of one, `done/ID.html` its feedback page (of a student's last submission of a
notebook only). Each is written beside its place, flushed and renamed. A submission leaves `queue/` after its
outcome is in `done/`. In memory is little of each outcome: a semester has many.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from autograder.course import Course
from autograder.serve.again import Again
from autograder.serve.bounds import Bounds
from autograder.serve.entries import Brief, Entry, Outcome, digest
from autograder.serve.order import fair_order, ready_ones
from autograder.serve.room import require_room
from autograder.storage import UNREADABLE, flush_folder, remove_leftovers, write_whole
from autograder.verdicts import SubmissionResult

_ID = re.compile(r"[0-9a-f]{24}")
_FIRST_GUESS_S = 5.0  # for a submission, while none was measured
_WEIGHT = 0.2  # of the newest measurement


def serve_folder(course: Course) -> Path:
    """Where the service keeps its files; only the user who runs it may look into it."""
    folder = course.root / ".autograder" / ".serve"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


class Queue:
    """The submissions of one course; may be used from several threads.

    Parameters
    ----------
    folder : Path
        What is there is read.
    bounds : Bounds
    clock : callable
        Seconds since 1970. It may be set back: what counts is the order in which submissions came.
    steady : callable
        Seconds that never go back.
    """

    def __init__(
        self,
        folder: Path,
        bounds: Bounds,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._waiting_folder, self._done_folder = folder / "queue", folder / "done"
        self.bounds, self._clock, self._steady = bounds, clock, steady
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self._entries: dict[str, Entry] = {}
        self._by_work: dict[tuple[str, str, str], list[str]] = {}
        self._by_student: dict[str, list[str]] = {}
        self._waiting: dict[str, Entry] = {}  # in the order in which they were accepted
        self._being_written: dict[str, Entry] = {}
        self._done: dict[str, Brief] = {}
        self._running: set[str] = set()
        self._again = Again(steady)
        self._number = 0  # the last one that was given
        self._came: dict[str, float] = {}  # entry -> when, by the clock that never goes back
        self._taken: dict[str, int] = {}  # student -> when one of the student's was taken
        self._places: dict[str, int] = {}  # made anew when something has changed
        self.seconds_each = _FIRST_GUESS_S
        self.damaged: list[Path] = []  # files of the queue that cannot be read
        for path in (self._waiting_folder, self._done_folder):
            path.mkdir(parents=True, exist_ok=True)
            remove_leftovers(path)
        self._read()

    def accept(self, student: str, assignment: str, notebook: str, content: bytes) -> tuple[Entry, bool]:
        """The entry of a notebook that lies on the disk now, and whether it is new.

        The same notebook again is the same entry, and costs no try: whoever did not hear that it was accepted
        may send it again.

        Raises
        ------
        RefusedError
            One of the bounds is reached.
        StorageError
            The disk is full or does not take it.
        """
        with self._lock:
            self._number += 1
            number = self._number
        entry = Entry(
            id=secrets.token_hex(12),
            student=student,
            assignment=assignment,
            notebook=notebook,
            accepted_at=self._clock(),
            size=len(content),
            digest=digest(content),
            number=number,
        )
        with self._lock:
            same = self._same(entry)
            if same is not None:
                return same, False
            require_room(
                entry,
                self.bounds,
                [*self._waiting.values(), *self._being_written.values()],
                self._tries(entry.work),
                self._since_last_s(entry.work),
                self.seconds_each,
            )
            self._being_written[entry.id] = entry
            self._came[entry.id] = self._steady()
        try:
            head = json.dumps(entry.to_dict(), ensure_ascii=False).encode()
            write_whole(self._waiting_folder / entry.id, head + b"\n" + content)
            flush_folder(self._waiting_folder)
        except BaseException:
            with contextlib.suppress(OSError):
                (self._waiting_folder / entry.id).unlink(missing_ok=True)
            with self._lock:
                del self._being_written[entry.id], self._came[entry.id]
            raise
        with self._news:
            del self._being_written[entry.id]
            self._add(entry)
            self._waiting[entry.id] = entry
            self._places.clear()
            self._news.notify_all()
        return entry, True

    def require_room(self, student: str, assignment: str, notebook: str, size: int) -> None:
        """Refuse, before it is read, a notebook of so many bytes that `accept` would refuse.

        One as large as the last one may be the same again, which only its bytes tell.

        Raises
        ------
        RefusedError
        """
        entry = Entry("", student, assignment, notebook, self._clock(), size, "")
        with self._lock:
            ids = self._by_work.get(entry.work, [])
            if ids and self._entries[ids[-1]].size == size:
                return
            in_queue = [*self._waiting.values(), *self._being_written.values()]
            tries, since_last_s = self._tries(entry.work), self._since_last_s(entry.work)
            require_room(entry, self.bounds, in_queue, tries, since_last_s, self.seconds_each)

    def content(self, entry: Entry) -> bytes:
        """The notebook of an entry that waits."""
        return (self._waiting_folder / entry.id).read_bytes().partition(b"\n")[2]

    def wait(self, seconds: float) -> bool:
        """Wait until something is in the queue, at most so long; whether something is."""
        with self._news:
            return bool(self._waiting) or self._news.wait_for(lambda: bool(self._waiting), seconds)

    def waiting(self) -> list[Entry]:
        """What is in the queue, the oldest first."""
        with self._lock:
            return list(self._waiting.values())

    def ready(self) -> list[Entry]:
        """What can be graded next, in this order: one submission of each student, none beside another.

        Of those that run again the one whose turn it is, before all others.
        """
        with self._lock:
            order = fair_order(self._waiting.values(), self._running, self._taken)
            ready = ready_ones(order, self._running)
            others = [entry for entry in ready if entry not in self._again]
            due = self._again.due([entry for entry in ready if entry in self._again], others)
            return others if due is None else [due, *others]

    def take(self, entry: Entry) -> None:
        """Remember that it is being graded now."""
        with self._lock:
            self._running.add(entry.id)
            self._again.begin(entry)
            self._number += 1  # after all that were accepted
            self._taken[entry.student] = self._number
            self._places.clear()

    def is_alone(self, entry: Entry) -> bool:
        """Whether what is being graded must have the machine for itself."""
        with self._lock:
            return self._again.is_alone(entry)

    def put_back(self, entry: Entry) -> bool:
        """Let it run again, because a busy machine may have failed it; false where it already did."""
        with self._lock:
            if entry in self._again:
                return False
            self._running.discard(entry.id)
            self._again.put(entry)
            self._places.clear()
            return True

    def runs_again(self, entry: Entry) -> bool:
        """Whether it runs again, because a busy machine may have failed it."""
        with self._lock:
            return entry in self._again

    def put_last(self, entry: Entry) -> None:
        """Let it keep none that run again from their turns: the grader failed on it."""
        with self._lock:
            self._again.put_last(entry)

    def let_go(self) -> None:
        """Remember that nothing is being graded."""
        with self._lock:
            self._running.clear()
            self._places.clear()

    def finish(self, entry: Entry, result: SubmissionResult, hidden: Iterable[str], page: str) -> None:
        """Store what became of an entry, and take it out of the queue.

        Raises
        ------
        StorageError
            The disk is full; the entry stays in the queue.
        """
        outcome = Outcome(result, self._clock(), frozenset(hidden))
        write_whole(self._page_path(entry), page.encode("utf-8", "replace"))
        record = json.dumps({"entry": entry.to_dict()} | outcome.to_dict(), ensure_ascii=False)
        write_whole(self._done_path(entry), record.encode())
        flush_folder(self._done_folder)
        with self._lock:
            self._done[entry.id] = outcome.brief
            self._waiting.pop(entry.id, None)
            self._running.discard(entry.id)
            self._again.end(entry)
            self._places.clear()
            earlier = [self._entries[one] for one in self._by_work[entry.work] if one != entry.id]
        (self._waiting_folder / entry.id).unlink(missing_ok=True)
        for other in earlier:
            if other.number < entry.number:
                self._page_path(other).unlink(missing_ok=True)

    def measured(self, seconds: float) -> None:
        """Learn what a submission takes."""
        with self._lock:
            self.seconds_each += _WEIGHT * (seconds - self.seconds_each)

    def find(self, id_: str) -> Entry | None:
        """The entry of this id."""
        with self._lock:
            return self._entries.get(id_)

    def outcome(self, entry: Entry) -> Outcome | None:
        """What became of it; None while it waits."""
        with contextlib.suppress(*UNREADABLE):
            return Outcome.from_dict(json.loads(self._done_path(entry).read_text(encoding="utf-8")))
        return None

    def is_done(self, entry: Entry) -> bool:
        """Whether it has an outcome."""
        with self._lock:
            return entry.id in self._done

    def page(self, entry: Entry) -> str | None:
        """The whole feedback page; None where there is none, or a later submission has replaced it."""
        with contextlib.suppress(OSError):
            return self._page_path(entry).read_text(encoding="utf-8")
        return None

    def is_running(self, entry: Entry) -> bool:
        """Whether it is being graded now."""
        with self._lock:
            return entry.id in self._running and entry.id in self._waiting

    def place(self, entry: Entry) -> int:
        """Its place in the queue, from 1; 0 when it is done. What runs again waits behind the others."""
        with self._lock:
            if self._waiting and not self._places:
                order = fair_order(self._waiting.values(), self._running, self._taken)
                order.sort(key=lambda one: one in self._again and one.id not in self._running)
                self._places = {one.id: place for place, one in enumerate(order, 1)}
            return self._places.get(entry.id, 0)

    def of_student(self, student: str) -> list[Entry]:
        """The student's entries, the newest first."""
        with self._lock:
            found = [self._entries[id_] for id_ in self._by_student.get(student, ())]
        return sorted(found, key=lambda entry: entry.number, reverse=True)

    def students(self) -> set[str]:
        """Whoever has handed in."""
        with self._lock:
            return set(self._by_student)

    def finished(self, most: int) -> list[tuple[Entry, Brief]]:
        """The last ones that were finished, the newest first."""
        with self._lock:
            done = [(self._entries[id_], brief) for id_, brief in self._done.items()]
        return heapq.nlargest(most, done, key=lambda pair: pair[1].finished_at)

    def count_finished(self) -> int:
        """How many have an outcome."""
        with self._lock:
            return len(self._done)

    def tries_left(self, student: str, assignment: str, notebook: str) -> int:
        """How many more submissions of the notebook the student may make."""
        with self._lock:
            return max(self.bounds.tries - self._tries((student, assignment, notebook)), 0)

    def _read(self) -> None:
        found: list[Entry] = []
        for path in self._done_folder.glob("*.json"):
            with contextlib.suppress(*UNREADABLE):
                data = json.loads(path.read_text(encoding="utf-8"))
                entry, brief = Entry.from_dict(data["entry"]), Outcome.from_dict(data).brief
                self._done[entry.id] = brief
                found.append(entry)
        for path in self._waiting_folder.iterdir():
            if not _ID.fullmatch(path.name):
                continue
            if path.name in self._done:  # killed between the outcome and the end of its place
                path.unlink()
                continue
            try:
                with path.open("rb") as file:
                    found.append(Entry.from_dict(json.loads(file.readline())))
            except UNREADABLE:
                self.damaged.append(path)
        now, steady = self._clock(), self._steady()
        for entry in sorted(found, key=lambda entry: (entry.number, entry.accepted_at, entry.id)):
            self._add(entry)
            self._number = max(self._number, entry.number)
            self._came[entry.id] = steady - max(now - entry.accepted_at, 0.0)
            if entry.id not in self._done:
                self._waiting[entry.id] = entry

    def _add(self, entry: Entry) -> None:
        self._entries[entry.id] = entry
        self._by_work.setdefault(entry.work, []).append(entry.id)
        self._by_student.setdefault(entry.student, []).append(entry.id)

    def _same(self, entry: Entry) -> Entry | None:
        """The last submission of the notebook, if it has the same bytes and the grader did not fail on it."""
        ids = self._by_work.get(entry.work, [])
        last = self._entries[ids[-1]] if ids else None
        if last is None or last.digest != entry.digest:
            return None
        done = self._done.get(last.id)
        return last if done is None or done.is_a_try else None

    def _tries(self, work: tuple[str, str, str]) -> int:
        done = [self._done.get(id_) for id_ in self._by_work.get(work, [])]
        written = sum(one.work == work for one in self._being_written.values())
        return sum(one is None or one.is_a_try for one in done) + written

    def _since_last_s(self, work: tuple[str, str, str]) -> float:
        """How long ago the last submission of the notebook was accepted; infinity for none that counts."""
        ids = self._by_work.get(work, [])[-1:]
        done = [self._done.get(id_) for id_ in ids]
        if any(one is not None and not one.is_a_try for one in done):
            ids = []  # what the grader failed on may come again at once
        ids = [*ids, *(one.id for one in self._being_written.values() if one.work == work)]
        return self._steady() - max((self._came[id_] for id_ in ids), default=float("-inf"))

    def _page_path(self, entry: Entry) -> Path:
        return self._done_folder / f"{entry.id}.html"

    def _done_path(self, entry: Entry) -> Path:
        return self._done_folder / f"{entry.id}.json"
