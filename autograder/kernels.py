"""Which notebooks are Python's: decided by the language their kernel names, not by the kernel's own name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# First words of the names that kernels of other languages have where they name no language. Any other name
# (`conda-env-ml-py`, `myenv`) may be anything that a person called a Python environment.
_OTHER_KERNELS = frozenset(
    {
        *(
            "ir",
            "r",
            "xr",
            "julia",
            "octave",
            "matlab",
            "sas",
            "stata",
            "scala",
            "almond",
            "javascript",
            "jslab",
        ),
        *(
            "ijavascript",
            "typescript",
            "deno",
            "bash",
            "zsh",
            "powershell",
            "haskell",
            "ihaskell",
            "ruby",
            "iruby",
        ),
        *(
            "go",
            "gophernotes",
            "rust",
            "java",
            "ijava",
            "kotlin",
            "cling",
            "xcpp",
            "sql",
            "xsqlite",
            "maxima",
        ),
        *(
            "wolframlanguage",
            "mathematica",
            "fortran",
            "ocaml",
            "prolog",
            "perl",
            "php",
            "lua",
            "csharp",
            "fsharp",
        ),
    }
)


def other_language(notebook_metadata: Mapping[str, Any]) -> str:
    """The language of the notebook's kernel where that is not Python, else "".

    >>> other_language({"kernelspec": {"name": "ir", "language": "R"}})
    'R'
    >>> other_language({"kernelspec": {"name": "julia-1.10"}})
    'julia'
    >>> other_language({"kernelspec": {"name": "conda-env-ml-py"}}), other_language({})
    ('', '')
    """
    kernel = notebook_metadata.get("kernelspec")
    info = notebook_metadata.get("language_info")
    told = [
        part.get(key) for part, key in ((kernel, "language"), (info, "name")) if isinstance(part, Mapping)
    ]
    language = next((text.strip() for text in told if isinstance(text, str) and text.strip()), "")
    if language:
        return "" if re.match(r"(?i)i?python|sage", language) else language[:40]
    name = str(kernel.get("name", "")) if isinstance(kernel, Mapping) else ""
    first = re.split(r"[-_.\d ]", name.casefold(), maxsplit=1)[0]
    return first if first in _OTHER_KERNELS else ""
