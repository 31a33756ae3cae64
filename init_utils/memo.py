"""Results remembered by content, so that repeating the same training run is free.

The key is a hash of everything the result depends on; the value is the result itself, named arrays, copied on
the way in and on the way out. The memo is bounded, shared by all threads of a process, and can be handed to
another process as bytes, without pickle, so that reading them runs no code.

The grader hands the results of the instructor's notebook to the processes that run students' notebooks. Such
results are sealed: one can be read by who has the whole input of that run, and by nobody else. A sealed
result is encrypted with its own key (convergent encryption: Douceur et al., Reclaiming Space from Duplicate
Files in a Serverless Distributed File System, 2002), and found by a hash of that key.
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
FORMAT = 3


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
    digest = hashlib.sha256(f"{sorted(settings.items())!r}".encode())
    for name, value in arrays.items():
        array = np.asarray(value)
        # An F-ordered array (the published X is one) is hashed in its own order: no copy of large data.
        ordered = array.T if array.flags.f_contiguous and not array.flags.c_contiguous else array
        digest.update(f"{name} {array.dtype.str} {array.shape} {ordered.shape}".encode())
        digest.update(np.ascontiguousarray(ordered).view(np.uint8).data if array.size else b"")
    return digest.hexdigest()


class Memo:
    """A bounded store of results; the least recently used are dropped first, sealed ones before others."""

    def __init__(self, largest_bytes: int = LARGEST_MEMO_BYTES) -> None:
        self._largest_bytes = largest_bytes
        self._lock = threading.Lock()
        self._results: OrderedDict[str, Arrays] = OrderedDict()
        self._sealed: OrderedDict[str, bytes] = OrderedDict()  # by the place of their key

    def __len__(self) -> int:
        return len(self._results) + len(self._sealed)

    def get(self, key: str) -> Arrays | None:
        """A copy of the result, or None."""
        with self._lock:
            result = self._results.get(key)
            if result is not None:
                self._results.move_to_end(key)
                return _copy(result)
            sealed = self._sealed.get(_place(key))
        if sealed is None:
            return None
        result = _arrays(_sealed(sealed, key))
        self.put(key, result)
        return result

    def put(self, key: str, result: Mapping[str, NDArray[Any]]) -> None:
        """Remember a copy of the result, unless it alone is too large."""
        kept = _copy(result)
        with self._lock:
            self._sealed.pop(_place(key), None)
            self._results[key] = kept
            self._results.move_to_end(key)
            self._forget_what_is_too_much()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._results.clear()
            self._sealed.clear()

    def to_bytes(self) -> bytes:
        """All results, sealed, as one `.npz`: an array of bytes for each, named by the place of its key."""
        with self._lock:
            sealed = dict(self._sealed)
            results = dict(self._results)
        sealed |= {_place(key): _sealed(_npz(result), key) for key, result in results.items()}
        arrays = {place: np.frombuffer(data, dtype=np.uint8) for place, data in sealed.items()}
        return _npz({"format": np.array(FORMAT), **arrays})

    def add_bytes(self, data: bytes) -> int:
        """Remember the results that `to_bytes` wrote; return how many.

        Raises
        ------
        MemoError
            The bytes are something else, of another format, or incomplete. Nothing is remembered then.
        """
        try:
            arrays = _arrays(data)
            version = int(arrays.pop("format"))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise MemoError(
                f"{len(data)} bytes are no memo: expected what export_memo() returned."
            ) from error
        if version != FORMAT:
            raise MemoError(f"the memo has format {version}; expected {FORMAT}.")
        with self._lock:
            self._sealed.update((place, array.tobytes()) for place, array in arrays.items())
            self._forget_what_is_too_much()
        return len(arrays)

    def _forget_what_is_too_much(self) -> None:
        size = sum(map(_size_bytes, self._results.values())) + sum(map(len, self._sealed.values()))
        while size > self._largest_bytes and self._sealed:
            size -= len(self._sealed.popitem(last=False)[1])
        while size > self._largest_bytes:
            size -= _size_bytes(self._results.popitem(last=False)[1])


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


def _place(key: str) -> str:
    """Where the sealed result of a key is found; the key does not follow from it."""
    return hashlib.sha256(f"place {key}".encode()).hexdigest()


def _sealed(data: bytes, key: str) -> bytes:
    """`data` encrypted with `key`, or decrypted: the exclusive or with a stream that follows from the key."""
    stream = hashlib.shake_256(f"stream {key}".encode()).digest(len(data))
    return (np.frombuffer(data, dtype=np.uint8) ^ np.frombuffer(stream, dtype=np.uint8)).tobytes()


def _npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def _arrays(data: bytes) -> Arrays:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _copy(result: Mapping[str, NDArray[Any]]) -> Arrays:
    return {name: value.copy(order="K") for name, value in result.items()}


def _size_bytes(result: Mapping[str, NDArray[Any]]) -> int:
    return sum(value.nbytes for value in result.values())
