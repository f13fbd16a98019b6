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


def expect(name, text, level, anomaly, *words, options=()):
    """`anomaly` is None where the level permits it; `words` stand in what is printed."""
    done = check(text, "--level", level, *options)
    wanted = f"-: ok, {level.replace('-', ' ')}\n" if anomaly is None else f"-: violation isolation/{anomaly}\n"
    if done.returncode != (anomaly is not None) or not done.stdout.startswith(wanted) or done.stderr:
        failures.append(f"{name}, {level}: {done.returncode} {done.stdout}{done.stderr}, expected {wanted}")
    for word in words:
        if word not in done.stdout:
            failures.append(f"{name}, {level}: no '{word}' in {done.stdout}")


def refuse(name, text, message, *options):
    done = check(text, *options)
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

# Many in doubt whom nobody saw: they are as good as rolled back. A removal may have been seen.
MANY = "".join(f"{{:process {i} :type :info :value [[:w x {i}] [:append l {i}]]}}\n" for i in range(1, 40))
expect("40 in doubt", MANY + "{:process 0 :type :ok :value [[:r x nil] [:r l nil]]}", "strict-serializable", None)
expect("40 in doubt, one seen", MANY + "{:process 0 :type :ok :value [[:r x 7] [:r l nil]]}", "serializable", "read-skew")

# What is known of a register's versions beside the level.
ORDERED = """
{:process 0 :type :ok :value [[:w x 1]]}
{:process 2 :type :invoke :value [[:r x nil] [:r y nil]]}
{:process %d :type :ok :value [[:w x 2] [:w y 1]]}
{:process 2 :type :ok :value [[:r x 1] [:r y 1]]}
"""
for process, option, anomaly in ((0, "--sequential-keys", "read-skew"), (1, "--sequential-keys", None),
                                 (1, "--linearizable-keys", "read-skew"), (1, "--wfr-keys", None)):
    expect(f"order of versions, {process} {option}", ORDERED % process, "serializable", anomaly, options=[option])
expect("order of versions, none", ORDERED % 0, "serializable", None)
FOLLOWS = """
{:process 0 :type :ok :value [[:r y 1] [:w y 2] [:w x 1]]}
{:process 1 :type :ok :value [[:r x 1] [:w x 2] [:w y 1]]}
"""
expect("writes follow reads", FOLLOWS, "read-uncommitted", "dirty-write", options=["--wfr-keys"])
expect("writes follow nothing", FOLLOWS, "read-uncommitted", None)
TURNS = """
{:process 0 :type :ok :value [[:w x 1]]}
{:process 1 :type :ok :value [[:w x 2]]}
{:process 2 :type :ok :value [[:r x 2]]}
{:process 3 :type :ok :value [[:r x 1]]}
"""
expect("versions in turns", TURNS, "read-committed", "cyclic-versions", "no order of the versions of x",
       options=["--linearizable-keys"])
expect("versions in no order", TURNS, "read-committed", None)

# Who is not in the history wrote what nobody in it did.
PART = """
{:process 0 :type :ok :value [[:r x 7] [:r y nil]]}
{:process 1 :type :ok :value [[:w y 1]]}
{:process 2 :type :ok :value [[:r x %s] [:r y 1]]}
"""
expect("a part", PART % 7, "serializable", "value-from-nowhere")
expect("a part", PART % 7, "serializable", None, options=["--incomplete"])
expect("a part, turned back", PART % "nil", "serializable", "long-fork", "somebody who is not in the history",
       options=["--incomplete"])

# Sets: of a set the last read counts, of set-full all.
SET = """
{:process 0 :type :ok :f :add :value 1}
{:process 1 :type :ok :f :read :value #{}}
{:process 0 :type :info :f :add :value 2}
{:process 1 :type :ok :f :read :value [1 %s]}
"""
for model, level, anomaly in (("set-full", "strict-serializable", "stale-read"), ("set-full", "serializable", None),
                              ("set", "strict-serializable", None)):
    for last in ("", "2"):
        expect(f"{model} {last}", SET % last, level, anomaly, options=["--model", model])
expect("set, nobody's", SET % "3", "serializable", "value-from-nowhere", options=["--model", "set"])
expect("set, lost", SET.replace("[1 %s]", "[2]"), "strict-serializable", "stale-read", options=["--model", "set"])

