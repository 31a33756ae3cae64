"""The program `autograder`: one file per verb; the only place of the package that prints.

Each module named in `VERBS` has `add_arguments(parser)` and `run(arguments) -> int` (the exit code). Its
docstring is the verb's help: first line the summary, the rest the description. Modules are imported when
their verb is typed, so that `autograder --help` is quick.
"""

from __future__ import annotations

import argparse
import atexit
import gc
import importlib
import sys

from autograder.cli.terminal import (
    ctrl_c_answers_at_once,
    let_go_of_output,
    show_what_can_be_shown,
    tell_of_stop,
    unusable,
)
from autograder.course import CourseError
from init_utils import __version__

VERBS = {
    "new": "make a new course, or add an assignment to one",
    "try": "grade one notebook without touching the course",
    "release": "make the students' version of an assignment from the instructor's",
    "collect": "take in submissions from a zip file of Canvas, Moodle, Gradescope, Blackboard or nbgrader",
    "grade": "grade what students handed in",
    "serve": "take in notebooks on a page, and answer with verdict and feedback",
    "unread": "show the next answer of each question that nobody has read",
    "extension": "give students extra days, and list who has some",
    "feedback": "write each student's feedback page",
    "report": "write the report on the class",
    "comment": "say one sentence to all who share a mistake",
    "export": "write the grades in the form another system reads",
    "gradebook": "copy the gradebook to another database: a file, or PostgreSQL",
    "doctor": "try every forbidden act inside the sandbox and show what this machine can enforce",
    "demo": "grade an example class in a scratch course, from nothing",
}

EXIT_OK, EXIT_SOME_FAILED, EXIT_USAGE = 0, 1, 2
EXIT_STOPPED = 130  # as a shell has it for Ctrl-C
# Importing a hundred modules makes much and frees nothing: looking through it takes a tenth of the time.
_SELDOM = 50_000


def main(argv: list[str] | None = None) -> int:
    """Run one verb; the exit code.

    Parameters
    ----------
    argv : list of str, optional
        The words after the program's name; by default those of this process.

    Returns
    -------
    int
        130 stopped by Ctrl-C, 0 all done, 1 some submissions were rejected or hit an internal error, or
        some assignments could not be released, 2 usage or set-up.
    """
    words = sys.argv[1:] if argv is None else argv
    if argv is None:
        gc.set_threshold(_SELDOM)
        atexit.register(gc.freeze)  # what ends with the process needs no looking through: 0.3 s of SQLAlchemy
    show_what_can_be_shown()
    with ctrl_c_answers_at_once():
        try:
            code = _run(words)
            sys.stdout.flush()
        except KeyboardInterrupt:
            tell_of_stop()
            return EXIT_STOPPED
        except BrokenPipeError:
            let_go_of_output()
            print("autograder: nobody reads the output any more; stopped there.", file=sys.stderr)
            return EXIT_SOME_FAILED
        except OSError as error:
            print(f"autograder: {unusable(error)}", file=sys.stderr)
            return EXIT_USAGE
    return code


def _run(words: list[str]) -> int:
    """Run the verb that `words` name."""
    parser = argparse.ArgumentParser(
        prog="autograder",
        description="Release, grade and return the notebooks of a class.",
        epilog="`autograder VERB --help` explains a verb. For a first look, type: autograder demo",
    )
    parser.add_argument("--version", action="version", version=f"autograder {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    asked = next((word for word in words if not word.startswith("-")), None)
    for verb, summary in VERBS.items():
        if verb == asked:
            try:
                module = importlib.import_module(f"autograder.cli.{verb}")
            except ModuleNotFoundError as error:
                if (error.name or "").partition(".")[0] == "autograder":
                    raise
                from autograder.installation import INSTALL_BOTH

                message = f"the package {error.name!r} is not installed, but init-utils-autograder needs it."
                print(f"autograder {verb}: {message} {INSTALL_BOTH}", file=sys.stderr)
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
    return code
