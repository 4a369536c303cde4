"""Pictures: whatever is in the file becomes the same square of pixels, or is refused in one sentence."""

import os
import random
import re
import struct
import sys
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from drawn import BLUE, GREEN, QUARTERS, RED, WHITE, corners, plain, quarters, save
from regard import pictures
from regard.errors import DataError, NoSuchFile, TooLarge, UsageError


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.ppm", "a.tiff", "a.gif", "a.webp", "a.jpg"])
def test_every_format_gives_the_same_square(tmp_path: Path, name: str) -> None:
    options: dict[str, Any] = {"lossless": True} if name == "a.webp" else {"quality": 100} if name == "a.jpg" else {}
    path = save(tmp_path / name, **options)
    pixels = pictures.read(path, 16)
    assert (pixels.shape, pixels.dtype) == ((16, 16, 3), np.uint8)
    assert np.abs(np.array(corners(pixels)) - np.array(QUARTERS)).max() <= (3 if name == "a.jpg" else 0)
    assert pictures.check(path) == pictures.size(str(path)) == (40, 24)


def test_the_whole_picture_is_squashed(tmp_path: Path) -> None:
    wide = np.zeros((10, 1000, 3), np.uint8)
    wide[:, :250] = RED
    wide[:, 750:] = BLUE
    pixels = pictures.read(save(tmp_path / "wide.png", wide), 8)
    assert pixels[:, 0].tolist() == [list(RED)] * 8
    assert pixels[:, -1].tolist() == [list(BLUE)] * 8


def test_scaling_uses_every_pixel(tmp_path: Path) -> None:
    checks = np.indices((64, 64)).sum(0) % 2 * 255
    pixels = pictures.read(save(tmp_path / "checks.png", checks.astype(np.uint8)), 8)
    assert np.abs(pixels.astype(int) - 127).max() <= 2


def test_a_large_jpeg_is_read_as_without_the_short_cut(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    smooth = np.array(Image.fromarray(rng.integers(0, 255, (5, 7, 3), dtype=np.uint8)).resize((1013, 709)))
    fast = pictures.read(save(tmp_path / "a.jpg", smooth, quality=95), 61)
    slow = pictures.read(save(tmp_path / "a.png", smooth), 61)
    assert np.abs(fast.astype(int) - slow).mean() < 2


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tiff", "a.webp"])
def test_pictures_are_turned_upright(tmp_path: Path, orientation: int, name: str) -> None:
    back = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_90",
            7: "TRANSVERSE", 8: "ROTATE_270"}  # fmt: skip
    image = Image.fromarray(quarters())
    if orientation > 1:
        image = image.transpose(Image.Transpose[back[orientation]])
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(tmp_path / name, exif=exif, quality=100)
    assert np.abs(np.array(corners(pictures.read(tmp_path / name, 16))) - np.array(QUARTERS)).max() <= 16
    assert pictures.size(tmp_path / name) == pictures.check(tmp_path / name) == (40, 24)


@pytest.mark.parametrize("exif", [b"Exif\0\0garbage", b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01" * 9])
def test_broken_metadata_costs_nothing_but_itself(tmp_path: Path, exif: bytes) -> None:
    path = save(tmp_path / "a.jpg", quality=100, exif=exif)
    assert np.abs(np.array(corners(pictures.read(path, 16))) - np.array(QUARTERS)).max() <= 3


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    pixels = np.dstack([quarters(), np.full((24, 40), 255, np.uint8)])
    pixels[:12, :20, 3] = 0  # the red quarter
    expected = [WHITE, GREEN, BLUE, WHITE]
    assert corners(pictures.read(save(tmp_path / "rgba.png", pixels), 16)) == expected
    assert corners(pictures.read(save(tmp_path / "rgba.webp", pixels, lossless=True), 16)) == expected
    indexed = Image.fromarray(quarters()).convert("P", palette=Image.Palette.ADAPTIVE, colors=4)
    red = indexed.getpixel((0, 0))
    indexed.save(tmp_path / "index.gif", transparency=red)
    indexed.save(tmp_path / "index.png", transparency=red)
    indexed.save(tmp_path / "bytes.png", transparency=bytes(0 if i == red else 255 for i in range(4)))
    for name in ("index.gif", "index.png", "bytes.png"):
        assert corners(pictures.read(tmp_path / name, 16)) == expected
    pixels[:12, :20, 3] = 51
    assert corners(pictures.read(save(tmp_path / "half.png", pixels), 16))[0] == (255, 204, 204)


@pytest.mark.parametrize(("mode", "name"), [("L", "a.png"), ("LA", "a.png"), ("1", "a.png"), ("CMYK", "a.jpg"),
                                            ("P", "a.png"), ("CMYK", "a.tiff"), ("YCbCr", "a.jpg")])  # fmt: skip
def test_every_kind_of_colour_becomes_rgb(tmp_path: Path, mode: str, name: str) -> None:
    grey = np.full((24, 40, 3), 255, np.uint8)
    grey[:, :20] = 0
    pixels = pictures.read(save(tmp_path / name, grey, mode), 16)
    assert np.abs(np.array(corners(pixels)) - np.array([[0], [255], [0], [255]])).max() <= 3


def test_sixteen_bits_keep_their_greys(tmp_path: Path) -> None:
    deep = np.repeat(np.array([0, 0x4040, 0x8080, 0xFFFF], np.uint16), 8)[None].repeat(9, 0)
    for name in ("a.png", "a.tiff"):
        assert pictures.read(save(tmp_path / name, deep), 4)[2, :, 1].tolist() == pytest.approx(
            [0, 64, 128, 255], abs=12
        )


def test_of_an_animation_the_first_picture_is_taken(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (9, 7), colour) for colour in (RED, GREEN, BLUE)]
    for name in ("a.gif", "a.webp", "a.png", "a.tiff"):
        options = {"lossless": True} if name == "a.webp" else {}
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], **options)
        assert corners(pictures.read(tmp_path / name, 5)) == [RED] * 4


