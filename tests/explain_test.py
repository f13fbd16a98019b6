#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `interplay explain` says is needed is needed, and what is not needed is not said.

Of each finding in which tasks meet, every order is replayed as the explanation has it and the other way round: the first must
show the finding, the other must not. Every position must lie in the function that it names, by the text of the source.
The orders that the findings are known for must be among them; a pause and steps that nobody needs must not. What
docs/findings.md tells of that must be so.

Usage: explain_test.py PATH-OF-INTERPLAY PATH-OF-FUZZ_CANARY PATH-OF-SQLITE3.C
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).parent.parent
SQLITE = PROJECT / "crashes" / "sqlite"
FINDINGS = (PROJECT / "docs" / "findings.md").read_text()
# Plans of the finding that loses a database, which has a name of its own there.
TOLD_WITH_ANOTHER = {"emptied-by-rollback-to", "schema-lost-after-failed-begin"}

# Who must be among the functions of each side, from the innermost to its callers.
KNOWN = {
    "wal-reset": [
        # The checkpoint reads the header of the log; then a commit restarts the log, before the checkpoint goes on.
        ("checkpoint passive", "walIndexReadHdr", "update t0 all", "walRestartLog"),
        ("update t0 all", "walRestartHdr", "checkpoint passive", "sqlite3WalCheckpoint"),
    ],
    "write-kept-after-protocol-error": [
        # A read mark is locked while the other one is inside, up to its commit.
        ("delete t0 all", "walTryBeginRead", "checkpoint passive", "sqlite3WalCheckpoint"),
        ("commit", "sqlite3WalFrames", "delete t0 all", "walTryBeginRead"),
    ],
}

# What one connection needs: each fault, and a function on the stack where it strikes.
ALONE = {
    "emptied-by-rollback-to": [],
    "schema-lost-after-failed-begin": [],
    "failed-release-undoes-open-transaction": [("disk_full", "sqlite3WalFrames")],
    "kept-statement-leaves-transaction": [("no_memory", "pagerPlaybackSavepoint")],
    "memory-journal-disk-full": [("disk_full", "pagerStress")],
    "vacuum-power-loss": [("power_loss", "sqlite3PagerSharedLock")],
    "wal-checksum-misses-torn-frame": [("power_loss", "walTryBeginRead")],
    "commit-lost-after-recovery": [("power_loss", "walTryBeginRead"), ("power_loss", "walWriteToLog")],
}


def run(command, *arguments):
    """The finished process."""
    return subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, check=False)


def verdict(command, plan, folder):
    """What the plan comes to, a signature or "ok"."""
    path = pathlib.Path(folder) / "candidate.json"
    path.write_text(json.dumps(plan))
    line = run(command, "replay", path).stdout.removeprefix(f"{path}: ")
    return line.removeprefix("violation ").split(" ")[0]


def function_at(source, line):
    """The function whose definition begins last before the line."""
    for text in reversed(source[:line]):
        match = re.match(r"^(?!#|\*|/|\}| |\{)[\w \*]*?(\w+)\(", text)
        if match and not text.rstrip().endswith(";"):
            return match[1]
    return None


def expected_verdict(name, version):
    """What crashes/sqlite/VERDICTS says; None: nothing of this version."""
    for line in (SQLITE / "VERDICTS").read_text().splitlines():
        words = line.split()
        if words[:2] == [name, version]:
            return words[-1]
    return None


