"""The lab as one HTML file that needs no Python, no kernel and no network.

The page holds the front end, an engine in JavaScript, and an `experiment`.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from init_utils.lab.candidates import Candidate
from init_utils.lab.experiment import experiment, json_in_html
from init_utils.lab.settings import LabSettings

STATIC = Path(__file__).parent / "static"  # built from src/ by `make js`
# Nothing is loaded and nothing is sent, whatever a page holds.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "worker-src blob:; base-uri 'none'; form-action 'none'"
)
TITLE = "Initialization lab"

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
<noscript>This page trains networks by itself: it needs JavaScript.</noscript>
<div id="il-lab"></div>
<script type="application/json" id="il-made">{made}</script>
<script id="il-program">{program}</script>
</body>
</html>
"""


def page_html(
    candidates: Sequence[Candidate],
    settings: LabSettings,
    compare: Sequence[str] | None = None,
    title: str = TITLE,
) -> str:
    """The page as text.

    Parameters
    ----------
    candidates : sequence of Candidate
        Functions are called here, for ten seeds and with their own; built-in ones are drawn in the page.
    settings : LabSettings
        Those that the page opens with; starting weights are stored for their layer sizes.
    compare : sequence of str, optional
        Names of the runs that it opens with; the functions, or the built-in starts if there are none.
    title : str
        Escaped here.
    """
    return page_of(json_in_html(experiment(candidates, settings, compare)), title)


def page_of(made: str, title: str = TITLE) -> str:
    """The page of an experiment.

    Parameters
    ----------
    made : str
        As `json_in_html` writes it.
    title : str
        Escaped here.
    """
    return PAGE.format(
        policy=POLICY,
        title=html.escape(title),
        style=static("widget.css") + static("page.css"),
        made=made,
        program=static("page.js"),
    )


def static(name: str) -> str:
    """A file of the built front end."""
    return (STATIC / name).read_text(encoding="utf-8")
