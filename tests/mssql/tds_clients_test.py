#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that we did not write talk to `interplay tds-server` on a real port: FreeTDS' tsql and bsqldb (Debian's freetds-bin),
pymssql and python-tds (PyPI), tedious (npm); and what the command does with its port. Usage: tds_clients_test.py INTERPLAY

A client that is not there, and cannot be installed into the cache, is left out; exit 77 if all are.
"""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

VERSIONS = {"pymssql": "2.4.6", "python-tds": "1.17.1", "tedious": "19.2.2"}
here = pathlib.Path(__file__).resolve().parent
cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "interplay" / "tds-clients"
failures, tried = [], []


def run(words, **options):
    return subprocess.run(words, capture_output=True, text=True, timeout=300, **options)


def installed(name, make):
    """The folder in the cache that `make` fills: whole, or not there. None: it could not."""
    folder = cache / f"{name}-{VERSIONS[name]}"
    if folder.is_dir():
        return folder
    new = cache / f".{name}.{os.getpid()}"
    try:
        new.mkdir(parents=True)
        make(new)
        new.rename(folder)
    except (OSError, subprocess.SubprocessError) as problem:
        print(f"{name} is left out: it cannot be installed ({problem})")
    shutil.rmtree(new, ignore_errors=True)
    return folder if folder.is_dir() else None


def from_pypi(name):
    def make(folder):
        # No programs of its own: what lies in it works from wherever it was moved to.
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target",
                        folder, f"{name}=={VERSIONS[name]}"], check=True, capture_output=True, timeout=300)
    return installed(name, make)


def from_npm(name):
    def make(folder):
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder,
                        f"{name}@{VERSIONS[name]}"], check=True, capture_output=True, timeout=300)
    return installed(name, make)


def check(name, wanted, found):
    if wanted not in found:
        failures.append(f"{name}: expected {wanted!r}, found: {found}")


def tsql(port):
    if shutil.which("tsql"):
        tried.append("tsql")
        sql = (here / "clients" / "statements.sql").read_text()
        done = run(["tsql", "-H", "127.0.0.1", "-p", str(port), "-U", "sa", "-P", "x"], input=sql,
                   env={**os.environ, "LC_ALL": "C.UTF-8"})
        for wanted in ("1\tzwölf", "2\tNULL", "two results", "Msg 2627 (severity 14", "Msg 208 (severity 16"):
            check("tsql", wanted, done.stdout + done.stderr)


def bsqldb(port):
    if shutil.which("bsqldb"):
        tried.append("bsqldb")
        done = run(["bsqldb", "-S", f"127.0.0.1:{port}", "-U", "sa", "-P", "x", "-D", "interplay"],
                   input="SELECT 41 + 1 AS answer\nSELECT N'text'\n")
        for wanted in ("answer", "42", "text"):
            check("bsqldb", wanted, done.stdout + done.stderr)


def python_module(name, module):
    def client(port):
        folder = from_pypi(name)
        if folder is None:
            return
        tried.append(name)
        done = run([sys.executable, here / "clients" / "statements.py", module, str(port)],
                   env={**os.environ, "PYTHONPATH": str(folder)})
        check(name, "a large result", done.stdout + done.stderr)
    return client


def tedious(port):
    folder = from_npm("tedious") if shutil.which("npm") and shutil.which("node") else None
    if folder is None:
        return
    tried.append("tedious")
    done = run(["node", here / "clients" / "statements.js", folder / "node_modules" / "tedious", str(port)])
    check("tedious", "prepared", done.stdout + done.stderr)


def refused(port, wanted):
    done = run([sys.argv[1], "tds-server", "--port", str(port)])
    check(f"--port {port}", wanted, done.stderr)
    if done.returncode != 2 or done.stderr.count("\n") != 1:
        failures.append(f"--port {port}: exit status {done.returncode}: {done.stderr}")


@contextlib.contextmanager
def served(*options):
    """The port of a server, which ends in order."""
    server = subprocess.Popen([sys.argv[1], "tds-server", *options], stdout=subprocess.PIPE, text=True)
    try:
        yield int(re.search(r"port (\d+)$", server.stdout.readline()).group(1))
    finally:
        server.send_signal(signal.SIGTERM)
        status = server.wait(timeout=60)
    if status != 0:
        failures.append(f"interplay tds-server: exit status {status} after SIGTERM")


def read_committed():
    """What a reader comes to beside a writer: by locks, and by versions. The table is made by the command's FILE."""
    folder = from_pypi("pymssql")
    if folder is None:
        return
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write("CREATE TABLE stock (k int PRIMARY KEY, v int); INSERT INTO stock VALUES (1, 1)")
        file.flush()
        for options, wanted in (([], "error 1222\n"), (["--read-committed-snapshot"], "reads 1\n")):
            with served(*options, file.name) as port:
                done = run([sys.executable, here / "clients" / "reads_beside_write.py", "pymssql", str(port)],
                           env={**os.environ, "PYTHONPATH": str(folder)})
                check(f"tds-server {' '.join(options)}", wanted, done.stdout + done.stderr)


with served() as port:
    refused(port, "in use")
    refused(65536, "up to 65535")
    for client in (tsql, bsqldb, python_module("pymssql", "pymssql"), python_module("python-tds", "pytds"), tedious):
        client(port)
read_committed()
for failure in failures:
    print(failure, file=sys.stderr)
if failures:
    sys.exit(1)
if not tried:
    print("no client is there", file=sys.stderr)
    sys.exit(77)
print(f"tds_clients_test: {', '.join(tried)} agree")
