"""The notebook's questions as states of the lab."""

from __future__ import annotations

import pytest

from init_utils.lab.questions import QUESTIONS, changes_for
from init_utils.lab.settings import LabSettings, SettingsError
from init_utils.lab.widget import Lab
from tests.notebook_cells import read_cells
from tests.test_lab_scales import random_x10
from tests.test_lab_widget import OWN

FUNCTIONS = {"zeros": OWN[0], "random": random_x10, "he": OWN[1]}


@pytest.mark.parametrize(
    ("number", "runs"), [(1, ["random", "he"]), (2, ["he", "Xavier"]), (3, ["he", "constant 0.5"])]
)
def test_a_question_compares_the_runs_that_it_is_about(number, runs):
    assert Lab(**FUNCTIONS, live=False, question=number).compare == runs


def test_a_question_sets_the_published_experiment_up_and_keeps_the_pace():
    one = Lab(**FUNCTIONS, live=False, pace=5.0, dataset="moons", gain=3.0, learning_rate=1.0)
    one.step()
    one.ask(1)
    assert (one.dataset, one.gain, one.learning_rate, one.pace) == ("circles", 1.0, 0.01, 5.0)
    assert (one.question, one.status, one.session.iteration) == (1, "ready", 0)
    assert one.session.settings == LabSettings(pace=5.0)


def test_what_is_written_in_the_call_goes_before_the_question():
    one = Lab(**FUNCTIONS, live=False, question=2, dataset="moons", compare=["zeros"])
    assert (one.dataset, one.compare) == ("moons", ["zeros"])


def test_the_buttons_of_the_view_ask_questions():
    one = Lab(**FUNCTIONS, live=False)
    one._on_message(one, {"do": "question-3"}, [])
    assert (one.question, one.compare) == (3, ["he", "constant 0.5"])


def test_a_lab_without_the_runs_of_a_question_keeps_its_own():
    assert "compare" not in changes_for(1, ["mine"])


@pytest.mark.parametrize("number", [0, 4, "1"])
def test_a_question_that_does_not_exist_is_named(number):
    with pytest.raises(SettingsError, match=f"question is {number!r}; expected one of 1, 2, 3"):
        changes_for(number, [])


def test_questions_are_those_of_the_notebook():
    text = "\n".join(cell.text for cell in read_cells("source", "initialization").values())
    for number, asked in QUESTIONS.items():
        words = asked.words.partition("?")[0].replace("“", '"').replace("”", '"')
        assert f"{number}. **{words}?**" in text
