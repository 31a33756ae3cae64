"""The lab as one HTML file that needs no Python, no kernel and no network.

The page holds the front end, an engine in JavaScript, and, when it is made from functions, their starting
weights for `SEEDS`: so it trains them again without calling them.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from init_utils.lab.candidates import Candidate, Start, draw_start, seed_note
from init_utils.lab.settings import LabSettings

STATIC = Path(__file__).parent / "static"  # built from src/ by `make js`
SEEDS = range(1, 11)  # of which the starting weights are stored, beside the function's own seed
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
        Functions are called here, for `SEEDS` and with their own seeds; built-in ones are drawn in the page.
    settings : LabSettings
        Those that the page opens with; starting weights are stored for their layer sizes.
    compare : sequence of str, optional
        Names of the runs that it opens with; the functions, or the built-in starts if there are none.
    title : str
        Escaped here.
    """
    made = {
        "functions": [_stored(one, settings.layers_dims) for one in candidates if not one.built_in],
        "dims": settings.layers_dims,
        "settings": _settings_in_json(settings, compare),
    }
    return PAGE.format(
        policy=POLICY,
        title=html.escape(title),
        style=_static("widget.css") + _static("page.css"),
        made=_json_in_html(made),
        program=_static("page.js"),
    )


def _stored(candidate: Candidate, layers_dims: list[int]) -> dict[str, Any]:
    """A function's starting weights, in the form that `src/engine/starts.js` reads."""
    own = draw_start(candidate, layers_dims, None)
    seeds = SEEDS if own.parameters else ()
    starts = {str(seed): draw_start(candidate, layers_dims, seed) for seed in seeds}
    return {
        "name": candidate.name,
        "argument": candidate.argument,
        "message": own.message,
        "note": seed_note(*list(starts.values())[:2]) if starts else "",
        "starts": {
            seed: _packed(start)
            for seed, start in [("own", own), *starts.items()]
            if start.parameters is not None
        },
    }


def _packed(start: Start) -> str:
    """W1 row by row, b1, ..., WL, bL as float64 in base64."""
    parameters = start.parameters or {}
    layers = range(1, len(parameters) // 2 + 1)
    parts = [parameters[f"{kind}{layer}"].ravel() for layer in layers for kind in "Wb"]
    return base64.b64encode(np.concatenate(parts).astype("<f8").tobytes()).decode()


def _settings_in_json(settings: LabSettings, compare: Sequence[str] | None) -> dict[str, Any]:
    values = {item.name: getattr(settings, item.name) for item in fields(settings)}
    chosen = {} if compare is None else {"compare": list(compare)}
    return values | {"hidden_layers": list(settings.hidden_layers)} | chosen


def _json_in_html(value: object) -> str:
    """JSON that ends no script element, whatever its texts are."""
    return json.dumps(value).replace("<", "\\u003c")


def _static(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")
