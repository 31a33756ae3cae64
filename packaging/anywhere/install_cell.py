"""Copies of released notebooks for Colab: the first cell installs the students' wheel from an address.

    python packaging/anywhere/install_cell.py https://HOST/PATH/init_utils-0.1.0-py3-none-any.whl

writes `dist/colab/NAME.ipynb` for each notebook of `release/`; `make colab WHEEL=...` is the same. The grader
reads such a notebook as it reads the released one: the first cell is one that the student added.

An address that is not a wheel's of this name is refused. A name would be looked up on a package index, where
`init-utils` is not ours.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ("initialization", "deeper")
FOLDER = Path("dist") / "colab"
_ADDRESS = re.compile(
    r"(?:https://[\w.:-]+/|emfs:/?)(?:[\w.~%+@-]+/)*init_utils-[\w.]+-py3-none-any\.whl(?:#sha256=[0-9a-f]{64})?"
)


class AddressError(ValueError):
    """What was given is not the address of the students' wheel."""


def with_install_cell(notebook: dict[str, Any], address: str) -> dict[str, Any]:
    """The notebook with one more cell, the first, which installs the wheel at `address`.

    Parameters
    ----------
    notebook : dict
        A notebook of format 4.5. It is not changed.
    address : str
        `https://.../init_utils-VERSION-py3-none-any.whl`, with or without `#sha256=...`; or `emfs:` and a
        path, which only Pyodide reads.

    Raises
    ------
    AddressError
        `address` is anything else.
    """
    if not _ADDRESS.fullmatch(address):
        raise AddressError(
            f"got {address!r}; expected the address of the students' wheel, "
            "https://.../init_utils-VERSION-py3-none-any.whl. `make release` writes the file to dist/; "
            "attach it to a release and copy the link."
        )
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": "install",
        "metadata": {},
        "outputs": [],
        "source": [f"%pip install --quiet {address}"],
    }
    return notebook | {"cells": [cell, *notebook["cells"]]}


def main(words: list[str]) -> int:
    """Write the copies, and print where; the exit code."""
    if len(words) != 1:
        print(
            "Name the address of the students' wheel: make colab WHEEL=https://.../init_utils-VERSION-py3-none-any.whl"
        )
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in NOTEBOOKS:
        released = json.loads((ROOT / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8"))
        try:
            made = with_install_cell(released, words[0])
        except AddressError as error:
            print(error)
            return 2
        target = FOLDER / f"{name}.ipynb"
        target.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
