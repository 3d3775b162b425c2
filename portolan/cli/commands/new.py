"""``portolan new``: write a first scenario file, to be changed and played."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

import click

from portolan.conformance.errors import PortolanError

TEMPLATE = '''\
"""Scenarios about {title}. Play them with: portolan run {file} --fake"""

from portolan import Play, scenario


@scenario
def {name}(play: Play) -> None:
    """A content script asks the background a question, and gets an answer."""
    # The actors. What the page does is done by the content script of the extension under test in it.
    background, page = play.background(), play.page()

    # What they do. These lines only write steps; settle() waits until everything has arrived.
    listener = background.listen()
    port = page.connect(name="question")
    port.post("Is anybody there?")
    play.settle()

    listener.port.post("Yes.")
    play.settle()

    # What must hold. Checks look at the recording, after the play.
    play.expect(listener.port.received("Is anybody there?"))
    play.expect(port.received("Yes."))
    play.expect(port.stayed_open(), because="nobody has disconnected it")
'''

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class BadName(PortolanError):
    """A name that no scenario file can have, or a file that exists already."""


def write(folder: Path, name: str) -> Path:
    """Write ``NAME.py`` into a folder; returns its path. Raises BadName, and never replaces a file."""
    stem = name.removesuffix(".py")
    if not NAME.fullmatch(stem) or keyword.iskeyword(stem):
        raise BadName(
            f"No scenario file can be called {name!r}; accepted: letters, digits and “_”, not beginning with a digit."
        )
    path = folder / f"{stem}.py"
    text = TEMPLATE.format(title=stem.replace("_", " "), name=f"{stem}_gets_an_answer", file=path.name)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise BadName(f"{path} exists already; give another name, or remove the file.") from None
    except OSError as error:
        raise BadName(f"{path} cannot be written: {error.strerror or error}.") from error
    return path


EPILOG = """
\b
Example:
  portolan new my_port
  portolan run my_port.py --fake
"""


@click.command(epilog=EPILOG)
@click.argument("name")
def command(name: str) -> None:
    """Write a first scenario file, NAME.py, in this folder."""
    path = write(Path(), name)
    click.echo(f"wrote {path}")
    click.echo(f"Play it without a browser:  portolan run {path} --fake")
    click.echo(f"Play it in real browsers:   portolan run {path}")
    click.echo(f"Read it in words:           portolan scenarios show {path}")
