"""``python -m portolan``."""

from portolan.cli.main import main

main()
