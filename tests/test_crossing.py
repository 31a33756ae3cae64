"""What crosses: each kind comes back as it was, and nothing that is hostile does more than fail."""

from __future__ import annotations

import array
import collections
import contextlib
import copy
import datetime
import decimal
import enum
import fractions
import http
import json
import math
import pathlib
import random
import sys
import types
import uuid
import zoneinfo
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.sandbox.inside import message_format
from autograder.sandbox.inside.crossing import (
    KnownClasses,
    Objects,
    decode,
    decode_all,
    encode_all,
    ends,
    is_numpy_state,
    is_python_state,
    kinds,
    table,
)
from autograder.sandbox.wire import UnsupportedValueError, WireError

# Of strategies that nest; nobody reads it.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

Point = collections.namedtuple("Point", "x y")


class Colour(enum.Enum):
    """An instructor's enum."""

    RED = 1
    BLUE = 2


class Style(enum.Flag):
    """An instructor's flags."""

    BOLD = 1
    WIDE = 2


class Level(enum.IntEnum):
    """An enum whose members are numbers."""

    LOW = 1


class Place(NamedTuple):
    """An instructor's named tuple with a method."""

    row: int
    column: int

    def moved(self) -> Place:
        """One row down."""
        return Place(self.row + 1, self.column)


OURS = KnownClasses({"Colour": Colour, "Style": Style, "Place": Place}.get, {"http": http}.get)


def crossed(value: Any, classes: KnownClasses = OURS) -> Any:
    header, buffers = message_format.unpack(message_format.pack({}, value))
    return decode(header["value"], buffers, classes)


def same(left: Any, right: Any) -> bool:
    """Whether both are of one type and equal, parts included."""
    if type(left) is not type(right) or repr(left) != repr(right):
        return False
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and left.shape == right.shape
    return True


def moved() -> collections.OrderedDict[str, int]:
    """An ordered dict whose order is not that in which its keys came."""
    result = collections.OrderedDict(a=1, b=2)
    result.move_to_end("a")
    return result


ROME = zoneinfo.ZoneInfo("Europe/Rome")
PLAIN = [
    {1, "a", (2, 3)},
    frozenset({1.5, None}),
    b"ab\xff",
    b"x" * 1000,
    bytearray(b"ab"),
    range(3, 20, 4),
    slice(1, None, 2),
    ...,
    1 + 2j,
    {1: 2}.keys(),
    {1: [2]}.values(),
    {"a": 1, 2: "b"}.items(),
    decimal.Decimal("-1.50E-3"),
    decimal.Decimal("NaN"),
    decimal.Decimal("Infinity"),
    decimal.Decimal("-0"),
    fractions.Fraction(-1, 3),
    uuid.UUID(int=2**128 - 1),
    pathlib.Path("a/b"),
    pathlib.PureWindowsPath("c:/x"),
    datetime.date(2020, 1, 2),
    datetime.time(1, 2, 3, 4, datetime.UTC),
    datetime.datetime(2020, 10, 25, 2, 30, tzinfo=ROME, fold=1),
    datetime.datetime(1, 1, 1),
    datetime.timedelta(-1, 5, 7),
    datetime.timezone(datetime.timedelta(hours=-2), "there"),
    collections.Counter("aab"),
    collections.OrderedDict([("b", 1), ("a", 2)]),
    moved(),
    collections.defaultdict(list, a=[1]),
    collections.defaultdict(None, a=1),
    collections.deque([1, [2]], 5),
    types.SimpleNamespace(a=1, b=[2]),
    array.array("d", [1.5, math.inf]),
    array.array("u", "ab"),
    [{"a": ({1}, b"x")}],
]


def looked_at(array: Any) -> Any:
    """A masked array as it is once somebody has looked at its fill value."""
    assert array.fill_value is not None
    return array


