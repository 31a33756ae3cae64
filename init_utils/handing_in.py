"""Hand in the notebook that is open: the saved file goes to the course's service, which answers.

Who hands in comes from a personal link, which is kept in the user's own folder, never in the notebook. What
runs is compared with what is saved first. Nothing here raises or prints: the answer is a sentence.
"""

from __future__ import annotations

import ast
import html
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LINK_VARIABLE = "INIT_UTILS_HAND_IN"
_TIMEOUT_S = 60.0
_MOST_ANSWER = 1_000_000
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

NOBODY = "Nothing is handed in here: no person runs this notebook in Jupyter."
NO_LINK = (
    "Nothing was handed in: your personal link is not known here. Ask your instructor for it and run the "
    "cell "
    f"again, or set the environment variable {LINK_VARIABLE} to it. If your course has no such service, "
    "hand in on "
    "your course's page."
)


@dataclass(frozen=True)
class HandedIn:
    """What became of it; a notebook shows the sentence, and the link.

    Attributes
    ----------
    sentence : str
    feedback : str
        Address of the feedback page, "" where nothing was handed in.
    """

    sentence: str
    feedback: str = ""

    def __repr__(self) -> str:
        return f"{self.sentence} {self.feedback}".strip()

    def _repr_html_(self) -> str:
        link = html.escape(self.feedback, quote=True)
        shown = f' <a href="{link}" target="_blank" rel="noreferrer">Read the feedback</a>' if link else ""
        return f"<p>{html.escape(self.sentence)}{shown}</p>"


class _NothingSentError(Exception):
    """Nothing is handed in; the text is what the student reads."""


class _UnknownLinkError(_NothingSentError):
    """The service does not know the link, or it has ended."""


def hand_in(notebook: str | os.PathLike[str] | None = None, *, anyway: bool = False) -> HandedIn:
    """Hand in the saved notebook, and give the address of its feedback.

    Parameters
    ----------
    notebook : str or path, optional
        The file; by default the notebook in which this is called, where Jupyter says which that is.
    anyway : bool
        Hand in the saved file although something else runs.

    Returns
    -------
    HandedIn
        A sentence, and the link where the notebook was accepted. Nothing is raised.

    Examples
    --------
    Where no person runs the notebook, as in the grader, nothing happens:

    >>> hand_in()
    Nothing is handed in here: no person runs this notebook in Jupyter.
    """
    shell = _shell()
    try:
        path = _notebook_path(shell, notebook)
        content = _saved(path)
        if not anyway and shell is not None and (difference := what_differs(content, _executed(shell))):
            raise _NothingSentError(difference)
        server, token = read_link(_link(shell))
        return _send(server, token, path, content)
    except _UnknownLinkError as stop:
        return HandedIn(f"{stop}{_forget_link()}")
    except _NothingSentError as stop:
        return HandedIn(str(stop))


def what_differs(content: bytes, executed: Iterable[str]) -> str:
    """A sentence on what runs and is not saved (or the other way round); "" where nothing is.

    Of each function and class the last text that was run is compared with the last text in the file, and the
    cell that runs now must be in the file.

    Parameters
    ----------
    content : bytes
        The notebook's file.
    executed : iterable of str
        Texts of the cells in the order in which they were run, the one that runs now last.
    """
    ran = list(executed)
    saved = _code_cells(content)
    defined, kept = _definitions(ran), _definitions(saved)
    other = [name for name, text in defined.items() if name in kept and kept[name] != text]
    if other:
        return (
            f"Nothing was handed in: {', '.join(other)} in the saved file is not what you ran last. Run "
            "its cell, save the notebook (Ctrl-S), and run this cell again."
        )
    unsaved = [name for name in defined if name not in kept]
    if ran and ran[-1].strip() not in {text.strip() for text in saved}:
        return (
            "Nothing was handed in: the saved file is older than what runs. Save the notebook (Ctrl-S), "
            "and run "
            "this cell again."
        )
    if unsaved and not kept:
        return (
            f"Nothing was handed in: the saved file has no {', '.join(unsaved)}. Save the notebook "
            "(Ctrl-S), and "
            "run this cell again."
        )
    return ""


def read_link(link: str) -> tuple[str, str]:
    """The service's address, with a slash at its end, and the secret of a personal link.

    >>> read_link(" https://grader.school.example/#abc.def ")
    ('https://grader.school.example/', 'abc.def')
    """
    from urllib.parse import urlsplit

    text = link.strip()
    address, _, token = text.partition("#")
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if not (host and token.strip() and parts.scheme in ("http", "https")):
        raise _NothingSentError(
            "Nothing was handed in: that is no personal link. It begins with https:// and has a # with "
            "many signs "
            "after it; copy all of it."
        )
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise _NothingSentError(
            f"Nothing was handed in: the link to {host} begins with http://, so others could read it on "
            "its way. "
            "Ask your instructor for one that begins with https://."
        )
    return address.rstrip("/") + "/", token.strip()


