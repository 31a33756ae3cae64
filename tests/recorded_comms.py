"""Comms whose other end is a list; the one place that knows how ipywidgets 7 and 8 open and keep theirs.

`open_widgets` holds the widgets that are open.
"""

from __future__ import annotations

from typing import Any

import pytest
from ipywidgets import __version__
from ipywidgets.widgets import widget as of_widgets

if __version__.startswith("7."):
    opened_by, called = of_widgets, "Comm"
    open_widgets = of_widgets.Widget.widgets

    class Comm(of_widgets.Comm):
        """Sends without a kernel, which ipywidgets 7 asks for before each message."""

        kernel = object()

        def open(self, data=None, metadata=None, buffers=None):
            self._closed = False
            self._publish_msg("comm_open", data, metadata, buffers)

        def close(self, data=None, metadata=None, buffers=None, deleting=False):
            self._closed = True

else:
    import comm as opened_by
    from comm.base_comm import BaseComm as Comm

    called = "create_comm"
    open_widgets = of_widgets._instances


class RecordingComm(Comm):
    """A comm that appends (type, data, buffers) of each message to `sent`."""

    sent: list[tuple[str, dict[str, Any], list[Any]]]

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        """How comms of ipywidgets 8 send."""
        self.__dict__.setdefault("sent", []).append((msg_type, data or {}, buffers or []))

    _publish_msg = publish_msg  # of ipywidgets 7


def record_comms(monkeypatch: pytest.MonkeyPatch) -> list[RecordingComm]:
    """Widgets that are opened from now on talk to the comms in this list."""
    comms: list[RecordingComm] = []

    def create_comm(*args, **kwargs):
        comms.append(RecordingComm(*args, **kwargs))
        return comms[-1]

    monkeypatch.setattr(opened_by, called, create_comm)
    return comms
