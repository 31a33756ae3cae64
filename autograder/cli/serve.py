"""Take in notebooks on a page, and answer with verdict and feedback.

Students open a personal link, drop a notebook, and read their feedback, in seconds while nobody else waits;
programs use the same service (api/openapi.json describes it). What was accepted is written: the service may
be killed at any moment, and goes on from there when it is started again. `grade`, `feedback` and `export`
work beside it.

Before the deadline (the due date in the gradebook, with each student's extra days; without one, always) a
student is told what the visible checks found; how hidden checks ended is told after it. --tell all tells
everything at once, which lets students find out hidden checks by trying.

As a service of JupyterHub (--hub) people log in at the hub; docs/serve.md has the lines for its
configuration.

It listens on this machine only, for a proxy with https before it. With --user-header the proxy says who asks,
and is believed from --trust addresses alone. Needs the extra `serve`.

Example:
  autograder serve links --course ~/course --student ada --address https://grader.school.example
  autograder serve links --course ~/course --revoke ada
  autograder serve links --course ~/course --instructor grace
  autograder serve --course ~/course --address https://grader.school.example
  autograder serve --course ~/course --user-header X-Remote-User --trust 127.0.0.1 --instructor grace

`autograder serve links --help` explains the links.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.cli import EXIT_OK
from autograder.course import Course, CourseError, is_safe_name
from autograder.course_settings import open_course
from autograder.sandbox import TIERS
from autograder.untrusted.windows_names import fault_here

if TYPE_CHECKING:
    from autograder.serve.bounds import Bounds

_LINKS = """Make personal links, and revoke them.

