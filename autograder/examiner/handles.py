"""Stand-ins for objects of the student's that stay in the student's process.

A stand-in has the special methods that the object's type has there, so that `callable`, `hasattr`,
`isinstance(x, Iterable)` and `for` answer as they would in one process. Each use crosses, and gives plain
data or another handle. There is nothing by which a library could take a stand-in for an array, a number, a
path, or pickle it.

A value of the test never reaches a comparison of the student's (`==`, `<`, `in`): it may be what the test
expects. Handles and None do; a test that compares with something else runs inside.
"""

from __future__ import annotations

import builtins
import functools
import types
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from autograder.sandbox.inside.handles import ASKED_FOR, SPECIAL

MOST_LENGTH = 10_000_000  # `list` takes memory for so many entries before it asks for the first
MOST_TEXT = 200_000
_COMPARED = ("eq", "ne", "lt", "le", "gt", "ge")
# Operations that stand in for each other, as a class has one or the other.
_ALIKE = {
    "order": ("lt", "le", "gt", "ge"),
    "equal": ("eq", "ne", "hash"),
    "items": ("iter", "next", "reversed", "len", "bool", "contains", "getitem"),
    "text": ("repr", "str", "format"),
}
_GROUPS = {name: group for group, names in _ALIKE.items() for name in names}
# Types that have no name among the built-in ones.
_UNNAMED = {
    "generator": types.GeneratorType,
    "method": types.MethodType,
    "coroutine": types.CoroutineType,
    "builtin_function_or_method": types.BuiltinFunctionType,
}


_ITERABLES: tuple[Any, ...] = ([], (), {}, {}.values(), {}.items(), set(), "", b"", range(0))
_ITERATORS = frozenset(type(iter(some)).__name__ for some in _ITERABLES) | {
    "map",
    "zip",
    "filter",
    "enumerate",
}


