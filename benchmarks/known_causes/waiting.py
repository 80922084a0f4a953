"""Programs that sleep: storage, network, timers; and those that may not run."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time

from benchmarks.known_causes.registry import program, ready

# Answers each request after 25 ms; no child of the program that asks it, so it is another machine's stand-in.
SERVER = """
import os, socketserver, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Slow(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        time.sleep(0.025)
        self.send_response(200); self.send_header("Content-Length", "2"); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *said): pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
if os.fork():
    print(server.server_port, flush=True); os._exit(0)
import threading; threading.Timer(60, lambda: os._exit(0)).start()
os.close(1)
server.serve_forever()
"""


def server() -> str:
    """Start the server, apart from this program, and return its address."""
    port = subprocess.run([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return f"http://127.0.0.1:{port}/"


def folder() -> str:
    """A folder on a disk, and not in memory."""
    return tempfile.mkdtemp(prefix="known-cause-", dir="/var/tmp")


@program("storage", "storage", also=("kernel",))
def fsync_log() -> None:
    with open(os.path.join(folder(), "log"), "wb") as log:
        ready()
        while True:
            log.write(b"x" * 500)
            log.flush()
            os.fsync(log.fileno())


@program("storage", "storage", also=("kernel",))
def sqlite_commits() -> None:
    import sqlite3

    base = sqlite3.connect(os.path.join(folder(), "base"), isolation_level=None)
    base.execute("create table t (x)")
    ready()
    while True:
        base.execute("insert into t values (1)")


@program("storage", "storage", also=("kernel",))
def parquet_synced_writes() -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    path, table = os.path.join(folder(), "data.parquet"), pa.table({"x": np.arange(1000.0)})
    ready()
    while True:
        with open(path, "wb") as file:
            pq.write_table(table, file, compression="none")
            file.flush()
            os.fsync(file.fileno())


@program("network", "network", also=("compute",))
def requests_one_by_one() -> None:
    import requests

    address, session = server(), requests.Session()
    ready()
    while True:
        session.get(address, timeout=5)


@program("network", "network", also=("gil", "compute"))
def urllib_in_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor
    from urllib.request import urlopen

    address = server()
    with ThreadPoolExecutor(3) as pool:
        ready()
        while True:
            list(pool.map(lambda _: urlopen(address, timeout=5).read(), range(30)))


@program("network", "network", also=("compute",))
def tornado_fetches() -> None:
    from tornado.httpclient import AsyncHTTPClient

    address = server()

    async def work() -> None:
        client = AsyncHTTPClient()
        ready()
        while True:
            await asyncio.gather(*(client.fetch(address) for _ in range(3)))

    asyncio.run(work())


@program("sleep", "sleep", also=("compute",))
def polling_with_pauses() -> None:
    ready()
    while True:
        os.path.exists("/var/tmp/not-there")
        sum(range(20_000))
        time.sleep(0.02)


@program("sleep", "sleep", also=("compute",))
def asyncio_rate_limit() -> None:
    async def work() -> None:
        ready()
        while True:
            sorted(range(10_000))
            await asyncio.sleep(0.02)

    asyncio.run(work())


@program("quota", "quota", also=("compute",), quota=0.3, by="group")
def numpy_in_a_small_container() -> None:
    import numpy as np

    a = np.random.default_rng(1).random((200, 200))
    ready()
    while True:
        np.linalg.svd(a)


@program("quota", "quota", also=("compute",), quota=0.35, by="stop")
def pillow_stopped_by_turns() -> None:
    from PIL import Image, ImageFilter

    picture = Image.effect_noise((300, 300), 40)
    ready()
    while True:
        picture.filter(ImageFilter.GaussianBlur(3))
