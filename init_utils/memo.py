"""Results of training remembered by content, so that repeating the same run is free.

The key is a hash of everything the result depends on; the value is the result itself, copied on the way in
and on the way out. The memo is bounded, shared by all threads of a process, and can be handed to another
process as bytes: `.npz` without pickle, so that reading it runs no code. Called by `training`; the grader
hands one to its warm process, so that a right submission repeats no training.
"""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGEST_MEMO_BYTES = 64 * 1024 * 1024
FORMAT = 1


class MemoError(ValueError):
    """The bytes handed to `import_memo` are no memo.

    ValueError
    └── MemoError
    """


@dataclass(frozen=True, eq=False)
class Remembered:
    """One finished run: W1, b1, ..., and the recorded iterations (k,) int64 and costs (k,) float64."""

    parameters: dict[str, NDArray[np.float64]]
    iterations: NDArray[np.int64]
    costs: NDArray[np.float64]

    @property
    def size_bytes(self) -> int:
        """Of all its arrays."""
        return sum(array.nbytes for array in (*self.parameters.values(), self.iterations, self.costs))

    def copy(self) -> Remembered:
        """The same in arrays of its own."""
        return Remembered(
            {key: value.copy() for key, value in self.parameters.items()},
            self.iterations.copy(),
            self.costs.copy(),
        )


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
    """A bounded store of finished runs; the least recently used are dropped first."""

    def __init__(self, largest_bytes: int = LARGEST_MEMO_BYTES) -> None:
        self._largest_bytes = largest_bytes
        self._lock = threading.Lock()
        self._runs: OrderedDict[str, Remembered] = OrderedDict()

    def __len__(self) -> int:
        return len(self._runs)

    def get(self, key: str) -> Remembered | None:
        """A copy of the run, or None."""
        with self._lock:
            run = self._runs.get(key)
            if run is not None:
                self._runs.move_to_end(key)
        return None if run is None else run.copy()

    def put(self, key: str, run: Remembered) -> None:
        """Remember a copy of the run, unless it alone is too large."""
        kept = run.copy()
        with self._lock:
            self._runs[key] = kept
            self._runs.move_to_end(key)
            while sum(run.size_bytes for run in self._runs.values()) > self._largest_bytes:
                self._runs.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._runs.clear()

    def to_bytes(self) -> bytes:
        """All runs as one `.npz`."""
        arrays: dict[str, NDArray[Any]] = {"format": np.array(FORMAT)}
        with self._lock:
            for key, run in self._runs.items():
                arrays[f"{key}/iterations"], arrays[f"{key}/costs"] = run.iterations, run.costs
                arrays |= {f"{key}/parameters/{name}": value for name, value in run.parameters.items()}
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
        return buffer.getvalue()

    def add_bytes(self, data: bytes) -> int:
        """Remember the runs that `to_bytes` wrote; return how many.

        Raises
        ------
        MemoError
            The bytes are something else, of another format, or incomplete. Nothing is remembered then.
        """
        runs: dict[str, Remembered] = {}
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                if int(arrays["format"]) != FORMAT:
                    raise MemoError(f"the memo has format {int(arrays['format'])}; expected {FORMAT}.")
                for name in arrays.files:
                    key, _, rest = name.partition("/")
                    if rest == "costs":
                        runs[key] = Remembered({}, arrays[f"{key}/iterations"], arrays[name])
                for name in arrays.files:
                    key, _, rest = name.partition("/")
                    if rest.startswith("parameters/"):
                        runs[key].parameters[rest.removeprefix("parameters/")] = arrays[name]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            if isinstance(error, MemoError):
                raise
            raise MemoError(
                f"{len(data)} bytes are no memo: expected what export_memo() returned."
            ) from error
        for key, run in runs.items():
            self.put(key, run)
        return len(runs)
