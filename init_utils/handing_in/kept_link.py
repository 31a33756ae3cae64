"""The personal link in the user's own folder, readable by its owner alone.

KeptLinkError: something is kept that cannot be read; its text says why.
"""

from __future__ import annotations

import os
from pathlib import Path

from init_utils.handing_in.addresses import MOST_CHARACTERS


class KeptLinkError(Exception):
    """Something is kept that cannot be read; the text says why."""


def kept_link() -> str:
    """The link as it was kept, "" where none is.

    Raises
    ------
    KeptLinkError
        It cannot be read, or is no file.
    """
    try:
        path = _path()
        if not path.is_file():
            if os.path.lexists(path):
                raise KeptLinkError("it is no file")
            return ""
        with path.open("rb") as file:
            return file.read(4 * MOST_CHARACTERS).decode("utf-8-sig").strip() or " "
    except RuntimeError:  # no home folder
        return ""
    except UnicodeDecodeError as error:
        raise KeptLinkError("it is not text") from error
    except OSError as error:
        raise KeptLinkError(error.strerror or "it cannot be read") from error


def is_kept(link: str) -> bool:
    """Whether it is this link that is kept."""
    try:
        return kept_link() == link
    except KeptLinkError:
        return False


def keep_link(link: str) -> str:
    """Keep a link in place of another; a sentence after a space where it cannot be kept, else ""."""
    try:
        path = _path()
    except RuntimeError:
        return (
            " Your link could not be kept (you have no home folder here), so it is asked for again next time."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(link.encode())
    except OSError as error:
        return (
            f" Your link could not be kept in {kept_where()} ({error.strerror}), so it is asked for again "
            "next time."
        )
    return ""


def forget_link() -> str:
    """Keep the link no longer; a sentence after a space on what to do."""
    try:
        _path().unlink()
    except (OSError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        return (
            f" It is kept in {kept_where()}, which cannot be removed ({why}): remove that file, run this "
            "cell again, and give the new one."
        )
    return " The link that was kept here is forgotten: run this cell again, and give the new one."


def kept_where() -> str:
    """The file's name as people read it."""
    try:
        path = _path()
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    except ValueError:
        return str(path)
    except RuntimeError:
        return "your home folder"


def _path() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "init_utils" / "hand-in-link"