class Owner(Protocol):
    """The conversation that a stand-in belongs to."""

    def operate(self, operation: str, handle: Handle, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What the operation with these arguments gives; `handle` is the one of them that is used.

        Raises
        ------
        LookupError
            No test cell runs.
        """

    def refuse(self, handle: Handle, why: str) -> NoReturn:
        """End the test cell: this cannot be done to a handle."""

    def class_of(self, module: str, path: str) -> type | None:
        """A class of the instructor's, or of a library that the assignment imports."""


@dataclass(frozen=True)
class Held:
    """What a stand-in stands for.

    Attributes
    ----------
    number : int
        The object's in the student's process.
    place : str
        Where it came.
    shown : str
        Its type's name.
    classes : tuple of (str, str)
        Module and path of its class and the classes below that; of a class, of itself.
    is_class : bool
    owner : Owner
    exchange : object
        The conversation in which it came; in another it is not known.
    """

    number: int
    place: str
    shown: str
    classes: tuple[tuple[str, str], ...]
    is_class: bool
    owner: Owner
    exchange: object


class Handle:
    """A stand-in; which special methods it has depends on the object's type (`stand_in`)."""

    __slots__ = ("__held", "__weakref__")

    def __init__(self, held: Held) -> None:
        object.__setattr__(self, "_Handle__held", held)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__") and name not in ASKED_FOR:
            raise AttributeError(name)
        return _do(self, "getattr", name)

    def __setattr__(self, name: str, value: Any) -> None:
        _do(self, "setattr", name, value)

    def __delattr__(self, name: str) -> None:
        _do(self, "delattr", name)

    def __dir__(self) -> list[str]:
        names = _do(self, "dir")
        return [name for name in names if type(name) is str] if type(names) is list else []

    def __repr__(self) -> str:
        return f"<{held_by(self).shown} of the student's>"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        held = held_by(self)
        held.owner.refuse(self, f"is copied or pickled: a {held.shown}")


def held_by(handle: Handle) -> Held:
    """What it stands for."""
    held: Held = object.__getattribute__(handle, "_Handle__held")
    return held


def stand_in(held: Held, special: frozenset[str]) -> Handle:
    """A stand-in with these special methods; one with a `-` before its name is one that the class refuses."""
    kinds = tuple(sorted(special & _OFFERED))
    return _class(held.shown.rpartition(".")[2] or "object", kinds, held.is_class, held.classes)(held)


def is_ready_made(type_name: str) -> bool:
    """Whether a type is Python's or a library's: a class of a notebook can be made equal to everything.

    Types of plain data are none: a value of one that does not cross is too large, or holds itself.

    >>> is_ready_made("generator"), is_ready_made("sympy.core.numbers.Integer"), is_ready_made("Mine")
    (True, True, False)
    >>> is_ready_made("dict")
    False
    """
    of_library = "." in type_name and not type_name.startswith("numpy.")
    return of_library or type_name in _UNNAMED or type_name in _ITERATORS


def use_of(operation: str, args: tuple[Any, ...]) -> str:
    """What an operation on an object counts as: which of `__lt__` and `__gt__` it has makes no difference.

    >>> use_of("gt", ()), use_of("radd", ()), use_of("getattr", (None, "x"))
    ('order', 'add', 'getattr x')
    """
    if operation.endswith("attr"):
        return f"{operation} {args[1]}"
    if operation[0] in "ri" and f"__{operation[1:]}__" in SPECIAL:
        return operation[1:]
    return _GROUPS.get(operation, operation)


def _do(handle: Handle, operation: str, *args: Any, **kwargs: Any) -> Any:
    return held_by(handle).owner.operate(operation, handle, (handle, *args), kwargs)


@functools.lru_cache(maxsize=2000)
def _class(
    name: str, special: tuple[str, ...], is_class: bool, classes: tuple[tuple[str, str], ...]
) -> type[Handle]:
    members: dict[str, Any] = {"__slots__": (), "__module__": "__main__", "__doc__": property(_documentation)}
    for method in special:
        members[method.removeprefix("-")] = None if method.startswith("-") else _METHODS[method]
    if "__eq__" in members and "__hash__" not in members:
        members["__hash__"] = object.__hash__
    if is_class:
        members |= {"__instancecheck__": _is_instance, "__subclasscheck__": _is_subclass}
        members |= {"__bases__": property(_bases), "__class__": property(_class_of_class)}
        if "__eq__" not in special:
            members |= {"__eq__": _is_class_of, "__hash__": object.__hash__}
    elif classes:
        members["__class__"] = property(_shown_class)
    made = type(name, (Handle,), members)
    _STANDS_FOR[made] = () if is_class else classes
    return made


# What instances a class of stand-ins is for: `type(x) == C` compares it with the stand-in for `C`.
_STANDS_FOR: weakref.WeakKeyDictionary[type, tuple[tuple[str, str], ...]] = weakref.WeakKeyDictionary()


def _is_class_of(self: Handle, other: Any) -> Any:
    if other is self:
        return True
    of = _STANDS_FOR.get(other) if type(other) is type else None
    return of == held_by(self).classes if of else NotImplemented


def _class_of_class(self: Handle) -> type:
    return type


def _operation(name: str) -> Callable[..., Any]:
    def method(self: Handle, *args: Any, **kwargs: Any) -> Any:
        return _do(self, name, *args, **kwargs)

    return method


def _reflected(name: str) -> Callable[..., Any]:
    def method(self: Handle, other: Any) -> Any:
        return held_by(self).owner.operate(name, self, (other, self), {})

    return method


def _exact(name: str, kind: type) -> Callable[..., Any]:
    def method(self: Handle, *args: Any) -> Any:
        value: Any = _do(self, name, *args)
        if type(value) is not kind:
            held = held_by(self)
            held.owner.refuse(self, f"gives something else than {kind.__name__} for {name}: a {held.shown}")
        return value

    return method


def _length(self: Handle) -> int:
    length: int = _exact("len", int)(self)
    if not 0 <= length <= MOST_LENGTH:
        raise ValueError(f"a length of {length} entries; 0 to {MOST_LENGTH} are possible here")
    return length


def _leave(self: Handle, kind: Any, error: Any, trace: Any) -> Any:
    """Leave a `with` block; an error of the test's goes on from there and is nothing to the student's."""
    return _do(self, "exit", None, None, None) if error is None else False


def _compared(name: str) -> Callable[..., Any]:
    exact = _exact(name, bool)

    def method(self: Handle, other: Any) -> Any:
        if other is not None and not isinstance(other, Handle):
            held = held_by(self)
            held.owner.refuse(self, f"is compared with a value of the test: a {held.shown}")
        return exact(self, other)

    return method


def _text(name: str) -> Callable[..., Any]:
    def method(self: Handle, *args: Any) -> Any:
        try:
            text = _do(self, name, *args)
        except LookupError:  # a message is made of it when the test is over
            return Handle.__repr__(self)
        return text[:MOST_TEXT] if type(text) is str else Handle.__repr__(self)

    return method


_METHODS: dict[str, Callable[..., Any]] = {name: _operation(name.strip("_")) for name in SPECIAL}
for _name in SPECIAL:
    _bare = _name.strip("_")
    if _bare[0] == "r" and f"__{_bare[1:]}__" in SPECIAL:
        _METHODS[_name] = _reflected(_bare[1:])
_METHODS |= {f"__{name}__": _compared(name) for name in (*_COMPARED, "contains")}
_METHODS |= {f"__{name}__": _text(name) for name in ("repr", "str", "format")}
_METHODS["__exit__"] = _leave
_METHODS["__bool__"] = _exact("bool", bool)
_METHODS["__len__"] = _length
_METHODS["__hash__"] = _exact("hash", int)
_OFFERED = frozenset(SPECIAL) | {f"-{name}" for name in SPECIAL}


def _is_instance(self: Handle, value: Any) -> bool:
    return isinstance(value, Handle) and _do(self, "isinstance", value) is True


def _is_subclass(self: Handle, value: Any) -> bool:
    return type.__instancecheck__(Handle, value) and _do(self, "issubclass", value) is True


def _documentation(self: Handle) -> Any:
    return _do(self, "getattr", "__doc__")


def _known_classes(held: Held) -> list[type]:
    found = []
    for module, path in held.classes:
        known: Any = getattr(builtins, path, _UNNAMED.get(path)) if module == "builtins" else None
        known = known or held.owner.class_of(module, path)
        if issubclass(type(known), type) and not issubclass(known, Handle):
            found.append(known)
    return found


def _bases(self: Handle) -> tuple[type, ...]:
    return (*_known_classes(held_by(self)), object)


def _shown_class(self: Handle) -> type:
    """The object's own class where that is known here; else one of its name and the known classes below."""
    held = held_by(self)
    known = _known_classes(held)
    if not known:
        return type(self)
    name = held.classes[0][1]
    if known[0].__qualname__ == name:
        return known[0]
    return type(self) if known[0] is object else _derived(name.rpartition(".")[2], known[0])


@functools.lru_cache(maxsize=500)
def _derived(name: str, base: type) -> type:
    try:
        return type(base)(name, (base,), {"__module__": "__main__"})
    except Exception:  # noqa: BLE001 -- a base that cannot have subclasses, or does something when it has one
        return base