Prints a line for each student: id, tab, link. Whoever holds a link is that student, so send each to its
student alone. Without --student, links for everyone who is in the gradebook, was collected or has handed in.
A link ends after --days. --revoke ends all links of that name at once, a student's and an instructor's;
beside --student or --instructor a new link is printed. The part after # is sent to no server, so no log holds
it.
"""
_COURSE = "the folder of source/ (default: here)"
_WHAT_IS_MISSING = (
    "the service needs packages that are not installed ({}). Install them: python -m pip install starlette "
    "uvicorn prometheus-client"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words this verb understands."""
    parser.set_defaults(task="serve")
    parser.add_argument("--course", type=Path, default=Path(), metavar="DIR", help=_COURSE)
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8765, metavar="N", help="default: %(default)s")
    parser.add_argument("--address", default="", metavar="URL", help="under which students reach the service")
    parser.add_argument(
        "--assignment",
        action="append",
        default=[],
        metavar="NAME",
        help="which can be handed in; may be repeated (default: all that are released)",
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="submissions side by side (default: one a core)"
    )
    parser.add_argument(
        "--isolation", choices=TIERS, default="full", help="a lower tier than full has to be named"
    )
    parser.add_argument(
        "--tries",
        type=_positive,
        default=20,
        metavar="N",
        help="submissions that a student may make of a notebook (default: %(default)s)",
    )
    parser.add_argument(
        "--seconds-apart",
        type=float,
        default=60.0,
        metavar="S",
        help="between two tries (default: %(default)g)",
    )
    parser.add_argument(
        "--tell",
        choices=("visible", "all"),
        default="visible",
        help="what students are told before the deadline (default: %(default)s)",
    )
    parser.add_argument(
        "--most-waiting",
        type=_positive,
        default=2_000,
        metavar="N",
        help="submissions that may wait (default: %(default)s)",
    )
    parser.add_argument(
        "--most-mb",
        type=_positive,
        default=20,
        metavar="N",
        help="the largest notebook, in MB (default: %(default)s)",
    )
    parser.add_argument("--user-header", default="", metavar="NAME", help="in which a proxy says who asks")
    parser.add_argument(
        "--trust",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="address or network from which the proxy connects, as 127.0.0.1; may be repeated",
    )
    parser.add_argument(
        "--instructor",
        action="append",
        default=[],
        metavar="NAME",
        help="a login name, of the proxy or the hub, that is an instructor's; may be repeated",
    )
    parser.add_argument("--hub", action="store_true", help="people log in at the JupyterHub that started it")
    parser.add_argument(
        "--root-in-container", action="store_true", help="let root run it, where root is a container's own"
    )
    tasks = parser.add_subparsers(metavar="links", help="make personal links, and revoke them")
    links = tasks.add_parser(
        "links", description=_LINKS, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    links.set_defaults(task="links")
    links.add_argument("--course", type=Path, default=argparse.SUPPRESS, metavar="DIR", help=_COURSE)
    links.add_argument(
        "--address", default=argparse.SUPPRESS, metavar="URL", help="under which students reach the service"
    )
    links.add_argument("--student", action="append", default=[], metavar="ID", help="may be repeated")
    links.add_argument("--instructor", action="append", default=[], metavar="NAME", help="may be repeated")
    links.add_argument("--revoke", action="append", default=[], metavar="ID", help="may be repeated")
    links.add_argument("--days", type=_positive, default=120, metavar="N", help="default: %(default)s")


def run(arguments: argparse.Namespace) -> int:
    """Serve, or make links; the exit code."""
    course = open_course(arguments.course)
    if arguments.task == "links":
        return _make_links(course, arguments)
    try:
        import autograder.serve.run  # noqa: F401 - whether all of it is there
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "autograder":
            raise
        raise CourseError(_WHAT_IS_MISSING.format(error.name)) from error
    _serve(course, arguments)
    return EXIT_OK


def _serve(course: Course, arguments: argparse.Namespace) -> None:
    from autograder.class_options import Options
    from autograder.serve.hub import Hub
    from autograder.serve.people import Proxy, network
    from autograder.serve.run import Settings, serve

    proxy = None
    if arguments.user_header:
        if not arguments.trust:
            raise CourseError(
                "--user-header is believed from a proxy alone: name where it connects from, --trust 127.0.0.1"
            )
        trusted = tuple(map(network, arguments.trust))
        proxy = Proxy(arguments.user_header, trusted, frozenset(arguments.instructor))
    elif arguments.trust or (arguments.instructor and not arguments.hub):
        raise CourseError(
            "--instructor and --trust belong to --user-header (--instructor to --hub, too). "
            "An instructor's link: autograder serve links "
            "--instructor NAME"
        )
    settings = Settings(
        host=arguments.host,
        port=arguments.port,
        address=arguments.address,
        bounds=_bounds(arguments),
        options=Options(workers=arguments.workers, isolation=arguments.isolation),
        assignments=tuple(arguments.assignment),
        everything=arguments.tell == "all",
        proxy=proxy,
        hub=Hub.of_environment(os.environ, frozenset(arguments.instructor)) if arguments.hub else None,
        root_in_container=arguments.root_in_container,
        version=metadata.version("init-utils-autograder"),
    )

    def tell(address: str) -> None:
        with_links = proxy is None and settings.hub is None
        print(_opened(course, address, with_links=with_links), flush=True)

    serve(course, settings, tell)


def _bounds(arguments: argparse.Namespace) -> Bounds:
    """What students may ask of the service; the largest notebook finds room in its student's part."""
    from autograder.serve.bounds import Bounds

    notebook_bytes = arguments.most_mb * 1_000_000
    return Bounds(
        tries=arguments.tries,
        apart_s=arguments.seconds_apart,
        waiting=arguments.most_waiting,
        notebook_bytes=notebook_bytes,
        bytes_each=max(Bounds.bytes_each, notebook_bytes),
    )


def _opened(course: Course, address: str, *, with_links: bool) -> str:
    """What to do next, once the service answers."""
    links = f" Personal links: autograder serve links --course {course.root} --address {address}"
    return f"{address}/ takes notebooks.{links * with_links}\nStop with Ctrl-C; what was accepted is kept."


def _make_links(course: Course, arguments: argparse.Namespace) -> int:
    from autograder.serve.links import INSTRUCTOR, STUDENT, Links, Person
    from autograder.serve.queue import serve_folder

    links = Links(serve_folder(course))
    for name in arguments.revoke:
        for role in (STUDENT, INSTRUCTOR):
            links.revoke(Person(_checked(name), role))
        print(f"All links of {name} have ended.", file=sys.stderr)
    if arguments.revoke and not (arguments.student or arguments.instructor):
        return EXIT_OK
    people = [Person(_checked(name), INSTRUCTOR) for name in arguments.instructor]
    students = arguments.student or ([] if people else sorted(_known_students(course)))
    people += [Person(_checked(name)) for name in students]
    if not people:
        raise CourseError("nobody is known in this course yet. Name the students: --student ID")
    address = (arguments.address or "http://127.0.0.1:8765").rstrip("/")
    for person in people:
        print(f"{person.name}\t{address}/#{links.token(person, arguments.days)}")
    return EXIT_OK


def _known_students(course: Course) -> set[str]:
    from autograder.serve.spellings import listed_students

    handed_in = {name for assignment in course.assignments() for name in course.students(assignment)}
    return {name for name in listed_students(course) | handed_in if is_safe_name(name)}


def _checked(name: str) -> str:
    if not is_safe_name(name):
        why = f"{fault}; " if (fault := fault_here(name)) else ""
        raise CourseError(
            f"{name!r} cannot be a student's id: {why}letters, digits and signs of names are wanted."
        )
    return name


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}; at least 1 is wanted")
    return number
