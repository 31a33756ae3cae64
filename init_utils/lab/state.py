"""What a lab and its front end share: the controls, and what the view shows, as synced traits.

Several threads set traits (`turns`), and ipywidgets keeps its own state in plain attributes while it sends.
"""

from __future__ import annotations

from typing import Any

import anywidget
import ipywidgets
import traitlets

from init_utils.lab.status import Status
from init_utils.lab.turns import Turns


class LabState(anywidget.AnyWidget):
    """The state of a lab, one thread at a time; the front end knows it by the same name.

    Attributes
    ----------
    turns : Turns
        Held while a trait is set; of the child, which knows what runs the job.
    """

    turns: Turns

    layout = ipywidgets.widgets.trait_types.InstanceDict(ipywidgets.Layout, allow_none=True).tag(
        sync=True, **ipywidgets.widget_serialization
    )

    # The controls.
    dataset = traitlets.Unicode("circles").tag(sync=True)
    noise = traitlets.Float(0.05).tag(sync=True)
    points = traitlets.Int(300).tag(sync=True)
    data_seed = traitlets.Int(1).tag(sync=True)
    hidden_layers = traitlets.List(traitlets.Int(), [10, 5]).tag(sync=True)
    hidden = traitlets.Unicode("relu").tag(sync=True)
    learning_rate = traitlets.Float(0.01).tag(sync=True)
    iterations = traitlets.Int(15_000).tag(sync=True)
    gain = traitlets.Union([traitlets.Float(), traitlets.Dict()], default_value=1.0).tag(sync=True)
    seed = traitlets.Int(None, allow_none=True).tag(sync=True)
    pace = traitlets.Float(2.0).tag(sync=True)
    strip_seeds = traitlets.Int(10).tag(sync=True)
    compare = traitlets.List(traitlets.Unicode()).tag(sync=True)
    predictions = traitlets.Dict().tag(sync=True)  # of costs, by the names of runs; for the view alone

    # What the view shows; set here only.
    status = traitlets.Enum(list(Status), Status.READY).tag(sync=True)
    message = traitlets.Unicode("").tag(sync=True)
    candidates = traitlets.List(traitlets.Dict()).tag(sync=True)
    code = traitlets.Unicode("").tag(sync=True)
    still = traitlets.Unicode("").tag(sync=True)
    setup = traitlets.Dict().tag(sync=True)
    train_points = traitlets.Bytes(b"").tag(sync=True)
    test_points = traitlets.Bytes(b"").tag(sync=True)
    dial = traitlets.Dict({"depth": 30, "hidden": "relu"}).tag(sync=True)
    profiles = traitlets.Bytes(b"").tag(sync=True)
    depth_curves = traitlets.Bytes(b"").tag(sync=True)
    table = traitlets.List(traitlets.Dict()).tag(sync=True)
    strip = traitlets.Dict().tag(sync=True)
    scales = traitlets.Dict().tag(sync=True)
    question = traitlets.Int(None, allow_none=True).tag(sync=True)
    frame_figures = traitlets.Bytes(b"").tag(sync=True)
    frame_parameters = traitlets.Bytes(b"").tag(sync=True)
    frame_span = traitlets.Dict().tag(sync=True)

    def notify_change(self, change: Any) -> None:
        """As in ipywidgets, one thread at a time."""
        with self.turns:
            super().notify_change(change)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take state from the front end; it gets a refusal as `message`, and the old values back."""
        with self.turns:
            try:
                super().set_state(sync_data)
            except traitlets.TraitError as refused:
                self.message = str(refused)
                for name in sync_data:
                    self.send_state(name)
