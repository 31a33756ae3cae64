"""The 400 published points, shipped as `published_points.csv`, so that reading them needs no scikit-learn.

`python -m init_utils.published_points` writes the file again with scikit-learn's `make_circles`. Numbers are
written with as many digits as give the same bits back.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_suffix(".csv")
NOISE = 0.05
# Number of points and seed: the training part, then the test part.
PARTS = ((300, 1), (100, 2))

Points = tuple[NDArray[np.float64], NDArray[np.int64]]


def read(path: Path = FILE) -> dict[tuple[int, int], Points]:
    """Points (m, 2) and labels (m,) of each of `PARTS`, as `make_circles` returns them.

    >>> [X.shape for X, y in read().values()]
    [(300, 2), (100, 2)]
    """
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    parts = np.split(table, np.cumsum([count for count, _ in PARTS])[:-1])
    return {
        part: (np.ascontiguousarray(rows[:, :2]), rows[:, 2].astype(np.int64))
        for part, rows in zip(PARTS, parts, strict=True)
    }


def write(path: Path = FILE) -> None:
    """Write the file."""
    from sklearn.datasets import make_circles

    lines = ["x1,x2,y"]
    for count, seed in PARTS:
        for (x1, x2), y in zip(*make_circles(count, noise=NOISE, random_state=seed), strict=True):
            lines.append(f"{float(x1)!r},{float(x2)!r},{int(y)}")
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    write()
