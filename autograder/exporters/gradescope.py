"""Gradescope: the autograder's zip file, and the results file that one run of it writes.

The zip holds `setup.sh` and `run_autograder` at its root, the instructor's copy, this program's two wheels
and the versions they are known to work with. In Gradescope's container `run_autograder` starts
`autograder.cli.gradescope`, which grades the one submission there is and writes `results/results.json`
with `results_document`. The tier of isolation that the container allowed stands in the results. Source:
gradescope-autograders.readthedocs.io, specs.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from autograder.exporters.tables import number_text
from autograder.isolation import what_it_means
from autograder.untrusted.text import shown_unseen_in
from autograder.verdicts import Status, SubmissionResult, TestResult, Verdict

MOST_CHARACTERS = 20_000
PROGRAMS = ("setup.sh", "run_autograder")
VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")

SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, while it builds the container's image.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"

find_python() {
    for name in python3.13 python3.12 python3.11 python3; do
        if "$name" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

python="$(find_python)"
if [ -z "$python" ]; then
    apt-get update
    for version in 3.13 3.12 3.11; do
        apt-get install -y "python$version" "python$version-venv" && break
    done
    python="$(find_python)"
fi
if [ -z "$python" ]; then
    echo "No Python 3.11 or newer: choose a newer base image (Ubuntu 24.04) in Gradescope." >&2
    exit 1
fi

"$python" -m venv "$root/venv"
"$root/venv/bin/python" -m pip install --constraint "$root/source/constraints.txt" "$root"/source/*.whl

# The interpreter of the tier wasm, by the hashes of its files. Its first start compiles for a minute or two,
# and the self-check is kept with the image, so no submission waits for either.
if [ -f "$root/source/wasm.txt" ]; then
    if "$root/venv/bin/python" -m pip install --require-hashes --requirement "$root/source/wasm.txt"; then
        "$root/venv/bin/python" -m autograder doctor --isolation wasm || true
    else
        echo "The tier wasm cannot be installed here; a run says which tier it can have." >&2
    fi
fi
"""

RUN = """\
#!/usr/bin/env bash
# Gradescope runs this for every submission.
root="${AUTOGRADER_ROOT:-/autograder}"
exec "$root/venv/bin/python" -m autograder.cli.gradescope "$root"
"""


def bundle(
    assignment: str,
    course_files: Mapping[str, bytes],
    wheels: Mapping[str, bytes],
    constraints: str,
    configuration: str = "",
    *,
    isolation: str = "wasm",
    wasm: str = "",
    visibility: str = "visible",
) -> dict[str, bytes]:
    """The files of the zip by name.

    Parameters
    ----------
    assignment : str
    course_files : mapping of str to bytes
        The instructor's copy: content by path below `source/ASSIGNMENT/`.
    wheels : mapping of str to bytes
        Content of both wheels by file name; `setup.sh` installs them in one call.
    constraints : str
        For pip.
    configuration : str
        The course's own marks and time limit, as an `nbgrader_config.py`; "" where it sets none.
    isolation : {"full", "wasm", "landlock", "none"}
        The weakest tier with which a run may give a grade.
    wasm : str
        What pip installs the interpreter of the tier `wasm` from, with hashes; "" leaves it out.
    visibility : str
        When students see the tests: one of `VISIBILITIES`.
    """
    settings = {"assignment": assignment, "isolation": isolation, "visibility": visibility}
    files = {
        "setup.sh": SETUP.encode(),
        "run_autograder": RUN.encode(),
        "settings.json": json.dumps(settings, indent=1).encode(),
        "constraints.txt": constraints.encode(),
    }
    files |= wheels
    if wasm:
        files["wasm.txt"] = wasm.encode()
    if configuration:
        files["course/nbgrader_config.py"] = configuration.encode()
    return files | {f"course/source/{assignment}/{name}": data for name, data in course_files.items()}


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """The zip of a bundle's files, the same for the same files; unpacked, its programs can be executed."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)  # the date is 1980: nothing of this machine in the file
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, so that the mode counts
            entry.external_attr = (0o100755 if name in PROGRAMS else 0o100644) << 16
            archive.writestr(entry, files[name])
    return memory.getvalue()


def results_document(result: SubmissionResult, visibility: str = "visible") -> dict[str, Any]:
    """What Gradescope reads from `results.json`.

    A rejected submission has 0 points there, since Gradescope knows no missing score; its text says that it
    was not graded and why. An internal error has no document: the run fails, and Gradescope asks the
    instructor.

    Raises
    ------
    ValueError
        The result is an internal error.
    """
    if result.status is Status.INTERNAL_ERROR:
        raise ValueError("an internal error is not the student's zero")
    document: dict[str, Any] = {
        "score": sum(test.score for test in result.tests),
        "output": _opening(result),
        "output_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "extra_data": {
            "status": str(result.status),
            "isolation": result.isolation,
            "flags": list(result.flags),
            "limits_hit": list(result.limits_hit),
            "versions": dict(result.versions),
            "misconceptions": {test.name: test.misconception for test in result.tests if test.misconception},
        },
        "tests": [_test(test, number) for number, test in enumerate(result.tests, start=1)],
    }
    return shown_unseen_in(document)


def _opening(result: SubmissionResult) -> str:
    lines = []
    if result.status is Status.REJECTED:
        lines.append(f"This was not graded: {result.reason} Put it right and hand in again.")
    by_hand = sum(grade.max_score for grade in result.hand_grades)
    if by_hand:
        lines.append(f"{number_text(by_hand)} more points are given by hand for written answers.")
    if result.open_points:
        lines.append(
            f"{number_text(result.open_points)} points open: the grader failed there; a person gives them."
        )
    lines += result.flags
    meaning = f" That means: {words}." if (words := what_it_means(result.isolation)) else ""
    lines.append(f"Graded in isolation: {result.isolation or 'not recorded'}.{meaning}")
    return "\n".join(lines)[:MOST_CHARACTERS]


def _points(test: TestResult) -> dict[str, Any]:
    status = "passed" if test.verdict is Verdict.PASSED else "failed"
    return {"score": test.score, "max_score": test.max_score, "status": status}


def _test(test: TestResult, number: int) -> dict[str, Any]:
    said = [test.told_message, test.advice if test.advice not in test.told_message else "", *test.notes]
    return {
        "name": test.name,
        "number": str(number),
        **({} if test.open else _points(test)),
        "output": "\n".join([test.told_verdict, *filter(None, said)])[:MOST_CHARACTERS],
        "output_format": "text",
    }
