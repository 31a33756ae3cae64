"""Hand in from the notebook: `hand_in()` posts the saved file to the course's service."""

from __future__ import annotations

from init_utils.handing_in.answer import HandedIn
from init_utils.handing_in.credentials import LINK_VARIABLE, NO_LINK
from init_utils.handing_in.saved import NOBODY, what_differs, what_is_lacking
from init_utils.handing_in.sending import hand_in

__all__ = ["LINK_VARIABLE", "NOBODY", "NO_LINK", "HandedIn", "hand_in", "what_differs", "what_is_lacking"]
