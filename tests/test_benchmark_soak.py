"""The soak and the simulation of a deadline hour: a small one of each; `SOAK=200` makes the soak larger."""

from __future__ import annotations

import dataclasses
import os
import random
import tempfile
from pathlib import Path

import pytest

from autograder.sandbox import best_tier
from benchmarks import deadline, soak, soak_claims, soak_run
from benchmarks.soak_page import command, oversubscribed
from benchmarks.soak_submissions import MIXTURE, submissions
from benchmarks.soak_watch import One, Sample
from tests.corpus_notebooks import compose


def test_the_same_seed_gives_the_same_submissions_and_no_two_are_equal() -> None:
    first, again, other = (list(submissions(40, seed)) for seed in (3, 3, 4))
    assert first == again
    assert [one.case for one in first] != [one.case for one in other]
    assert {one.kind for one in first} == set(MIXTURE)
    notes = [[step.text for step in one.case.operations if step.name == "file"] for one in first]
    assert len({(compose(one.case), *note) for one, note in zip(first, notes, strict=True)}) == 40


def test_the_last_block_has_the_stories_of_the_first() -> None:
    chosen = list(submissions(60))
    assert [one.story for one in chosen[:30]] == [one.story for one in chosen[30:]]


def test_a_difference_is_told_with_its_place_and_times_are_none() -> None:
    result = {"score": 3.0, "seconds": 1.0, "tests": [{"message": "W1 is 0.25;", "score": 1.0}]}
    slower = result | {"seconds": 2.0}
    other = result | {"tests": [{"message": "W1 is 0.25;", "score": 0.0}]}
    one, same, unequal = (
        soak_run.Run(results={"s1": soak_run.comparable(each)}, points={"s1": []})
        for each in (result, slower, other)
    )
    assert soak_run.differences(one, same) == []
    drawn = [
        {"tests": [{"message": f"W1[0, 0] is {number}; expected 0. In W1, every entry must be zero."}]}
        for number in (0.25, -1e-5)
    ]
    assert soak_run.comparable(drawn[0]) == soak_run.comparable(drawn[1])
    assert soak_run.differences(one, unequal) == ["s1: tests[0].score: '1.0' and '0.0'"]
    assert soak_run.differences(one, soak_run.Run()) == [
        "s1: no result in one of the runs",
        "s1: other points in the gradebook",
    ]


def test_the_page_names_the_command_without_the_folder_that_it_kept_its_runs_in() -> None:
    words = ["--submissions", "600", "--keep", "/tmp/kept", "--workers", "4"]
    assert command(words) == "python -m benchmarks.soak --submissions 600 --workers 4"
    assert command([]) == "python -m benchmarks.soak"


def test_runs_with_other_numbers_of_workers_are_compared_with_the_undisturbed_one() -> None:
    samples = [Sample(float(second), int(second > 8), {}, 0, 0) for second in range(12)]
    alone, other = (soak_run.Run({"s1": {"score": score}}, samples=[samples]) for score in (1.0, 0.0))
    assert oversubscribed(4, alone, {2: alone, 8: other})[3:] == [
        "| workers | seconds | CPU seconds of a submission | results that differ from 4 workers' |",
        "| --- | --- | --- | --- |",
        "| 2 | 9 |  | 0 |",
        "| 8 | 9 |  | 1 |",
        "",
        "- 8 workers: s1: score: '1.0' and '0.0'",
    ]
    assert oversubscribed(4, alone, {}) == []


def test_a_run_that_was_kept_is_read_as_it_was(tmp_path: Path) -> None:
    sample = Sample(1.5, 3, {(7, 0.25): One("worker", 1000, 12)}, 4, 500)
    run = soak_run.Run({"s1": {"score": 3.0}}, [0.5], [[sample], []], [2, 5], points={"s1": []})
    run.keep(tmp_path / "run.json")
    assert soak_run.Run.read(tmp_path / "run.json") == run


