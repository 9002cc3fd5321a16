"""The lecture's asyncio.gather: coroutines that make two HTTP requests each, over asyncio's streams."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import time
from pathlib import Path

from ..round import Fault, Round

STEPS = 2  # requests of a coroutine, one after the other


class Server:
    """The HTTP server of the C++ clients; it ends with this process."""

    def __init__(self, program: Path) -> None:
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(
            [str(program), str(os.getpid())], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict[str, str]()
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().split()[0])

    def close(self) -> None:
        """Ends the server."""
        self.process.kill()
        self.process.communicate()


class Gather:
    """`requests` coroutines at once, on one thread."""

    unit, least_work, most_work = "request", STEPS, 64

    def __init__(self, server: Path, requests: int, delay_ms: int) -> None:
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.server = Server(server)
        self.requests, self.delay_us = requests, delay_ms * 1000

    def round(self, work: int) -> Round:
        """Runs as many gathers as the work needs, each with a new event loop."""
        gathers = max(1, work // (STEPS * self.requests))
        latencies: list[int] = []
        wrong: list[str] = []
        seconds = 0.0
        for _ in range(gathers):
            start = time.perf_counter_ns()
            asyncio.run(self._gather(latencies, wrong))
            seconds += (time.perf_counter_ns() - start) / 1e9
        done = gathers * STEPS * self.requests
        fault = None
        if wrong:
            fault = Fault("wrong_result", "python.responses", wrong[0])
        elif len(latencies) != done:
            fault = Fault("lost", "python.completion", f"{done} requests, {len(latencies)} responses")
        return Round(seconds, done, fault, {}, {"request": latencies})

    async def _gather(self, latencies: list[int], wrong: list[str]) -> None:
        await asyncio.gather(*(self._chain(chain, latencies, wrong) for chain in range(self.requests)))

    async def _chain(self, chain: int, latencies: list[int], wrong: list[str]) -> None:
        writer: asyncio.StreamWriter | None = None
        for step in range(STEPS):
            number = chain * STEPS + step + 1
            start = time.perf_counter_ns()
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
            writer.write(f"GET /delay/{self.delay_us}/id/{number} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            body = await _body(reader)
            latencies.append(time.perf_counter_ns() - start)
            if body != str(number):
                wrong.append(f"request {number} was given the response {body!r}")
        if writer is not None:
            writer.transport.abort()  # a reset, as in the C++ clients: no connection remains in TIME_WAIT

    def close(self) -> None:
        """Ends the server."""
        self.server.close()


async def _body(reader: asyncio.StreamReader) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    if not head[0].startswith("HTTP/1.1 200 "):
        raise ValueError(f"status line {head[0]!r}")
    fields = dict(line.split(": ", 1) for line in head[1:] if line)
    return (await reader.readexactly(int(fields["Content-Length"]))).decode("ascii")
