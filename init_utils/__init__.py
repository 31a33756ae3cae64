"""What students import: the published helper names, and `train`, the lab and the pictures beside them.

Names are loaded on first use, so that importing the package draws nothing in that is not needed:
`from init_utils import sigmoid` imports neither matplotlib nor scikit-learn.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "sigmoid": "network",
    "relu": "network",
    "forward_propagation": "network",
    "backward_propagation": "network",
    "compute_loss": "network",
    "compute_stable_loss": "network",
    "update_parameters": "network",
    "predict": "network",
    "predict_dec": "network",
    "load_dataset": "plotting",
    "plot_decision_boundary": "plotting",
    "plot_costs": "plotting",
    "train": "training",
    "train_many": "training",
    "Watch": "training",
    "descend": "training",
    "load_image_dataset": "images",
    "lab": "lab",
    "hand_in": "handing_in",
    "ParameterError": "checks",
}

__all__ = [
    "ParameterError",
    "Watch",
    "backward_propagation",
    "compute_loss",
    "compute_stable_loss",
    "descend",
    "forward_propagation",
    "hand_in",
    "lab",
    "load_dataset",
    "load_image_dataset",
    "plot_costs",
    "plot_decision_boundary",
    "predict",
    "predict_dec",
    "relu",
    "sigmoid",
    "train",
    "train_many",
    "update_parameters",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'init_utils' has no attribute {name!r}")
    module = importlib.import_module(f"init_utils.{_HOME[name]}")
    value = module if name == _HOME[name] else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
