"""One visual system: colours that the colour-blind tell apart, the same on screen, in files and on paper.

On a page a colour is a CSS variable, so that it follows the light or the dark theme; in a file it is the colour itself. Both come from
this list, and the style sheet of the site is held to it by a test.
"""

from __future__ import annotations

from collections.abc import Mapping

# Series in the order they are given out: vermilion, blue, green, amber, purple, sky, olive, rose, grey-blue, brown. The first six keep a
# difference of lightness too, so that they are told apart in grey.
SERIES_LIGHT = ("#c43d2b", "#0f6cb4", "#1f7a52", "#a96a00", "#7b4ea3", "#2a8fa8", "#6b7a1f", "#b8467f", "#54667d", "#8a5a3b")
SERIES_DARK = ("#ff8a70", "#62b2f4", "#5ccf97", "#f0b24a", "#c39bea", "#6fd0e6", "#c0cf66", "#f28fbd", "#a9bbd1", "#d3a582")

LIGHT: Mapping[str, str] = {
    "ink": "#16181d", "ink-soft": "#565d68", "paper": "#ffffff", "ground": "#fbfbf9", "line": "#dfe1e6", "bar": "#a9bbd8",
    "land": "#e4e6e3", "accent": "#0b5cad", "good": "#1f7a52", "bad": "#b3261e", "warn": "#8a5a00",
    **{f"series-{number}": colour for number, colour in enumerate(SERIES_LIGHT, 1)},
}
DARK: Mapping[str, str] = {
    "ink": "#e9ebef", "ink-soft": "#a4acb8", "paper": "#171b22", "ground": "#0f1216", "line": "#2d333d", "bar": "#45597a",
    "land": "#272e37", "accent": "#6cb4ff", "good": "#5ccf97", "bad": "#ff8a80", "warn": "#f0b24a",
    **{f"series-{number}": colour for number, colour in enumerate(SERIES_DARK, 1)},
}

# Ordered from low to high; even steps of lightness, readable by everybody, from pale sand to deep violet.
SEQUENCE = ("#fbe6a8", "#f5b465", "#e57f5a", "#c24e6b", "#853a78", "#432a6b")

