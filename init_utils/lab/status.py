"""What a lab is doing, and the one table of how that changes.

The front end receives the same table: a button is enabled where the table has a transition for it.
"""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What a lab is doing."""

    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"
    SEEDS = "seeds"  # training the same runs from many seeds
    SCALES = "scales"  # training starts of many scales


class Action(StrEnum):
    """What changes a lab's status: a button, or the end of what is running."""

    TRAIN = "train"
    PAUSE = "pause"
    STEP = "step"
    STOP = "stop"
    RESET = "reset"
    COMPARE_SEEDS = "compare-seeds"
    COMPARE_SCALES = "compare-scales"
    FINISH = "finish"


class Standing(StrEnum):
    """A target that depends on how far the training is: `READY`, `PAUSED` or `FINISHED`."""

    AS_TRAINED = "as-trained"


Target = Status | Standing

_SWEEPS: dict[Action, Target] = {
    Action.COMPARE_SEEDS: Status.SEEDS,
    Action.COMPARE_SCALES: Status.SCALES,
}
_SWEEPING: dict[Action, Target] = {
    Action.STOP: Standing.AS_TRAINED,
    Action.PAUSE: Standing.AS_TRAINED,
    Action.RESET: Status.READY,
    Action.FINISH: Standing.AS_TRAINED,
}
TRANSITIONS: dict[Status, dict[Action, Target]] = {
    Status.READY: {
        Action.TRAIN: Status.RUNNING,
        Action.STEP: Standing.AS_TRAINED,
        Action.RESET: Status.READY,
        **_SWEEPS,
    },
    Status.RUNNING: {
        Action.PAUSE: Status.PAUSED,
        Action.STOP: Status.STOPPED,
        Action.RESET: Status.READY,
        **_SWEEPS,
        Action.FINISH: Standing.AS_TRAINED,
    },
    Status.PAUSED: {
        Action.TRAIN: Status.RUNNING,
        Action.STEP: Standing.AS_TRAINED,
        Action.STOP: Status.STOPPED,
        Action.RESET: Status.READY,
        **_SWEEPS,
    },
    Status.STOPPED: {
        Action.TRAIN: Status.RUNNING,
        Action.STEP: Standing.AS_TRAINED,
        Action.RESET: Status.READY,
        **_SWEEPS,
    },
    Status.FINISHED: {
        Action.TRAIN: Status.RUNNING,
        Action.STEP: Standing.AS_TRAINED,
        Action.RESET: Status.READY,
        **_SWEEPS,
    },
    Status.SEEDS: _SWEEPING,
    Status.SCALES: _SWEEPING,
}


def next_status(status: Status, action: Action, iteration: int, finished: bool) -> Status:
    """The status after an action; unchanged where the table has no transition.

    Parameters
    ----------
    iteration : int
        Steps trained so far.
    finished : bool
        Whether there is nothing left to train.

    Examples
    --------
    >>> next_status(Status.READY, Action.TRAIN, 0, False).value
    'running'
    >>> next_status(Status.SEEDS, Action.FINISH, 40, False).value
    'paused'
    """
    target = TRANSITIONS[status].get(action, status)
    if isinstance(target, Status):
        return target
    if iteration == 0:
        return Status.READY
    return Status.FINISHED if finished else Status.PAUSED
