"""An interval of values in words."""

from __future__ import annotations

from interurban.model.indicator import Bounds


def test_an_open_end_is_told_as_such():
    ends = ((0, 100), (0, None), (None, 2.5), (1_000, 8_000_000))
    assert [str(Bounds(*each)) for each in ends] == ["0–100", "≥ 0", "≤ 2.5", "1000–8000000"]
