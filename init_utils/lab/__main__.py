"""`python -m init_utils.lab page.html`: the lab as a file that opens in any browser."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from init_utils.lab.arguments import read_arguments
from init_utils.lab.notebook_functions import NotebookError, functions_in
from init_utils.lab.page import page_html
from init_utils.lab.settings import SettingsError

DESCRIPTION = "Write the lab as one HTML file: it opens from disk, and needs no Python and no network."
RUNS_CODE = (
    "a notebook whose functions initialize_parameters_... the page compares; their starting weights for ten "
    "seeds are stored in it. Its code is run with your rights, without a sandbox: name your own notebooks "
    "only"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page; the exit code is 0, or 2 with a sentence on stderr."""
    parser = argparse.ArgumentParser(prog="python -m init_utils.lab", description=DESCRIPTION)
    parser.add_argument("page", type=Path, help="the file to write, page.html")
    parser.add_argument("--functions", type=Path, metavar="NOTEBOOK", help=RUNS_CODE)
    options = parser.parse_args(arguments)
    try:
        functions = functions_in(options.functions) if options.functions else []
        text = page_html(*read_arguments(functions, {}))
        options.page.write_text(text, encoding="utf-8")
    except (NotebookError, SettingsError, OSError) as error:
        parser.exit(2, f"{error}\n")
    sys.stdout.write(f"{options.page}: {len(text.encode()) / 1000:,.0f} kB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
