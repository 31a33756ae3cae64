"""A roster (CSV of Canvas, Moodle, Gradescope, nbgrader) -> people of a course, and what identifies them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.collected import KnownStudent
from autograder.downloads.zip_files import DownloadError
from autograder.exporters.tables import read_table

# Looked up in this order.
ID_COLUMNS = (
    "student_id", "student id", "username", "sis login id", "sis user id", "id number", "sid",
    "email address", "email", "id",
)  # fmt: skip
KEY_COLUMNS = {*ID_COLUMNS, "identifier"}  # the last is Moodle's: `Participant 123`
NAME_COLUMNS = (
    ("full name",), ("name",), ("student",), ("first name", "last name"), ("first_name", "last_name"),
    ("first name", "surname"), ("firstname", "lastname"), ("vorname", "nachname"),
)  # fmt: skip
EMAIL_COLUMNS = ("email address", "email")
# What Moodle calls these columns elsewhere.
_ELSEWHERE = {
    "full name": "vollständiger name|nom complet|nombre completo|nome completo|volledige naam|fulde navn"
    "|fullt navn|fullständigt namn|celé jméno|pełna nazwa|koko nimi",
    "email address": "e-mail-adresse|adresse de courriel|adresse e-mail|dirección de correo|indirizzo email"
    "|dirección de correo electrónico|endereço de email|endereço de e-mail|e-mailadres|adres e-mail"
    "|adreça electrònica|e-postadress|e-mailadresse|e-postadresse",
    "id number": "id-nummer|numéro d'identification|número de id|codice identificativo|idnummer",
}
ENGLISH = {title: name for name, titles in _ELSEWHERE.items() for title in titles.split("|")}
_PARTICIPANT = re.compile(r"[^\W\d_]{4}[^\d@]*?(\d+)")  # a word of any language, then Moodle's number
TIME_COLUMNS = ("timestamp", "submitted", "submission time", "last modified (submission)")


class RosterError(DownloadError):
    """The roster cannot be used; the text says what is missing."""


@dataclass(frozen=True)
class Person:
    """One row of a roster.

    Attributes
    ----------
    student : str
        The student's id in the course.
    keys : frozenset of str
        Everything in the row that identifies the person, case folded.
    name : str
        The name's letters, sorted, for platforms that give only names.
    time : str
        When the row says it was handed in; "" when it does not.
    known : KnownStudent
        Name and address as the row has them.
    """

    student: str
    keys: frozenset[str]
    name: str
    time: str = ""
    known: KnownStudent = field(default_factory=KnownStudent)


def read_people(roster: str, id_column: str = "") -> tuple[Person, ...]:
    """The people of a roster in CSV text.

    Raises
    ------
    RosterError
        It has no column of student ids.
    """
    table = read_table(roster)
    header = known_headings(table)
    wanted = (id_column.casefold(),) if id_column else ID_COLUMNS
    found = next((name for name in wanted if name in header), None)
    if found is None:
        raise RosterError(
            f"the roster has no column of student ids: it has {', '.join(header) or 'none'}; one of "
            f"{', '.join(wanted)} is wanted. Name another with --id-column."
        )
    names = next((group for group in NAME_COLUMNS if all(name in header for name in group)), ())
    time = next((name for name in TIME_COLUMNS if name in header), None)
    people = []
    for cells in table[1:]:
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        student = row.get(found, "")
        if not student:
            continue
        keys = {value.casefold() for name, value in row.items() if value and name in {*KEY_COLUMNS, found}}
        keys |= {number[1] for value in keys if (number := _PARTICIPANT.fullmatch(value))}
        written = [_one_line(row.get(part, "")) for part in names]
        first, last = written if len(written) == 2 else _first_and_last("".join(written))
        email = next((row[column] for column in EMAIL_COLUMNS if "@" in row.get(column, "")), "")
        told = KnownStudent(first, last, _one_line(email))
        when = row.get(time, "") if time else ""
        people.append(Person(student, frozenset(keys), letters_of(" ".join(written)), when, told))
    return tuple(people)


def known_headings(table: Sequence[Sequence[str]]) -> list[str]:
    """The header's titles, case folded; those of a worksheet of Moodle's in another language in English.

    A column of participants (`Teilnehmer/in101`, `Participant 101`), of addresses and of times is known by
    what stands in it, whatever the language calls it; the name stands behind the participant.
    """
    header = [unicodedata.normalize("NFC", title).strip().casefold() for title in table[0]] if table else []
    header = [ENGLISH.get(title, title) for title in header]
    columns = [[row[place].strip() for row in table[1:] if place < len(row)] for place in range(len(header))]
    if not columns or header[0] in {*ID_COLUMNS} - {"id"} or not _are_participants(columns[0]):
        return header
    header[0] = "identifier"
    if len(header) > 1 and not any(all(name in header for name in group) for group in NAME_COLUMNS):
        header[1] = "full name"
    if not any(name in header for name in EMAIL_COLUMNS):
        addresses = [
            at for at, cells in enumerate(columns) if cells and all("@" in cell for cell in cells if cell)
        ]
        header = ["email address" if at in addresses[:1] else title for at, title in enumerate(header)]
    if not any(name in header for name in TIME_COLUMNS):
        times = [
            at
            for at, cells in enumerate(columns)
            if any(re.search(r"\d:\d\d|\dh\d\d", cell) for cell in cells)
        ]
        header = [
            "last modified (submission)" if at in times[:1] else title for at, title in enumerate(header)
        ]
    return header


def _are_participants(cells: Sequence[str]) -> bool:
    found = [_PARTICIPANT.fullmatch(cell.casefold()) for cell in cells if cell]
    words = {cell.rstrip("0123456789") for cell in cells if cell}
    return bool(found) and all(found) and len(words) == 1


def letters_of(name: str) -> str:
    """Letters and digits of a name without accents, sorted: platforms order and join the words differently.

    >>> letters_of("Ada Lovelace") == letters_of("lovelaceada") == letters_of("Lovelace, Ada")
    True
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sorted(re.sub(r"[\W_]", "", "".join(c for c in plain if not unicodedata.combining(c)))))


def _first_and_last(name: str) -> tuple[str, str]:
    """First and last name in a name written as one.

    >>> _first_and_last("Lovelace, Ada"), _first_and_last("Ada King Lovelace"), _first_and_last("Plato")
    (('Ada', 'Lovelace'), ('Ada King', 'Lovelace'), ('', 'Plato'))
    """
    last, comma, first = name.partition(",")
    if not comma:
        first, _, last = name.rpartition(" ")
    return first.strip(), last.strip()


def _one_line(text: str) -> str:
    """The text as a name is written: one line, at most 128 letters.

    >>> _one_line(" Ada \t Lovelace")
    'Ada Lovelace'
    """
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())[:128]
