"""Strict JSON, read piece by piece: what is not wanted is checked and skipped, never built.

A notebook of 60 MB is mostly stored outputs. `json.loads` would build them all (sixty million characters of
`[],[],` take 2 GB, and one emoji makes every character of the text four bytes); this reader walks over the
bytes in constant memory, and counts what it cannot skip in bulk against a budget. It refuses what RFC 8259
refuses: NaN, control characters in texts, trailing commas, text after the end; and duplicate keys where it
reads an object.

>>> reader = JsonReader(b'{"a": [1, {"deep": []}], "b": "text"}')
>>> found = {}
>>> for key in reader.members():
...     if key == "b":
...         found[key] = reader.read_string()
...     else:
...         reader.skip()
>>> reader.end(), found
(None, {'b': 'text'})
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

# Python before 3.11.5 (Debian 12 has 3.11.2) loses its place when the last round of a possessive group fails
# after an alternative or a repeat inside it (github.com/python/cpython/issues/106052). So rounds of such
# groups fail only where they begin, and a group that cannot promise that is not possessive.
_SPACE = rb"[ \t\n\r]*+"
_HEX = rb"[0-9a-fA-F]"
_STRING = rb'"(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt]|\\u%b)*+"' % (4 * _HEX)
_NUMBER = rb"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"
_WORD = rb"true|false|null"
_TOKEN = re.compile(rb"%b(?:([{}\[\],:])|(%b)|(%b|%b))" % (_SPACE, _STRING, _NUMBER, _WORD))
_SPACES = re.compile(_SPACE)
_OPEN_STRING = re.compile(rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+\Z')
# Bounded, so that the matcher's own bookkeeping stays small whatever a file holds.
_SCALARS = re.compile(rb"(?:%b(?:%b|%b|%b)%b,){1,1000}" % (_SPACE, _STRING, _NUMBER, _WORD, _SPACE))

_KINDS = {b"{": "an object", b"[": "a list", b'"': "a text", b"t": "true", b"f": "false", b"n": "null"}


class JsonError(ValueError):
    """Not JSON, or more of it than is read; the text says where and what."""


class JsonReader:
    """A place in a JSON text.

    Parameters
    ----------
    text : bytes
        UTF-8, which the caller has checked.
    max_values : int
        Values that may be met one by one; runs of plain values in lists are skipped in bulk and do not count.
    max_depth : int
        Lists and objects inside each other.
    """

    def __init__(self, text: bytes, max_values: int = 2_000_000, max_depth: int = 100) -> None:
        self._text = text
        self._place = 0
        self._values_left = max_values
        self._max_values = max_values
        self._depth = 0
        self._max_depth = max_depth

    def kind(self) -> str:
        """What stands here: `an object`, `a list`, `a text`, `a number`, `true`, `false` or `null`."""
        self._skip_space()
        first = self._text[self._place : self._place + 1]
        return _KINDS.get(first, "a number")

    def members(self) -> Iterator[str]:
        """The keys of the object that stands here; the caller reads or skips each value before the next.

        Raises
        ------
        JsonError
            It is no object, a key comes twice, or the text is no JSON.
        """
        self._open(b"{")
        seen: set[str] = set()
        while (token := self._next((b"}", b'"') if not seen else (b'"',))) != b"}":
            key = _decode(token)
            if key in seen:
                raise self._error(f"the key {_short(token)} comes twice in one object")
            seen.add(key)
            self._next((b":",))
            yield key
            if self._next((b",", b"}")) == b"}":
                break
        self._depth -= 1

    def elements(self) -> Iterator[int]:
        """The places 0, 1, ... of the list that stands here; the caller reads or skips each value."""
        self._open(b"[")
        self._skip_space()
        if self._text.startswith(b"]", self._place):
            self._place += 1
        else:
            place = 0
            while True:
                yield place
                place += 1
                if self._next((b",", b"]")) == b"]":
                    break
        self._depth -= 1

    def read_string(self) -> str:
        """The text that stands here."""
        self._count()
        return _decode(self._next((b'"',)))

    def read_integer(self) -> int | None:
        """The whole number of at most nine digits that stands here; anything else is skipped: None."""
        match = _TOKEN.match(self._text, self._place)
        if match is None or match[3] is None or re.fullmatch(rb"-?[0-9]{1,9}", match[3]) is None:
            self.skip()
            return None
        self._count()
        self._place = match.end()
        return int(match[3])

    def skip(self) -> None:
        """Walk over the value that stands here, checking that it is JSON."""
        text, match_token, match_scalars = self._text, _TOKEN.match, _SCALARS.match
        place, closers = self._place, [b""]
        while True:  # a value is due
            self._place = place
            self._count()
            token = match_token(text, place)
            if token is None or token[1] in (b",", b":", b"}", b"]"):
                raise self._unexpected("a value")
            place = token.end()
            if token[1] is not None:
                closers.append(b"}" if token[1] == b"{" else b"]")
                if len(closers) + self._depth > self._max_depth + 1:
                    raise self._too_deep()
                place = _SPACES.match(text, place).end()  # type: ignore[union-attr]  # it always matches
                if text.startswith(closers[-1], place):
                    place += 1
                    closers.pop()
                elif closers[-1] == b"}":
                    place = self._skip_key(place)
                    continue
                else:
                    continue
            while True:  # a value has ended
                if len(closers) == 1:
                    self._place = place
                    return
                token = match_token(text, place)
                if token is None or token[1] not in (b",", closers[-1]):
                    self._place = place
                    raise self._unexpected(f"`,` or `{closers[-1].decode()}`")
                place = token.end()
                if token[1] == b",":
                    break
                closers.pop()
            if closers[-1] == b"}":
                place = self._skip_key(place)
            else:
                while (run := match_scalars(text, place)) is not None:
                    place = run.end()

    def end(self) -> None:
        """Check that nothing but space follows."""
        self._skip_space()
        if self._place != len(self._text):
            raise self._unexpected("the end of the file")

    def _skip_key(self, place: int) -> int:
        key = _TOKEN.match(self._text, place)
        if key is None or key[2] is None:
            self._place = place
            raise self._unexpected("a key in double quotes")
        colon = _TOKEN.match(self._text, key.end())
        if colon is None or colon[1] != b":":
            self._place = key.end()
            raise self._unexpected("`:`")
        return colon.end()

    def _open(self, bracket: bytes) -> None:
        self._count()
        self._next((bracket,))
        self._depth += 1
        if self._depth > self._max_depth:
            raise self._too_deep()

    def _next(self, wanted: tuple[bytes, ...]) -> bytes:
        match = _TOKEN.match(self._text, self._place)
        token = match[1] or match[2] or match[3] if match is not None else b""
        if match is None or not token.startswith(wanted):
            names = {b'"': "a text in double quotes"}
            raise self._unexpected(" or ".join(names.get(one, f"`{one.decode()}`") for one in wanted))
        self._place = match.end()
        return token

    def _count(self) -> None:
        self._values_left -= 1
        if self._values_left < 0:
            raise JsonError(f"it holds more than {self._max_values:,} values")

    def _skip_space(self) -> None:
        self._place = _SPACES.match(self._text, self._place).end()  # type: ignore[union-attr]  # as above

    def _too_deep(self) -> JsonError:
        return self._error(f"lists and objects lie more than {self._max_depth} deep inside each other")

    def _unexpected(self, wanted: str) -> JsonError:
        self._skip_space()
        rest = self._text[self._place : self._place + 200]
        if not rest:
            return self._error(f"the file ends where {wanted} is due; it was cut short")
        if _OPEN_STRING.match(self._text, self._place):
            return self._error("the file ends inside a text; it was cut short")
        return self._error(f"{wanted} is due, but there is {_short(rest)}")

    def _error(self, what: str) -> JsonError:
        line = self._text.count(b"\n", 0, self._place) + 1
        column = self._place - self._text.rfind(b"\n", 0, self._place)
        return JsonError(f"line {line}, column {column}: {what}")


def _decode(token: bytes) -> str:
    """The text that `token` stands for; half a surrogate pair becomes U+FFFD, so that it can be encoded."""
    text: str = json.loads(token)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _short(text: bytes) -> str:
    line = text.split(b"\n", 1)[0].decode("utf-8", "replace").rstrip()
    return f"`{line[:30]}...`" if len(line) > 30 else f"`{line}`"
