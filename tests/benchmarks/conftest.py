"""The benchmarks are not in the wheel: they come from the checkout, everything else from where it is installed."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))
