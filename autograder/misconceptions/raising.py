"""What the student's own line tells of an error: the call, operation, index or attribute that raised.

A table of questions, from the special to the general; the first that fits names the mistake. The error's type
says which table, never its text alone: the same text stands for different mistakes.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from autograder.misconceptions.site import Site, last_name

Question = Callable[[Site, str], bool]

_SPREAD = frozenset({"randn", "rand"})  # sizes one by one
_SHAPED = frozenset({"zeros", "ones", "empty", "standard_normal", "random", "random_sample", "ranf"})
_NUMBERS = frozenset({"int", "float"})
_SEQUENCES = frozenset({"list", "tuple", "ndarray"})
_MODULES = frozenset({"math", "random", "np", "numpy", "torch", "tf", "scipy", "keras", "nn", "jnp", "sp"})
_GONE = frozenset({"float", "int", "bool", "object", "str", "float_", "complex", "long", "unicode"})
_ARRAY_ATTRIBUTES = frozenset({"shape", "size", "ndim", "T", "reshape", "length", "len", "dtype"})
_UNPACKED = re.compile(r"[\[(]?\w+(?:, *\w+)+[\])]? *= *\w+")
_STORING = frozenset({"append", "add", "push", "insert", "extend"})


def _calls(*names: str) -> Question:
    return lambda site, message: site.callee in names


def _argument(*kinds: str) -> Question:
    """One argument of the call is of one of these kinds."""
    return lambda site, message: (
        isinstance(site.node, ast.Call) and any(site.kind(part) in kinds for part in site.parts)
    )


def _says(*words: str) -> Question:
    return lambda site, message: any(word in message for word in words)


def _owner(*kinds: str) -> Question:
    """What stands before the dot, the index or the call's brackets is of one of these kinds."""
    return lambda site, message: site.kind(site.owner) in kinds


def _operand(*kinds: str) -> Question:
    return lambda site, message: bool(site.operator) and any(site.kind(part) in kinds for part in site.parts)


def _sign(*signs: str) -> Question:
    return lambda site, message: site.operator in signs


def _every(*questions: Question) -> Question:
    return lambda site, message: all(question(site, message) for question in questions)


def _is_node(*kinds: type[ast.expr]) -> Question:
    return lambda site, message: isinstance(site.node, kinds)


def _has_keyword(site: Site, message: str) -> bool:
    return isinstance(site.node, ast.Call) and bool(site.node.keywords)


def _has_size_keyword(site: Site, message: str) -> bool:
    names = [keyword.arg for keyword in site.node.keywords] if isinstance(site.node, ast.Call) else []
    return site.callee in _SPREAD and any(name in ("size", "shape") for name in names)


def _shape_of_call(site: Site) -> ast.expr | None:
    if not isinstance(site.node, ast.Call):
        return None
    named = [word.value for word in site.node.keywords if word.arg in ("size", "shape")]
    return named[0] if named else site.node.args[0] if site.node.args else None


def _has_nested_shape(site: Site, message: str) -> bool:
    shape = _shape_of_call(site)
    parts = shape.elts if isinstance(shape, (ast.Tuple, ast.List)) else []
    return any(isinstance(part, (ast.Tuple, ast.List)) or site.kind(part) == "tuple" for part in parts)


def _has_list_as_size(site: Site, message: str) -> bool:
    shape = _shape_of_call(site)
    return shape is not None and any(kind in ("list", "ndarray") for kind in site.elements(shape))


def _has_fraction_in_shape(site: Site, message: str) -> bool:
    shape = _shape_of_call(site)
    elements = site.elements(shape) if shape is not None else []
    return "float" in elements or any(site.kind(part) == "float" for part in site.parts)


def _has_none_in_shape(site: Site, message: str) -> bool:
    shape = _shape_of_call(site)
    return shape is not None and ("None" in site.elements(shape) or site.kind(shape) == "None")


def _has_sizes_one_by_one(site: Site, message: str) -> bool:
    if not isinstance(site.node, ast.Call) or site.callee not in _SHAPED:
        return False
    return len(site.node.args) > 1 and site.kind(site.node.args[0]) not in _SEQUENCES


def _is_own_function(site: Site, message: str) -> bool:
    """A function of the notebook is called, not one of NumPy's or Python's."""
    return isinstance(site.node, ast.Call) and isinstance(site.node.func, ast.Name)


def _is_other_builtin(site: Site, message: str) -> bool:
    names = (
        "len",
        "range",
        "str",
        "int",
        "float",
        "list",
        "dict",
        "zip",
        "enumerate",
        "sum",
        "print",
        "round",
    )
    return site.callee in names and isinstance(site.node, ast.Call) and isinstance(site.node.func, ast.Name)


def _is_elsewhere(site: Site, message: str) -> bool:
    """NumPy has a function of that name, in another part of it."""
    if not isinstance(site.node, ast.Attribute):
        return False
    is_in_random = last_name(site.node.value) == "random"
    return hasattr(np if is_in_random else np.random, site.node.attr) and not _is_gone(site, message)


