"""Names of files: what may be put into a box, what is kept of what was written, what is configuration."""

from __future__ import annotations

import pytest

from autograder.sandbox.file_names import (
    is_configuration,
    is_data_file_name,
    is_safe_file_name,
    without_clashes,
)


@pytest.mark.parametrize(
    "name",
    ["out.csv", "plots/cost 1.PNG", "a/b/c.npz", "größe(2).txt", "config.txt", "x=1+y@2.dat", "package.csv"],
)
def test_data_is_kept(name: str) -> None:
    assert is_data_file_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "numpy.py", "numpy.PY", "sitecustomize.py", "usercustomize.py", "evil.pth", "a.so", "a.pyd",
        "a.dylib", "random.pyc", "numpy/__init__.py", "__pycache__/numpy.cpython-312.pyc", "numpy.zip",
        "numpy.egg",
        "ipython_config.py", "jupyter_server_config.json", "tsconfig.json", "package.json", "matplotlibrc",
        "Makefile", "Dockerfile", "run", "run.sh", "run.bat", "x.lnk", "x.desktop", "x.url", "desktop.ini",
        "page.html", "page.svg", "x.ipynb", "timestamp.txt", "Timestamp.TXT", "model.pkl", "model.pt",
        "x-1.0.dist-info/entry_points.txt", "x.egg-info/top_level.txt", ".ipython/x.txt", ".jupyter/x.json",
        ".git/x.txt", ".env", "a.sock",
        ".x.csv", "a/.b/x.csv", "../x.csv", "/x.csv", "a//x.csv", "./x.csv", "a/./x.csv",
        "-x.csv", "~x.csv", "$x.csv", "`x`.csv", "x.csv ", "x.csv.", "a /x.csv", "con.txt", "a/NUL.csv",
        "nul .txt", "com\u00b9.txt", "a/Aux /x.csv",
        "com1.dat", "a:b.csv", "a\\b.csv", "a\nb.csv", "\u202evsc.txt", "x\u200b.csv", "e\u0301.csv",
        "x" * 237 + ".csv", "\u00e9" * 60 + ".csv", "a/" * 8 + "x.csv", "", ".", "..",
    ],
)  # fmt: skip
def test_what_a_program_may_import_run_or_read_on_its_own_is_not_kept(name: str) -> None:
    assert not is_data_file_name(name)


@pytest.mark.parametrize("name", ["mine.py", "config.py", "data/x.csv", "requirements.txt", "README", "a.so"])
def test_modules_and_data_that_are_handed_in_are_nobodys_configuration(name: str) -> None:
    assert is_safe_file_name(name)
    assert not is_configuration(name)


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (["a.csv", "A.csv"], ["a.csv"]),
        (["a.csv", "a.csv/b.csv"], ["a.csv"]),
        (["a.csv/b.csv", "a.csv"], ["a.csv/b.csv"]),
        (["Given.csv", "given.csv"], ["given.csv"]),
        (["GIVEN/x.csv", "folder/y.csv", "folder"], ["GIVEN/x.csv", "folder/y.csv"]),
        (["stra\u00dfe.csv", "STRASSE.csv"], ["stra\u00dfe.csv"]),
        (["\ufb01.csv", "fi.csv"], ["\ufb01.csv"]),
    ],
)
def test_names_that_some_file_system_takes_for_one_are_kept_once(names: list[str], kept: list[str]) -> None:
    assert list(without_clashes(names, ["given.csv"])) == kept
