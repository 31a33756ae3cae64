"""What one student and all students together may ask of the service: data only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """The limits of a service.

    Attributes
    ----------
    tries : int
        Submissions of a notebook that a student may make; those on which the grader itself failed do not
        count.
    apart_s : float
        Seconds between two submissions of a notebook by a student.
    waiting : int
        Submissions in the queue, of all students.
    waiting_each : int
        Submissions in the queue of one student.
    bytes_each : int
        Bytes in the queue of one student.
    notebook_bytes : int
        Bytes of one notebook.
    upload_s : float
        Seconds in which a notebook must have arrived.
    uploads_each : int
        Notebooks of one person that may be on their way at once.
    uploads_bytes : int
        Bytes of all notebooks that have arrived and are not in the queue yet; one as large as is allowed
        always has room.
    """

    tries: int = 20
    apart_s: float = 60.0
    waiting: int = 2_000
    waiting_each: int = 3
    bytes_each: int = 50_000_000
    notebook_bytes: int = 20_000_000
    upload_s: float = 60.0
    uploads_each: int = 2
    uploads_bytes: int = 250_000_000
