"""What holds where nobody asks for anything else: the sandbox tier, and what one submission may use."""

from __future__ import annotations

import sys

from autograder.sandbox import Limits

DEFAULT_TIER = "full" if sys.platform.startswith("linux") else "none"
LIMITS = Limits(cell_s=15.0, submission_s=300.0)
