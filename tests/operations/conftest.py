"""Puts the small lake of the tests of metrics on the path, beside this folder."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "metrics"))
