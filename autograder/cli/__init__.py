"""The program `autograder`: one file a verb; the only place of the package that prints.

Each module named in `VERBS` has `add_arguments(parser)` and `run(arguments) -> int` (the exit code). Its
docstring is the verb's help: first line the summary, the rest the description. Modules are imported when
their verb is typed, so that `autograder --help` is quick.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import NoReturn

from autograder.course import CourseError

VERBS = {
    "release": "make the students' version of an assignment from the instructor's",
    "collect": "take in submissions from a zip file of Canvas, Moodle, Gradescope, Blackboard or nbgrader",
    "grade": "grade what students handed in",
    "feedback": "write each student's feedback page",
    "report": "write the report on the class",
    "export": "write the grades in the form another system reads",
    "doctor": "try every forbidden act inside the sandbox and show what this machine can enforce",
    "demo": "grade an example class in a scratch course, from nothing",
}

EXIT_OK, EXIT_SOME_FAILED, EXIT_USAGE = 0, 1, 2

_STUDENTS_INSTALL = (
    "the package {missing!r} is not installed: this is what students install. For grading, type: "
    "python -m pip install 'init_utils-{version}-py3-none-any.whl[grading]' (in a clone: make demo)"
)


def main(argv: list[str] | None = None) -> int:
    """Run one verb; the exit code.

    Parameters
    ----------
    argv : list of str, optional
        The words after the program's name; by default those of this process.

    Returns
    -------
    int
        0 all done, 1 some submissions were rejected or hit an internal error, or some assignments could not
        be released, 2 usage or set-up.
    """
    words = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(
        prog="autograder",
        description="Release, grade and return the notebooks of a class.",
        epilog="`autograder VERB --help` explains a verb. For a first look, type: autograder demo",
    )
    parser.add_argument("--version", action=_PrintVersion, nargs=0, help="print the version and exit")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    asked = next((word for word in words if not word.startswith("-")), None)
    for verb, summary in VERBS.items():
        if verb == asked:
            try:
                module = importlib.import_module(f"autograder.cli.{verb}")
            except ModuleNotFoundError as error:
                if (error.name or "").partition(".")[0] == "autograder":
                    raise
                said = _STUDENTS_INSTALL.format(missing=error.name, version=_version())
                print(f"autograder {verb}: {said}", file=sys.stderr)
                return EXIT_USAGE
            verb_parser = verbs.add_parser(
                verb,
                help=summary,
                description=module.__doc__,
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
            module.add_arguments(verb_parser)
            verb_parser.set_defaults(run=module.run)
        else:
            verbs.add_parser(verb, help=summary)
    if not words:
        parser.print_help(sys.stderr)
        return EXIT_USAGE
    arguments = parser.parse_args(words)
    try:
        code: int = arguments.run(arguments)
    except CourseError as error:
        print(f"autograder {arguments.verb}: {error}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        print("\nStopped. What was finished is kept; the same command goes on from there.", file=sys.stderr)
        return 130
    return code


class _PrintVersion(argparse.Action):
    """Finds the version out when it is asked for: that takes 50 ms."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print(f"autograder {_version()}")
        parser.exit()


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("init-utils")
    except metadata.PackageNotFoundError:  # run from a folder of sources
        return "(not installed)"
