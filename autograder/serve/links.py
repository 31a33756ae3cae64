"""Personal links: who holds one is the student it was made for.

A link's last part, after `#`, is a token: role, name, number and end, signed with a key that lies beside the
queue (mode 0600). What stands after `#` is sent to no server, so that no log has it. Links end by themselves,
and all links of a person end when a new number is given to that person. What reads tokens is pure.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import json
import os
import secrets
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course import CourseError, is_safe_name
from autograder.storage import write_whole

STUDENT, INSTRUCTOR = "student", "instructor"
_ROLES = {"s": STUDENT, "i": INSTRUCTOR}
_KEY_BYTES = 32
_MOST_TOKEN = 1_000


@dataclass(frozen=True)
class Person:
    """Whoever asks.

    Attributes
    ----------
    name : str
        The student's id, or the instructor's name.
    role : str
        `student` or `instructor`.
    """

    name: str
    role: str = STUDENT

    @property
    def teaches(self) -> bool:
        """Whether all submissions may be seen."""
        return self.role == INSTRUCTOR


def make_token(key: bytes, person: Person, number: int, ends_at: float) -> str:
    """A signed token for a person; `number` is the person's present one, `ends_at` in seconds since 1970."""
    role = next(letter for letter, role in _ROLES.items() if role == person.role)
    payload = json.dumps([role, person.name, number, int(ends_at)], separators=(",", ":")).encode()
    return f"{_text(payload)}.{_text(_signature(key, payload))}"


def read_token(key: bytes, token: str, numbers: Mapping[str, int], now: float) -> Person | None:
    """The person a token was made for; None where it is not ours, has ended or was revoked.

    >>> key, ada = b"k" * 32, Person("ada")
    >>> token = make_token(key, ada, 0, ends_at=100.0)
    >>> read_token(key, token, {}, now=99.0) == ada
    True
    >>> read_token(key, token, {}, now=101.0), read_token(key, token, {"student ada": 1}, now=99.0)
    (None, None)
    """
    payload_text, _, signature_text = token.partition(".")
    if len(token) > _MOST_TOKEN:
        return None
    try:
        payload, signature = _bytes(payload_text), _bytes(signature_text)
    except (binascii.Error, ValueError):
        return None
    if not hmac.compare_digest(_signature(key, payload), signature):
        return None
    role, name, number, ends_at = json.loads(payload)
    person = Person(name, _ROLES[role])
    is_current = number == numbers.get(number_name(person), 0) and now < ends_at
    return person if is_current and is_safe_name(name) else None


def number_name(person: Person) -> str:
    """Under which name a person's number is kept."""
    return f"{person.role} {person.name}"


class Links:
    """The key and the numbers in a service's folder; both are made when they are first needed.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    CourseError
        Others may read the key, or it is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._numbers_path = folder / "link-numbers.json"
        self._key = _read_key(folder / "key")
        self._numbers: dict[str, int] = {}
        self._read_of: tuple[int, int] = (0, 0)

    def token(self, person: Person, days: float) -> str:
        """A token for a person that ends after so many days."""
        number = self._current().get(number_name(person), 0)
        return make_token(self._key, person, number, time.time() + days * 86_400)

    def person(self, token: str) -> Person | None:
        """Whose token it is; None where it is none, has ended or was revoked."""
        return read_token(self._key, token, self._current(), time.time())

    def revoke(self, person: Person) -> None:
        """End all links that were made for the person until now."""
        numbers = dict(self._current())
        numbers[number_name(person)] = numbers.get(number_name(person), 0) + 1
        write_whole(self._numbers_path, json.dumps(numbers, ensure_ascii=False, indent=1).encode())

    def _current(self) -> Mapping[str, int]:
        """The numbers, read again when the file has changed."""
        with contextlib.suppress(FileNotFoundError):
            status = self._numbers_path.stat()
            if (status.st_mtime_ns, status.st_ino) != self._read_of:
                self._numbers = json.loads(self._numbers_path.read_text(encoding="utf-8"))
                self._read_of = (status.st_mtime_ns, status.st_ino)
        return self._numbers


def _read_key(path: Path) -> bytes:
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        raise CourseError(
            f"{path} has the mode {mode:04o}: others may read the key that signs links. Delete it, which "
            "ends all links, and make new ones: autograder serve links"
        )
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise CourseError(f"{path} has {len(key)} bytes, not {_KEY_BYTES}. Delete it, and make new links.")
    return key


def _signature(key: bytes, payload: bytes) -> bytes:
    return hmac.new(key, payload, hashlib.sha256).digest()


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
