"""The program in which geckodriver-autoinstaller runs: ``python -I autoinstalling.py``, in a scratch folder.

It gives the package what it lacks, and then calls it: a time limit for each silence, an archive that is checked to its end
(``tarfile`` alone never reads gzip's checksum), and unpacking that cannot write outside the folder.
"""

from __future__ import annotations

import gzip
import io
import socket
import tarfile
from typing import IO

SILENCE_SECONDS = 30.0
"""How long the site may say nothing."""

_open = tarfile.open


def checked(*, fileobj: IO[bytes], mode: str) -> tarfile.TarFile:
    """``tarfile.open`` for a gzip file that is whole. Raises OSError and EOFError."""
    del mode
    return _open(fileobj=io.BytesIO(gzip.decompress(fileobj.read())), mode="r:")


def main() -> None:
    """Let the package download geckodriver into the current folder."""
    import geckodriver_autoinstaller  # type: ignore[import-untyped]

    socket.setdefaulttimeout(SILENCE_SECONDS)
    tarfile.TarFile.extraction_filter = staticmethod(tarfile.data_filter)
    tarfile.open = checked  # type: ignore[assignment]
    geckodriver_autoinstaller.install(cwd=True)


if __name__ == "__main__":
    main()