ARRAYS = [
    np.array(["a", "", "日本"]),
    np.array([b"a", b"bc"]),
    np.array([[1], "a", None, 2.5], dtype=object),
    np.array([["a", None], [math.nan, "é" * 300]], dtype=object),
    np.array([], dtype=object),
    np.array([(1, 2.5, "a", True)], dtype=[("a", "i4"), ("b", "f8"), ("c", "U3"), ("d", "?")]),
    np.zeros(
        2, dtype={"names": ["a", "b"], "formats": [("f8", (2,)), "i2,?"], "offsets": [8, 1], "itemsize": 30}
    ),
    np.zeros(3, dtype="U0"),
    np.array(["2020-01-01", "NaT"], dtype="M8[D]"),
    np.array([1, 2], dtype="m8[25s]"),
    np.arange("2020", "2023", dtype="M8[Y]"),
    np.ma.array([1.0, 2.0], mask=[False, True], fill_value=-1.0),
    np.ma.array([1, 2]),
    np.ma.array([(1, 2.0)], mask=[(True, False)], dtype=[("a", "i4"), ("b", "f8")]),
    np.ma.array(["a", "b"], mask=True, hard_mask=True),
    looked_at(np.ma.array(["a", "b"], mask=[True, False])),
    looked_at(np.ma.array([b"a", b"b"])),
    np.ma.masked,
    np.rec.array([(1, "a")], names="n,t"),
    np.rec.array([(1, "a")], names="n,t")[0],
    np.array([1, 2])[::-1],
    np.float64(1.5),
    np.bool_(True),
    np.longdouble("0.1"),
    np.str_("a" * 100),
    np.bytes_(b"a"),
    np.datetime64("2020-01-01T00:00"),
    np.datetime64("NaT"),
    np.timedelta64(3, "h"),
    np.array([(1, 2)], "i4,i4")[0],
    np.dtype("f8"),
    np.dtype([("a", "i4")]),
    np.dtype(object),
    np.polynomial.Polynomial([1.0, 2.0], domain=[0, 5], symbol="t"),
    np.polynomial.Chebyshev([1, 2]),
    np.poly1d([1, 2, 3], variable="s"),
]
STAMPS = pd.date_range("2020", periods=3, freq="D")
PANDAS = [
    pd.DataFrame(),
    pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"]),
    pd.DataFrame(
        {
            "text": ["x", None],
            "category": pd.Categorical(["u", None], categories=["u", "v"], ordered=True),
            "time": pd.to_datetime(["2020-01-01", None]),
            "zone": pd.to_datetime(["2020", "2021"]).tz_localize("Europe/Rome"),
            "span": pd.to_timedelta([1, 2], "s"),
            "whole": pd.array([1, None], dtype="Int64"),
            "real": pd.array([1.5, None], dtype="Float32"),
            "truth": pd.array([True, None], dtype="boolean"),
            "string": pd.array(["a", None], dtype="string"),
            "period": pd.period_range("2020", periods=2, freq="M"),
            "interval": pd.arrays.IntervalArray.from_breaks([0, 1, 2]),
            "object": [[1], {2}],
            3: np.array([1, 2], dtype="u1"),
        },
        index=["p", "q"],
    ),
    pd.DataFrame({"a": [1, 1, 2], "b": [1.0, 2.0, 3.0]}).groupby("a").sum(),
    pd.DataFrame({"a": [1, 2], "b": [3, 4]}).describe(),
    pd.Series([1, 2], name=("a", 1), index=pd.Index([1, 2], name="i")),
    pd.Series([1, "a", None], dtype=object),
    pd.Series(range(3), index=STAMPS),
    pd.Series(["a", "b", "a"]).value_counts(),
    pd.Index([1.5, 2.5]),
    pd.Index(["a", None], dtype=object),
    pd.RangeIndex(2, 9, 3, name="r"),
    STAMPS,
    pd.timedelta_range("1s", periods=2, freq="s"),
    pd.period_range("2020", periods=2, freq="Q"),
    pd.CategoricalIndex(["a", "b"]),
    pd.interval_range(0, 2),
    pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", None]),
    pd.MultiIndex.from_arrays([["a", None], [1, 2]]),
    pd.Timestamp("2020-06-01 12:00", tz="Europe/Rome"),
    pd.Timestamp("2020-01-01 00:00:00.000000001"),
    pd.Timedelta("1D 2ns"),
    pd.NaT,
    pd.NA,
    pd.Period("2020-01", "M"),
    pd.Interval(0, 1.5, closed="both"),
    pd.Categorical(["a", None]),
    pd.array([1, None]),
    pd.array(["a"], dtype="string"),
    pd.CategoricalDtype(["a"], ordered=True),
    pd.CategoricalDtype(),
    pd.DatetimeTZDtype("ns", "UTC"),
    pd.StringDtype(),
    pd.PeriodDtype("M"),
    pd.IntervalDtype("int64"),
    pd.UInt8Dtype(),
    pd.DataFrame({"a": [1.5], "b": ["x"]}).dtypes,
]
SPARSE = [
    getattr(scipy.sparse, f"{form}_{what}")(np.array([[0, 1.5, 0], [2, 0, 0]]))
    for form in ("csr", "csc", "coo", "bsr", "dia", "lil", "dok")
    for what in ("matrix", "array")
] + [
    scipy.sparse.csr_matrix((0, 5)),
    scipy.sparse.coo_array(np.array([0, 1, 2])),
    scipy.sparse.csr_array(np.array([0, 1])),
    scipy.sparse.bsr_matrix(np.kron(np.eye(2), np.ones((2, 3)))),
]


