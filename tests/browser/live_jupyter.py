"""A real Jupyter server on loopback, and a real Chromium looking at it.

`jupyter_server` starts one with private configuration, data and runtime folders; the fixtures of
`conftest` give a page whose console errors are kept. Used by the lab's tests, by the instructor's path
through formgrader and by `benchmarks/lab.py`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

REPOSITORY = Path(__file__).resolve().parents[2]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
HOW_TO_GET_CHROMIUM = "no chromium found: apt-get install chromium (or brew install --cask chromium)"
BROWSER_ARGUMENTS = (
    "--no-sandbox",  # also works as root and in containers; the only pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
APP_CLASSES = {"lab": "LabApp", "notebook": "JupyterNotebookApp"}
# Jupyter's own noise: none of it is about the page under test.
EXPECTED_ERRORS = ("favicon", "Failed to load resource: the server responded with a status of 404")

# Without these waits two runs in twelve fail: the cell is run before there is a kernel to run it.
READY = """async () => {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
  const app = window.jupyterapp;
  await app.restored;
  let panel;
  for (let i = 0; i < 400 && !(panel = app.shell.currentWidget)?.context; i++) await pause();
  await panel.context.ready;
  await panel.sessionContext.ready;
  const kernel = panel.sessionContext.session.kernel;
  await kernel.info;
  const ready = () => kernel.status === 'idle' && kernel.connectionStatus === 'connected';
  for (let i = 0; i < 600 && !ready(); i++) await pause();
  return kernel.status;
}"""
RUN_ALL = """async () => {
  const app = window.jupyterapp;
  await app.commands.execute('notebook:run-all-cells');
  const kernel = app.shell.currentWidget.sessionContext.session.kernel;
  const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
  for (let i = 0; i < 2400 && kernel.status !== 'idle'; i++) await pause();
  return kernel.status;
}"""


@dataclass
class Server:
    """A running server.

    Attributes
    ----------
    url : str
        `http://127.0.0.1:<port>`, no slash at the end.
    root : Path
        What it serves.
    """

    url: str
    root: Path

    def lab_url(self, notebook: str) -> str:
        """Address of a notebook in JupyterLab, in a workspace of its own."""
        return f"{self.url}/lab/workspaces/auto-{time.monotonic_ns()}/tree/{notebook}?reset"

    def notebook_url(self, notebook: str) -> str:
        """Address of a notebook in Notebook, 6 or 7."""
        return f"{self.url}/notebooks/{notebook}"


@dataclass
class Console:
    """What a page complained about.

    Attributes
    ----------
    errors : list of str
        Console errors and uncaught exceptions, but for the expected ones.
    expected : list of str
        Parts of messages that are not kept.
    """

    errors: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=lambda: list(EXPECTED_ERRORS))

    def watch(self, page: Page) -> None:
        """Keep this page's errors from now on."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._keep(str(error)))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._keep(message.text)

    def _keep(self, text: str) -> None:
        if not any(known in text for known in self.expected):
            self.errors.append(text)


@contextlib.contextmanager
def jupyter_server(root: Path, extra_args: Sequence[str] = (), app: str = "lab") -> Iterator[Server]:
    """Start a Jupyter server on a free loopback port; stop it and everything it started at the end.

    Parameters
    ----------
    root : Path
        Folder to serve.
    extra_args : sequence of str
        More command-line options, for example `--ServerApp.jpserver_extensions=...`.
    app : str
        `lab` or `notebook`.

    Raises
    ------
    RuntimeError
        It did not answer within a minute; the text ends with its log.
    """
    port = _free_port()
    with tempfile.TemporaryDirectory() as private:
        kinds = ("CONFIG", "DATA", "RUNTIME")
        folders = {f"JUPYTER_{kind}_DIR": f"{private}/{kind.lower()}" for kind in kinds}
        environment = {
            **os.environ,
            **folders,
            "IPYTHONDIR": f"{private}/ipython",
            "JUPYTERLAB_SETTINGS_DIR": str(_quiet_settings(Path(private) / "settings")),
            # nbgrader and formgrader look for programs beside the interpreter.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")]).rstrip(
                os.pathsep
            ),
        }
        command = [
            sys.executable,
            *("-m", "jupyter", app, "--no-browser", "--allow-root"),
            *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
            *("--IdentityProvider.token=", "--ServerApp.password=", "--ServerApp.disable_check_xsrf=True"),
            f"--ServerApp.root_dir={root}",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            f"--{APP_CLASSES[app]}.expose_app_in_browser=True",
            *extra_args,
        ]
        with _running(command, environment, Path(root), port, Path(private) / "server.log") as server:
            yield server


