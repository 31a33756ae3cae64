"""What is not collected: modules for a Dask cluster where Dask is not installed."""

from __future__ import annotations

import importlib.util

collect_ignore = (
    []
    if importlib.util.find_spec("distributed")
    else ["autograder/cluster/plugin.py", "tests/cluster_tasks.py"]
)