@pytest.mark.parametrize("value", [*PLAIN, *ARRAYS, *PANDAS], ids=lambda value: type(value).__name__)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    result = crossed(value)
    assert same(result, value), (result, value)
    if isinstance(value, pd.DataFrame):
        pd.testing.assert_frame_equal(result, value)
    elif isinstance(value, pd.Series):
        pd.testing.assert_series_equal(result, value)
    elif isinstance(value, pd.Index):
        pd.testing.assert_index_equal(result, value)
        assert getattr(result, "freq", None) == getattr(value, "freq", None)


@pytest.mark.parametrize("value", SPARSE, ids=lambda value: f"{type(value).__name__}{value.shape}")
def test_a_sparse_matrix_comes_back_as_it_was(value: Any) -> None:
    result = crossed(value)
    assert (type(result), result.dtype, result.shape) == (type(value), value.dtype, value.shape)
    assert np.array_equal(result.toarray(), value.toarray())


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_a_matrix_still_multiplies_as_one() -> None:
    result = crossed(np.matrix([[1, 2], [3, 4]]))
    assert (result * result).tolist() == [[7, 10], [15, 22]]


def test_a_read_only_array_stays_read_only() -> None:
    assert not crossed(np.diag(np.ones((2, 2)))).flags.writeable


def test_a_frame_that_has_crossed_can_be_changed() -> None:
    frame = crossed(pd.DataFrame({"a": [1, 2], "b": [1.5, None], "c": ["x", None]}))
    frame.loc[0] = [9, 9.5, "y"]
    series = crossed(pd.Series([1, None], dtype="Int64"))
    series[1] = 7
    assert (frame.loc[0].tolist(), series.tolist()) == ([9, 9.5, "y"], [1, 7])


def test_missing_entries_are_what_they_were() -> None:
    counts = crossed([collections.Counter("aab"), collections.defaultdict(int, a=1)])
    assert [part["z"] for part in counts] == [0, 0]


def test_a_defaultdict_whose_factory_is_code_crosses_as_a_dict_and_is_named() -> None:
    names: dict[str, str] = {}
    value = collections.defaultdict(lambda: 0, a=1)
    header, buffers = message_format.unpack(message_format.pack({}, value, names))
    assert (type(decode(header["value"], buffers)), names) == (dict, {"": "collections.defaultdict"})


def in_the_notebook(kind: Any) -> Any:
    """The class as if a cell had defined it."""
    kind.__module__, kind.__qualname__ = "__main__", kind.__name__
    return kind


def test_a_member_of_an_instructors_enum_is_that_member() -> None:
    in_the_notebook(Colour)
    in_the_notebook(Style)
    assert crossed([Colour.RED, Style.BOLD, Style.BOLD | Style.WIDE]) == [
        Colour.RED,
        Style.BOLD,
        Style.BOLD | Style.WIDE,
    ]
    assert crossed(Colour.RED) is Colour.RED
    assert crossed(http.HTTPStatus.OK) is http.HTTPStatus.OK


def test_a_member_of_an_unknown_enum_crosses_as_its_number_or_not_at_all() -> None:
    in_the_notebook(Level)
    in_the_notebook(Colour)
    assert (crossed(Level.LOW), type(crossed(Level.LOW))) == (1, int)
    with pytest.raises(UnsupportedValueError, match="a value of type Colour cannot leave"):
        crossed(Colour.RED, KnownClasses())


def test_a_named_tuple_has_its_fields_and_two_have_one_type() -> None:
    first, second = crossed(Point(1, [2])), crossed(Point(1, 3))
    assert (first.x, first.y, first._fields, type(first).__name__) == (1, [2], ("x", "y"), "Point")
    assert type(first) is type(second)


def test_an_instructors_named_tuple_has_its_methods() -> None:
    in_the_notebook(Place)
    assert crossed(Place(1, 2)).moved() == (2, 2)


def test_a_librarys_dict_whose_entries_are_attributes_crosses_as_what_it_is() -> None:
    optimize, utils = (
        pytest.importorskip(name, reason=f"{name} is not installed")
        for name in ("scipy.optimize", "sklearn.utils")
    )
    libraries = KnownClasses(module=sys.modules.get)
    found = crossed(optimize.root_scalar(lambda x: x - 1, bracket=[0, 3]), libraries)
    assert (found.root, found["converged"], type(found)) == (1.0, True, optimize._zeros_py.RootResults)
    bunch = crossed(utils.Bunch(data=np.ones(2), target=[1, 2]), libraries)
    assert (bunch.data.tolist(), bunch["target"], type(bunch)) == ([1.0, 1.0], [1, 2], utils.Bunch)


def test_a_dict_with_attributes_of_a_class_that_is_not_known_is_a_plain_dict() -> None:
    optimize = pytest.importorskip("scipy.optimize", reason="SciPy is not installed")
    found = crossed(optimize.OptimizeResult(x=1), KnownClasses())
    assert (found, type(found)) == ({"x": 1}, dict)