@contextlib.contextmanager
def classic_notebook(root: Path, python: Path) -> Iterator[Server]:
    """Start the server of Notebook 6 on a free loopback port, as `jupyter_server` does.

    Parameters
    ----------
    root : Path
        Folder to serve.
    python : Path
        The interpreter of the virtual environment that has Notebook 6; its kernels see nothing of this clone.

    Raises
    ------
    RuntimeError
        It did not answer within a minute; the text ends with its log.
    """
    port = _free_port()
    with tempfile.TemporaryDirectory() as private:
        command = [
            str(python),
            *("-m", "notebook", "--no-browser", "--allow-root"),
            *("--ip=127.0.0.1", f"--port={port}", "--port-retries=0", f"--notebook-dir={root}"),
            *("--NotebookApp.token=", "--NotebookApp.password=", "--NotebookApp.disable_check_xsrf=True"),
            "--NotebookApp.enable_mathjax=False",  # it would be fetched
        ]
        log = Path(private) / "server.log"
        with _running(command, environment_of(python, Path(private)), root, port, log) as server:
            yield server


def environment_of(python: Path, private: Path) -> dict[str, str]:
    """Variables for programs of another virtual environment: its own folders, no package index."""
    kinds = ("CONFIG", "DATA", "RUNTIME")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))},
        **{f"JUPYTER_{kind}_DIR": f"{private}/{kind.lower()}" for kind in kinds},
        "IPYTHONDIR": f"{private}/ipython",
        "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INDEX": "1",
    }


def find_chromium() -> str | None:
    """The browser's program, or None."""
    return next(filter(None, (shutil.which(name) for name in CHROMIUM_NAMES)), None)


def launch(playwright: Playwright) -> Browser:
    """A headless Chromium."""
    return playwright.chromium.launch(executable_path=find_chromium(), args=list(BROWSER_ARGUMENTS))


def write_notebook(path: Path, *cells: str) -> Path:
    """A notebook of these code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return path


def open_notebook(page: Page, url: str) -> None:
    """Open a notebook and wait until its kernel is idle and connected."""
    page.goto(url)
    page.wait_for_function("window.jupyterapp !== undefined", timeout=60_000)
    assert page.evaluate(READY) == "idle"


def run_all(page: Page) -> None:
    """Run every cell of the open notebook and wait for the kernel."""
    page.evaluate(RUN_ALL)


def _quiet_settings(folder: Path) -> Path:
    """JupyterLab without its question about news, which would cover what is looked at."""
    plugin = folder / "@jupyterlab" / "apputils-extension"
    plugin.mkdir(parents=True)
    (plugin / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}'
    )
    return folder


@contextlib.contextmanager
def _running(
    command: list[str], environment: dict[str, str], root: Path, port: int, log: Path
) -> Iterator[Server]:
    """The server that a command starts; stopped at the end with everything that it started."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=root,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_it_answers(url, process, log)
        yield Server(url, root)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/api/status", timeout=2):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise RuntimeError(
        f"the Jupyter server did not answer at {url}; its log ends with\n{log.read_text()[-2000:]}"
    )
