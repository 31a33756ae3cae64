"""Settings of the lab: one table of limits, which form and manual take over."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from init_utils.lab.settings import LIMITS, MOST_RUNS, LabSettings, SettingsError
from init_utils.lab.shared import SHARED_MODULE, shared_module

MANUAL = Path(__file__).parents[1] / "docs" / "lab.md"


def manual_rows() -> dict[str, tuple[str, str]]:
    """Default and values of each setting in the manual's table, without its markup."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", MANUAL.read_text(encoding="utf-8"), re.M)
    return {name: (default.strip("`"), values.replace("`", "")) for name, default, values in rows}


def as_written(default: object) -> str:
    """A default as the manual writes it."""
    if isinstance(default, str):
        return f'"{default}"'
    return f"{default:,g}" if isinstance(default, (int, float)) else str(default)


@pytest.mark.parametrize("field", dataclasses.fields(LabSettings), ids=lambda field: field.name)
def test_the_manual_gives_default_and_limit_of_every_setting(field):
    default, values = manual_rows()[field.name]
    assert default == as_written(field.default)
    assert values.startswith(LIMITS[field.name].words)


def test_the_manual_lists_no_other_settings():
    assert set(manual_rows()) == {*LIMITS, "compare"}
    assert manual_rows()["compare"][1].startswith(f"up to {MOST_RUNS} names")


def test_every_setting_has_its_limit():
    assert list(LIMITS) == [field.name for field in dataclasses.fields(LabSettings)]


def test_the_tables_that_javascript_reads_are_pythons():
    assert SHARED_MODULE.read_text(encoding="utf-8") == shared_module(), "run make js"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("dataset", "moon", "dataset is 'moon'; expected one of circles, moons, xor, spirals, blobs"),
        ("noise", 1.5, "noise is 1.5; expected a number from 0 to 1"),
        ("noise", float("nan"), "noise is nan; expected a number from 0 to 1"),
        ("gain", True, "gain is True; expected a number from 0 to 1000"),
        ("gain", {"he": -1.0}, r"gain\['he'\] is -1.0; expected a number from 0 to 1000"),
        ("points", 19, "points is 19; expected a whole number from 20 to 2,000"),
        ("points", True, "points is True; expected a whole number from 20 to 2,000"),
        ("seed", -1, "seed is -1; expected a whole number from 0 to 4,294,967,295"),
        ("hidden_layers", (4,) * 7, "hidden_layers is .*; expected up to 6 layer sizes, as"),
        ("hidden_layers", (65,), "hidden_layers is 65; expected a whole number from 1 to 64"),
        ("speed", 3, "the lab has no setting 'speed'; it has dataset, noise, points"),
    ],
)
def test_a_value_outside_its_limit_is_refused_by_name(name, value, text):
    with pytest.raises(SettingsError, match=text):
        LabSettings().replace(**{name: value})


@pytest.mark.parametrize("name", ["noise", "points", "iterations", "learning_rate", "strip_seeds", "seed"])
def test_both_ends_of_a_range_are_allowed(name):
    limit = LIMITS[name]
    for value in (limit.low, limit.high):
        assert getattr(LabSettings().replace(**{name: value}), name) == value


def test_no_seed_is_allowed():
    assert LabSettings(seed=None).seed is None
