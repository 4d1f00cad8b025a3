"""How pages are looked at: in each width and theme, three of the six at every run."""

import pytest

WIDTHS, THEMES = [320, 390, 1280], ["light", "dark"]
AT_ONCE = {(320, "light"), (390, "dark"), (1280, "light")}
"""The others are for ``make drill``."""

in_each_look = pytest.mark.parametrize(
    ("width", "theme"),
    [
        pytest.param(width, theme, marks=() if (width, theme) in AT_ONCE else pytest.mark.drill)
        for width in WIDTHS
        for theme in THEMES
    ],
)
