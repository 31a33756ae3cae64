"""What a tier does not promise stands where people look for it."""

from __future__ import annotations

from pathlib import Path

from autograder.isolation import COMPARED, MEANING, NOT_PROMISED, PROMISES, what_it_means
from autograder.sandbox import TIERS

SECURITY = Path(__file__).parents[1] / "docs" / "security.md"


def test_every_tier_has_a_meaning_and_says_what_it_does_not_promise():
    assert tuple(MEANING) == tuple(NOT_PROMISED) == TIERS
    assert what_it_means("full") == "the notebook ran with its own view of files, processes and network"
    assert what_it_means("") == ""


def test_the_page_on_security_has_all_of_it():
    text = SECURITY.read_text(encoding="utf-8")
    rows = [f"| {tier} | {sentence} |" for tier in TIERS for sentence in NOT_PROMISED[tier]]
    rows += [f"| {subject} | {' | '.join(words)} |" for subject, words in COMPARED.items()]
    rows += [f"| {subject} | {' | '.join(words)} |" for subject, words in PROMISES.items()]
    assert [row for row in rows if row not in text] == []
