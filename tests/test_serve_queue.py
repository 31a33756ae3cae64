"""The service's queue: what was accepted is on the disk, and who may put how much into it."""

from __future__ import annotations

import dataclasses
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.serve.bounds import Bounds
from autograder.serve.queue import Queue
from autograder.serve.room import RefusedError
from autograder.storage import StorageError
from autograder.verdicts import Status, SubmissionResult

FREE = Bounds(apart_s=0.0)


class Clock:
    """A time that tests set."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def result(student: str, status: Status = Status.GRADED) -> SubmissionResult:
    return SubmissionResult(student, "ps1", status, score=1.0, max_score=2.0)


def refused(queue: Queue, student: str, content: bytes = b"next") -> tuple[int, str, float | None]:
    with pytest.raises(RefusedError) as caught:
        queue.accept(student, "ps1", "ps1", content)
    return caught.value.status, str(caught.value), caught.value.retry_s


def test_what_was_accepted_is_there_in_the_same_order_after_the_process_ended(tmp_path: Path) -> None:
    clock = Clock()
    first = Queue(tmp_path, FREE, clock)
    accepted = []
    for number, student in enumerate(["zoe", "ada", "bob"]):
        clock.now = 1_000.0 + number
        accepted.append(first.accept(student, "ps1", "ps1", f"notebook\nof {student}".encode())[0])
    again = Queue(tmp_path, FREE, clock)
    assert again.waiting() == accepted
    assert again.content(accepted[1]) == b"notebook\nof ada"
    assert [again.place(entry) for entry in accepted] == [1, 2, 3]


def test_a_half_written_submission_was_not_accepted_and_is_removed(tmp_path: Path) -> None:
    (tmp_path / "queue").mkdir()
    half = tmp_path / "queue" / ".being-written-x"
    half.write_bytes(b'{"id": "0')
    assert Queue(tmp_path, FREE).waiting() == []
    assert not half.exists()


def test_who_was_killed_between_outcome_and_queue_finds_the_outcome_and_grades_nothing_twice(
    tmp_path: Path,
) -> None:
    queue = Queue(tmp_path, FREE)
    entry, _ = queue.accept("ada", "ps1", "ps1", b"{}")
    place = tmp_path / "queue" / entry.id
    content = place.read_bytes()
    queue.finish(entry, result("ada"), {"hidden"}, "<p>page</p>")
    place.write_bytes(content)
    again = Queue(tmp_path, FREE)
    assert again.waiting() == []
    outcome = again.outcome(entry)
    assert outcome is not None
    assert (outcome.result.student, outcome.hidden) == ("ada", frozenset({"hidden"}))
    assert again.page(entry) == "<p>page</p>"
    assert not place.exists()


def test_a_torn_outcome_is_not_there_and_the_submission_waits_again(tmp_path: Path) -> None:
    queue = Queue(tmp_path, FREE)
    entry, _ = queue.accept("ada", "ps1", "ps1", b"{}")
    (tmp_path / "done" / f"{entry.id}.json").write_text('{"entry": {', encoding="utf-8")
    assert Queue(tmp_path, FREE).waiting() == [entry]


def test_the_same_notebook_again_is_the_same_submission_and_costs_no_try(tmp_path: Path) -> None:
    queue = Queue(tmp_path, Bounds())
    first, is_new = queue.accept("ada", "ps1", "ps1", b"{}")
    assert is_new
    assert queue.accept("ada", "ps1", "ps1", b"{}") == (first, False)
    queue.finish(first, result("ada"), (), "")
    assert queue.accept("ada", "ps1", "ps1", b"{}") == (first, False)
    assert queue.tries_left("ada", "ps1", "ps1") == 19
    assert queue.accept("bob", "ps1", "ps1", b"{}")[0].id != first.id


def test_twenty_tries_one_minute_apart(tmp_path: Path) -> None:
    clock = Clock()
    queue = Queue(tmp_path, Bounds(), clock, clock)
    for number in range(20):
        entry, _ = queue.accept("ada", "ps1", "ps1", b"%d" % number)
        queue.finish(entry, result("ada"), (), "")
        clock.now += 59.0
        if number < 19:
            assert refused(queue, "ada") == (
                429,
                "Your last submission of ps1 was less than 60 seconds ago. Look at its feedback, and hand in "
                "again in 1 seconds.",
                1.0,
            )
        clock.now += 1.0
    assert refused(queue, "ada") == (
        403,
        "All 20 tries of ps1 are used; the last submission counts. Ask your instructor.",
        None,
    )
    assert queue.accept("ada", "ps1", "other", b"x")[1], "another notebook has its own tries"
    assert refused(Queue(tmp_path, Bounds(), clock, clock), "ada")[0] == 403, "they count after a new start"


def test_a_clock_that_is_set_back_takes_no_notebook_twice_and_keeps_tries_one_minute_apart(
    tmp_path: Path,
) -> None:
    clock, steady = Clock(), Clock()
    queue = Queue(tmp_path, Bounds(tries=3), clock, steady)
    first, _ = queue.accept("ada", "ps1", "ps1", b"1")
    clock.now -= 3_600.0
    steady.now += 59.0
    assert refused(queue, "ada")[2] == 1.0
    steady.now += 1.0
    second, _ = queue.accept("ada", "ps1", "ps1", b"2")
    assert queue.accept("ada", "ps1", "ps1", b"2") == (second, False)
    assert queue.of_student("ada") == [second, first]
    steady.now = 5.0  # the machine has started again
    for _ in range(2):
        queue = Queue(tmp_path, Bounds(tries=3), clock, steady)
        assert queue.accept("ada", "ps1", "ps1", b"2") == (second, False)
        assert queue.waiting() == [first, second]
        assert refused(queue, "ada")[2] == 60.0
        clock.now -= 3_600.0
    clock.now += 7_100.0  # 100 seconds before the second
    steady.now += 60.0
    assert queue.accept("ada", "ps1", "ps1", b"3")[1]
    steady.now += 60.0
    assert refused(queue, "ada")[0] == 403


def test_a_clock_that_is_set_back_lets_nobody_pass_those_who_wait(tmp_path: Path) -> None:
    clock = Clock()
    queue = Queue(tmp_path, FREE, clock)
    queue.accept("ada", "ps1", "ps1", b"1")
    clock.now -= 3_600.0
    queue.accept("bob", "ps1", "ps1", b"1")
    queue.take(queue.ready()[0])
    queue.accept("ada", "ps1", "ps1", b"2")
    assert [(one.student, one.number) for one in queue.waiting()] == [("ada", 1), ("bob", 2), ("ada", 4)]
    assert [queue.place(one) for one in queue.waiting()] == [1, 2, 3]
    clock.now -= 3_600.0
    waiting = Queue(tmp_path, FREE, clock).waiting()
    assert [one.number for one in waiting] == [1, 2, 4]


def test_the_page_of_the_last_submission_stays_where_the_clock_was_set_back(tmp_path: Path) -> None:
    clock = Clock()
    queue = Queue(tmp_path, FREE, clock)
    first, _ = queue.accept("ada", "ps1", "ps1", b"1")
    clock.now -= 3_600.0
    second, _ = queue.accept("ada", "ps1", "ps1", b"2")
    queue.finish(first, result("ada"), (), "first")
    queue.finish(second, result("ada"), (), "second")
    assert (queue.page(first), queue.page(second)) == (None, "second")


def test_what_the_grader_failed_on_is_no_try_and_may_come_again_at_once(tmp_path: Path) -> None:
    queue = Queue(tmp_path, Bounds(tries=1))
    entry, _ = queue.accept("ada", "ps1", "ps1", b"{}")
    queue.finish(entry, result("ada", Status.INTERNAL_ERROR), (), "")
    assert queue.accept("ada", "ps1", "ps1", b"{}")[1]


def test_one_student_cannot_fill_the_queue(tmp_path: Path) -> None:
    queue = Queue(tmp_path, Bounds(apart_s=0.0, waiting_each=2, bytes_each=100))
    queue.accept("ada", "ps1", "ps1", b"1")
    assert refused(queue, "ada", b"x" * 100)[0] == 429
    queue.accept("ada", "ps1", "ps1", b"2")
    assert refused(queue, "ada") == (
        429,
        "2 of your submissions wait to be graded; more are taken when these are done.",
        10.0,
    )
    assert queue.accept("bob", "ps1", "ps1", b"1")[1]


def test_a_full_queue_says_when_to_come_again(tmp_path: Path) -> None:
    queue = Queue(tmp_path, dataclasses.replace(FREE, waiting=2))
    queue.accept("ada", "ps1", "ps1", b"1")
    queue.accept("bob", "ps1", "ps1", b"1")
    assert refused(queue, "eve") == (
        503,
        "The queue is full: 2 submissions wait. Nothing is lost on your side; hand in again later.",
        1.0,
    )


def test_a_full_disk_leaves_no_trace_of_what_was_not_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue(tmp_path, Bounds(tries=1))
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", lambda descriptor: (_ for _ in ()).throw(OSError(28, "No space")))
        with pytest.raises(Exception, match="the disk is full"):
            queue.accept("ada", "ps1", "ps1", b"{}")
    assert queue.waiting() == []
    assert list((tmp_path / "queue").iterdir()) == []
    assert queue.accept("ada", "ps1", "ps1", b"{}")[1]


def test_where_the_folder_is_not_flushed_nothing_is_accepted_and_nothing_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue(tmp_path, Bounds(tries=1))
    flush = os.fsync

    def fail(number: int) -> Callable[[int], None]:
        def fsync(descriptor: int) -> None:
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                raise OSError(number, os.strerror(number))
            flush(descriptor)

        return fsync

    monkeypatch.setattr("os.fsync", fail(errno.EIO))
    with pytest.raises(StorageError, match=r"queue cannot be written: Input/output error\."):
        queue.accept("ada", "ps1", "ps1", b"{}")
    assert list((tmp_path / "queue").iterdir()) == []
    monkeypatch.setattr("os.fsync", fail(errno.EINVAL))  # a file system that flushes no folders
    assert queue.accept("ada", "ps1", "ps1", b"{}")[1]


@pytest.mark.parametrize("damaged", [b"", b"\xff", b"[]", b'{"id": 1}', b"[" * 100_000, b'{"entry": "x"}'])
def test_damaged_files_keep_nobody_else_from_being_graded(tmp_path: Path, damaged: bytes) -> None:
    queue = Queue(tmp_path, FREE)
    entry, _ = queue.accept("ada", "ps1", "ps1", b"{}")
    torn, _ = queue.accept("bob", "ps1", "ps1", b"{}")
    done, _ = queue.accept("eve", "ps1", "ps1", b"{}")
    queue.finish(done, result("eve"), (), "")
    (tmp_path / "queue" / torn.id).write_bytes(damaged)
    (tmp_path / "done" / f"{done.id}.json").write_bytes(damaged)
    again = Queue(tmp_path, FREE)
    assert again.waiting() == [entry]
    assert again.damaged == [tmp_path / "queue" / torn.id]
    assert again.outcome(done) is None


def test_the_page_of_an_earlier_submission_goes_when_the_next_one_has_its_own(tmp_path: Path) -> None:
    clock = Clock()
    queue = Queue(tmp_path, FREE, clock)
    first, _ = queue.accept("ada", "ps1", "ps1", b"1")
    queue.finish(first, result("ada"), (), "first")
    clock.now += 1
    second, _ = queue.accept("ada", "ps1", "ps1", b"2")
    queue.finish(second, result("ada"), (), "second")
    assert (queue.page(first), queue.page(second)) == (None, "second")
    assert queue.outcome(first) is not None
