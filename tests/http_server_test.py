#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The example's HTTP service under load: a tenth of the clients hang up while their statement runs or waits.

Each reply is right, what hung up is cancelled (/wait never ends by itself), and at the end no statement is left running, no
connection of the pool is busy, and the sum in the database is that of the replies (a hung-up /add may have happened or not). Prints
the service's figures.

Usage: http_server_test.py PATH-OF-HTTP_SERVER [REQUESTS]
"""
import asyncio
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

SERVER = sys.argv[1]
REQUESTS = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
CLIENTS = 24  # at a time
HUNG_UP_ONE_IN = 10
WAIT_SECONDS = 120  # for a reply, on a machine that has much else to do


class Tally:
    """What clients have seen."""

    def __init__(self):
        self.replies = self.hung_up = 0
        self.added, self.in_doubt = [], []
        self.wrong = []


async def send(port, method, path):
    """A connection on which a request was sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())
    await writer.drain()
    return reader, writer


async def ask(port, method, path):
    """Status and body."""
    reader, writer = await send(port, method, path)
    head, _, body = (await asyncio.wait_for(reader.read(), WAIT_SECONDS)).decode().partition("\r\n\r\n")
    writer.close()
    return head.split()[1] if head else "none", body


async def hang_up(port, draw, tally):
    """Sends, and is gone: at once, or after a while; the last words may be lost."""
    amount = draw.randrange(1, 1000)
    method, path = draw.choice([("GET", "/wait"), ("GET", "/wait"), ("GET", "/count?to=3000"), ("POST", f"/add?amount={amount}")])
    if method == "POST":
        tally.in_doubt.append(amount)
    _, writer = await send(port, method, path)
    await asyncio.sleep(draw.choice([0, 0.001, 0.02]))
    if draw.random() < 0.5:
        writer.transport.abort()
    else:
        writer.close()
    tally.hung_up += 1


async def talk(port, draw, tally):
    """A request whose reply is read and looked at."""
    number = draw.randrange(1, 1000)
    method, path = draw.choice([("GET", f"/count?to={number}"), ("GET", "/total"), ("POST", f"/add?amount={number}")])
    status, body = await ask(port, method, path)
    tally.replies += 1
    is_right = status == "200" and re.fullmatch(r"\d+ \d+\n" if path == "/total" else r"\d+\n", body)
    if path.startswith("/count"):
        is_right = is_right and int(body) == number
    if method == "POST" and is_right:
        tally.added.append(number)
    if not is_right:
        tally.wrong.append(f"{method} {path}: {status} {body!r}")


async def client(port, seed, count, tally):
    """So many requests, one after the other."""
    draw = random.Random(seed)
    for i in range(count):
        await (hang_up if (seed + i) % HUNG_UP_ONE_IN == 0 else talk)(port, draw, tally)


async def refusals(port, tally):
    """What there is not."""
    for method, path, status in (("GET", "/nowhere", "404"), ("POST", "/total", "404"), ("GET", "/count", "400"),
                                 ("GET", "/count?to=x", "400"), ("POST", "/add?amount=", "400")):
        came, _ = await ask(port, method, path)
        if came != status:
            tally.wrong.append(f"{method} {path}: {status} expected, {came}")


async def play(port, tally):
    """All clients side by side; then nothing is under way, so that the sum must be right."""
    await refusals(port, tally)
    counts = [REQUESTS // CLIENTS + (i < REQUESTS % CLIENTS) for i in range(CLIENTS)]
    await asyncio.gather(*(client(port, i, count, tally) for i, count in enumerate(counts)))
    _, body = await ask(port, "GET", "/total")
    count, total = map(int, body.split())
    if not (len(tally.added) <= count <= len(tally.added) + len(tally.in_doubt)
            and sum(tally.added) <= total <= sum(tally.added) + sum(tally.in_doubt)):
        tally.wrong.append(f"{count} entries of {total}, {len(tally.added)} of {sum(tally.added)} were acknowledged")


def main():
    """Starts the service, asks it, ends it."""
    tally, began = Tally(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        with subprocess.Popen([SERVER, "0", pathlib.Path(folder) / "db"], stdout=subprocess.PIPE, text=True) as server:
            try:
                port = int(re.search(r":(\d+)$", server.stdout.readline().strip())[1])
                asyncio.run(play(port, tally))
                server.send_signal(signal.SIGTERM)
                said, _ = server.communicate(timeout=WAIT_SECONDS)
            finally:
                server.kill()
    print(f"{REQUESTS} requests in {time.monotonic() - began:.1f} s: {tally.replies} replies, {tally.hung_up} hung up\n{said}", end="")
    figures = [int(number) for number in re.findall(r"\d+", said)]
    if server.returncode != 0 or "\n0 statements left, 0 of" not in said:
        tally.wrong.append(f"exit status {server.returncode}: something was left over")
    if not 0 < figures[3] <= figures[2] <= tally.hung_up:
        tally.wrong.append("not as many were cancelled as hung up")
    print("\n".join(tally.wrong[:20]) or "all as it should be")
    return 1 if tally.wrong else 0


sys.exit(main())
