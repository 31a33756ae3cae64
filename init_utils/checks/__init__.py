"""Checks of a student's parameters: what is wrong, and where to look. NumPy and the standard library only.

`parameters` and `data` check what is handed to the network, `layers` is the quick look of a training loop,
`structure` looks at what an initializer returned, `cells` holds the checks that test cells call.
"""

from init_utils.checks.cells import call_initializer, check_refused, check_seed, check_shapes, check_values
from init_utils.checks.data import as_examples, as_labels, check_cache
from init_utils.checks.layers import gradients_of, layers_of
from init_utils.checks.parameters import ParameterError, check_parameters, count_layers
from init_utils.checks.structure import Mistake, find_structural_mistake, structural_notes

__all__ = [
    "Mistake",
    "ParameterError",
    "as_examples",
    "as_labels",
    "call_initializer",
    "check_cache",
    "check_parameters",
    "check_refused",
    "check_seed",
    "check_shapes",
    "check_values",
    "count_layers",
    "find_structural_mistake",
    "gradients_of",
    "layers_of",
    "structural_notes",
]