def test_one_pixel_is_a_picture(tmp_path: Path) -> None:
    assert pictures.read(plain(tmp_path / "a.png", 300, 1), 3).tolist() == [[[44, 1, 7]] * 3] * 3


def claimed(path: Path, width: int, height: int) -> Path:
    """A PNG that says it has so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 9999)) + chunk(b"IEND", b""))
    return path


@pytest.mark.parametrize(("width", "height"), [(10_001, 10_000), (50_000, 50_000), (2**31 - 1, 2**31 - 1)])
def test_what_claims_to_be_absurdly_large_is_refused_by_its_header(tmp_path: Path, width: int, height: int) -> None:
    path = claimed(tmp_path / "bomb.png", width, height)
    for use in (pictures.check, pictures.size, lambda path: pictures.read(path, 8)):
        with pytest.raises(TooLarge, match=r"bomb\.png: is .*expected at most 100,000,000 pixels\.$"):
            use(path)


def test_an_absurdly_large_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.jpg").open("wb") as file:
        file.truncate(pictures.BYTES + (5 << 20))
    for use in (pictures.check, pictures.digest):
        with pytest.raises(TooLarge, match=r"a\.jpg: is 261 MiB, expected a picture of at most 256 MiB"):
            use(tmp_path / "a.jpg")


def test_what_is_no_picture_is_told_from_one_another(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.jpg").write_text("a black dog", encoding="utf-8")
    (tmp_path / "run.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n", encoding="utf-8")
    Image.fromarray(np.ones((3, 3), np.float32)).save(tmp_path / "float.tiff")
    os.mkfifo(tmp_path / "pipe.jpg")
    for name, error, message in (
        ("none.jpg", NoSuchFile, "no such picture"),
        ("text.jpg/none.jpg", NoSuchFile, "no such picture"),
        ("a\0b.jpg", NoSuchFile, "no such picture"),
        ("x" * 999, NoSuchFile, "no such picture"),
        ("", DataError, "is a folder, expected a picture"),
        ("pipe.jpg", DataError, "is a pipe or a device"),
        ("empty.png", DataError, "is empty"),
        ("text.jpg", DataError, "is no picture that can be read, expected JPEG, PNG, WEBP"),
        ("run.eps", DataError, "is no picture that can be read"),
        ("float.tiff", DataError, "has floating-point pixels"),
    ):
        for use in (pictures.check, lambda path: pictures.read(path, 8)):
            with pytest.raises(error, match=re.escape(f"{tmp_path / name}: {message}")):
                use(tmp_path / name)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.webp", "a.bmp", "a.tiff"])
def test_a_picture_that_was_cut_off_is_refused_wherever_the_cut_is(tmp_path: Path, name: str) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (37, 41, 3), dtype=np.uint8)
    whole = save(tmp_path / name, noise).read_bytes()
    path = tmp_path / f"cut-{name}"
    for share in (0.02, 0.3, 0.6, 0.9, 0.97):
        path.write_bytes(whole[: int(len(whole) * share)])
        for use in (pictures.check, lambda path: pictures.read(path, 8)):
            with pytest.raises(DataError, match=f"cut-{name}: (cut off or broken|is no picture)"):
                use(path)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.webp", "a.bmp", "a.tiff", "a.ppm"])
def test_whatever_bytes_there_are_nothing_but_data_errors_come_of_them(tmp_path: Path, name: str) -> None:
    whole, dice = save(tmp_path / name).read_bytes(), random.Random(name)
    path = tmp_path / f"broken-{name}"
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        path.write_bytes(broken)
        try:
            pictures.check(path)
        except DataError:
            with pytest.raises(DataError):
                pictures.read(path, 8)
        else:
            assert pictures.read(path, 8).shape == (8, 8, 3)


def test_content_is_known_by_its_digest(tmp_path: Path) -> None:
    first, same, other = (plain(tmp_path / name, n) for name, n in (("a.png", 1), ("b.png", 1), ("c.png", 2)))
    assert pictures.digest(first) == pictures.digest(str(same)) != pictures.digest(other)
    assert len(pictures.digest(first)) == pictures.DIGEST
    with pytest.raises(NoSuchFile):
        pictures.digest(tmp_path / "none.png")


def test_threads_leave_the_filters_of_warnings_as_they_were(tmp_path: Path) -> None:
    paths = [plain(tmp_path / f"{n}.png", n) for n in range(40)]
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda path: pictures.read(path, 4)[0, 0, 0], paths * 5))
    assert found == list(range(40)) * 5
    assert warnings.filters == before


def test_without_pillow_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(UsageError, match=re.escape('not installed: pip install "regard[picture]"')):
        pictures.read(tmp_path / "a.png", 8)
