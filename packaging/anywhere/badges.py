"""The badges that open both notebooks from a repository on GitHub, written into the README.

    python packaging/anywhere/badges.py https://github.com/ACCOUNT/NAME

replaces what stands between the two marks in `README.md`; `make badges REPOSITORY=...` is the same. Until a
repository has a public address, a sentence stands there: a badge without one leads nowhere.
"""

from __future__ import annotations

import re
import sys
from urllib.parse import quote

from install_cell import NOTEBOOKS, ROOT

BEGIN, END = "<!-- badges -->", "<!-- end of the badges -->"
_REPOSITORY = re.compile(r"https://github\.com/([\w-]+/[\w.-]+?)(?:\.git)?/?")
COLAB = "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/{repository}/blob/colab/{notebook}.ipynb)"
BINDER = "[![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/{repository}/main?urlpath={path})"
CODESPACES = "[![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/{repository})"


class RepositoryError(ValueError):
    """What was given is not the address of a repository on GitHub."""


def table(address: str) -> str:
    """A table in Markdown with a badge for each place and notebook.

    Parameters
    ----------
    address : str
        `https://github.com/ACCOUNT/NAME`.

    Raises
    ------
    RepositoryError
        `address` is anything else.
    """
    found = _REPOSITORY.fullmatch(address)
    if not found:
        raise RepositoryError(
            f"got {address!r}; expected the address of your copy of this repository, "
            "https://github.com/ACCOUNT/NAME."
        )
    repository = found[1]
    colab = [COLAB.format(repository=repository, notebook=name) for name in NOTEBOOKS]
    binder = [
        BINDER.format(repository=repository, path=quote(f"lab/tree/release/{name}/{name}.ipynb", safe=""))
        for name in NOTEBOOKS
    ]
    rows = [
        ["", *(f"`{name}`" for name in NOTEBOOKS)],
        ["---"] * (1 + len(NOTEBOOKS)),
        ["Colab", *colab],
        ["Binder", *binder],
        ["Codespaces", CODESPACES.format(repository=repository), "the same: it holds both"],
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def with_badges(page: str, address: str) -> str:
    """The page with the badges of this repository between its two marks, in place of what stands there."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(address)}\n{END}{after}"


def main(words: list[str]) -> int:
    """Write the badges into the README; the exit code."""
    if len(words) != 1:
        print("Name your copy of this repository: make badges REPOSITORY=https://github.com/ACCOUNT/NAME")
        return 2
    readme = ROOT / "README.md"
    try:
        made = with_badges(readme.read_text(encoding="utf-8"), words[0])
    except RepositoryError as error:
        print(error)
        return 2
    readme.write_text(made, encoding="utf-8")
    print("README.md has the badges; commit it.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
