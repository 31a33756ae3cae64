"""The lab's status: one table of transitions."""

from __future__ import annotations

import pytest

from init_utils.lab.status import TRANSITIONS, Action, Status, next_status


@pytest.mark.parametrize(
    ("status", "action", "expected"),
    [
        (Status.READY, Action.TRAIN, Status.RUNNING),
        (Status.RUNNING, Action.PAUSE, Status.PAUSED),
        (Status.RUNNING, Action.STOP, Status.STOPPED),
        (Status.PAUSED, Action.TRAIN, Status.RUNNING),
        (Status.PAUSED, Action.STOP, Status.STOPPED),
        (Status.STOPPED, Action.TRAIN, Status.RUNNING),
        (Status.READY, Action.STEP, Status.PAUSED),
        (Status.READY, Action.COMPARE_SEEDS, Status.SEEDS),
    ],
)
def test_a_button_leads_to_its_status(status, action, expected):
    assert next_status(status, action, iteration=5, finished=False) == expected


@pytest.mark.parametrize("status", Status)
def test_reset_is_always_possible_and_leads_to_ready(status):
    assert next_status(status, Action.RESET, iteration=5, finished=False) == Status.READY


@pytest.mark.parametrize(
    ("iteration", "finished", "expected"),
    [
        (0, False, Status.READY),
        (0, True, Status.READY),
        (7, False, Status.PAUSED),
        (9, True, Status.FINISHED),
    ],
)
@pytest.mark.parametrize("action", [Action.STOP, Action.PAUSE, Action.FINISH])
def test_after_comparing_seeds_the_status_is_that_of_the_training(action, iteration, finished, expected):
    assert next_status(Status.SEEDS, action, iteration, finished) == expected


@pytest.mark.parametrize(
    ("status", "action"),
    [
        (Status.READY, Action.STOP),
        (Status.STOPPED, Action.PAUSE),
        (Status.FINISHED, Action.STOP),
        (Status.SEEDS, Action.TRAIN),
        (Status.READY, Action.FINISH),
    ],
)
def test_an_action_without_a_transition_changes_nothing(status, action):
    assert action not in TRANSITIONS[status]
    assert next_status(status, action, iteration=5, finished=True) == status


def test_every_status_has_its_row_and_can_be_left():
    assert set(TRANSITIONS) == set(Status)
    assert all(TRANSITIONS.values())
