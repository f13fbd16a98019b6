#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The cases of elle-cli's own tests (elle_cli_cases.txt): what `interplay check` says of them, in EDN and in JSON, and
that it is what Elle and Jepsen say, or else that the table says why it is not.

Usage: elle_cli_test.py INTERPLAY
"""

import json
import pathlib
import random
import re
import subprocess
import sys

interplay = sys.argv[1]
table = pathlib.Path(__file__).with_name("elle_cli_cases.txt")
failures = []


class Case:
    def __init__(self, words):
        self.name, self.model, self.elle, self.ours = words[:4]
        self.options = words[4:]
        self.lines, self.why, self.same, self.made = [], "", None, None


def read_table():
    cases, left, case = [], {}, None
    for number, line in enumerate(table.read_text().splitlines(), 1):
        words = line.split()
        if line.startswith("case "):
            case = Case(words[1:])
            cases.append(case)
        elif line.startswith("left "):
            left[words[1]] = words[2]
        elif line.startswith("  #"):
            case.why += line[3:]
        elif line.startswith("  same "):
            case.same = words[1]
        elif line.startswith("  made "):
            case.made = words[1]
        elif line.startswith("  "):
            case.lines.append(words)
        elif line and not line.startswith("#"):
            sys.exit(f"elle_cli_cases.txt:{number}: expected case, left or a step of one, found {line}")
    return cases, left


# --- operations as Python has them -----------------------------------------------------------------------------------

def value(word):
    if word == "-":
        return None
    if word.startswith("["):
        inner = word[1:-1]
        return [value(one) for one in inner.split(",")] if inner else []
    return word.strip('"') if not re.fullmatch(r"-?\d+", word) else int(word)


def step(word):
    key, operator, written = re.fullmatch(r"(\w+)([=:+])(.+)", word).groups()
    return [{"=": "w", ":": "r", "+": "append"}[operator], value(key), value(written)]


def asked(steps):
    """What is known of a transaction when it begins: nothing of its reads."""
    return [[one[0], one[1], None] if one[0] == "r" else one for one in steps]


def flat(model, words):
    """:f and :value of an operation that is no transaction, when it begins and when it ends."""
    f, what = words[0], words[1]
    if model == "bank":
        return "read", None, {key: int(balance) for key, balance in (one.split("=") for one in what.split(","))}
    if f == "read":
        values = [] if what == "-" else [value(one) for one in what.split(",")]
        return ("read", [0, None], [0, values]) if model == "sequential" else ("read", None, values)
    added = [0, value(what)] if model == "sequential" else value(what)
    return f, added, added


def operations(case):
    made = []

    def add(kind, process, f, what):
        operation = {"index": len(made), "type": kind, "f": f, "value": what}
        if process != "-":
            operation["process"] = int(process)
        made.append(operation)

    for process, kind, *words in case.lines:
        if words[0] in ("read", "add", "write"):
            f, first, last = flat(case.model, words)
        else:
            f, last = "txn", [step(word) for word in words]
            first = asked(last)
        if not kind.startswith("end-"):
            add("invoke", process, f, first)
        if kind != "begin":
            add(kind.removeprefix("end-"), process, f, last)
    return made


# --- histories that are too long to be written down -------------------------------------------------------------------

def adds_and_one_read():
    made = []
    for element in range(293):
        for kind in ("invoke", "ok"):
            made.append({"type": kind, "f": "add", "value": [0, element], "process": 0, "index": len(made)})
    made.append({"type": "invoke", "f": "read", "value": [0, None], "process": 0, "index": len(made)})
    made.append({"type": "ok", "f": "read", "value": list(range(293)), "process": 0, "index": len(made)})
    return made


def bank(clients, count, loses):
    """Transfers and reads of a bank that runs one operation at a time, and may forget what was paid for."""
    draw, made, total = random.Random(7), [], 100
    balances = {str(account): 0 for account in range(8)}
    balances["0"] = total
    for _ in range(count):
        process = draw.randrange(clients)
        if draw.random() < 0.5:
            made.append({"type": "invoke", "f": "read", "value": None, "process": process, "index": len(made)})
            made.append({"type": "ok", "f": "read", "value": dict(balances), "process": process, "index": len(made)})
            continue
        source, target = draw.sample(sorted(balances), 2)
        amount = draw.randint(1, 5)
        what = {"from": int(source), "to": int(target), "amount": amount}
        made.append({"type": "invoke", "f": "transfer", "value": what, "process": process, "index": len(made)})
        covered = balances[source] >= amount
        made.append({"type": "ok" if covered else "fail", "f": "transfer", "value": what, "process": process,
                     "index": len(made)})
        if covered:
            balances[target] += amount
            balances[source] -= 0 if loses and draw.random() < 0.1 else amount
    return made


def history_of(case, by_name):
    if case.same:
        return history_of(by_name[case.same], by_name)
    if case.made == "adds_and_one_read":
        return adds_and_one_read()
    if case.made:
        return bank(1, 340, False) if case.made == "bank_of_one_client" else bank(10, 3600, True)
    return operations(case)


# --- EDN and JSON -----------------------------------------------------------------------------------------------------

def edn(what, is_name=False):
    if what is None:
        return "nil"
    if isinstance(what, dict):
        return "{" + ", ".join(f"{edn(key, True)} {edn(one)}" for key, one in what.items()) + "}"
    if isinstance(what, list):
        head = f":{what[0]} " if what and what[0] in ("r", "w", "append") else ""
        return "[" + head + " ".join(edn(one) for one in (what[1:] if head else what)) + "]"
    if isinstance(what, int) or re.fullmatch(r"-?\d+", what):
        return str(what)
    return f":{what}" if is_name or what in ("invoke", "ok", "fail", "info", "txn", "read", "add", "write") else json.dumps(what)


def as_edn(history):
    return "\n".join(edn(operation) for operation in history)


def run(case, text):
    command = [interplay, "check", "--model", case.model, *case.options, "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    found = re.match(r"-: (ok|violation (?:isolation|bank)/(\S+))", done.stdout)
    verdict = found and (found[2] or found[1])
    if done.returncode not in (0, 1) or done.stderr or (done.returncode == 0) != (verdict == "ok"):
        return f"{done.returncode} {done.stdout}{done.stderr}"
    return verdict


def check(case, by_name):
    history = history_of(case, by_name)
    for form, text in (("EDN", as_edn(history)), ("JSON", json.dumps(history))):
        verdict = run(case, text)
        if verdict != case.ours:
            failures.append(f"{case.name}, {form}: {verdict}, expected {case.ours}")
    expected = "valid" if case.ours == "ok" else "invalid"
    if case.elle not in ("?", expected) and not case.why:
        failures.append(f"{case.name}: {case.ours}, but Elle calls it {case.elle}, and the table does not say why")
    if not history and "empty" not in case.name:
        failures.append(f"{case.name}: no history")


cases, left = read_table()
by_name = {case.name: case for case in cases}
for case in cases:
    check(case, by_name)

of_elle = [case for case in cases if "/" not in case.name]
told = [case for case in of_elle if case.elle != "?"]
same = [case for case in told if (case.elle == "valid") == (case.ours == "ok") and case.elle != "unknown"]
print(f"{len(of_elle)} cases of {len(of_elle) + len(left)}; of {len(told)} a result is published: {len(same)} are the "
      f"same, {len(told) - len(same)} differ for a reason")
if len(of_elle) < 65 or len(left) != 10 or len(told) < 40:
    failures.append("the table has lost cases")

for failure in failures:
    print(f"elle_cli_test: {failure}", file=sys.stderr)
sys.exit(1 if failures else 0)
