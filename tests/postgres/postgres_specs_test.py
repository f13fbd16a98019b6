#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL's own isolation tests run as scenarios on the simulated PostgreSQL, each permutation that isolationtester
runs: the same steps wait, and the same steps fail with the same words, as its expected output says. What differs is DIFFERS
here, and why, a table in docs/postgres.md. The files are fetched (scripts/fetch-isolation-specs) and are no part of
Interplay; where they or a server cannot be had, nothing is tested (exit 77).

Usage: postgres_specs_test.py INTERPLAY [--all | SPEC...]     without: some quick ones of each kind
"""

import pathlib
import re
import subprocess
import sys
import tempfile

source = pathlib.Path(__file__).parents[2]
LIMIT_S = 3600  # the longest has 1432 permutations

# What is otherwise than isolationtester says, and must be: docs/postgres.md has the same with the reasons.
DIFFERS = {
    "alter-table-4": "a finding",
    "detach-partition-concurrently-3": "differs",
    "intra-grant-inplace-db": "differs",
    "nowait-5": "differs",
    "prepared-transactions-cic": "differs",
    "timeouts": "differs",
}

# The ones that run without being asked for: locks on rows and tables, cycles, each level, what cannot wait.
QUICK = """deadlock-simple deadlock-soft fk-deadlock lock-update-traversal nowait-4 partial-index read-only-anomaly
read-write-unique simple-write-skew skip-locked-2 prepared-transactions""".split()

# Of these, then, one in so many of the permutations that the file gives, each on a line of its own.
SLICED = {"prepared-transactions": 120}


# --- what isolationtester printed -------------------------------------------------------------------------------------

class Order:
    """A permutation: which steps waited, and which failed with which words."""

    def __init__(self, names):
        self.names, self.waits, self.errors = names, set(), {}

    def differences(self, other, may_wait):
        for name in sorted((self.waits ^ other.waits) - may_wait):
            yield f"{name} {'waits' if name in self.waits else 'does not wait'}"
        for name in sorted(self.errors.keys() | other.errors.keys()):
            if self.errors.get(name) != other.errors.get(name):
                yield f"{name}: {self.errors.get(name, 'ok')}, expected {other.errors.get(name, 'ok')}"


def read_expected(text):
    orders, step = [], None
    for line in text.splitlines():
        if line.startswith("starting permutation: "):
            orders.append(Order(line.removeprefix("starting permutation: ").split()))
            step = None
            continue
        begun = re.match(r"step (\S+): (.*)", line)
        if begun and orders and begun[1] in orders[-1].names:
            step = begun[1]
        if step is not None and line.endswith("<waiting ...>"):
            orders[-1].waits.add(step)
        failed = re.match(r"(ERROR|FATAL):  (.*)", line)
        if failed and step is not None:
            orders[-1].errors[step] = DIED if failed[1] == "FATAL" else failed[2]
    return orders


# --- what explore prints ----------------------------------------------------------------------------------------------

DIED = "died"  # the words that it heard last are nobody's any more
NO_FAILURE = re.compile(r"ok\b|rolled_back: the transaction had failed, and was rolled back")


def read_explored(text):
    orders = []
    for line in text.splitlines():
        begun = re.match(r"permutation \d+: (.*)", line)
        if begun:
            orders.append(Order(re.sub(r"\([^)]*\)", "", begun[1]).split()))
        step = re.match(r"  (\S+): (.*)", line)
        if not step or not orders or step[1] not in orders[-1].names:
            continue
        name, came = step[1], step[2]
        if came == "waits":
            orders[-1].waits.add(name)
        elif came != "-" and not NO_FAILURE.match(came):
            died = came.startswith(DIED)
            orders[-1].errors[name] = DIED if died else re.sub(r", waited.*$", "", came.partition(": ")[2])
    return orders


# --- one specification ------------------------------------------------------------------------------------------------

def explore(interplay, spec, permutations, work, step):
    """Where the file gives no permutation, isolationtester runs all: those that it printed."""
    text = keep_some(spec.read_text(), step)
    if not re.search(r"^\s*permutation\b", text, re.MULTILINE):
        text += "".join("permutation " + " ".join(f'"{name}"' for name in order.names) + "\n" for order in permutations)
    path = work / spec.name
    path.write_text(text)
    try:
        return subprocess.run([interplay, "explore", "--backend", "postgres", path], capture_output=True, text=True,
                              timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        return None


def keep_some(text, step):
    """With one in `step` of its permutations."""
    kept, count = [], 0
    for line in text.splitlines(keepends=True):
        is_permutation = line.startswith("permutation ")
        if not is_permutation or count % step == 0:
            kept.append(line)
        count += is_permutation
    return "".join(kept)


def try_spec(interplay, spec, work, step):
    """The differences from the nearest expected output; a text: it does not run, or is a finding."""
    outputs = [read_expected(path.read_text())[::step] for path in
               sorted((spec.parent / "expected").glob(f"{spec.stem}*.out"))
               if re.fullmatch(re.escape(spec.stem) + r"(_\d+)?", path.stem)]
    done = explore(interplay, spec, outputs[0], work, step)
    if done is None:
        return f"not done in {LIMIT_S} s"
    if "no PostgreSQL server" in done.stderr or "INTERPLAY_POSTGRES_BIN" in done.stderr:
        print(f"SKIPPED: {done.stderr.strip()}")
        sys.exit(77)
    if done.returncode > 1:
        return (done.stderr.strip() or "no message").splitlines()[-1]
    found = read_explored(done.stdout)
    differences = min((compare(found, expected, spec.read_text()) for expected in outputs), key=len)
    return differences or ("a finding" if done.returncode == 1 else [])


def compare(found, expected, spec):
    """A step without SQL is none here; with a marker isolationtester may say that a step waits, whether it does or not."""
    empty = set(re.findall(r'step\s+"?(\w+)"?\s*\{\s*\}', spec))
    may_wait = set(re.findall(r'(\w+)"?\s*\(', re.sub(r"\{[^}]*\}", "", spec)))
    for order in expected:
        order.names = [name for name in order.names if name not in empty]
    if [order.names for order in found] != [order.names for order in expected]:
        return ["other permutations"]
    return [f"{' '.join(ours.names)}: {what}" for ours, theirs in zip(found, expected)
            for what in ours.differences(theirs, may_wait)]


def folder():
    fetched = subprocess.run([source / "scripts/fetch-isolation-specs"], capture_output=True, text=True)
    if fetched.returncode != 0:
        print(f"postgres_specs_test: SKIPPED: {fetched.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        sys.exit(77)
    return pathlib.Path(fetched.stdout.strip())


def main(interplay, names):
    specs = sorted(folder().glob("*.spec"))
    sliced = {} if names == ["--all"] else SLICED
    if names != ["--all"]:
        specs = [spec for spec in specs if spec.stem in (names or QUICK)]
    same, failures = 0, 0
    with tempfile.TemporaryDirectory() as work:
        for spec in specs:
            found = try_spec(interplay, spec, pathlib.Path(work), sliced.get(spec.stem, 1))
            kind = "the same" if not found else found if isinstance(found, str) else "differs"
            is_right = kind == DIFFERS.get(spec.stem, "the same")
            print(f"{spec.stem}: {kind}{'' if is_right else ', which is not known'}", flush=True)
            for what in found[:6] if kind == "differs" else []:
                print(f"    {what}", flush=True)
            same += kind == "the same"
            failures += not is_right
    print(f"{same} of {len(specs)} specifications are the same, {failures} are not as expected")
    return 1 if failures or not specs else 0


sys.exit(main(sys.argv[1], sys.argv[2:]))