def _is_gone(site: Site, message: str) -> bool:
    return "numpy" in message and isinstance(site.node, ast.Attribute) and site.node.attr in _GONE


def _attribute(*names: str) -> Question:
    return lambda site, message: isinstance(site.node, ast.Attribute) and site.node.attr in names


def _names_module(site: Site, message: str) -> bool:
    return any(f"'{name}'" in message for name in _MODULES)


def _names_function(site: Site, message: str) -> bool:
    """A function of NumPy's is used without its `np.`."""
    missing = message.split("'")[1] if message.count("'") > 1 else ""
    return not hasattr(builtins, missing) and (hasattr(np, missing) or hasattr(np.random, missing))


def _stores_there(site: Site, message: str) -> bool:
    return bool(site.stored_name) and f"'{site.stored_name}'" in message


def _index(*kinds: str) -> Question:
    return lambda site, message: (
        isinstance(site.node, ast.Subscript) and any(site.kind(part) in kinds for part in site.parts)
    )


def _fits_value(site: Site, message: str) -> bool:
    """The index is an entry of the list that it is looked up in: `for l in layers_dims: layers_dims[l]`."""
    if not isinstance(site.node, ast.Subscript):
        return False
    names = [node.id for node in ast.walk(site.node.slice) if isinstance(node, ast.Name)]
    values = site.raised.values
    listed = values.get(site.node.value.id) if isinstance(site.node.value, ast.Name) else None
    entries = listed.text.strip("[]()").split(", ") if listed else []
    if len(names) != 1 or names[0] not in values or len(entries) < 2:
        return False
    text = values[names[0]].text
    return text.isdigit() and int(text) > len(entries) and text in entries


def _takes_sizes_apart(site: Site, message: str) -> bool:
    """The list of sizes is given to a fixed number of names: `n_x, n_h, n_y = layers_dims`."""
    return "values to unpack" in message and _UNPACKED.fullmatch(site.raised.line) is not None


def _anything(site: Site, message: str) -> bool:
    return True


