"""What films are made of."""

from PIL import Image, ImageDraw

from regard.view.reel import NOW, SIDE, outline


def test_a_window_that_reaches_beyond_a_picture_is_outlined_at_its_edge() -> None:
    image = Image.new("RGB", (SIDE, SIDE))
    outline(ImageDraw.Draw(image), (-0.5, 0.25, 0.5, 1.75), NOW)
    middle = SIDE // 2
    assert image.getpixel((0, middle)) == image.getpixel((middle - 1, SIDE - 1)) == NOW
    assert image.getpixel((middle // 2, SIDE // 4)) == NOW
    assert image.getpixel((middle // 2, middle)) == image.getpixel((middle + 4, middle)) == (0, 0, 0)
