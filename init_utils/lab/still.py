"""The still picture beside the widget: what stays in the file when no kernel runs.

A second output under a display id of its own. The view hides it while it lives (`src/views/still.js`); a
reopened file and an exported page show it. It is an image and, as data, the experiment: never script.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from typing import Any

import IPython.display
from IPython.core.getipython import get_ipython

from init_utils.lab.experiment import SEEDS, packed
from init_utils.lab.picture import describe, picture_html, picture_svg
from init_utils.lab.session import LabSession

GO_ON = "Run the cell to go on."
NOT_TRAINED = (
    "Iteration 0: nothing was trained, because no one was there to press Train. "
    "lab(..., train=True) trains when the notebook is executed."
)
LARGEST_EXPERIMENT = 500_000  # characters in the notebook's file


def is_graded() -> bool:
    """Whether a grader runs the notebook: nothing is trained then."""
    return "NBGRADER_EXECUTION" in os.environ


class Still:
    """The picture of one lab.

    Parameters
    ----------
    session : LabSession

    Attributes
    ----------
    display_id : str
        Of the output, and a class of its HTML, by which the view hides it.
    """

    def __init__(self, session: LabSession) -> None:
        self._session = session
        self._is_shown = False
        self.display_id = f"initlab-{uuid.uuid4().hex}"

    def alone(self) -> dict[str, str]:
        """The picture for a page without a front end, which says when nothing has been trained; in a grader,
        where no one sees it and each millisecond counts, its words alone.
        """
        if is_graded():
            return {"text/plain": self._words()}
        return self._bundle("" if self._session.iteration else NOT_TRAINED)

    def show_alone(self) -> None:
        """Display the picture where there is no front end."""
        _display(self.alone())

    def show(self, widget: Mapping[str, Any]) -> None:
        """Display the widget, and below it the picture.

        Parameters
        ----------
        widget : mapping of str
            Values by their media types.
        """
        _display(widget)
        _display(self._bundle(GO_ON), display_id=self.display_id)
        self._is_shown = True

    def update(self) -> None:
        """Draw the picture again, where it is displayed."""
        if self._is_shown and get_ipython() is not None:
            _display(self._bundle(GO_ON), display_id=self.display_id, update=True)

    def _bundle(self, note: str) -> dict[str, str]:
        alt = f"{self._words()} {note}".rstrip()
        classes = f"initlab-still {self.display_id}"
        page = picture_html(picture_svg(self._session), alt, note, classes, self._experiment())
        return {"text/plain": alt, "text/html": page}

    def _experiment(self) -> str | None:
        """With as many seeds as a notebook can carry: all, only those written in the functions, or None."""
        for seeds in (SEEDS, ()):
            text = packed(self._session.experiment(seeds))
            if len(text) <= LARGEST_EXPERIMENT:
                return text
        return None

    def _words(self) -> str:
        return describe(self._session.settings, self._session.summaries())


def _display(bundle: Mapping[str, Any], **keys: Any) -> None:
    IPython.display.display(dict(bundle), raw=True, **keys)  # type: ignore[no-untyped-call]  # IPython's