@pytest.mark.slow
def test_a_soak_that_is_killed_and_resumed_loses_nothing_and_leaves_nothing() -> None:
    """24 submissions as a rule: some 30 seconds on a quiet machine."""
    count = int(os.environ.get("SOAK", "24"))
    chosen = list(submissions(count, whole=count > 24))
    tier = best_tier(weakest="none")
    if tier == "none":
        pytest.skip("hostile code only runs in a sandbox; this machine has none")
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:  # a short path: sockets lie in it
        alone = soak.grade(Path(folder) / "alone", chosen, tier, 2)
        disturbed = soak.grade(Path(folder) / "disturbed", chosen, tier, 2, kills=True)
    assert len(disturbed.killed) == 2
    assert len(alone.results) == len(disturbed.results) == count
    assert soak_run.faults(alone, alone) == []
    assert soak_run.faults(alone, disturbed) == []
    if count >= 200:  # fewer are over before a process could be seen to grow
        grown = [one for one in soak_claims.claims(alone, disturbed, count) if one.held is False]
        assert [one for one in grown if not one.name.startswith(("submissions an hour", "CPU seconds"))] == []


def test_a_queue_is_served_in_order_by_the_core_that_is_free_first() -> None:
    outcome = deadline.simulate([0.0, 0.0, 1.0, 9.0], [4.0, 2.0, 2.0, 1.0], cores=2)
    assert dataclasses.astuple(outcome) == (3.0, 4.0, 4.0, 10.0)


def test_half_of_a_deadline_hour_comes_in_its_last_eighteen_minutes() -> None:
    arrivals = deadline.deadline_arrivals(20_000, random.Random(1))
    assert 0.48 < sum(moment > 42 * 60 for moment in arrivals) / 20_000 < 0.52


def test_the_pages_have_the_figures_of_the_last_soak() -> None:
    """Else run `python -m benchmarks.deadline`, which writes them."""
    measured = deadline.Measured.read()
    page, scale = deadline.pages(measured)
    assert page == deadline.PAGE.read_text(encoding="utf-8")
    assert scale == deadline.SCALE.read_text(encoding="utf-8")
    soaked = soak.PAGE.read_text(encoding="utf-8")
    assert f"`{measured.command}`: {len(measured.each_s):,} distinct submissions" in soaked
    assert [row for row in deadline.claim_rows(measured) if f"{row}\n" not in soaked] == []


def test_what_grew_is_told_as_a_claim_that_did_not_hold() -> None:
    def sample(second: int, worker_bytes: int) -> Sample:
        processes = {(7, 0.25): One("worker", worker_bytes, 12)}
        return Sample(10.0 * second, second, processes, 4, 500 * second, 30, 2.0 * second)

    def run(bytes_a_second: int) -> soak_run.Run:
        samples = [sample(second, 50_000_000 + bytes_a_second * second) for second in range(41)]
        results = {f"s{place}": {"score": 3.0} for place in range(40)}
        return soak_run.Run(results, [1.0] * 40, [samples], points={student: [] for student in results})

    flat, leaks = (
        {one.name: (one.held, one.told) for one in soak_claims.claims(run(grown), run(grown), 40)}
        for grown in (0, 1_000_000)
    )
    memory = "flat memory of each long-lived process (within 10 MB)"
    assert flat[memory] == (True, "at most +0 MB (worker)")
    assert leaks[memory] == (False, "at most +27 MB (worker)")
    assert flat["killed twice and resumed"][0] is False
    assert flat["CPU seconds of a submission: last within 20 % of first"] == (True, "+0 %")


def test_one_core_less_than_needed_is_too_few() -> None:
    cores, outcome = deadline.cores_needed(3_000, [2.0], random.Random(1))
    assert outcome.p95_s <= deadline.PATIENCE_S
    arrivals = deadline.deadline_arrivals(3_000, random.Random(1))
    assert deadline.simulate(arrivals, [2.0] * 3_000, cores - 1).p95_s > deadline.PATIENCE_S