def _shell() -> Any:
    """IPython's shell where there is one; IPython is not imported for it."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def _notebook_path(shell: Any, notebook: str | os.PathLike[str] | None) -> Path:
    if notebook is not None:
        return Path(notebook)
    if getattr(shell, "kernel", None) is None:
        raise _NothingSentError(NOBODY)
    named = os.environ.get("JPY_SESSION_NAME") or shell.user_ns.get("__vsc_ipynb_file__")
    if not named or not str(named).endswith(".ipynb"):
        raise _NothingSentError(
            "Nothing was handed in: Jupyter does not say which notebook this is. Name it: "
            'hand_in("NAME.ipynb")'
        )
    return Path(named)


def _saved(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _NothingSentError(
            f"Nothing was handed in: {path.name} cannot be read ({error.strerror}). Save the notebook, or "
            "name "
            'the file: hand_in("NAME.ipynb")'
        ) from error


def _executed(shell: Any) -> list[str]:
    return [str(text) for text in shell.user_ns.get("In", [])[1:]] if getattr(shell, "kernel", None) else []


def _code_cells(content: bytes) -> list[str]:
    try:
        cells = json.loads(content)["cells"]
        texts = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        return [text if isinstance(text, str) else "".join(text) for text in texts]
    except (ValueError, KeyError, TypeError) as error:
        raise _NothingSentError(
            "Nothing was handed in: the saved file is no notebook. Save it in Jupyter, and run this cell "
            "again."
        ) from error


def _definitions(cells: Iterable[str]) -> dict[str, str]:
    """Functions and classes -> their last text, as Python reads it: without comments and layout."""
    found: dict[str, str] = {}
    for text in cells:
        plain = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in text.splitlines())
        try:
            nodes = ast.parse(plain).body
        except (SyntaxError, ValueError):
            continue
        for node in nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found[node.name] = ast.dump(node)
    return found


def _link_file() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "init_utils" / "hand-in-link"


def _link(shell: Any) -> str:
    """The personal link: from the environment, from where it was kept, or asked for once and kept there."""
    if link := os.environ.get(LINK_VARIABLE, ""):
        return link
    try:
        return _link_file().read_text(encoding="utf-8")
    except (OSError, RuntimeError):
        pass
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        raise _NothingSentError(NO_LINK)
    ask: Callable[[str], str] = kernel.getpass
    try:
        link = ask("Your personal link: ")
    except Exception as error:  # the front end's own kind: it takes no input
        raise _NothingSentError(NO_LINK) from error
    read_link(link)
    _keep_link(link)
    return link


def _keep_link(link: str) -> None:
    try:
        path = _link_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(link.strip())
    except (OSError, RuntimeError):
        return  # it is asked for again next time


def _forget_link() -> str:
    """Keep a link no longer that is of no use; a sentence on what to do, after a space."""
    if os.environ.get(LINK_VARIABLE, ""):
        return ""
    try:
        _link_file().unlink()
    except (OSError, RuntimeError):
        return ""
    return " The link that was kept here is forgotten: run this cell again, and give the new one."


def _send(server: str, token: str, path: Path, content: bytes) -> HandedIn:
    from urllib.parse import urlencode

    mine = _ask(server + "api/submissions", token)
    work = _meant(mine.get("assignments", []), path.stem)
    query = urlencode({"assignment": work["assignment"], "notebook": work["notebook"]})
    entry = _ask(f"{server}api/submissions?{query}", token, content)
    place = entry.get("place")
    waits = f" Place {place} in the queue, about {entry['seconds_left']:.0f} seconds." if place else ""
    return HandedIn(f"{path.name} is handed in for {mine['name']}.{waits}", server + str(entry["feedback"]))


def _meant(works: Iterable[Mapping[str, Any]], stem: str) -> Mapping[str, Any]:
    """The notebook of the course that this file is."""
    known = list(works)
    named = [work for work in known if work["notebook"] == stem] or (known if len(known) == 1 else [])
    if len(named) != 1:
        names = ", ".join(f"{work['notebook']}.ipynb" for work in known) or "nothing"
        raise _NothingSentError(
            f"Nothing was handed in: {stem}.ipynb is none of what can be handed in ({names}). Save it "
            "under its "
            "own name."
        )
    return named[0]


def _ask(address: str, token: str, content: bytes | None = None) -> dict[str, Any]:
    """The service's answer; its own sentence where it refuses."""
    from urllib.error import HTTPError
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class NoRedirect(HTTPRedirectHandler):
        """The secret goes to the link's own server only."""

        def redirect_request(self, *_arguments: Any) -> None:
            return None

    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ipynb+json"}
    request = Request(address, data=content, headers=headers)
    try:
        with build_opener(NoRedirect).open(request, timeout=_TIMEOUT_S) as answer:
            told = json.loads(answer.read(_MOST_ANSWER))
    except HTTPError as error:
        with error:
            reason = _reason(error.read(_MOST_ANSWER), error.code)
        kind = _UnknownLinkError if error.code == 401 else _NothingSentError
        raise kind(f"Nothing was handed in. {reason}") from error
    except (OSError, ValueError) as error:
        raise _NothingSentError(
            f"Nothing was handed in: the service does not answer ({error}). Run this cell again later; your "
            "notebook is saved here."
        ) from error
    if not isinstance(told, dict):
        raise _NothingSentError("Nothing was handed in: what answers at this link is not the service.")
    return told


def _reason(content: bytes, status: int) -> str:
    try:
        return str(json.loads(content)["error"])
    except (ValueError, KeyError, TypeError):
        return f"The service answered {status}."
