"""The tables that the lab's front end needs, as a JavaScript module.

`python -m init_utils.lab.shared` writes `src/shared.js` in a checkout: limits of the settings, transitions of
the status, layout of a frame, identities of the schemes. A test compares the file with the tables.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from init_utils.lab import diagnosis
from init_utils.lab.depth import DEPTH, WIDTH
from init_utils.lab.dial import BINS, DRAWN, HIDDEN, HIGH, LAYERS, LOW
from init_utils.lab.facts import ALIKE, CONFIDENT, SATURATED_TANH
from init_utils.lab.frames import CHANGES_SINCE, EVEN_STEPS, MOST_EVEN
from init_utils.lab.layout import FIGURES, HIDDEN_FIGURES, LAYER_FIGURES
from init_utils.lab.questions import QUESTIONS
from init_utils.lab.scales import BESIDE, MULTIPLES
from init_utils.lab.settings import LIMITS, MOST_RUNS, LabSettings
from init_utils.lab.status import TRANSITIONS, Action
from init_utils.schemes import CLASSES, MARKS, REPEAT_DASHES, RESERVE, SCHEMES

SHARED_MODULE = Path(__file__).parent / "src" / "shared.js"
HEAD = "// Written from Python's tables by `python -m init_utils.lab.shared`; do not edit.\n"


def shared_tables() -> dict[str, Any]:
    """Each exported constant by its name; JSON values."""
    return {
        "MOST_RUNS": MOST_RUNS,
        "LIMITS": {name: {**asdict(limit), "words": limit.words} for name, limit in LIMITS.items()},
        "DEFAULTS": asdict(LabSettings()),
        "ACTIONS": list(Action),
        "TRANSITIONS": TRANSITIONS,
        "FRAME": {
            "figures": FIGURES,
            "layerFigures": LAYER_FIGURES,
            "hiddenFigures": HIDDEN_FIGURES,
        },
        "MULTIPLES": MULTIPLES,
        "BESIDE": [{"name": name, "scale": scale, "scheme": scheme} for name, scale, scheme in BESIDE],
        "QUESTIONS": {number: asdict(one) for number, one in QUESTIONS.items()},
        "CHANGES_SINCE": CHANGES_SINCE,
        "SATURATED_TANH": SATURATED_TANH,
        "ALIKE": ALIKE,
        "CONFIDENT": CONFIDENT,
        "DIAGNOSIS": {
            "lookingBack": diagnosis.LOOKING_BACK,
            "moving": diagnosis.MOVING,
            "learned": diagnosis.LEARNED,
            "learnedEach": diagnosis.LEARNED_EACH,
            "gap": diagnosis.GAP,
            "rounding": diagnosis.ROUNDING,
            "unreached": diagnosis.UNREACHED,
            "unreachedWrong": diagnosis.UNREACHED_WRONG,
            "confidentWrong": diagnosis.CONFIDENT_WRONG,
        },
        "MOST_EVEN": MOST_EVEN,
        "EVEN_STEPS": EVEN_STEPS,
        "DIAL": {
            "low": LAYERS.low,
            "high": LAYERS.high,
            "hidden": HIDDEN.values,
            "schemes": list(DRAWN),
            "bins": BINS,
            "from": LOW,
            "to": HIGH,
        },
        "DEEP": {"layers": DEPTH, "width": WIDTH},
        "CLASSES": [asdict(one) for one in CLASSES],
        "MARKS": MARKS,
        "SCHEMES": [asdict(scheme) for scheme in (*SCHEMES, *RESERVE)],
        "REPEAT_DASHES": REPEAT_DASHES,
    }


def shared_module() -> str:
    """The text of `src/shared.js`."""
    constants = (
        f"\nexport const {name} = /** @type {{const}} */ ({json.dumps(value, indent=2)});\n"
        for name, value in shared_tables().items()
    )
    return HEAD + "".join(constants)


if __name__ == "__main__":
    SHARED_MODULE.write_text(shared_module(), encoding="utf-8")
