"""The heat map in the terminal."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from regard.types import Record
from regard.view import terminal
from regard.view.terminal import Screen, heat_map


def plain(record: Record, screen: Screen, words: bool = True) -> list[str]:
    return [line.plain for line in heat_map(record, screen, words=words)]


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("colour", [True, False])
@pytest.mark.parametrize("unicode", [True, False])
def test_no_line_is_wider_than_the_screen(width: int, colour: bool, unicode: bool, every: list[Record]) -> None:
    for record in every:
        for words in (True, False):
            lines = heat_map(record, Screen(width, colour, unicode), words=words)
            assert all(line.cell_len <= width for line in lines)


@pytest.mark.parametrize("colour", [True, False])
def test_no_line_of_a_long_record_is_wider_than_the_screen(colour: bool, long: Record) -> None:
    assert all(line.cell_len <= 100 for line in heat_map(long, Screen(100, colour)))


def test_lines_fit_even_a_screen_too_small_for_anything(dog: Record) -> None:
    assert all(line.cell_len <= 12 for line in heat_map(dog, Screen(12)))


def test_words_are_read_on_stairs_and_share_steps(dog: Record) -> None:
    assert plain(dog, Screen(80, colour=False)) == [
        "       a  black",
        "       │  │  dog",
        "       │  │  │  runs",
        "       │  │  │  │  </s>",
        "   un ▓▓ ·· ··         61%",
        "chien    ·· ▓▓         78%",
        " noir    ▓▓ ··        100%",
        "court          ▓▓ ··   14%",
        " </s>             ██   88%",
        "",
        "0     · ░ ░ ░ ▒ ▓ ▓ ▓ █  1 looked at  % confidence  score -4.88",
    ]


def test_wide_letters_do_not_break_the_columns(wide: Record) -> None:
    lines = plain(wide, Screen(60, colour=False))
    starts = [cell_len(line[: line.index(sign)]) for line, sign in zip(lines[:2], ("你", "世"), strict=True)]
    cells = [cell_len(line[: line.index("▓")]) for line in lines if "▓" in line and "%" in line][:2]
    assert starts == [cell + 1 for cell in cells]


def test_a_wide_map_is_cut_into_bands_that_hold_every_column(long: Record) -> None:
    lines = plain(long, Screen(80, colour=False))
    assert sum(line.lstrip().startswith("word7 ") for line in lines) > 1  # a row in each band
    assert sum(line.count("█") for line in lines[:-1]) == 300  # on the diagonal, each cell once


def test_too_many_words_for_stairs_stand_upright(long: Record) -> None:
    first = plain(long, Screen(120, colour=False))
    assert first.index(next(line for line in first if "%" in line)) <= terminal.TALLEST


def test_colour_is_the_ground_of_the_cells(dog: Record) -> None:
    file = io.StringIO()
    terminal.show(dog, Console(file=file, force_terminal=True, color_system="truecolor", width=80))
    assert "\x1b[48;2;" in file.getvalue() and "▓" not in file.getvalue()


def test_no_color_and_poor_terminals_get_shades(dog: Record) -> None:
    for console in (
        Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", no_color=True, width=80),
        Console(file=io.StringIO(), force_terminal=True, color_system="standard", width=80),
        Console(file=io.StringIO(), width=80),
    ):
        terminal.show(dog, console)
        assert "▓" in console.file.getvalue() and "\x1b[48" not in console.file.getvalue()  # type: ignore[attr-defined]


def test_markup_and_escapes_in_words_are_only_text(dog: Record) -> None:
    record = Record("x", "y", ("▁[bold]x[/bold]",), ("▁\x1b[2Jy",), dog.token_scores[:1], dog.attention[:1, :1])
    file = io.StringIO()
    terminal.show(record, Console(file=file, width=80))
    assert "[bold]x[/bold]" in file.getvalue() and "\x1b" not in file.getvalue()


def test_nothing_to_draw_is_said(empty: Record, blind: Record) -> None:
    assert plain(empty, Screen()) == ["(an empty line: nothing to look at)"]
    assert plain(blind, Screen())[-1] == "no attention: every weight is zero"
