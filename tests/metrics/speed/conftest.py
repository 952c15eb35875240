"""Puts the folder of tests on what was observed on the path: `performed` serves speeds, too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "reliability"))
