"""An experiment as data: read back as it was written, and refused when no lab wrote it."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest

from docs.solutions import instructor_functions
from init_utils.lab.candidates import Candidate
from init_utils.lab.experiment import (
    ExperimentError,
    experiment,
    json_in_html,
    packed,
    read_experiment,
    unpacked,
)
from init_utils.lab.settings import LabSettings


def own(name: str) -> Candidate:
    function = instructor_functions("initialization")[f"initialize_parameters_{name}"]
    return Candidate(name, function, function.__name__)


def written(**changes: Any) -> dict[str, Any]:
    """What a lab writes, and what someone changed in it."""
    made = experiment([own("he"), own("zeros")], LabSettings(noise=0.2), ["he", "Xavier"])
    return made | changes


def test_what_is_written_is_read_back_without_what_was_added():
    made = written()
    assert read_experiment(json.dumps(made | {"program": "alert(1)"})) == made
    assert made["settings"]["compare"] == ["he", "Xavier"]
    assert list(made["functions"][0]["starts"]) == ["own", *map(str, range(1, 11))]


def test_seeds_may_be_left_out():
    made = experiment([own("he")], LabSettings(), seeds=())
    assert list(made["functions"][0]["starts"]) == ["own"]
    assert read_experiment(json.dumps(made)) == made


def test_a_function_that_gives_no_network_has_a_message_and_no_weights():
    def initialize_parameters_mine(layers_dims: list[int]) -> Any:
        raise ValueError("not yet")

    made = experiment([Candidate("mine", initialize_parameters_mine, "mine")], LabSettings())
    assert (made["functions"][0]["message"], made["functions"][0]["starts"]) == ("ValueError: not yet", {})
    assert read_experiment(json.dumps(made)) == made


def one_function(**changes: Any) -> dict[str, Any]:
    made = written()
    return made | {"functions": [made["functions"][0] | changes]}


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (7, "it is no experiment of a lab"),
        ({}, "it is no experiment of a lab"),
        (written(dims=[2, 3, 1]), "dims are [2, 3, 1]; the settings have 2-10-5-1"),
        (written(settings={"noise": float("nan")}), "noise is nan; expected a number from 0 to 1"),
        (
            written(settings={"iterations": 10**9}),
            "iterations is 1000000000; expected a whole number from 1 to 1,000,000",
        ),
        (
            written(settings={"compare": ["<b>"]}),
            "compare is ['<b>']; expected 1 to 4 of he, zeros, He, Xavier,",
        ),
        (written(settings={"compare": 5}), "compare is 5; expected 1 to 4 of he, zeros, He, Xavier,"),
        (written(functions=written()["functions"][:1] * 2), "two functions have the same name"),
        (one_function(name=5), "it is no experiment of a lab"),
        (one_function(starts={"own": "AAAA"}), "the weights of seed own are not those of [2, 10, 5, 1]"),
        (one_function(starts={"own": "not base64"}), "it is no experiment of a lab"),
        (one_function(starts={"<b>": "AAAA"}), "a seed is '<b>'"),
    ],
)
def test_what_no_lab_wrote_is_refused(value: object, sentence: str):
    with pytest.raises(ExperimentError) as refused:
        read_experiment(json.dumps(value))
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000])
def test_what_is_no_json_is_refused(text: str):
    with pytest.raises(ExperimentError, match="it is no experiment of a lab"):
        read_experiment(text)


def test_what_is_packed_is_unpacked():
    made = written()
    assert unpacked(packed(made)) == made


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alert(1)",
        "é",
        packed(written())[:-8],
        base64.b64encode(zlib.compress(b"\xff")).decode(),
        base64.b64encode(zlib.compress(b" " * 21_000_000)).decode(),
    ],
)
def test_what_is_not_packed_by_a_lab_is_refused(text: str):
    with pytest.raises(ExperimentError, match="it is no experiment of a lab"):
        unpacked(text)


def test_a_text_in_json_ends_no_script():
    assert json_in_html("</script>") == '"\\u003c/script>"'
