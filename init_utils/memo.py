"""Results remembered by content, so that repeating the same training run or drawing the same data is free.

The key is a hash of everything the result depends on; the value is the result itself, named arrays, copied on
the way in and on the way out. The memo is bounded, shared by all threads of a process, and can be handed to
another process as bytes: `.npz` without pickle, so that reading it runs no code: the grader hands one to its
warm process, so that a right submission repeats no training.
"""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]

LARGEST_MEMO_BYTES = 64 * 1024 * 1024
FORMAT = 2


class MemoError(ValueError):
    """The bytes handed to `import_memo` are no memo.

    ValueError
    └── MemoError
    """


def make_key(arrays: Mapping[str, Any], settings: Mapping[str, object]) -> str:
    """A hash of names, shapes, types and bytes of the arrays, and of the settings' repr.

    >>> make_key({"X": np.zeros(2)}, {"rate": 0.1}) == make_key({"X": np.zeros(2)}, {"rate": 0.2})
    False
    """
    digest = hashlib.sha256(f"{FORMAT} {sorted(settings.items())!r}".encode())
    for name, value in arrays.items():
        array = np.asarray(value)
        # An F-ordered array (the published X is one) is hashed in its own order: no copy of large data.
        ordered = array.T if array.flags.f_contiguous and not array.flags.c_contiguous else array
        digest.update(f"{name} {array.dtype.str} {array.shape} {ordered.shape}".encode())
        digest.update(np.ascontiguousarray(ordered).view(np.uint8).data if array.size else b"")
    return digest.hexdigest()


class Memo:
    """A bounded store of results; the least recently used are dropped first."""

    def __init__(self, largest_bytes: int = LARGEST_MEMO_BYTES) -> None:
        self._largest_bytes = largest_bytes
        self._lock = threading.Lock()
        self._results: OrderedDict[str, Arrays] = OrderedDict()

    def __len__(self) -> int:
        return len(self._results)

    def get(self, key: str) -> Arrays | None:
        """A copy of the result, or None."""
        with self._lock:
            result = self._results.get(key)
            if result is not None:
                self._results.move_to_end(key)
        return None if result is None else _copy(result)

    def put(self, key: str, result: Mapping[str, NDArray[Any]]) -> None:
        """Remember a copy of the result, unless it alone is too large."""
        kept = _copy(result)
        with self._lock:
            self._results[key] = kept
            self._results.move_to_end(key)
            while sum(map(_size_bytes, self._results.values())) > self._largest_bytes:
                self._results.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._results.clear()

    def to_bytes(self) -> bytes:
        """All results as one `.npz`: arrays named `key/name`."""
        arrays: dict[str, NDArray[Any]] = {"format": np.array(FORMAT)}
        with self._lock:
            for key, result in self._results.items():
                arrays |= {f"{key}/{name}": value for name, value in result.items()}
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
        return buffer.getvalue()

    def add_bytes(self, data: bytes) -> int:
        """Remember the results that `to_bytes` wrote; return how many.

        Raises
        ------
        MemoError
            The bytes are something else, of another format, or incomplete. Nothing is remembered then.
        """
        results: dict[str, Arrays] = {}
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                if int(arrays["format"]) != FORMAT:
                    raise MemoError(f"the memo has format {int(arrays['format'])}; expected {FORMAT}.")
                for name in arrays.files:
                    key, slash, rest = name.partition("/")
                    if slash:
                        results.setdefault(key, {})[rest] = arrays[name]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            if isinstance(error, MemoError):
                raise
            raise MemoError(
                f"{len(data)} bytes are no memo: expected what export_memo() returned."
            ) from error
        for key, result in results.items():
            self.put(key, result)
        return len(results)


MEMO = Memo()  # this process's


def export_memo() -> bytes:
    """Everything this process remembers, as bytes for `import_memo` in another process. No pickle."""
    return MEMO.to_bytes()


def import_memo(data: bytes) -> int:
    """Remember what `export_memo` returned; return how many results there were.

    Raises
    ------
    MemoError
        The bytes are something else.

    >>> import_memo(export_memo()) >= 0
    True
    """
    return MEMO.add_bytes(data)


def _copy(result: Mapping[str, NDArray[Any]]) -> Arrays:
    return {name: value.copy(order="K") for name, value in result.items()}


def _size_bytes(result: Mapping[str, NDArray[Any]]) -> int:
    return sum(value.nbytes for value in result.values())
