"""Hand in the notebook that is open: the saved file goes to the course's service, which answers.

What runs is compared with what is saved first. Nothing here raises or prints: the answer is a sentence.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from init_utils.handing_in import saved
from init_utils.handing_in.answer import HandedIn, NothingSentError, UnknownCallerError, shown
from init_utils.handing_in.credentials import NEW_LOGIN, Credentials, credentials
from init_utils.handing_in.forms import Work, read_entry, read_mine
from init_utils.handing_in.kept_link import forget_link, is_kept, keep_link, kept_where
from init_utils.handing_in.saved import executed, notebook_path, read_saved, what_differs, what_is_lacking

if TYPE_CHECKING:
    from init_utils.handing_in.service import NoAnswerError

_UNKNOWN_TO_THE_HUB = (
    f"Nothing was handed in: the service does not know you by your login at the hub. {NEW_LOGIN}"
)
_NOT_KEPT = " That link is not kept: run this cell again, and give the new one."


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
            return HandedIn(_unknown(known, str(stop)))
    except NothingSentError as stop:
        return HandedIn(str(stop))


def _unknown(known: Credentials, said: str) -> str:
    """What a student reads whom the service does not know."""
    if known.by_hub:
        return _UNKNOWN_TO_THE_HUB
    if known.is_kept or (known.typed and is_kept(known.typed)):
        return said + forget_link()
    return said + (_NOT_KEPT if known.typed else "")


def _send(known: Credentials, path: Path, content: bytes) -> HandedIn:
    """Ask what may be handed in, keep a link that was typed, and send the file.

    Raises
    ------
    NothingSentError
    """
    try:
        from init_utils.handing_in import service
    except ImportError as error:
        raise NothingSentError(
            f"Nothing was handed in: this Python cannot use the network ({error}). Hand in on your "
            "course's page."
        ) from error
    address = f"{known.server}api/submissions"
    try:
        mine = service.ask(address, known.token, read_mine)
        note = keep_link(known.typed) if known.typed else ""
        work = _meant(mine.works, path.stem)
        query = urlencode({"assignment": work.assignment, "notebook": work.notebook})
        entry = service.ask(f"{address}?{query}", known.token, read_entry, content)
    except service.RefusalError as refused:
        kind = UnknownCallerError if refused.status == 401 else NothingSentError
        raise kind(f"Nothing was handed in. {refused}") from refused
    except service.NoAnswerError as error:
        raise NothingSentError(_without_answer(error, known, path.name)) from error
    place, seconds = entry.place, entry.seconds_left
    waits = f" Place {place} in the queue, about {seconds:.0f} seconds." if place else ""
    sentence = f"{path.name} is handed in for {shown(mine.name)}.{waits}{note}"
    return HandedIn(sentence, known.server + entry.feedback)


def _meant(works: Sequence[Work], stem: str) -> Work:
    """The notebook of the course that this file is."""
    named = [work for work in works if work.notebook == stem] or list(works if len(works) == 1 else ())
    if len(named) != 1:
        names = shown(", ".join(f"{work.notebook}.ipynb" for work in works)) or "nothing"
        raise NothingSentError(
            f"Nothing was handed in: {stem}.ipynb is none of what can be handed in ({names}). Save it "
            "under its own name."
        )
    return named[0]


def _without_answer(error: NoAnswerError, known: Credentials, name: str) -> str:
    """What a student reads where there is no answer of the service."""
    if error.may_be_taken:
        return (
            f"It is not known whether {name} is handed in: {error}. Run this cell again: the same saved file "
            "is not taken twice."
        )
    step = "Run this cell again later" if error.is_silent else "Tell your instructor"
    kept = f" Your link is kept in {kept_where()}; remove that file to give another one."
    return (
        f"Nothing was handed in: {error}. {step}; your notebook is saved here.{kept if known.is_kept else ''}"
    )