def test_values_of_a_library_that_is_not_loaded_are_refused_by_name() -> None:
    lacking = kinds.Table((), (), {"absent_library": lambda module: []})
    with pytest.raises(UnsupportedValueError) as caught:
        ends.Reader(lacking, []).value(["absent_library:frame", 1], 0)
    assert str(caught.value) == "the assignment does not import absent_library: a value of it does not cross"
    assert caught.value.type_name == "absent_library.frame"


CHANGES: dict[str, tuple[Any, Any]] = {
    "list": ([3, 1], lambda x: x.sort()),
    "dict": ({"a": 1}, lambda x: x.pop("a")),
    "set": ({1}, lambda x: x.add(2)),
    "bytearray": (bytearray(b"a"), lambda x: x.extend(b"b")),
    "deque": (collections.deque([1]), lambda x: x.appendleft(0)),
    "Counter": (collections.Counter("a"), lambda x: x.update("ab")),
    "OrderedDict": (collections.OrderedDict(a=1, b=2), lambda x: x.move_to_end("a")),
    "defaultdict": (collections.defaultdict(list), lambda x: x["a"].append(1)),
    "SimpleNamespace": (types.SimpleNamespace(a=1), lambda x: vars(x).pop("a")),
    "array of array": (array.array("d", [1.0]), lambda x: x.append(2.0)),
    "array": (np.ones(3), lambda x: np.put(x, 0, 0)),
    "row of an array": (np.ones((2, 3))[0], lambda x: x.fill(0)),
    "array of objects": (np.array([[1], None], dtype=object), lambda x: x[0].append(2)),
    "masked array": (np.ma.array([1, 2]), lambda x: x.__setitem__(0, np.ma.masked)),
    "frame": (pd.DataFrame({"a": [1]}), lambda x: x.insert(0, "b", ["x"])),
    "series": (pd.Series([1, 2], name="n"), lambda x: x.__setitem__(0, 9)),
    "sparse matrix": (scipy.sparse.csr_matrix(np.eye(2)), lambda x: x.data.fill(7)),
    "list in a tuple": (([1], 2), lambda x: x[0].append(2)),
}


def sent(values: list[Any], writer: Objects, reader: Objects) -> list[Any]:
    """Values as they arrive at the other end, of which objects that crossed before are themselves."""
    buffers: list[bytes] = []
    trees = encode_all(values, buffers, {}, writer)
    return decode_all(json.loads(json.dumps(trees)), [memoryview(one) for one in buffers], OURS, reader)


@pytest.mark.parametrize(("value", "change"), CHANGES.values(), ids=CHANGES)
def test_an_object_that_is_changed_there_is_changed_here(value: Any, change: Any) -> None:
    ours, theirs = Objects(0), Objects(1)
    (there,) = sent([value], ours, theirs)
    change(there)
    (back,) = sent([there], theirs, ours)
    assert (back is value) or type(value) is tuple
    assert comparable(value) == comparable(there)


def test_what_is_one_object_there_is_one_object_here() -> None:
    ours, theirs = Objects(0), Objects(1)
    row = [0]
    grid, again = sent([[row, row], row], theirs, ours)
    assert grid[0] is grid[1] is again
    (later,) = sent([row], theirs, ours)
    assert later is row or later is again


def test_two_equal_objects_stay_two() -> None:
    first, second = sent([[1], [1]], Objects(1), Objects(0))
    assert first == second
    assert first is not second


def test_an_array_that_would_need_other_memory_is_a_new_one() -> None:
    ours, theirs = Objects(0), Objects(1)
    value = np.ones(3)
    view = value[:2]
    (there,) = sent([value], ours, theirs)
    there.resize(5, refcheck=False)
    (back,) = sent([there], theirs, ours)
    assert back is not value
    assert (len(back), value.tolist(), view.tolist()) == (5, [1, 1, 1], [1, 1])


def test_a_loop_over_a_dict_whose_keys_stay_goes_on() -> None:
    ours, theirs = Objects(0), Objects(1)
    value = {"a": [1], "b": [2]}
    (there,) = sent([value], ours, theirs)
    for key in value:
        there[key].append(0)
        sent([there], theirs, ours)
    assert value == {"a": [1, 0], "b": [2, 0]}


@pytest.mark.parametrize(
    "trees",
    [
        [["object", 1, ["l", ["object", 1, ["l"]]]]],
        [["object", 1, ["l", ["same", 1]]]],
        [["same", 1]],
        [["object", 1, ["l"]], ["object", 1, ["l"]]],
        [["object", -1, ["l"]]],
        [["object", True, ["l"]]],
        [["object", 2**60, ["l"]]],
        [["object", 1, 5]],
        [["object", 1, ["u"]]],
        [["object"]],
        [["same", 1, 2]],
    ],
)
def test_numbers_of_objects_are_checked(trees: Any) -> None:
    with pytest.raises(WireError):
        decode_all(trees, [], OURS, Objects(0))


