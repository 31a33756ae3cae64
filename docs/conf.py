"""Sphinx's configuration: Markdown pages and docstrings become the site in `build/site`.

`make docs` builds it. The source directory is the root of the repository, so that a relative link leads to
the same place on the site and in a repository browser. Nothing is fetched: no intersphinx, no fonts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from docs.docstrings import restructured
from docs.lab_page import write_lab_page
from init_utils import __version__

ROOT = Path(__file__).parents[1]

project = "init-utils"
author = "the init-utils authors"
project_copyright = author
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
root_doc = "docs/index"
include_patterns = [
    "docs/**.md",
    "benchmarks/*.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "RELEASING.md",
    "SECURITY.md",
]
exclude_patterns = [
    ".*",
    "node_modules",
    *("build", "demo", "dist", "examples", "release", "source", "tests", "workspace"),
]
nitpicky = True

# Classes of other projects and type variables have no page here to link to.
nitpick_ignore_regex = [(r"py:.*", r"(?!init_utils|autograder).*"), (r"py:.*", r".*\.[A-Z]")]

myst_heading_anchors = 3
autodoc_default_options = {"members": True}
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_type_aliases = {"Array": "Array", "Parameters": "Parameters", "Hidden": "Hidden"}
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

html_theme = "pydata_sphinx_theme"
html_title = "init-utils"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_extra_path = ["site_root"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options: dict[str, Any] = {
    "navigation_with_keys": True,
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}


PUBLIC = """
# {name}

```{{eval-rst}}
.. automodule:: {name}
   :members:
   :imported-members:
```
"""
MODULE = """
```{{eval-rst}}
.. automodule:: {name}
   :members:
   :ignore-module-all:
```
"""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def api_pages() -> dict[str, str]:
    """The API pages by name: the public names of `init_utils`, then a page per module or package."""
    pages = {"init_utils": PUBLIC.format(name="init_utils")}
    for package in ("init_utils", "autograder"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = module_name(path)
            if name == package or path.stem in ("__main__", "guest"):  # `guest` loads in WebAssembly only
                continue
            page = ".".join(name.split(".")[:2])
            heading = f"# {name}" if name == page else f"## {name}"
            pages[page] = pages.get(page, "") + f"\n{heading}\n" + MODULE.format(name=name)
    return pages


def write_api_pages(app: Sphinx, config: object) -> None:
    """Write the API pages to docs/api/, which git ignores; a page that has not changed keeps its time."""
    folder = ROOT / "docs" / "api"
    folder.mkdir(exist_ok=True)
    pages = api_pages()
    for path in folder.glob("*.md"):
        if path.stem not in pages:
            path.unlink()
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def add_lab_page(app: Sphinx, error: Exception | None) -> None:
    """Add the lab that needs no Python; the front page embeds it."""
    if error is None and app.builder.format == "html":
        write_lab_page(Path(app.outdir))


def process_docstring(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Rewrite the lines of a docstring in place, as autodoc expects it."""
    lines[:] = restructured(lines)


def setup(app: Sphinx) -> None:
    """Connect before numpydoc, whose priority is 500."""
    app.connect("config-inited", write_api_pages)
    app.connect("build-finished", add_lab_page)
    app.connect("autodoc-process-docstring", process_docstring, priority=400)
