"""Write `docs/misconceptions.md`: `python -m autograder.misconceptions`, in the clone, after a change."""

from __future__ import annotations

from pathlib import Path

from autograder.misconceptions.pages import catalogue_page

if __name__ == "__main__":
    page = Path(__file__).resolve().parents[2] / "docs" / "misconceptions.md"
    page.write_text(catalogue_page(), encoding="utf-8")
