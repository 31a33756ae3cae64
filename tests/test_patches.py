"""`nbgrader_bridge.patches`: what is changed of nbgrader gives the same answers, for less."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic.script import ScriptDirectory

from autograder.nbgrader_bridge.patches import importing_nbgrader, last_revision

with importing_nbgrader():
    import nbgrader.dbutil

MIGRATIONS = Path(nbgrader.dbutil.ALEMBIC_DIR)
# A gradebook needs nothing of nbgrader's programs, exchange and server extensions, and no HTML.
NEEDLESS = ("nbgrader.apps", "nbgrader.exchange", "nbgrader.server_extensions", "nbconvert", "alembic")
ASKED = f"""
import sys
import autograder.nbgrader_bridge.book
import nbgrader
print(sorted({{*{NEEDLESS!r}}} & {{*sys.modules}}))
print(nbgrader.__version__)
from nbgrader.server_extensions.assignment_list import load_jupyter_server_extension
print(callable(load_jupyter_server_extension))
"""


def test_the_last_revision_is_the_one_that_alembic_finds() -> None:
    assert last_revision(MIGRATIONS) == ScriptDirectory(str(MIGRATIONS)).get_current_head()


def test_a_gradebook_loads_no_programs_of_nbgrader_and_leaves_them_as_they_are() -> None:
    ended = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True)
    loaded, version, is_there = ended.stdout.splitlines()
    assert loaded == "[]"
    assert version == nbgrader.__version__
    assert is_there == "True"


def test_what_nbgrader_imports_and_a_gradebook_does_not_use_is_loaded_when_it_is_used() -> None:
    code = """
import sys
import autograder.nbgrader_bridge.book
import nbgrader.auth.jupyterhub, nbgrader.utils
print({"requests", "setuptools", "arrow"} & {*sys.modules})
import requests
print(nbgrader.auth.jupyterhub.requests.request is requests.request)
try:
    nbgrader.utils.unpack_zipfile("/dev/null", "nowhere")
except Exception as error:
    print(type(error).__name__, "setuptools" in sys.modules)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines() == ["set()", "True", "UnrecognizedFormat True"]
