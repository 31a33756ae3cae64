"""Photographs as columns: the shapes of the published experiment, and folders of one's own."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from init_utils.images import ImageDataError, load_image_dataset


@pytest.fixture(scope="module")
def photographs():
    return load_image_dataset()


def test_photographs_have_the_published_shapes(photographs):
    assert [array.shape for array in photographs] == [(67500, 100), (1, 100), (67500, 40), (1, 40)]
    assert photographs.train_X.dtype == np.float64
    assert photographs.train_X.min() >= 0.0
    assert 0.9 < photographs.train_X.max() <= 1.0
    assert photographs.train_Y.dtype == np.int64
    assert (photographs.train_Y.sum(), photographs.test_Y.sum()) == (50, 20)


def test_columns_differ_and_are_shuffled(photographs):
    assert np.unique(photographs.train_X[::500], axis=1).shape[1] == 100
    assert 20 < np.count_nonzero(np.diff(photographs.train_Y[0])) < 80


def test_seed_decides_the_crops_and_the_global_state_is_left_alone():
    np.random.seed(7)
    before = np.random.get_state()[1].copy()
    first, again, other = (load_image_dataset(n_train=6, n_test=2, side=20, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.train_X, again.train_X)
    assert not np.array_equal(first.train_X, other.train_X)
    assert np.array_equal(np.random.get_state()[1], before)


def make_folders(tmp_path):
    red, blue = tmp_path / "red", tmp_path / "blue"
    for folder, colour in ((red, (255, 0, 0)), (blue, (0, 0, 255))):
        folder.mkdir()
        for index, (size, suffix) in enumerate(
            [((40, 30), "png"), ((31, 90), "jpg"), ((8, 8), "bmp"), ((64, 64), "gif"), ((5, 300), "webp")]
        ):
            Image.new("RGB", size, colour).save(folder / f"{index}.{suffix}")
    return red, blue


def test_two_folders_of_any_size_and_format_are_read(tmp_path):
    train_X, train_Y, test_X, test_Y = load_image_dataset(*make_folders(tmp_path))
    assert (train_X.shape, train_Y.shape, test_X.shape, test_Y.shape) == (
        (67500, 8),
        (1, 8),
        (67500, 2),
        (1, 2),
    )
    assert sorted(test_Y[0]) == [0, 1]
    for column, label in zip(train_X.T, train_Y[0], strict=True):
        red, _green, blue = column.reshape(150, 150, 3).mean(axis=(0, 1))
        assert (red > 0.9, blue > 0.9) == ((True, False) if label == 0 else (False, True))


def test_broken_files_are_named_and_the_rest_is_used(tmp_path, capfd, recwarn):
    red, blue = make_folders(tmp_path)
    (red / "notes.txt").write_text("no picture")
    whole = (blue / "1.jpg").read_bytes()
    (blue / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (blue / ".hidden").write_text("passed over")
    data = load_image_dataset(red, blue, side=10)
    assert data.train_X.shape == (300, 8)
    out, err = capfd.readouterr()
    assert out.startswith(
        "Left out 2 of the files, which cannot be read as pictures: notes.txt (not a picture), cut.jpg ("
    )
    assert ".hidden" not in out
    assert (err, len(recwarn)) == ("", 0)


def test_pictures_are_upright_and_transparency_is_white(tmp_path):
    red, blue = make_folders(tmp_path)
    sideways = Image.new("RGB", (20, 10), "black")
    exif = sideways.getexif()
    exif[0x0112] = 6  # the camera was held upright
    sideways.paste("white", (0, 0, 10, 10))  # left half white: upper half once turned
    for path in red.iterdir():
        path.unlink()
    sideways.save(red / "turned.png", exif=exif)
    for path in blue.iterdir():
        path.unlink()
    Image.new("RGBA", (12, 12), (0, 0, 0, 0)).save(blue / "clear.png")
    data = load_image_dataset(red, blue, side=10)
    turned = data.train_X[:, data.train_Y[0] == 0].reshape(10, 10, 3)
    assert turned[0].mean() == 1.0
    assert turned[-1].mean() == 0.0
    assert data.train_X[:, data.train_Y[0] == 1].min() == 1.0


def test_what_cannot_be_used_is_explained(tmp_path):
    red, blue = make_folders(tmp_path)
    with pytest.raises(ImageDataError, match=r"got one folder, .*red; expected two, one for each class"):
        load_image_dataset(red)
    with pytest.raises(ImageDataError, match=r"there is no folder .*green; expected a folder of pictures"):
        load_image_dataset(red, tmp_path / "green")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ImageDataError, match=r"empty holds no picture that can be read\. It is empty\."):
        load_image_dataset(empty, blue)
    (empty / "a.png").write_text("x")
    with pytest.raises(ImageDataError, match=r"Left out 1 of the files, .* a\.png \(not a picture\)\."):
        load_image_dataset(empty, blue)
