"""One run of the engine, for `benchmarks.grading` to time: prints parts and each one's seconds as JSON.

python -m benchmarks.grading_run ASSIGNMENT COURSE TIER WORKERS FORCE
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from autograder import class_run
from autograder.course import Course


def main(words: list[str]) -> int:
    """Grade; print where the time went."""
    name, course, tier, workers, force = words
    parts: Counter[str] = Counter()
    options = class_run.Options(isolation=tier, workers=int(workers), force=bool(int(force)))
    results = class_run.grade(
        Course(Path(course)), name, options, lambda progress: parts.update(progress.parts)
    )
    print(json.dumps({"parts": parts, "seconds": [result.seconds for result in results]}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
