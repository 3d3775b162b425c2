"""Tox reads this first: Pythons that pyenv holds are there, even where pyenv's settings hide them."""

import os
from pathlib import Path

_root = Path(os.environ.get("PYENV_ROOT") or Path("~/.pyenv").expanduser())
_held = [str(folder) for folder in sorted(_root.glob("versions/3.1[1-3].*/bin"))]
os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), *_held])
