"""What students wait for and what they install: the first use of each part in a fresh process, MB on disk.

`python benchmarks/lighter.py` measures this checkout and writes `benchmarks/lighter.md`; `--before FOLDER`
measures another checkout beside it, in the same run; `--environment FOLDER` weighs what students install, in
a new environment after `pip install --no-compile '.[jupyter]' --constraint constraints.txt`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
ROUNDS = 3
BEFORE_MB = 839  # as recorded once; what was counted then is not known any more
LATE = ("sklearn", "scipy", "numba", "IPython", "ipywidgets", "anywidget", "matplotlib")
HE = """
import numpy as np
def initialize_parameters_he(layers_dims):
    np.random.seed(3)
    return {name: value for l in range(1, len(layers_dims)) for name, value in (
        (f"W{l}", np.random.randn(layers_dims[l], layers_dims[l - 1]) * np.sqrt(2 / layers_dims[l - 1])),
        (f"b{l}", np.zeros((layers_dims[l], 1))))}
"""
# In the order of the notebook; each is what the one before has loaded, and more.
STEPS = {
    "`import init_utils`": "import init_utils",
    "`load_dataset()`": "data = init_utils.load_dataset(); init_utils.train",
    "first training, 15,000 iterations of 2-10-5-1": (
        HE + "init_utils.train(data[0], data[1], initialize_parameters_he([2, 10, 5, 1]), 0.01, 15_000)"
    ),
    "first `lab(...)` with its picture": "init_utils.lab(initialize_parameters_he)._repr_mimebundle_()",
    "first lab on other circles": "init_utils.lab(initialize_parameters_he, noise=0.2)._repr_mimebundle_()",
}
PROGRAM = """
import json, sys, time
steps, late = json.loads(sys.argv[1])
taken, names = [], {}
for step in steps:
    wall, processor = time.perf_counter(), time.process_time()
    exec(step, names)
    loaded = [name for name in late if name in sys.modules]
    taken.append([time.process_time() - processor, time.perf_counter() - wall, loaded])
print(json.dumps(taken))
"""


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--before", type=Path, help="another checkout, with the same environment")
    parser.add_argument("--environment", type=Path, help="the environment of students, to be weighed")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    folders = [arguments.before, REPOSITORY] if arguments.before else [REPOSITORY]
    rounds = [[uses(folder) for folder in folders] for _ in range(ROUNDS)]  # in turns: the load hits both
    columns = [list(column) for column in zip(*rounds, strict=True)]
    lines = [
        "# Lighter",
        "",
        f"Written by `benchmarks/lighter.py`: {platform.system()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}; load of the machine before the run {load:.1f}. Processor seconds, "
        f"medians of {ROUNDS} fresh processes with bytecode and with the compiled loop in its cache; each "
        "row comes after those above it.",
        "",
        f"| first use | {'before | now' if arguments.before else 'now'} | libraries that it loads |",
        f"| --- | {'--- | ' * len(columns)}--- |",
    ]
    known: set[str] = set()
    for place, step in enumerate(STEPS):
        figures = [f"{statistics.median(one[place][0] for one in column):.3f} s" for column in columns]
        loaded = [name for name in columns[-1][0][place][2] if name not in known]
        known.update(loaded)
        lines.append(f"| {' | '.join([step, *figures, ', '.join(loaded) or 'none'])} |")
    if arguments.environment:
        lines += ["", weights(arguments.environment)]
    text = "\n".join([*lines, ""])
    (REPOSITORY / "benchmarks" / "lighter.md").write_text(text, encoding="utf-8")
    print(text)


def uses(folder: Path) -> list[tuple[float, float, list[str]]]:
    """Processor seconds, seconds, and libraries loaded after each of `STEPS`, in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps([list(STEPS.values()), LATE])],
        cwd=folder, env=os.environ | {"MPLBACKEND": "Agg"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: list[tuple[float, float, list[str]]] = json.loads(done.stdout)
    return found


def weights(environment: Path) -> str:
    """How large it is, and its largest parts."""
    (packages,) = environment.glob("lib/python*/site-packages")
    parts: dict[str, float] = {}
    for one in packages.iterdir():
        if one.is_dir():
            name = one.name.removesuffix(".libs")
            parts[name] = parts.get(name, 0.0) + size(one)
    largest = sorted(parts.items(), key=lambda part: -part[1])[:8]
    words = ", ".join(f"{name} {megabytes:.0f}" for name, megabytes in largest)
    return (
        f"The students' environment with JupyterLab: {size(environment):.0f} MB, {BEFORE_MB} MB before (as "
        f"recorded). Its largest parts: {words}."
    )


def size(folder: Path) -> float:
    """Of its files, in MB."""
    files = (one for one in folder.rglob("*") if one.is_file() and not one.is_symlink())
    return sum(one.stat().st_size for one in files) / 1e6


if __name__ == "__main__":
    main()