def test_without_objects_a_number_is_refused() -> None:
    with pytest.raises(WireError, match="unknown tag"):
        decode(["object", 1, ["l"]], [])


def test_one_object_named_often_counts_each_time() -> None:
    trees: list[Any] = [["object", 1, ["l", *range(1000)]]]
    for number in range(3, 60, 2):
        trees.append(["object", number, ["l", ["same", number - 2], ["same", number - 2]]])
    with pytest.raises(WireError, match="too many parts"):
        decode_all(trees, [], OURS, Objects(0))
    ours: list[Any] = [list(range(1000))]
    for _ in range(30):
        ours = [ours, ours]
    with pytest.raises(UnsupportedValueError, match="more than 200000 parts"):
        encode_all([ours], [], {}, Objects(1))


def test_a_number_of_another_type_is_a_new_object() -> None:
    ours = Objects(0)
    value = [1]
    number = ours.number_of(value)
    (other,) = decode_all([["object", number, ["d"]]], [], OURS, ours)
    assert (other, value) == ({}, [1])


def test_what_is_held_for_its_number_is_bounded() -> None:
    from autograder.sandbox.inside.crossing.objects import MAX_OBJECTS

    ours = Objects(0)
    for _ in range(MAX_OBJECTS + 5):
        ours.number_of([])
    assert len(ours._values) <= MAX_OBJECTS


GENERATORS = [
    np.random.default_rng(1),
    np.random.Generator(np.random.MT19937(1)),
    np.random.Generator(np.random.Philox(1)),
    np.random.Generator(np.random.SFC64(1)),
    np.random.RandomState(1),
    random.Random(1),
]


@pytest.mark.parametrize("value", GENERATORS, ids=lambda value: type(value).__name__)
def test_a_random_generator_goes_on_there_and_then_here(value: Any) -> None:
    ours, theirs = Objects(0), Objects(1)
    expected = copy.deepcopy(value)
    (there,) = sent([value], ours, theirs)
    drawn = [there.random(), there.random()]
    (back,) = sent([there], theirs, ours)
    assert back is value
    assert [*drawn, value.random()] == [expected.random() for _ in range(3)]


def of_state(change: Any) -> Any:
    """The tree of a Mersenne Twister with a changed state."""
    state = np.random.MT19937(1).state
    change(state)
    buffers: list[bytes] = []
    return ["Generator", "MT19937", encode_all([state], buffers, {}, None)[0]], buffers


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state["state"].update(pos=10**6),
        lambda state: state["state"].update(pos=-1),
        lambda state: state["state"].update(key=np.zeros(3, "<u4")),
        lambda state: state["state"].update(key=state["state"]["key"].astype(float)),
        lambda state: state["state"].update(more=1),
        lambda state: state.update(bit_generator="PCG64"),
        lambda state: state.update(state=5),
    ],
)
def test_the_state_of_a_random_generator_is_checked(change: Any) -> None:
    tree, buffers = of_state(change)
    with pytest.raises(WireError):
        decode(tree, [memoryview(one) for one in buffers])


def test_a_state_of_the_global_generators_is_checked() -> None:
    state: Any = np.random.RandomState(1).get_state()
    assert is_numpy_state(state)
    assert not is_numpy_state((*state[:2], 625, *state[3:]))
    assert not is_numpy_state((state[0], state[1][:5], *state[2:]))
    assert is_python_state(random.Random(1).getstate())
    assert not is_python_state((3, (1,) * 624 + (625,), None))