class Checks:
    """Collects what is wrong."""

    def __init__(self, interplay, canary, source):
        self.interplay, self.canary = [interplay], canary
        self.source = pathlib.Path(source).read_text(encoding="utf-8", errors="replace").splitlines()
        self.version = re.search(r"sqlite (\S+)", run(self.interplay, "--version").stdout)[1]
        self.wrong, self.proved = [], 0

    def need(self, holds, what):
        """Notes what does not hold."""
        if not holds:
            self.wrong.append(what)

    def explain(self, command, path, *options):
        """The explanation as a document, and the same again."""
        first = run(command, "explain", "--json", *options, path)
        self.need(first.returncode == 1, f"{path}: exit status {first.returncode}: {first.stderr}")
        again = run(command, "explain", "--json", *options, path)
        self.need(first.stdout == again.stdout, f"{path}: two explanations differ")
        return json.loads(first.stdout)

    def prove(self, command, name, explained, folder):
        """Each order is needed, and its positions are right."""
        signature = explained["signature"]
        for order in explained["orders"]:
            shown, flipped = (verdict(command, order[plan], folder) for plan in ("shown", "flipped"))
            said = f"{name}: {order['before']} before {order['after']}"
            self.need(shown == signature, f"{said}: comes to {shown}")
            self.need(flipped not in (signature, ""), f"{said}: the other way round comes to {flipped}, too")
            self.need(flipped == order["the other way round"], f"{said}: comes to {flipped}")
            self.need(order["before"]["task"] != order["after"]["task"], f"{said}: of one task")
            self.proved += 1
            for side in ("before", "after"):
                self.place(said, order[side])

    def place(self, said, side):
        """The innermost position lies in the function that it names."""
        for place in side.get("code", [])[:1]:
            if place.get("file") == "sqlite3.c":
                found = function_at(self.source, place["line"])
                self.need(found == place["function"], f"{said}: line {place['line']} is in {found}")

    def known(self, name, folder):
        """A finding of SQLite's, with the orders that it is known for."""
        path = SQLITE / f"{name}.json"
        expected = expected_verdict(name, self.version)
        if expected is None:
            return
        if expected == "ok":
            done = run(self.interplay, "explain", path)
            self.need(done.returncode == 0 and "nothing to explain" in done.stdout, f"{name}: {done.stdout}")
            return
        # As it stands: made small with simpler actions it needs other orders.
        explained = self.explain(self.interplay, path, "--no-shrink")
        self.need(explained["signature"] == expected, f"{name}: {explained['signature']}")
        self.need(all(pause["needed"] for pause in explained["pauses"]), f"{name}: a pause is not needed")
        self.need(explained["pauses"] and explained["orders not settled"] == 0, f"{name}: not all is settled")
        for pause in explained["pauses"]:
            self.need(pause.get("code"), f"{name}: nobody knows where {pause} is")
            self.place(f"{name}: {pause}", pause)
        self.prove(self.interplay, name, explained, folder)
        self.told(name, explained)
        for orders in KNOWN[name]:
            self.need(any(is_order(order, *orders) for order in explained["orders"]), f"{name}: no order {orders}")

    def unneeded(self, folder):
        """What is put into a finding and is not needed there is not said to be."""
        if expected_verdict("write-kept-after-protocol-error", self.version) in (None, "ok"):
            return
        plan = json.loads((SQLITE / "write-kept-after-protocol-error.json").read_text())
        last = len(plan["interactions"])
        plan["interactions"] += [
            {"task": 2, "action": {"type": "select", "table": 1}, "pause": {"after": 2}},
            {"task": 1, "action": {"type": "select", "table": 1}},
        ]
        path = pathlib.Path(folder) / "unneeded.json"
        path.write_text(json.dumps(plan))
        explained = self.explain(self.interplay, path, "--no-shrink")
        needed = {pause["step"]: pause["needed"] for pause in explained["pauses"]}
        self.need(needed == {3: True, last: False}, f"pauses that are needed: {needed}")
        self.need(explained["orders"], "unneeded.json: no orders")
        named = {order[side]["step"] for order in explained["orders"] for side in ("before", "after")}
        self.need(not named & {last, last + 1}, f"steps that are named: {named}")
        self.prove(self.interplay, "unneeded", explained, folder)

    def told(self, name, explained):
        """The lines that docs/findings.md names as needed are among those of the explanation."""
        section = re.search(rf"^## {name}\n(.*?)(?=^## )", FINDINGS, re.MULTILINE | re.DOTALL)
        needed = section and re.search(r"^\*\*Needed\b.*?\n\n", section[1], re.MULTILINE | re.DOTALL)
        if not needed:
            self.need(name in TOLD_WITH_ANOTHER, f"docs/findings.md: {name}: nothing of what it needs")
            return
        if self.version != "3.40.1":
            return
        sides = [order[side] for order in explained["orders"] for side in ("before", "after")]
        lines = {place["line"] for side in sides + explained["faults"] for place in side.get("code", [])[:2]}
        told = {int(line) for line in re.findall(r"\b\d{5}\b", needed[0])}
        self.need(told <= lines, f"docs/findings.md: {name}: lines {sorted(told - lines)} are not needed")

    def alone(self, name, faults):
        """Where faults strike, and that they must; one task has no orders."""
        if expected_verdict(name, self.version) in (None, "ok"):
            return
        done = run(self.interplay, "explain", "--json", "--no-shrink", SQLITE / f"{name}.json")
        explained = json.loads(done.stdout)
        self.need(explained["signature"] == expected_verdict(name, self.version), f"{name}: {explained['signature']}")
        self.need([fault["kind"] for fault in explained["faults"]] == [kind for kind, _ in faults], f"{name}: {done}")
        for fault, (_, function) in zip(explained["faults"], faults):
            self.need(fault["needed"], f"{name}: {fault} is not needed")
            functions = [place["function"] for place in fault["code"]]
            self.need(function in functions, f"{name}: it strikes in {functions}")
        self.need(explained["orders"] == [] and explained["orders not settled"] == 0, f"{name}: orders")
        self.told(name, explained)

    def planted(self, folder):
        """A planted bug is explained; without it there is nothing to explain."""
        path = PROJECT / "crashes" / "fuzz_canary" / "silent_retry.json"
        command = [self.canary, "--canary=silent_retry", "--interplay"]
        explained = self.explain(command, path)
        self.need(explained["orders"], "silent_retry: no orders")
        self.prove(command, "silent_retry", explained, folder)
        done = run(self.interplay, "explain", path)
        self.need(done.returncode == 0 and "nothing to explain" in done.stdout, f"not planted, yet: {done.stdout}")

    def elsewhere(self, folder):
        """Other subcommands say the same where they are asked to."""
        name, where = "failed-release-undoes-open-transaction", "in sqlite3WalFrames (sqlite3.c:"
        if expected_verdict(name, self.version) in (None, "ok"):
            return
        path, base = SQLITE / f"{name}.json", f"{folder}/base"
        page = pathlib.Path(folder) / "page.html"
        shrunk = run(self.interplay, "shrink", "--explain", path, "-o", f"{folder}/small.json")
        self.need(shrunk.returncode == 1 and where in shrunk.stdout, f"shrink --explain: {shrunk.stdout}")
        done = run(self.interplay, "report", "--explain", path, "-o", page)
        self.need(done.returncode == 1 and where in page.read_text(), f"report --explain: {done.stdout}")
        run(self.interplay, "bugs", "add", "--no-shrink", "--bugbase-dir", base, path)
        done = run(self.interplay, "bugs", "show", "--explain", "--bugbase-dir", base, "snapshot")
        self.need(done.returncode == 0 and where in done.stdout, f"bugs show --explain: {done}")
        done = run(self.interplay, "report", path, "-o", page)
        self.need("What it needs" not in page.read_text(), "report explains though nobody asked")

    def misuse(self):
        """Bad input is one message and exit status 2."""
        done = run(self.interplay, "explain", "/no/such/file.json")
        self.need(done.returncode == 2 and done.stderr.count("\n") == 1, f"no such file: {done.stderr}")


def is_order(order, before, caller_before, after, caller_after):
    """It is between these actions, and these functions are on the stack of each side."""
    sides = ((order["before"], before, caller_before), (order["after"], after, caller_after))
    return all(
        side["action"] == action and caller in [place["function"] for place in side.get("code", [])]
        for side, action, caller in sides
    )


def main():
    """All checks."""
    checks = Checks(*sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        for name in KNOWN:
            checks.known(name, folder)
        checks.unneeded(folder)
        for name, faults in ALONE.items():
            checks.alone(name, faults)
        checks.planted(folder)
        checks.elsewhere(folder)
        checks.misuse()
    checks.need(checks.proved > 0, "no order was proved")
    print("\n".join(checks.wrong) or f"{checks.proved} orders proved")
    return 1 if checks.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
