"""The lab on the site: `docs/try.html`, a page of its own, which the front page embeds."""

from __future__ import annotations

from pathlib import Path

from init_utils.lab.candidates import built_in_candidates
from init_utils.lab.page import page_html
from init_utils.lab.settings import LabSettings


def write_lab_page(site: Path) -> Path:
    """Write the page into a site that has been built, and return its place."""
    page = site / "docs" / "try.html"
    page.write_text(page_html(built_in_candidates(), LabSettings()), encoding="utf-8")
    return page
