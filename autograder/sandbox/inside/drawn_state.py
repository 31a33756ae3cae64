"""What a figure would show, as a key: everything that decides its pixels, read without drawing it.

The figure is written out as `pickle` would, into a hash and nowhere else: all artists with their data,
transforms, texts, fonts and colours, and with them the settings that drawing reads. Only classes and
functions of matplotlib and NumPy count as known, as they were before any notebook ran. Where anything else
has a part in the picture (a class or function of the notebook's, another package's, a method of matplotlib's
that was replaced), there is no key.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from copyreg import __newobj__  # type: ignore[attr-defined]
from functools import _lru_cache_wrapper, partial
from hashlib import sha256
from locale import LC_ALL, setlocale
from operator import itemgetter
from pickle import PickleBuffer, Pickler
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from numpy import __version__ as numpy_version
from numpy import geterr, ufunc

_PACKAGES = frozenset(["matplotlib", "numpy", "cycler"])
_STANDARD = (object, slice, range, complex, partial, OrderedDict, getattr, __newobj__)
_CODE = (
    ufunc,
    type,
    FunctionType,
    BuiltinFunctionType,
    _lru_cache_wrapper,
    property,
    classmethod,
    staticmethod,
)
# Attributes of a canvas that hold no code; a method that a notebook has put in its place is not among them.
_CANVAS = frozenset(
    [
        "figure",
        "manager",
        "widgetlock",
        "mouse_grabber",
        "toolbar",
        "_is_idle_drawing",
        "_is_saving",
        "_button",
        "_key",
        "_device_pixel_ratio",
        "_blit_backgrounds",
        "_lastKey",
        "renderer",
    ]
)


# What a transform computes from its other attributes, when it is first asked.
_COMPUTED = frozenset(
    ["_parents", "_invalid", "_inverted", "_mtx", "_points", "_transformed_path", "_transformed_points"]
)
_NOT_OF_DRAWING = frozenset(["matplotlib.pyplot"])  # what a notebook calls; it has been called then


class UnknownPartError(TypeError):
    """Something of unknown code has a part in the picture."""


class DrawingCode:
    """The code that draws, as it is when this is made: what later is another, or new, is unknown."""

    def __init__(self) -> None:
        from matplotlib import colors, font_manager

        self._known: set[int] = set(map(id, _STANDARD))  # what they belong to lives as long as this
        self._places: list[tuple[Mapping[str, Any], itemgetter[Any], tuple[Any, ...]]] = []
        # Of classes: a method may be put before that of another class.
        self._own_names: list[tuple[type, frozenset[str]]] = []
        for module in [*sys.modules.values()]:
            if isinstance(module, ModuleType) and _is_of_packages(module.__name__):
                self._remember(vars(module), is_watched=module.__name__ not in _NOT_OF_DRAWING)
        self._fonts = font_manager.fontManager
        self._colours = dict(colors.get_named_colors_mapping())

    def key(self, figure: Any) -> str | None:
        """A hash of everything that decides what this figure shows; None where something is unknown.

        Parameters
        ----------
        figure : matplotlib.figure.Figure
            As a notebook has made it.
        """
        try:
            return self._key(figure) if self._is_as_it_was() else None
        except Exception:  # noqa: BLE001 (a student's object may raise anything while it is read)
            return None

    def _key(self, figure: Any) -> str:
        import matplotlib

        canvas = figure.canvas
        if not vars(canvas).keys() <= _CANVAS:
            raise UnknownPartError(f"a canvas with {', '.join(vars(canvas).keys() - _CANVAS)}")
        around = [
            (matplotlib.__version__, numpy_version),
            sorted(dict.items(matplotlib.rcParams)),
            sorted(geterr().items()),
            setlocale(LC_ALL),
            [(font.fname, font.name) for font in self._fonts.ttflist],
            canvas.device_pixel_ratio,
        ]
        content = _Hash()
        writer = _Writer(content, self._known, (canvas, canvas.manager))
        writer.dump([around, figure])
        return content.hexdigest() + writer.buffers.hexdigest()

    def _is_as_it_was(self) -> bool:
        from matplotlib import colors, font_manager

        return (
            font_manager.fontManager is self._fonts
            and colors.get_named_colors_mapping() == self._colours
            and all(
                len(vars(kind)) == len(names) or _is_grown(kind, names) for kind, names in self._own_names
            )
            and all(read(names) == values for names, read, values in self._places)
        )

    def _remember(self, names: Mapping[str, Any], *, is_watched: bool) -> None:
        code = {name: value for name, value in names.items() if isinstance(value, _CODE)}
        if is_watched:
            self._watch(names, code)
        for value in code.values():
            if isinstance(value, type) and id(value) not in self._known and _is_of_packages(value.__module__):
                self._known.add(id(value))
                self._remember(vars(value), is_watched=False)
                if value.__module__ not in _NOT_OF_DRAWING:
                    self._own_names.append((value, frozenset(vars(value))))
                    self._watch(vars(value), [name for name in vars(value) if _is_settled(value, name)])
            elif isinstance(value, FunctionType | BuiltinFunctionType):
                self._known.add(id(value))

    def _watch(self, names: Mapping[str, Any], chosen: Iterable[str]) -> None:
        if all_chosen := [*chosen]:
            read = itemgetter(*all_chosen, *all_chosen)  # of two at least it gives a tuple
            self._places.append((names, read, read(names)))


class _Hash:
    """A file that keeps a hash of what is written to it."""

    def __init__(self) -> None:
        self._digest = sha256()

    def write(self, data: Any) -> int:
        self._digest.update(data)
        return len(data)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


class _Writer(Pickler):
    """A pickler of what is known, whatever the numbers of objects in memory are.

    Parameters
    ----------
    content : _Hash
        Takes the pickle; `buffers`, the bytes of arrays.
    known : set of int
        Numbers (`id`) of the classes and functions that may have a part.
    own : tuple
        The figure's canvas and its manager, which are named only.
    """

    def __init__(self, content: _Hash, known: set[int], own: tuple[Any, ...]) -> None:
        from matplotlib.cbook import CallbackRegistry, Grouper
        from matplotlib.transforms import TransformNode

        super().__init__(content, protocol=5, buffer_callback=self._add)
        self.buffers = _Hash()
        self._known, self._own = known, own
        self._special = (
            (TransformNode, _of_transform),
            (CallbackRegistry, self._of_callbacks),
            (Grouper, _of_grouper),
        )

    def reducer_override(self, obj: Any) -> Any:
        """What stands for an object in the hash; nothing of unknown code may."""
        kind = type(obj)
        if kind is MethodType:
            return self._of_method(obj)
        if kind is type or isinstance(obj, type | FunctionType | BuiltinFunctionType):
            return NotImplemented if id(obj) in self._known or self._is_builtin(obj) else self._refuse(obj)
        if id(kind) not in self._known:
            self._refuse(kind)
        for special, reduced in self._special:
            if isinstance(obj, special):
                return __newobj__, (kind,), reduced(obj)
        return NotImplemented

    def _add(self, buffer: PickleBuffer) -> None:
        raw = buffer.raw()
        self.buffers.write(b"%d " % raw.nbytes)
        self.buffers.write(raw)

    def _refuse(self, obj: Any) -> Any:
        raise UnknownPartError(f"{getattr(obj, '__module__', '')}.{getattr(obj, '__qualname__', obj)}")

    @staticmethod
    def _is_builtin(obj: Any) -> bool:
        """Whether this is compiled code: a notebook has none of its own."""
        return isinstance(obj, BuiltinFunctionType) and not hasattr(obj, "__dict__")

    def _of_method(self, method: MethodType) -> Any:
        """A bound method: the function that its class has by this name, and whose it is."""
        function: Any = method.__func__
        if getattr(type(method.__self__), function.__name__, None) is not function:
            self._refuse(function)
        owner = next(kind for kind in type(method.__self__).__mro__ if function.__name__ in vars(kind))
        if id(owner) not in self._known:
            self._refuse(owner)
        return getattr, (method.__self__, function.__name__)

    def _of_callbacks(self, registry: Any) -> Any:
        """What is called at each event: known code, of which only the names and owners count."""
        return {
            signal: [self._of_callback(reference()) for reference in callbacks.values()]
            for signal, callbacks in registry.callbacks.items()
        }

    def _of_callback(self, callback: Any) -> Any:
        if callback is None or isinstance(callback, partial):
            return callback  # None: its owner is gone
        owner, function = getattr(callback, "__self__", None), getattr(callback, "__func__", callback)
        if not isinstance(function, FunctionType) or not _is_of_packages(function.__module__):
            self._refuse(function)
        is_named = isinstance(callback, FunctionType) or any(owner is one for one in self._own)
        return function.__qualname__ if is_named else callback


def _of_transform(node: Any) -> dict[str, Any]:
    """A transform without what it computes, and without those that are made of it (known by numbers)."""
    from matplotlib.transforms import Affine2D, Bbox

    computed = _COMPUTED
    if isinstance(node, Affine2D):
        computed = computed - {"_mtx"}
    if isinstance(node, Bbox):
        computed = computed - {"_points"}
    return {name: value for name, value in vars(node).items() if name not in computed}


def _of_grouper(grouper: Any) -> list[list[Any]]:
    """Groups of axes, in the order in which these came."""
    return [*grouper]


def _is_settled(kind: type, name: str) -> bool:
    """Whether an attribute of a class is code or a default (`zorder`), not something it keeps for itself."""
    return not name.startswith("_") or isinstance(vars(kind)[name], _CODE)


def _is_grown(kind: type, names: frozenset[str]) -> bool:
    """Whether a class has come to keep more for itself, and nothing else has changed."""
    more = vars(kind).keys() - names
    return names <= vars(kind).keys() and not any(_is_settled(kind, name) for name in more)


def _is_of_packages(name: str) -> bool:
    return name.partition(".")[0] in _PACKAGES
