"""Whether examples, labels and the forward pass's cache fit together; if not, one error that says how."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def as_examples(X: Any, m: int | None = None) -> NDArray[Any]:
    """X as an array of two dimensions, with `m` columns when that is given.

    Raises
    ------
    ValueError
        X has another number of dimensions, or another number of columns.

    >>> as_examples([[1, 2]], m=2)
    array([[1, 2]])
    """
    X = np.asarray(X)
    if X.ndim != 2:
        raise ValueError(
            f"X has shape {X.shape}; expected (n_x, m): one row per feature, one column per example."
        )
    if m is not None and X.shape[1] != m:
        raise ValueError(f"X has {X.shape[1]} columns; expected {m}, as many as Y: one column per example.")
    return X  # type: ignore[no-any-return]


def as_labels(Y: Any, outputs: NDArray[Any]) -> NDArray[Any]:
    """Y as an array of the shape of `outputs`.

    Raises
    ------
    ValueError
        Y has another shape.

    >>> as_labels([[0, 1]], np.array([[0.5, 0.5]]))
    array([[0, 1]])
    """
    Y = np.asarray(Y)
    if Y.shape != outputs.shape:
        advice = " Y.reshape(1, -1) makes a row of it." if Y.ndim == 1 else ""
        if Y.shape == outputs.shape[::-1]:
            advice = " Did you forget to transpose it?"
        raise ValueError(f"Y has shape {Y.shape}; expected {outputs.shape}, one label per output.{advice}")
    return Y  # type: ignore[no-any-return]


def check_cache(cache: tuple[Any, ...]) -> None:
    """Refuse a cache that does not come from `forward_propagation`.

    Raises
    ------
    ValueError
        It does not have four entries per layer.

    >>> check_cache((1, 2, 3))
    Traceback (most recent call last):
        ...
    ValueError: cache has 3 entries; expected 4 per layer (z, a, W, b), from forward_propagation.
    """
    if len(cache) == 0 or len(cache) % 4:
        raise ValueError(
            f"cache has {len(cache)} entries; expected 4 per layer (z, a, W, b), from forward_propagation."
        )
