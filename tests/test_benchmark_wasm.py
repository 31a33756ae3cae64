"""The benchmark of the tier wasm refuses numbers of submissions that it cannot divide by."""

from __future__ import annotations

import pytest

from benchmarks import wasm


@pytest.mark.parametrize("words", [["--each", "0"], ["--each", "-1"], ["--sample", "-1"]])
def test_numbers_that_give_no_difference_are_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        wasm.main(words)
    assert "--each must be at least 1, and --sample at least 0" in capsys.readouterr().err