# What a student's process may send: trees that no honest writer makes.
EIGHT = b"\x01\0\0\0\0\0\0\0"
HOSTILE: list[Any] = [
    ["set", 1, 1],
    ["set", ["l"]],
    ["frozenset", ["d"]],
    ["bytes", "日"],
    ["bytes", 77],
    ["range", 0, 1, 0],
    ["range", 0, 1],
    ["range", 0, 1.5, 1],
    ["slice", 1],
    ["dict_keys", ["l"]],
    ["dict_items", ["u", 1]],
    ["dict_items", ["u", 1, 2], ["u", 1, 3]],
    ["Decimal", "1E+99999"],
    ["Decimal", "1E+999999999"],
    ["Decimal", "__import__('os')"],
    ["Decimal", "9" * 2000],
    ["Decimal", "١"],
    ["Fraction", 1, 0],
    ["Fraction", 1, -1],
    ["UUID", -1],
    ["UUID", 2**128],
    ["Path", "WindowsPath", "a"],
    ["Path", "PosixPath", "a" * 5000],
    ["date", 0, 1, 1],
    ["date", 2020, 2, 30],
    ["date", 10**30, 1, 1],
    ["time", 25, 0, 0, 0, 0, None],
    ["datetime", 2020, 1, 1, 0, 0, 0, 0, 0, 5],
    ["datetime", 2020, 1, 1, 0, 0, 0, 0, 2, None],
    ["timedelta", 10**20, 0, 0],
    ["timezone", 3, 0, 0, None],
    ["ZoneInfo", "../../etc/passwd"],
    ["ZoneInfo", "Nowhere/Atlantis"],
    ["ZoneInfo", "/etc/localtime"],
    ["defaultdict", "eval"],
    ["defaultdict", "__import__"],
    ["deque", 1, 1, 2],
    ["deque", -1],
    ["deque", 2**70],
    ["SimpleNamespace", ["__class__", 1]],
    ["SimpleNamespace", [1, 1]],
    ["array", "d", 4, 0],
    ["array", "z", 4, 0],
    ["array", "q", 3, 0],
    ["enum", "os", "system", "x", None, "x", None],
    ["attributes"],
    ["attributes", []],
    ["attributes", [["os"]]],
    ["attributes", [[1, 2]], [["t", 0], 1]],
    ["enum", "__main__", "Colour", "GREEN", None, "Colour", None],
    ["enum", "__main__", "Colour", "__class__", None, "Colour", None],
    ["enum", "__main__", "Colour.__class__", "RED", None, "Colour", None],
    ["enum", "__main__", ["Colour"], "RED", None, "Colour", None],
    ["enum", "__main__", "Style", "BOLD", 64, "Style", None],
    ["namedtuple", "m", "P", ["x", "x"], 1, 2],
    ["namedtuple", "m", "P", ["x"], 1, 2],
    ["namedtuple", "m", "P", ["def"], 1],
    ["namedtuple", "m", "P", ["_x"], 1],
    ["namedtuple", "m", "P", ["x=print(1)"], 1],
    ["namedtuple", "m", "P", [1], 1],
    ["a", "|O", [1], 0],
    ["a", "O", [1], 0],
    ["a", "|V8", [1], 0],
    ["a", "<U9999999", [0], 0],
    ["a", "<M8[century]", [1], 0],
    ["a", "<U2", [1], 1],
    ["a", [8, [["a", "<f8", [], 0], ["b", "<f8", [], 4]]], [1], 0],
    ["a", [8, [["a", "<f8", [], 4]]], [1], 0],
    ["a", [8, [["a", "<f8", [], -8]]], [1], 0],
    ["a", [8, [["a", "|O", [], 0]]], [1], 0],
    ["a", [8, [["a", "<f8", [2], 0]]], [1], 0],
    ["a", [8, [["a", "<i4", [], 0], ["a", "<i4", [], 4]]], [1], 0],
    ["a", [8, [["a", "|b1", [8], 0]]], [1], 2],
    ["a", [-8, []], [1], 0],
    ["a", [2**40, []], [1], 0],
    ["a", [0, []], [2**30], 3],
    ["a", "<U0", [2**30], 3],
    ["h", "<f8", "00"],
    ["h", "<f8", "zz" * 8],
    ["h", "|b1", "07"],
    ["objects", [3], 1],
    ["objects", [2**31], 1],
    ["texts", [2], 0, 3],
    ["texts", [1], 4, 3],
    ["texts", [1], 5, 6],
    ["masked", ["a", "<f8", [1], 0], ["a", "<f8", [], 0], None, False],
    ["masked", ["a", "<f8", [1], 0], ["a", "|b1", [0], 3], None, False],
    ["view", "matrix", ["a", "<f8", [1], 0]],
    ["view", "memmap", ["a", "<f8", [1], 0]],
    ["record", "<f8", [], 0],
    ["dtype", "V8"],
    ["polynomial", "eval", ["a", "<f8", [1], 0], 1, 2, "x"],
    ["poly1d", ["a", "<f8", [], 0], "x"],
    ["scipy.sparse:sparse_matrix", "csr_matrix", [1, 1], ["a", "<f8", [1], 0], ["l"], ["l"]],
    ["pandas:DataFrame", ["l"], ["l"]],
    ["pandas:Series", None, ["pandas:RangeIndex", 0, 5, 1, None], ["a", "<f8", [1], 0]],
    ["pandas:Series", ["l"], ["pandas:RangeIndex", 0, 1, 1, None], ["a", "<f8", [1], 0]],
    ["pandas:Index", ["a", "<f8", [1], 0], None, "D"],
    ["pandas:Index", ["a", "<M8[ns]", [1], 0], None, "__import__('os')"],
    ["pandas:RangeIndex", 0, 2**80, 1, None],
    ["pandas:Categorical", ["a", "<i8", [1], 0], ["pandas:RangeIndex", 0, 1, 1, None], False],
    ["pandas:MultiIndex", [["pandas:RangeIndex", 0, 1, 1, None]], [["a", "<i8", [1], 0]], ["l", None]],
    ["pandas:MultiIndex", [], [], ["l"]],
    ["pandas:times", ["a", "<i8", [1], 0], None],
    ["pandas:times", ["a", "<M8[D]", [1], 0], None],
    ["pandas:periods", "M; import os", ["a", "<i8", [1], 0]],
    ["pandas:masked", ["a", "<f8", [1], 0], ["a", "|b1", [0], 3]],
    ["pandas:masked", ["a", "<c8", [1], 0], ["a", "|b1", [1], 7]],
    ["pandas:strings", "python", "nan", ["objects", [1], 5]],
    ["pandas:strings", "s3", "nan", ["objects", [1], "a"]],
    ["pandas:Timestamp", ["h", "<M8[fs]", "00" * 8], 5],
    ["pandas:Period", "Z" * 30, 1],
    ["pandas:Interval", "a", 1, "right"],
    ["pandas:dtype", "numbers", "object"],
    ["pandas:missing", "None"],
]


