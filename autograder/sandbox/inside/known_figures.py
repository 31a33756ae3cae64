"""Figures that the instructor's notebook has drawn: the same one again is looked up, not drawn.

A figure is found by everything that decides its pixels (`drawn_state`), so that only who has all of it finds
the picture; the memo holds it sealed with that. The picture is the one that drawing gave: remembered is only
what was drawn without a word (a warning would be missing where it is not drawn again), and only in the
process that runs the instructor's notebook. What else drawing does to a figure that code can see later is
done, or made up for when somebody looks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from io import StringIO
from typing import Any
from warnings import catch_warnings, simplefilter
from weakref import WeakSet

from numpy import frombuffer, uint8

from .drawn_state import DrawingCode

_PICTURE = "png"
_READ_PIXELS = ("buffer_rgba", "tostring_argb", "copy_from_bbox")


class KnownFigures:
    """Pictures by what they show.

    Parameters
    ----------
    memo : object
        `get(key)` gives named arrays or None; `put(key, arrays)` keeps them.

    Attributes
    ----------
    remembers : bool
        Whether figures that are drawn are remembered, too.
    """

    def __init__(self, memo: Any) -> None:
        self._memo = memo
        self.remembers = False
        self._undrawn: WeakSet[Any] = WeakSet()  # canvases of figures that were looked up
        self._draw_late()
        self._look_up_at_the_end_of_a_cell()
        self._code = DrawingCode()

    def png(self, figure: Any, draw: Callable[[], bytes | None]) -> bytes | None:
        """The picture of a figure; `draw` makes it where it is not known."""
        key = self._key(figure)
        if key is None:
            return draw()
        found = self._memo.get(key)
        if found is not None:
            self._settle(figure)
            return bytes(found[_PICTURE].tobytes())
        return self._drawn_and_remembered(figure, key, draw) if self.remembers else draw()

    def _key(self, figure: Any) -> str | None:
        """Where the figure's picture is found; a figure that is drawn already need not be found."""
        return self._code.key(figure) if figure.stale and figure.canvas is not None else None

    def _drawn_and_remembered(self, figure: Any, key: str, draw: Callable[[], bytes | None]) -> bytes | None:
        said = StringIO()
        with catch_warnings(record=True) as warned, contextlib.redirect_stdout(said):
            simplefilter("always")
            with contextlib.redirect_stderr(said), contextlib.suppress(Exception):
                data = draw()
                if data and not warned and not said.getvalue():
                    self._memo.put(key, {_PICTURE: frombuffer(data, dtype=uint8)})
                    return data
        figure.stale = True
        return draw()  # again, aloud

    def _settle(self, figure: Any) -> None:
        """What drawing does to axes that code can ask for later."""
        self._undrawn.add(figure.canvas)
        for axes in figure.axes:
            if axes.get_axes_locator() is None:
                axes.apply_aspect()

    def _draw_late(self) -> None:
        """Let a canvas be drawn when its pixels are read, if its figure was looked up."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        undrawn = self._undrawn

        def drawing_first(read: Callable[..., Any]) -> Callable[..., Any]:
            def read_pixels(canvas: Any, *args: Any) -> Any:
                if canvas in undrawn:
                    undrawn.discard(canvas)
                    canvas.draw()
                return read(canvas, *args)

            return read_pixels

        for name in _READ_PIXELS:
            setattr(FigureCanvasAgg, name, drawing_first(getattr(FigureCanvasAgg, name)))

    def _look_up_at_the_end_of_a_cell(self) -> None:
        """Let pyplot leave out what is known when it draws all figures that changed; they are shown next."""
        import matplotlib
        from IPython import get_ipython
        from matplotlib import pyplot
        from matplotlib._pylab_helpers import Gcf

        original = pyplot._draw_all_if_interactive

        def draw_all_if_interactive() -> None:
            if not matplotlib.is_interactive():
                return
            for manager in Gcf.get_all_fig_managers():
                figure = manager.canvas.figure
                if figure.stale and not self._is_known(figure):
                    manager.canvas.draw_idle()

        events = get_ipython().events
        callbacks = events.callbacks["post_execute"]
        if original in callbacks:
            callbacks[callbacks.index(original)] = draw_all_if_interactive
            pyplot._draw_all_if_interactive = draw_all_if_interactive

    def _is_known(self, figure: Any) -> bool:
        key = self._key(figure)
        return key is not None and (self.remembers or self._memo.get(key) is not None)
