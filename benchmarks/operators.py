"""All mutation operators of the measure."""

from __future__ import annotations

from benchmarks.blind_operators import blind_operators
from benchmarks.known_operators import KNOWN

OPERATORS = (*KNOWN, *blind_operators())