@pytest.mark.parametrize("tree", HOSTILE, ids=lambda tree: json.dumps(tree)[:60])
def test_what_no_honest_writer_makes_is_refused(tree: Any) -> None:
    in_the_notebook(Colour)
    in_the_notebook(Style)
    surrogate = (0xD800).to_bytes(4, "little") * 2
    five, minus = (5).to_bytes(4, "little"), (-7).to_bytes(4, "little", signed=True)
    buffers = [EIGHT, surrogate, b"\x07" * 8, b"", five, minus, b"a", b"\x00"]
    with pytest.raises(WireError):
        decode(tree, [memoryview(buffer) for buffer in buffers], OURS)


def sparse_tree(form: str, shape: list[int], *arrays: Any) -> tuple[Any, list[memoryview]]:
    trees, buffers = [], []
    for values in arrays:
        part = np.asarray(values)
        trees.append(["a", part.dtype.str, list(part.shape), len(buffers)])
        buffers.append(memoryview(part.tobytes()))
    return ["scipy.sparse:sparse_matrix", form, shape, *trees], buffers


@pytest.mark.parametrize(
    ("form", "shape", "arrays"),
    [
        ("csr_matrix", [1, 2], ([1.0], [2], [0, 1])),
        ("csr_matrix", [1, 2], ([1.0], [-1], [0, 1])),
        ("csr_matrix", [2, 2], ([1.0], [0], [0, 1])),
        ("csr_matrix", [2, 2], ([1.0], [0], [0, 2, 1])),
        ("csr_matrix", [2, 2], ([1.0], [0], [1, 1, 1])),
        ("csr_matrix", [1, 2], ([1.0, 2.0], [0], [0, 1])),
        ("csr_matrix", [1, 2], ([1.0], [0.0], [0, 1])),
        ("csr_matrix", [1, 2], (["a"], [0], [0, 1])),
        ("csc_array", [2, 1], ([1.0], [2], [0, 1])),
        ("bsr_matrix", [3, 3], (np.ones((1, 2, 2)), [0], [0, 1])),
        ("bsr_matrix", [2, 2], (np.ones((1, 2, 2)), [1], [0, 1])),
        ("bsr_matrix", [2, 2], (np.ones((1, 0, 2)), [0], [0, 1])),
        ("coo_matrix", [2, 2], ([1.0], [2], [0])),
        ("coo_matrix", [2, 2], ([1.0], [0], [-1])),
        ("coo_matrix", [2, 2], ([1.0], [0, 1], [0, 1])),
        ("dia_matrix", [2, 2], (np.ones((1, 2)), [5])),
        ("dia_matrix", [2, 2], (np.ones((2, 2)), [0, 0])),
        ("lil_matrix", [2**30, 1], ([1.0], [0], [0])),
        ("dok_matrix", [2, 2], ([1.0], [3], [0])),
        ("eval", [1, 1], ([1.0], [0], [0, 1])),
    ],
)
def test_indices_of_a_sparse_matrix_are_checked(form: str, shape: list[int], arrays: Any) -> None:
    tree, buffers = sparse_tree(form, shape, *arrays)
    with pytest.raises(WireError):
        decode(tree, buffers)


def test_a_set_of_colliding_members_is_refused_quickly() -> None:
    tree = ["set", *(i * (2**61 - 1) for i in range(1, 20_000))]
    with pytest.raises(WireError, match="a set has too many keys that are not strings"):
        decode(tree, [])


# --- fuzzing --------------------------------------------------------------------------------------------

