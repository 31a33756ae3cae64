"""Hand in the notebook that is open: the saved file goes to the course's service, which answers.

What runs is compared with what is saved first. Nothing here raises or prints: the answer is a sentence.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from init_utils.handing_in import saved
from init_utils.handing_in.answer import HandedIn, NothingSentError, UnknownCallerError
from init_utils.handing_in.credentials import Credentials, credentials, forget_link
from init_utils.handing_in.saved import executed, notebook_path, read_saved, what_differs, what_is_lacking

_TIMEOUT_S = 60.0
_MOST_ANSWER = 1_000_000
_UNKNOWN_TO_THE_HUB = (
    "Nothing was handed in: the service does not know you by your login at the hub. Stop your server and "
    "start it again (*File*, *Hub Control Panel*), and run this cell again; if that does not help, ask your "
    "instructor."
)


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
        A sentence, and the link where the notebook was accepted. It names the functions that ran here and are
        not in the file. Nothing is raised.

    Examples
    --------
    Where no person runs the notebook, as in the grader, nothing happens:

    >>> hand_in()
    Nothing is handed in here: no person runs this notebook in Jupyter.
    """
    shell = saved.shell()
    try:
        path = notebook_path(shell, notebook)
        content = read_saved(path)
        ran = executed(shell)
        if not anyway and (difference := what_differs(content, ran)):
            raise NothingSentError(difference)
        lacking = what_is_lacking(content, ran)
        known = credentials(shell)
        try:
            given = _send(known, path, content)
            return replace(given, sentence=f"{given.sentence} {lacking}".strip())
        except UnknownCallerError as stop:
            return HandedIn(_UNKNOWN_TO_THE_HUB if known.by_hub else f"{stop}{forget_link()}")
    except NothingSentError as stop:
        return HandedIn(str(stop))


def _send(known: Credentials, path: Path, content: bytes) -> HandedIn:
    from urllib.parse import urlencode

    server, token = known.server, known.token
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
        raise NothingSentError(
            f"Nothing was handed in: {stem}.ipynb is none of what can be handed in ({names}). Save it "
            "under its own name."
        )
    return named[0]


def _ask(address: str, token: str, content: bytes | None = None) -> dict[str, Any]:
    """The service's answer; its own sentence where it refuses."""
    from urllib.error import HTTPError
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class NoRedirect(HTTPRedirectHandler):
        """The secret goes to the service's own address only."""

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
        kind = UnknownCallerError if error.code == 401 else NothingSentError
        raise kind(f"Nothing was handed in. {reason}") from error
    except (OSError, ValueError) as error:
        raise NothingSentError(
            f"Nothing was handed in: the service does not answer ({error}). Run this cell again later; your "
            "notebook is saved here."
        ) from error
    if not isinstance(told, dict):
        raise NothingSentError("Nothing was handed in: what answers there is not the service.")
    return told


def _reason(content: bytes, status: int) -> str:
    try:
        return str(json.loads(content)["error"])
    except (ValueError, KeyError, TypeError):
        return f"The service answered {status}."