_TYPE_ERRORS: tuple[tuple[Question, str], ...] = (
    (_says("'NoneType' object does not support item"), "error-none"),
    (_says("'type' object does not support item"), "function-not-called"),
    (_says("'module' object is not callable"), "module-called"),
    (_sign("^"), "power-by-caret"),
    (_every(_sign("%"), lambda site, message: site.kind(site.parts[0]) == "str"), "key-format"),
    (_operand("function"), "function-not-called"),
    (_every(_sign("+"), _operand("str")), "key-number-not-text"),
    (_operand("str"), "key-multiplied"),
    (_operand("None"), "error-none"),
    (_operand("list"), "error-list-arithmetic"),
    (_operand("tuple"), "tuple-arithmetic"),
    (_operand("dict"), "dict-arithmetic"),
    (_has_size_keyword, "randn-size"),
    (_every(_calls(*_SPREAD), _argument("list", "tuple", "ndarray")), "randn-tuple"),
    (_every(_calls("range"), _argument("tuple")), "range-tuple"),
    (_every(_calls("range"), _argument("list", "ndarray")), "error-range-of-list"),
    (_every(_calls("range"), _argument("float")), "range-not-whole"),
    (_every(_calls("range", "len"), _argument("function")), "function-not-called"),
    (_every(_calls("len"), _argument("int", "float")), "len-of-number"),
    (_every(_calls("seed"), _anything), "seed-not-number"),
    (_every(_calls("sqrt"), _argument("list", "tuple", "str")), "error-list-arithmetic"),
    (_every(_calls("sqrt"), lambda site, message: len(site.parts) > 1), "sqrt-two-arguments"),
    (_has_none_in_shape, "error-none"),
    (_has_nested_shape, "zeros-nested-shape"),
    (_has_sizes_one_by_one, "zeros-two-arguments"),
    (_every(_is_node(ast.Call), _says("as an integer"), _has_fraction_in_shape), "size-not-whole"),
    (_has_list_as_size, "error-range-of-list"),
    (_every(_is_node(ast.Call), _says("not callable"), _is_other_builtin), "builtin-overwritten"),
    (
        _every(_is_node(ast.Call), _says("not callable"), _owner("list", "tuple", "dict")),
        "error-round-brackets",
    ),
    (_every(_is_node(ast.Call), _says("'NoneType' object is not callable")), "error-none"),
    (_every(_is_node(ast.Call), _says("object is not callable")), "operator-missing"),
    (_every(_is_node(ast.Call), _says("'NoneType'")), "error-none"),
    (_says("cannot unpack", "values to unpack"), "unpacking"),
    (_says("object is not iterable"), "loop-over-number"),
    (_says("has no len()"), "len-of-number"),
    (_says("'set' object does not support item assignment"), "list-for-dict"),
    (_says("does not support item assignment", "object does not support item del"), "stored-in-no-dict"),
    (_every(_is_node(ast.Subscript), _owner("function")), "error-square-brackets"),
    (_every(_is_node(ast.Subscript), _owner("None")), "error-none"),
    (_every(_is_node(ast.Subscript), _owner("int", "float")), "number-indexed"),
    (_every(_is_node(ast.Subscript), _index("tuple")), "index-tuple"),
    (_every(_is_node(ast.Subscript), _index("float")), "index-not-whole"),
    (_every(_is_node(ast.Subscript), _index("str")), "list-for-dict"),
    (_every(_is_node(ast.Subscript), _says("or slices, not str")), "list-for-dict"),
    (_every(_is_node(ast.Subscript), _says("is not subscriptable")), "error-square-brackets"),
    (_every(_is_node(ast.Subscript), _index("list")), "index-is-list"),
    (_every(_is_node(ast.Subscript), _says("indices must be integers")), "index-not-whole"),
    (_every(_is_node(ast.Call), _says("argument")), "call-arguments"),
)
_VALUE_ERRORS: tuple[tuple[Question, str], ...] = (
    (_takes_sizes_apart, "layers-hard-coded"),
    (_every(_sign("%"), _anything), "key-format"),
    (_says("values to unpack"), "unpacking"),
    (_every(_calls("reshape"), _anything), "reshape-size"),
    (_says("cannot reshape"), "reshape-size"),
    (_says("negative dimensions"), "size-negative"),
    (_says("scale < 0", "low > high", "high - low"), "draw-bounds"),
    (_says("math domain error"), "root-of-negative"),
    (_every(_calls("seed"), _anything), "seed-not-number"),
    (_says("invalid literal", "could not convert"), "text-to-number"),
    (_says("inhomogeneous", "with a sequence"), "array-of-unequal"),
    (_says("broadcast", "not aligned", "mismatch", "matmul"), "error-product"),
    (_says("format"), "key-format"),
)
_ATTRIBUTE_ERRORS: tuple[tuple[Question, str], ...] = (
    (_says("'NoneType' object"), "error-none"),
    (_is_gone, "np-float"),
    (_every(_says("'dict' object"), _attribute(*_STORING)), "dict-append"),
    (_says("'dict' object"), "dict-attribute"),
    (_every(_says("'list' object", "'tuple' object"), _anything), "list-attribute"),
    (_says("'int' object", "'float' object"), "number-attribute"),
    (_says("'builtin_function_or_method' object", "'function' object", "method"), "function-not-called"),
    (_every(_says("module 'numpy"), _is_elsewhere), "function-elsewhere"),
    (_says("module "), "error-attribute"),
)
_NAME_ERRORS: tuple[tuple[Question, str], ...] = (
    (_stores_there, "dict-not-made"),
    (_names_module, "error-import"),
    (_names_function, "prefix-missing"),
    (_says("cannot access local variable", "referenced before assignment"), "name-before-value"),
    (_anything, "error-name"),
)
_INDEX_ERRORS: tuple[tuple[Question, str], ...] = (
    (_says("Replacement index"), "key-format"),
    (_says("pop from empty"), "list-emptied"),
    (_says("assignment index"), "list-assigned"),
    (_says("too many indices"), "index-tuple"),
    (
        _every(_says("tuple index"), lambda site, message: ".shape" in site.raised.expression),
        "index-of-shape",
    ),
    (_fits_value, "index-by-size"),
    (_anything, "error-index"),
)

# By the type of the error.
_TABLES: Mapping[str, tuple[tuple[Question, str], ...]] = MappingProxyType(
    {
        "TypeError": _TYPE_ERRORS,
        "UFuncTypeError": _TYPE_ERRORS,
        "UFuncNoLoopError": _TYPE_ERRORS,
        "_UFuncNoLoopError": _TYPE_ERRORS,
        "_UFuncBinaryResolutionError": _TYPE_ERRORS,
        "ValueError": _VALUE_ERRORS,
        "OverflowError": ((_calls("uniform", "normal"), "draw-bounds"),),
        "AttributeError": _ATTRIBUTE_ERRORS,
        "NameError": _NAME_ERRORS,
        "UnboundLocalError": _NAME_ERRORS,
        "IndexError": _INDEX_ERRORS,
        "KeyError": ((_anything, "error-key"),),
        "ZeroDivisionError": ((_anything, "error-division-by-zero"),),
        "AssertionError": ((_anything, "own-assert"),),
        "RuntimeError": ((_says("changed size during iteration"), "dict-changed-in-loop"),),
    }
)


def name_by_line(error_type: str, message: str, site: Site) -> str:
    """The id for an error that the student's line `site` raised; "" when the line does not tell.

    >>> from autograder.misconceptions.site import site_of
    >>> from autograder.raised_line import RaisedLine, Value
    >>> line = RaisedLine(4, "W = randn([a, b])", "randn([a, b])", {"a": Value("int", "2")})
    >>> name_by_line("TypeError", "'list' object cannot be interpreted as an integer", site_of(line))
    'randn-tuple'
    """
    return next((name for fits, name in _TABLES.get(error_type, ()) if fits(site, message)), "")
