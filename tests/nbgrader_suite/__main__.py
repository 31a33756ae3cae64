"""Run `nbgrader.tests.apps.test_nbgrader_autograde` with the engine in the place of nbgrader's executor.

    python -m tests.nbgrader_suite            all of it, about as long as with the plain executor
    python -m tests.nbgrader_suite -k force   words for pytest
    python -m tests.nbgrader_suite --last-failed --last-failed-no-failures none
                                              what failed last time

The tests ship in nbgrader's wheel and run unchanged. `EXCEPTIONS` are left out: each asserts a behaviour that
the engine does not have, with the reason. Exit code: pytest's.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.sandbox import best_tier

SUITE = "nbgrader.tests.apps.test_nbgrader_autograde"
ROOT = Path(__file__).resolve().parents[2]

# Name of the test -> why it asserts something that the engine does not do. At most three.
EXCEPTIONS: dict[str, str] = {}


def main(words: list[str]) -> int:
    """Run the suite; pytest's exit code."""
    for name, reason in EXCEPTIONS.items():
        sys.stdout.write(f"left out: {name}: {reason}\n")
    tier = best_tier(weakest="none")
    sys.stdout.write(f"isolation: {tier}\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config"
        config.mkdir()
        own = (Path(__file__).parent / "config" / "nbgrader_config.py").read_text(encoding="utf-8")
        (config / "nbgrader_config.py").write_text(f'{own}c.Execute.isolation = "{tier}"\n', encoding="utf-8")
        (Path(folder) / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        deselected = ["-k", f"not ({' or '.join(EXCEPTIONS)})"] if EXCEPTIONS else []
        environment = dict(os.environ) | {
            "JUPYTER_CONFIG_PATH": str(config),
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        }
        cache = f"cache_dir={ROOT / '.pytest_cache' / 'nbgrader_suite'}"
        options = ["-c", str(Path(folder) / "pytest.ini"), "-o", cache, "-q", "-rfEs", *deselected]
        command = [sys.executable, "-m", "pytest", *options, "--pyargs", SUITE, *words]
        run = subprocess.run(command, cwd=folder, env=environment, check=False)
    return run.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
