"""What two processes of a box go on from after a fork: one takes the instance, the other its image."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from .images import Image
from .instance import Instance


class Rest:
    """An instance at rest, and the same as an image with a copy of its folder.

    Whoever is asked first goes on in the instance: of a checkpoint's two that is the child, of a held state's
    two the parent.

    Parameters
    ----------
    image : Image
    instance : Instance
        It owns its folder.
    spare : Path
        The copy of its folder.
    """

    def __init__(self, image: Image, instance: Instance, spare: Path) -> None:
        self.image, self.spare = image, spare
        self._instance: Instance | None = instance
        self._lock = threading.Lock()
        self._waiting = 2

    def take(self) -> Instance | None:
        """The instance for who comes first; None for the other, whom `image` and `spare` are left to."""
        with self._lock:
            instance, self._instance = self._instance, None
            self._waiting -= 1
            if not self._waiting and instance is not None:
                shutil.rmtree(self.spare, ignore_errors=True)  # the other has dropped it
            return instance

    def drop(self) -> None:
        """Go on from neither."""
        with self._lock:
            self._waiting -= 1
            if self._instance is None:
                shutil.rmtree(self.spare, ignore_errors=True)
            elif not self._waiting:
                self._instance.close()
                for folder in (self._instance.folder, self.spare):
                    shutil.rmtree(folder, ignore_errors=True)
