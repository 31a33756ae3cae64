"""The JupyterLite site: the notebooks in it, and the site that `make lite` built, served on loopback."""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import threading
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.installation import FILE_NAMES
from tests.programs import program

ROOT = Path(__file__).resolve().parents[1]
lite_site = program("lite_site")
WHEEL = FILE_NAMES[0]


def released(name: str) -> dict[str, Any]:
    return json.loads((ROOT / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["initialization", "deeper"])
def test_a_notebook_there_installs_the_file_beside_it_and_names_the_sites_kernel(name: str) -> None:
    notebook = released(name)
    made = lite_site.for_lite(notebook, WHEEL)
    assert made["cells"][0]["source"] == [f"%pip install --quiet emfs:{WHEEL}"]
    assert made["cells"][1:] == notebook["cells"]
    assert made["metadata"] == notebook["metadata"] | {
        "kernelspec": {"display_name": "Python (Pyodide)", "language": "python", "name": "python"}
    }
    nbformat.validate(made)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: what is asked for is in the tests."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the built site is served."""
    if not (lite_site.SITE / "index.html").is_file():
        pytest.skip("there is no build/lite/site; `make lite` builds the site that is tested here")
    handler = functools.partial(Quiet, directory=lite_site.SITE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def fetched(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=30) as answer:
        assert answer.status == 200
        return answer.read()


@pytest.mark.slow
@pytest.mark.parametrize("page", ["", "lab/index.html", "notebooks/index.html", "tree/index.html"])
def test_the_site_serves_its_pages(address: str, page: str) -> None:
    assert b"jupyter-config-data" in fetched(f"{address}/{page}") or page == ""


@pytest.mark.slow
def test_both_notebooks_are_listed_and_served_as_they_were_made(address: str) -> None:
    listed = json.loads(fetched(f"{address}/api/contents/all.json"))["content"]
    assert {entry["name"]: entry["type"] for entry in listed} == {
        "deeper.ipynb": "notebook",
        "initialization.ipynb": "notebook",
        WHEEL: "file",
    }
    for name in ("initialization", "deeper"):
        served = json.loads(fetched(f"{address}/files/{name}.ipynb"))
        assert served == lite_site.for_lite(released(name), WHEEL)


@pytest.mark.slow
def test_the_wheel_is_in_the_sites_index_and_beside_the_notebooks(address: str) -> None:
    index = json.loads(fetched(f"{address}/pypi/all.json"))
    assert list(index) == ["init-utils"]
    ((version, (entry,)),) = index["init-utils"]["releases"].items()
    assert (entry["filename"], entry["url"]) == (WHEEL, f"./{WHEEL}")
    assert f"-{version}-" in WHEEL
    content = fetched(f"{address}/pypi/{WHEEL}")
    assert hashlib.sha256(content).hexdigest() == entry["digests"]["sha256"]
    assert fetched(f"{address}/files/{WHEEL}") == content


@pytest.mark.slow
def test_the_wheel_is_what_students_install_and_needs_no_numba_in_a_browser(address: str) -> None:
    assert zipfile.is_zipfile(lite_site.SITE / "files" / WHEEL)
    with zipfile.ZipFile(lite_site.SITE / "files" / WHEEL) as archive:
        assert {name.split("/")[0].partition("-")[0] for name in archive.namelist()} == {"init_utils"}
        (metadata,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        lines = archive.read(metadata).decode().splitlines()
    wanted = [line for line in lines if line.startswith(("Requires-Dist: numba", "Requires-Dist: llvmlite"))]
    assert len(wanted) == 2
    assert all(line.endswith("sys_platform != 'emscripten'") for line in wanted)


@pytest.mark.slow
def test_the_site_has_the_kernel_and_the_front_end_of_the_labs_widgets(address: str) -> None:
    settings = json.loads(fetched(f"{address}/jupyter-lite.json"))["jupyter-config-data"]
    found = {extension["name"] for extension in settings["federated_extensions"]}
    assert found >= {
        "@jupyterlite/pyodide-kernel-extension",
        "@jupyter-widgets/jupyterlab-manager",
        "anywidget",
    }
    assert settings["defaultKernelName"] == lite_site.KERNEL["name"]
