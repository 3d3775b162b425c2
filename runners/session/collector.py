"""The collector: where native hosts connect and every event arrives, in the order it was sent.

It listens on the loopback interface; a connection that does not show the session's token is closed.
Each incarnation counts its events: a gap or a duplicate is a fault of ours, and is kept as such.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import struct
from collections.abc import Callable, Coroutine
from typing import Any

Envelope = dict[str, Any]

LARGEST_FRAME = 256 * 1024 * 1024
HELLO_SECONDS = 20


class Link:
    """One native host: the observer's, or a native application's. ``owner``: the play that it is of."""

    def __init__(self, hello: Envelope, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.hello = hello
        self.closed = asyncio.Event()
        self.owner: str | None = None
        self._reader = reader
        self._writer = writer

    async def receive(self) -> Envelope | None:
        """The next envelope, or None at the end."""
        try:
            head = await self._reader.readexactly(4)
            (size,) = struct.unpack("=I", head)
            if size > LARGEST_FRAME:
                return None
            return json.loads(await self._reader.readexactly(size))  # type: ignore[no-any-return]
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            return None

    def send(self, envelope: Envelope) -> None:
        """Send one envelope; silently nothing once the other side has ended."""
        if not self.closed.is_set():
            data = json.dumps(envelope).encode()
            self._writer.write(struct.pack("=I", len(data)) + data)

    def close(self) -> None:
        """End the connection."""
        self.closed.set()
        self._writer.close()


class Collector:
    """Accepts native hosts and hands their envelopes on.

    ``on_link`` is called with each new link, ``on_envelope`` with each envelope, ``on_closed`` when a link has ended.
    """

    def __init__(
        self,
        on_link: Callable[[Link], None],
        on_envelope: Callable[[Link, Envelope], None],
        on_closed: Callable[[Link], None],
    ) -> None:
        self.token = secrets.token_urlsafe(24)
        self.port = 0
        self._on_link = on_link
        self._on_envelope = on_envelope
        self._on_closed = on_closed
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Listen on a free port of the loopback interface."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and end every connection."""
        if self._server:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Coroutine[Any, Any, None]:
        return self._carry(reader, writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            await self._carry_known(reader, writer)
        except asyncio.CancelledError:
            pass  # the collector closes
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _carry_known(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = Link({}, reader, writer)
        try:
            hello = await asyncio.wait_for(link.receive(), HELLO_SECONDS)
        except TimeoutError:
            return
        if hello is None or not secrets.compare_digest(str(hello.get("token")), self.token):
            return
        link.hello = hello
        self._on_link(link)
        try:
            while (envelope := await link.receive()) is not None:
                self._on_envelope(link, envelope)
        finally:
            link.closed.set()
            self._on_closed(link)
