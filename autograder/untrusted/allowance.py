"""What one notebook may still put before a person: pixels, tags; and what was left out for it.

Each output and text has limits of its own. All together could still be more than a browser shows in time, and
formgrader shows the whole notebook at once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from autograder.untrusted.pictures import (
    MOST_PIXELS,
    Picture,
    UnfitPictureError,
    read_address,
    read_picture,
)

PICTURES = "pictures"


@dataclass
class Allowance:
    """The rest of what a notebook may show.

    Attributes
    ----------
    pixels : int
        Of all pictures together, once unpacked.
    picture_characters : int
        Of all pictures in texts together, in base64.
    html_tags : int
        Of all HTML outputs.
    left_out : Counter of str
        How many things of a kind are not shown.
    """

    pixels: int = 4 * MOST_PIXELS
    picture_characters: int = 20_000_000
    html_tags: int = 200_000
    left_out: Counter[str] = field(default_factory=Counter)

    def picture(self, mime: str, encoded: str) -> Picture:
        """The picture that `pictures.read_picture` reads, if there is still room for it.

        Raises
        ------
        UnfitPictureError
            It is not shown.
        """
        try:
            return self._counted(read_picture(mime, encoded, self.pixels))
        except UnfitPictureError:
            self.left_out[PICTURES] += 1
            raise

    def picture_at(self, address: str) -> Picture:
        """The picture that `pictures.read_address` reads, if there is still room for it.

        Raises
        ------
        UnfitPictureError
            It is not shown.
        """
        try:
            return self._counted(read_address(address, self.pixels))
        except UnfitPictureError:
            self.left_out[PICTURES] += 1
            raise

    def _counted(self, picture: Picture) -> Picture:
        self.pixels -= picture.pixels
        return picture