BANK = "{:type :ok :f :read :value {a 10 b 20}}\n{:type :ok :f :read :index 9 :value {%s}}"
for balances, anomaly, sentence in (
        ("a 5 b 25", None, "ok, 2 reads of balances that make 30"),
        ("a 5 b 26", "wrong-total", "operation 9 read balances that make 31, not 30 (1 of 2 reads are wrong)"),
        ("a 31 b -1", "negative-balance", "operation 9 read account b with a balance of -1"),
        ("a 5 b nil", "no-balance", "operation 9 read account b without a balance"),
        ("a 5 c 25", "unknown-account", "operation 9 read account c, which the first read has not")):
    done = check(BANK % balances, "--model", "bank")
    if done.returncode != (anomaly is not None) or sentence not in done.stdout or f"bank/{anomaly or ''}" not in done.stdout + "bank/":
        failures.append(f"bank {balances}: {done.returncode} {done.stdout}{done.stderr}")
done = check(BANK % "a 31 b -1", "--model", "bank", "--allow-negative-balances", "--total-amount", "31")
if done.returncode != 1 or "make 30, not 31 (2 of 2" not in done.stdout:
    failures.append(f"bank, another total: {done.returncode} {done.stdout}{done.stderr}")

refuse("a balance", "{:type :ok :f :read :value {a b}}", "line 1: expected a balance, an integer; all of them make one of 64 bits",
       "--model", "bank")
refuse("no balances", "{:type :ok :f :read :value 7}", "line 1: expected the balances that were read: {0 10, 1 20}", "--model", "bank")
refuse("no set", "{:type :ok :f :cas :value 7}", "line 1: expected what it does: :f :add or :f :read", "--model", "set")
refuse("no elements", "\n{:type :ok :f :read :value 7}", "line 2: expected the elements that were read: [1 2 3] or #{1 2 3}",
       "--model", "set-full")
refuse("no subkey", '{:type :ok :f :read :value [0 ["0_0" nil]]}',
       'line 1: expected nil or the subkey whose turn it is, as "0_3"', "--model", "sequential")
refuse("a list among registers", "{:type :ok :value [[:append x 1]]}", "line 1: expected w or r, as rw-register has them",
       "--model", "rw-register")
refuse("written twice", "{:type :ok :value [[:w x 1]]}\n{:type :fail :value [[:w x 1]]}",
       "line 2: expected a value that was not written to this key before: reads could not tell whose it is")
done = check("", "--model", "sequential", "--level", "strict-serializable")
if done.returncode != 2 or "expected a level without strict-" not in done.stderr:
    failures.append(f"sequential, strict: {done.returncode} {done.stderr}")
# Which of three blind writes came last is open: settled by trying, but not in two tries.
OPEN = "".join(f"{{:process {i} :type :ok :value {value}}}\n" for i, value in enumerate(
    ("[[:w x 1]]", "[[:w x 2]]", "[[:w x 3]]", "[[:r x 1] [:r y nil]]", "[[:r x 2] [:r y 5]]", "[[:w y 5] [:w x 4]]", "[[:w y 6] [:w x 5]]")))
expect("open orders", OPEN, "serializable", None)
refuse("open orders, few tries", OPEN, "the history leaves more open than 2 tries settle, or has more than 4096 transactions: nothing can be said",
       "--level", "serializable", "--effort", "2")
for options, message in ((["--model", "queue"], "--model: expected any, list-append,"),
                         (["--total-amount", "much"], "--total-amount wants an integer, not 'much'")):
    done = check("", *options)
    if done.returncode != 2 or message not in done.stderr:
        failures.append(f"{options}: {done.returncode} {done.stderr}")

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
for model in re.findall(r'^MODEL\(\w+, "([^"]+)"', (source / "src/isolation/models.def").read_text(), re.MULTILINE):
    if f"`{model}`" not in document:
        failures.append(f"docs/isolation.md: no `{model}`")
if len(levels) < 5 or len(words) < 10:
    failures.append("levels.def and anomalies.def could not be read")

for failure in failures:
    print(f"check_test: {failure}", file=sys.stderr)
sys.exit(1 if failures else 0)
