"""`python -m init_utils.lab`: the lab as a page of its own, or in a page exported from a notebook."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from init_utils.lab.arguments import read_arguments
from init_utils.lab.living import LivingError, with_living_labs
from init_utils.lab.notebook_functions import NotebookError, functions_in
from init_utils.lab.page import page_html
from init_utils.lab.settings import SettingsError

PROGRAM = "python -m init_utils.lab"
DESCRIPTION = "Write the lab as one HTML file: it opens from disk, and needs no Python and no network."
RUNS_CODE = (
    "a notebook whose functions initialize_parameters_... the page compares; their starting weights for ten "
    "seeds are stored in it. Its code is run with your rights, without a sandbox: name your own notebooks "
    "only"
)
INTO = (
    "a page that nbconvert exported from a notebook: each picture of a lab in it becomes a lab that trains, "
    "on the functions that the notebook had. No code is run; the notebook stays as it is"
)
EXAMPLES = f"""examples:
  {PROGRAM} page.html
      the built-in starting weights, on one page
  {PROGRAM} page.html --functions initialization.ipynb
      the same with the functions of your notebook
  jupyter nbconvert --to html initialization.ipynb
  {PROGRAM} --into initialization.html
      your executed notebook as a page with a lab that trains; in one step:
      jupyter nbconvert --to html_with_lab initialization.ipynb
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page; the exit code is 0, or 2 with a sentence on stderr."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("page", type=Path, nargs="?", help="the file to write, page.html")
    parser.add_argument("--functions", type=Path, metavar="NOTEBOOK", help=RUNS_CODE)
    parser.add_argument("--into", type=Path, metavar="PAGE", help=INTO)
    options = parser.parse_args(arguments)
    if (options.page is None) == (options.into is None):
        parser.error(
            "name one page: page.html to write a new one, or --into page.html for one that was exported"
        )
    if options.into is not None and options.functions is not None:
        parser.error("--into takes no --functions: a lab in an exported page has those of its notebook")
    try:
        said = _into(options.into) if options.into else _write(options.page, options.functions)
    except LivingError as error:
        parser.exit(2, f"{options.into} {error}\n")
    except (NotebookError, SettingsError, OSError, UnicodeDecodeError) as error:
        parser.exit(2, f"{error}\n")
    sys.stdout.write(f"{said}\n")
    return 0


def _write(page: Path, notebook: Path | None) -> str:
    functions = functions_in(notebook) if notebook else []
    text = page_html(*read_arguments(functions, {}))
    page.write_text(text, encoding="utf-8")
    return f"{page}: {_size(text)}"


def _into(page: Path) -> str:
    text, count = with_living_labs(page.read_text(encoding="utf-8"))
    page.write_text(text, encoding="utf-8")
    return f"{page}: {_size(text)}, {count} {'lab that trains' if count == 1 else 'labs that train'}"


def _size(text: str) -> str:
    return f"{len(text.encode()) / 1000:,.0f} kB"


if __name__ == "__main__":
    sys.exit(main())
