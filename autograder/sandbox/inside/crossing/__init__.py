"""What crosses between the student's process and the trusted side: one table of kinds of values.

| module | what it holds |
| --- | --- |
| `errors` | what goes wrong |
| `kinds` | what a kind is, and the table's form |
| `ends` | the two ends, `Writer` and `Reader` |
| `known_classes` | the classes that a message may name |
| `builtin_kinds` | Python's own types |
| `standard_kinds`, `time_kinds`, `collection_kinds` | types of the standard library |
| `random_kinds` | random generators |
| `class_kinds` | members of enums, named tuples |
| `attribute_dicts` | a library's dicts whose entries are attributes: SciPy's results, Bunch |
| `dtypes`, `array_kinds` | NumPy |
| `sparse_kinds`; `pandas_kinds`, `pandas_arrays`, `pandas_scalars` | SciPy; pandas, once they are loaded |
| `objects`, `changes` | which objects have crossed, and how one is changed in place |
| `own_numpy` | NumPy's names as they were loaded, whatever a notebook has written over them |
| `table` | the table, `encode` and `decode` |

A value is a tree of JSON: `null`, `true`, a number and a string stand for themselves; a list is a tag and
what the kind needs. Long texts and bytes of arrays are in buffers. Nothing is ever unpickled.
"""

from .errors import UnsupportedValueError, WireError, name_of_type
from .known_classes import NOTHING_KNOWN, KnownClasses, no_class
from .objects import Objects
from .own_numpy import look_for_overwritten_names
from .random_kinds import is_numpy_state, is_python_state
from .table import (
    decode,
    decode_all,
    encode,
    encode_all,
    is_data,
    load_libraries,
    take_in_libraries,
)

__all__ = [
    "NOTHING_KNOWN",
    "KnownClasses",
    "Objects",
    "UnsupportedValueError",
    "WireError",
    "decode",
    "decode_all",
    "encode",
    "encode_all",
    "is_data",
    "is_numpy_state",
    "is_python_state",
    "load_libraries",
    "look_for_overwritten_names",
    "name_of_type",
    "no_class",
    "take_in_libraries",
]
