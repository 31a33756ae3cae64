"""A JupyterLite site with both notebooks and the students' wheel, in `build/lite/site/`.

`make lite` runs this where JupyterLite is installed. The site is static files: any web server serves it, and
the browser runs Python. Each notebook's first cell installs the wheel that lies beside it, so that the name
`init-utils` is not looked up on a package index, where it is not ours.

Pyodide itself, its packages and those of the widgets are no part of the site: the browser fetches them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from install_cell import NOTEBOOKS, ROOT, with_install_cell

FOLDER = ROOT / "build" / "lite"
SITE = FOLDER / "site"
KERNEL = {"display_name": "Python (Pyodide)", "language": "python", "name": "python"}


def for_lite(notebook: dict[str, Any], wheel: str) -> dict[str, Any]:
    """The notebook for JupyterLite's kernel, with a first cell that installs the file `wheel` beside it."""
    made = with_install_cell(notebook, f"emfs:{wheel}")
    return made | {"metadata": made["metadata"] | {"kernelspec": KERNEL}}


def build() -> None:
    """Build the site anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    wheels, contents = FOLDER / "wheels", FOLDER / "contents"
    contents.mkdir(parents=True)
    _run(
        "-m",
        "pip",
        "--disable-pip-version-check",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        wheels,
        ROOT,
    )
    (wheel,) = wheels.glob("init_utils-*.whl")
    shutil.copy(wheel, contents)
    for name in NOTEBOOKS:
        released = json.loads((ROOT / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8"))
        made = json.dumps(for_lite(released, wheel.name), ensure_ascii=False, indent=1) + "\n"
        (contents / f"{name}.ipynb").write_text(made, encoding="utf-8")
    words: list[str | Path] = ["--lite-dir", FOLDER, "--output-dir", SITE, "--contents", contents]
    words += [f"--piplite-wheels={wheel}", "--no-unused-shared-packages", "--no-sourcemaps"]
    for app in ("lab", "notebooks", "tree"):
        words += ["--apps", app]
    _run("-m", "jupyterlite_core", "build", *words)


def _run(*words: str | Path) -> None:
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words[:3]))} failed; it wrote:\n{(done.stdout + done.stderr)[-2000:]}")


if __name__ == "__main__":
    build()
    shown = SITE.relative_to(ROOT)
    print(f"{shown}: any web server serves it. To try it here: python3 -m http.server --directory {shown}")
