"""The living lab in a page that was exported from a notebook.

The notebook keeps of a lab a picture, and the experiment as data (`still`); never script. Here each picture
gets a frame before it, and the page gets, once, the lab's own page (`page`), from which a few lines of script
fill the frames. Frames are sandboxed without the origin of the page: what an experiment holds reaches nothing
outside. Without script the pictures stay.
"""

from __future__ import annotations

import html
from html.parser import HTMLParser

from init_utils.lab.experiment import ExperimentError, json_in_html, unpacked
from init_utils.lab.page import page_of, static

PLACE = "{{experiment}}"
FRAME = (
    '<iframe class="initlab-living" hidden sandbox="allow-scripts" loading="lazy" '
    'title="The lab of this notebook: retrain and compare starting weights" '
    'style="width: 100%; height: 60rem; border: 0" data-experiment="{made}"></iframe>'
)
SCRIPTS = '<script type="application/json" id="initlab-page">{page}</script>\n<script>\n{program}</script>\n'
EXPORT = "export a notebook that shows one with jupyter nbconvert --to html"


class LivingError(ValueError):
    """A page cannot get the living lab; the text says why, and what to do."""


class NoLabError(LivingError):
    """A page shows no lab."""


def with_living_labs(page: str) -> tuple[str, int]:
    """The page with a living lab in place of each picture of one, and how many they are.

    Parameters
    ----------
    page : str
        As nbconvert wrote it.

    Raises
    ------
    NoLabError
        It shows none.
    LivingError
        It has the living lab already, or holds what no lab wrote.
    """
    found = _Pictures(page)
    if found.is_living:
        raise LivingError("has the living lab already; to renew it, export the notebook again")
    if found.without and not found.experiments:
        raise NoLabError(
            "shows a lab without its experiment; run the lab's cell again, then export the notebook"
        )
    if not found.experiments:
        raise NoLabError(f"shows no lab; {EXPORT}")
    around = json_in_html(page_of(PLACE).split(PLACE))
    inserted = {found.end: SCRIPTS.format(page=around, program=static("living.js"))}
    for number, (place, text) in enumerate(found.experiments.items(), start=1):
        try:
            made = json_in_html(unpacked(text))
        except ExperimentError as error:
            raise LivingError(f"holds a lab (number {number}) that no lab wrote: {error}") from error
        inserted[place] = FRAME.format(made=html.escape(made, quote=True))
    places = sorted(inserted)
    parts = [page[: places[0]]]
    for place, end in zip(places, [*places[1:], len(page)], strict=True):
        parts += [inserted[place], page[place:end]]
    return "".join(parts), len(found.experiments)


class _Pictures(HTMLParser):
    """The pictures of labs in a page; what a script or a text says is none.

    Attributes
    ----------
    experiments : dict of int to str
        By the places at which the pictures begin.
    without : int
        Pictures without an experiment.
    is_living : bool
        Whether there is a frame already.
    end : int
        Of the body.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.experiments: dict[int, str] = {}
        self.without = 0
        self.is_living = False
        self.end = len(page)
        self._lines = [0]
        for line in page.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a picture, or a frame."""
        named = dict(attrs)
        classes = (named.get("class") or "").split()
        self.is_living |= tag == "iframe" and "initlab-living" in classes
        if tag != "div" or "initlab-still" not in classes:
            return
        experiment = named.get("data-initlab")
        if experiment is None:
            self.without += 1
        else:
            self.experiments[self._place()] = experiment

    def handle_endtag(self, tag: str) -> None:
        """Note the end of the body."""
        if tag == "body":
            self.end = self._place()

    def _place(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column
