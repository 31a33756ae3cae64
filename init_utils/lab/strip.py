"""The seed strip: every run trained again from many seeds, because one seed shows no winner."""

from __future__ import annotations

from init_utils.lab.candidates import Parameters
from init_utils.lab.session import LabSession
from init_utils.lab.sweep import Sweep, SweepRow


def seed_strip(session: LabSession) -> Sweep:
    """All runs of a session from seeds 1, 2, ..., n; its functions are called here, once for each seed."""
    seeds = range(1, session.settings.strip_seeds + 1)
    rows = [SweepRow(run.candidate.name) for run in session.runs]
    starts: list[tuple[int, SweepRow, Parameters]] = []
    for row in rows:
        first = session.start_for(row.name, seeds[0])
        row.note = first.message or session.seed_note(row.name, seeds[0])
        # One training shows everything about a function that ignores the seed.
        for seed in seeds[:1] if row.note else seeds:
            start = session.start_for(row.name, seed)
            if start.parameters is not None:
                starts.append((seed, row, start.parameters))
    starts.sort(key=lambda start: start[0])  # all schemes grow together
    return Sweep(session.settings, session.scene, rows, [(row, parameters) for _, row, parameters in starts])
