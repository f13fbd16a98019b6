#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""interplay check: histories of Elle's two kinds, in EDN and in JSON, with what is right at a level; what it refuses.

Usage: check_test.py INTERPLAY
"""

import pathlib
import re
import subprocess
import sys

interplay = sys.argv[1]
source = pathlib.Path(__file__).parents[2]
failures = []


def check(text, *options):
    return subprocess.run([interplay, "check", *options, "-"], input=text, capture_output=True, text=True)


def expect(name, text, level, anomaly, *words):
    """`anomaly` is None where the level permits it; `words` stand in what is printed."""
    done = check(text, "--level", level)
    wanted = f"-: ok, {level.replace('-', ' ')}\n" if anomaly is None else f"-: violation isolation/{anomaly}\n"
    if done.returncode != (anomaly is not None) or not done.stdout.startswith(wanted) or done.stderr:
        failures.append(f"{name}, {level}: {done.returncode} {done.stdout}{done.stderr}, expected {wanted}")
    for word in words:
        if word not in done.stdout:
            failures.append(f"{name}, {level}: no '{word}' in {done.stdout}")


def refuse(name, text, message):
    done = check(text)
    if done.returncode != 2 or done.stdout or done.stderr != f"interplay: -: {message}\n":
        failures.append(f"{name}: {done.returncode} {done.stdout}{done.stderr}, expected {message}")


SKEW = """
; one transfer, seen in part
{:index 0 :process 0 :type :invoke :value [[:w x 1] [:w y 1]]}
{:index 1 :process 1 :type :invoke :value [[:r x nil] [:r y nil]]}
{:index 2 :process 0 :type :ok :value [[:w x 1] [:w y 1]]}
{:index 3 :process 1 :type :ok, :value [[:r x nil] [:r y 1]]}
"""
expect("read skew", SKEW, "snapshot-isolation", "read-skew",
       "operation 3 read x as it was before operation 2 ([:r x nil]) and y as operation 2 left it ([:r y 1]): "
       "read skew, which snapshot isolation forbids", "  rw  ", "  wr  ")
expect("read skew", SKEW, "read-committed", None)

JSON = """[{"type": "ok", "process": 0, "value": [["append", "l", 1]]},
           {"type": "fail", "process": 1, "value": [["append", "l", 2]]},
           {"type": "ok", "process": 2, "value": [["r", "l", %s]]}]"""
expect("JSON", JSON % "[1]", "strict-serializable", None)
expect("an aborted element", JSON % "[1, 2]", "read-committed", "aborted-read", "transaction 1", "rolled back")
expect("too late", JSON % "null", "strict-serializable", "stale-read", "transaction 2 began after transaction 0 had ended")
expect("no clock", JSON % "[]", "serializable", None)

IN_DOUBT = """
{:process 0 :type :invoke :value [[:w x 1]]}
{:process 0 :type :info :value [[:w x 1]]}
{:process 1 :type :ok :value [[:r x %s]]}
{:process 1 :type :ok :value [[:r x %s]]}
"""
for first, second, anomaly in (("nil", "nil", None), ("nil", "1", None), ("1", "1", None), ("1", "nil", "stale-read")):
    expect(f"in doubt, {first} {second}", IN_DOUBT % (first, second), "strict-serializable", anomaly)
expect("in doubt, one session", IN_DOUBT % ("1", "nil"), "session-serializable", "stale-read")
expect("in doubt, no session", IN_DOUBT % ("1", "nil"), "serializable", None)
expect("nothing", "", "strict-serializable", None)
expect("nobody", "{:process :nemesis :type :info :value nil}", "strict-serializable", None)

refuse("no end", "{:type :ok\n:value [[:w x 1]", "line 2: expected ]")
refuse("no operation", "{:type :ok :value []}\n7", "line 2: expected an operation: {:type :ok, :process 0, :value [...]}")
refuse("no type", "{:type :done :value []}", "line 1: expected a type: invoke, ok, fail or info")
refuse("other words", "{:type :ok :value [[:cas x 1]]}", "line 1: expected append, w or r")
refuse("too few", "{:type :ok :value [[:w x]]}", "line 1: expected [:append KEY VALUE], [:w KEY VALUE] or [:r KEY VALUE]")
refuse("both kinds", "{:type :ok :value [[:append x 1]\n[:w x 1]]}",
       "line 2: expected append, as others append to this key or read it as a list")
refuse("half a pair", "{:type :ok :value}", "line 1: expected a value for each name of a map")

done = subprocess.run([interplay, "check", "--level", "chaos", "-"], input="", capture_output=True, text=True)
if done.returncode != 2 or "--level: expected read-uncommitted, read-committed," not in done.stderr:
    failures.append(f"--level chaos: {done.returncode} {done.stderr}")
done = subprocess.run([interplay, "check", "/nonexistent/history.edn"], capture_output=True, text=True)
if done.returncode != 2 or "/nonexistent/history.edn" not in done.stderr or done.stderr.count("\n") != 1:
    failures.append(f"a file that is not there: {done.returncode} {done.stderr}")

# The document has all that there is, and calls it so.
document = (source / "docs/isolation.md").read_text()
levels = re.findall(r'^LEVEL\(\w+, "([^"]+)"', (source / "src/isolation/levels.def").read_text(), re.MULTILINE)
words = re.findall(r'^ANOMALY\(\w+, "([^"]+)"', (source / "src/isolation/anomalies.def").read_text(), re.MULTILINE)
for word in [level.replace(" ", "-") for level in levels] + words:
    if f"`{word}`" not in document:
        failures.append(f"docs/isolation.md: no `{word}`")
for word in re.findall(r"^\| `([\w-]+)` \|", document.split("## Anomalies")[1].split("##")[0], re.MULTILINE):
    if word not in words:
        failures.append(f"docs/isolation.md: `{word}` is no anomaly")
if len(levels) < 5 or len(words) < 10:
    failures.append("levels.def and anomalies.def could not be read")

for failure in failures:
    print(f"check_test: {failure}", file=sys.stderr)
sys.exit(1 if failures else 0)