atoms = (
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats()
    | st.complex_numbers()
    | st.text(max_size=9)
    | st.binary()
    | st.decimals(allow_nan=False)
    | st.fractions()
    | st.dates()
    | st.times()
    | st.datetimes(timezones=st.sampled_from([None, datetime.UTC, ROME]))
    | st.timedeltas()
    | st.uuids()
)
hashable = st.recursive(atoms, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=4))
values = st.recursive(
    hashable,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(hashable, inner, max_size=4)
        | st.sets(hashable, max_size=4)
        | st.builds(collections.deque, st.lists(inner, max_size=4))
        | st.builds(Point, inner, inner)
        | st.dictionaries(st.text("ab"), inner, max_size=3).map(collections.OrderedDict)
    ),
    max_leaves=20,
)
dtypes = st.sampled_from(
    ["?", "i1", "<u8", "f2", "f8", "c16", "U3", "S2", "M8[s]", "m8[ns]", "i4,f8", "U1,?"]
)
fuzzed = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def comparable(value: Any) -> Any:
    """A text that shows type and parts of a value; sets in one order."""
    if isinstance(value, set | frozenset):
        return type(value).__name__, sorted(map(repr, map(comparable, value)))
    if isinstance(value, dict):
        return type(value).__name__, [(comparable(key), comparable(part)) for key, part in value.items()]
    if isinstance(value, list | tuple | collections.deque):
        return type(value).__name__, [comparable(part) for part in value]
    return repr(value)


@fuzzed
@given(values)
def test_any_plain_value_comes_back_as_it_was(value: Any) -> None:
    assert comparable(crossed(value)) == comparable(value)


@fuzzed
@given(dtypes, st.lists(st.integers(0, 3), max_size=3), st.integers(0, 2**32))
def test_any_array_comes_back_as_it_was(dtype: str, shape: list[int], seed: int) -> None:
    numbers = np.random.default_rng(seed).integers(0, 9, size=shape)
    value = np.zeros(shape, dtype=dtype)
    if value.dtype.names is None:
        value[...] = numbers.astype(value.dtype)
    result = crossed(value)
    assert (result.dtype, result.shape, result.tolist()) == (value.dtype, value.shape, value.tolist())


columns = st.sampled_from(
    [
        lambda n: np.arange(n),
        lambda n: np.arange(n) / 2,
        lambda n: [None if i % 2 else f"t{i}" for i in range(n)],
        lambda n: pd.Categorical([f"c{i % 2}" for i in range(n)]),
        lambda n: pd.date_range("2020", periods=n, tz="Europe/Rome"),
        lambda n: pd.array([None if i % 2 else i for i in range(n)], dtype="Int8"),
        lambda n: pd.timedelta_range("1s", periods=n),
        lambda n: [object, None][n:] or [[i] for i in range(n)],
    ]
)


@fuzzed
@given(st.lists(columns, max_size=5), st.integers(2, 5), st.booleans())
def test_any_frame_comes_back_as_it_was(makers: Any, length: int, dated: bool) -> None:
    index = pd.date_range("2020", periods=length) if dated else None
    frame = pd.DataFrame({f"c{i}": make(length) for i, make in enumerate(makers)}, index=None)
    if dated and len(frame):
        frame.index = index
    pd.testing.assert_frame_equal(crossed(frame), frame)


@fuzzed
@given(st.data())
def test_hostile_bytes_are_never_more_than_the_documented_error(data: Any) -> None:
    honest = data.draw(st.sampled_from([*PLAIN, *ARRAYS, *PANDAS, *SPARSE]))
    broken = bytearray(message_format.pack({"op": "x"}, honest))
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(WireError):
        header, buffers = message_format.unpack(bytes(broken))
        decode(header.get("value"), buffers, OURS)


parts = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["", "a", "<f8", "<M8[ns]", "|O", "D", "csr_matrix", "right", "NaT", "00" * 8, "\ud800"]
    ),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.tuples(st.sampled_from(sorted(table.TABLE._by_tag)), inner, inner).map(list)
        | st.tuples(st.sampled_from(sorted(table.TABLE._by_tag)), inner).map(list)
        | st.sampled_from([["a", "<f8", [1], 0], ["a", "<i8", [1], 1], ["a", "|b1", [8], 2]])
    ),
    max_leaves=12,
)


@fuzzed
@given(st.sampled_from(sorted(table.TABLE._by_tag)), st.lists(parts, max_size=6))
def test_any_tree_is_a_value_or_the_documented_error(tag: str, trees: list[Any]) -> None:
    buffers = [memoryview(bytes(8)), memoryview(EIGHT), memoryview(bytes(8)), memoryview(b"")]
    with contextlib.suppress(WireError):
        decode([tag, *trees], buffers, OURS)
