"""What the terminal can do."""

from dataclasses import dataclass

from rich.console import Console

BLOCKS, ASCII = " ·░▒▓█", " .:-=+*#%@"


@dataclass(frozen=True, slots=True)
class Screen:
    """What the terminal can do."""

    width: int = 80
    colour: bool = True
    unicode: bool = True

    @classmethod
    def of(cls, console: Console) -> "Screen":
        """What this one can do."""
        return cls(
            width=console.width,
            colour=console.color_system in ("256", "truecolor") and not console.no_color,
            unicode=console.encoding.lower().startswith("utf"),
        )

    @property
    def shades(self) -> str:
        """Signs for no weight ... all weight."""
        return BLOCKS if self.unicode else ASCII

    @property
    def two_pixels(self) -> bool:
        """Whether a cell can show one pixel above another."""
        return self.colour and self.unicode

    @property
    def cut(self) -> str:
        """The sign for what is left out."""
        return "…" if self.unicode else "~"
