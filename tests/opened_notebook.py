"""A notebook that is open in Jupyter, as `hand_in()` sees it: the shell, and who is asked for the link."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from init_utils.handing_in import saved

CELL = "hand_in()"
HE = "def he(n):\n    return n"


def notebook(*cells: str) -> bytes:
    made = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    return json.dumps({"cells": made}).encode()


class Kernel:
    """What asks the student, as ipykernel's."""

    def __init__(self, link: str) -> None:
        self.link, self.asked = link, 0
        self.prompts: list[str] = []

    def getpass(self, prompt: str) -> str:
        self.asked += 1
        self.prompts.append(prompt)
        if not self.link:
            raise RuntimeError("the front end takes no input")
        return self.link


class Shell:
    """What IPython tells of the cells that were run."""

    def __init__(self, *cells: str, link: str = "") -> None:
        self.user_ns: dict[str, Any] = {}
        self.history_manager = SimpleNamespace(input_hist_raw=["", *cells])
        self.kernel = Kernel(link)


def in_shell(monkeypatch: pytest.MonkeyPatch, *cells: str, link: str = "") -> Shell:
    shell = Shell(*cells, link=link)
    monkeypatch.setattr(saved, "shell", lambda: shell)
    return shell
