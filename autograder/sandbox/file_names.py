"""Which names files may have: those put into a box, and those of what a notebook wrote in it.

What a notebook wrote is kept for the person who grades by hand, beside the notebook. That person opens the
notebook there, and Python, IPython, Jupyter and others read some files of the folder on their own: modules,
packages, configuration, metadata of distributions. So of what was written only data is kept, by an allow-list
of endings; what was handed in may be a module too, but nobody's configuration.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from pathlib import PurePosixPath

from autograder.untrusted.windows_names import windows_fault

LONGEST_NAME, LONGEST_PART_BYTES, DEEPEST = 240, 120, 8
_TEXTS_AND_TABLES = ".txt .log .csv .tsv .dat .json .jsonl .xlsx .ods .parquet .feather"
_ARRAYS = ".bin .npy .npz .mat .h5 .hdf5"
_PICTURES_AND_SOUND = ".png .jpg .jpeg .gif .bmp .tif .tiff .webp .pdf .wav .mp3 .mp4 .webm"
DATA_ENDINGS = frozenset(f"{_TEXTS_AND_TABLES} {_ARRAYS} {_PICTURES_AND_SOUND}".split())
# Letters and digits of any script, a few marks; no dash in front (an option) and no dot or space at the end.
_FOLDER = re.compile(r"\w(?:[\w +@=,()-]*[\w)])?")
_FILE = re.compile(r"\w(?:[\w +@=,().-]*[\w)])?")
# Read on their own in the folder where a program is started: by Jupyter, IPython, nbgrader (the time of
# submission, too), matplotlib, pytest, Python, make and Node.
_CONFIGURATION = re.compile(
    r"(?:jupyter|ipython|nbgrader|nbconvert|nbclient|voila|traitlets)\w*config\.\w+|timestamp\.txt|matplotlibrc"
    r"|conftest\.py|pyvenv\.cfg|(?:gnu)?makefile|(?:package|kernel|\w*config)\.jsonl?",
    re.IGNORECASE,
)


def is_safe_file_name(name: str) -> bool:
    """Whether `name` is a relative, printable path that stays below the folder it is put into.

    >>> [is_safe_file_name(name) for name in ("data/x.csv", "../x", "/etc/passwd", "a//b", "C:x", "")]
    [True, False, False, False, True, False]
    """
    path = PurePosixPath(name)
    return (
        0 < len(name) <= LONGEST_NAME
        and str(path) == name
        and not path.is_absolute()
        and "\\" not in name
        and name.isprintable()
        and all(
            part not in ("..", ".") and len(part.encode("utf-8", "replace")) <= LONGEST_PART_BYTES
            for part in path.parts
        )
    )


def is_configuration(name: str) -> bool:
    """Whether some program reads a file of that name on its own, where it is started.

    >>> [is_configuration(name) for name in ("a/jupyter_server_config.py", "Makefile", "mine.py", "x.csv")]
    [True, True, False, False]
    """
    return _CONFIGURATION.fullmatch(name.rpartition("/")[2]) is not None


def is_data_file_name(name: str) -> bool:
    """Whether a file of that name may be kept of what a notebook wrote: data that no program runs on its own.

    >>> [is_data_file_name(name) for name in ("plots/cost 1.png", "numpy.py", ".jupyter/x.json", "con.txt")]
    [True, False, False, False]
    """
    if not is_safe_file_name(name) or not unicodedata.is_normalized("NFC", name):
        return False
    *folders, file = name.split("/")
    return (
        len(folders) < DEEPEST
        and all(_FOLDER.fullmatch(folder) for folder in folders)
        and _FILE.fullmatch(file) is not None
        and not any(map(windows_fault, (*folders, file)))
        and PurePosixPath(file).suffix.lower() in DATA_ENDINGS
        and not is_configuration(file)
    )


def without_clashes(names: Iterable[str], taken: Collection[str]) -> Iterator[str]:
    """Those of `names` that any file system keeps apart from `taken` and from those before them.

    A name of `taken` itself is one of them: that file was changed.

    >>> list(without_clashes(["a.csv", "A.csv", "a.csv/b.txt", "Data.csv", "data.csv"], ["data.csv"]))
    ['a.csv', 'data.csv']
    """
    files = {_folded(name): name for name in taken}
    folders = {folder for name in files for folder in _folders(name)}
    for name in names:
        folded = _folded(name)
        above = _folders(folded)
        if files.get(folded, name) != name or folded in folders or any(folder in files for folder in above):
            continue
        files[folded] = name
        folders.update(above)
        yield name


def _folded(name: str) -> str:
    """The same for names that macOS or Windows take for one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _folders(name: str) -> list[str]:
    return [str(parent) for parent in PurePosixPath(name).parents][:-1]
