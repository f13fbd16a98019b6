#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each property is silent alone, on each backend; its planted bug is found with its own signature, alone and among what
plans have anyway. docs/properties.md lists them as the table in src/plan/properties.h does, and `--property` takes these names.

Usage: property_test.py FUZZ_CANARY FUZZ_POOL_CANARY INTERPLAY [PLANS]
       property_test.py FUZZ_CANARY FUZZ_POOL_CANARY --engine
PLANS: how many must be silent, of each property on each backend (default 200)
--engine: libFuzzer finds each canary from an empty corpus; the programs are built with it
"""

import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent.parent
ALONE, AMONG_STEP, AMONG = 400, 1500, 24000
ENGINE_RUNS, ENGINE_SEEDS = 20000, 3
SEED = ("--seed", 1)  # without one each run draws another, and what is found would be a matter of luck

CANARIES = {
    "pool-checkout-return": "refused_checkout",
    "tx-commit-visible": "unseen_commit",
    "tx-rollback-invisible": "ghost_row",
    "retry-after-busy": "remembered_lock",
    "insert-values-select": "missing_row",
    "read-your-updates-back": "forgotten_update",
    "delete-select": "extra_row",
    "select-limit": "extra_row",
    "double-create-failure": "tolerant_create",
    "drop-select": "undropped",
    "savepoint-rollback": "kept_savepoint",
    "table-has-expected-content": "missing_row",
    "all-tables-have-expected-content": "missing_row",
    "fsync-no-wait": "forgetful_connection",
    "faulty-query": "torn_write",
    "select-select-optimizer": "missing_row",
    "where-true-false-null": "short_scan",
    "union-all-preserves-cardinality": "short_scan",
}

problems = []


def expect(condition, what):
    if not condition:
        problems.append(what)
        print(f"property_test: {what}", file=sys.stderr)


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)


def rows_of_table():
    text = (SOURCE / "src/plan/properties.h").read_text()
    rows = re.findall(r'^    P\((\w+), "([a-z-]+)", (\w+), *\\?\s*([\w| ]+), *\\?\s*((?:"[^"]*"\s*\\?\s*)+)\)', text, re.M)
    return [(name, title, "".join(re.findall(r'"([^"]*)"', meaning))) for name, title, _, _, meaning in rows]


def check_names(interplay):
    rows = rows_of_table()
    expect([title for _, title, _ in rows] == list(CANARIES), "each row of the table has a canary here")
    expect(all(name.replace("_", "-") == title for name, title, _ in rows), "names and titles are the same words")
    documented = re.findall(r"^\| `([a-z-]+)` \| (.*?) \|", (SOURCE / "docs/properties.md").read_text(), re.M)
    expect(documented == [(title, meaning) for _, title, meaning in rows], "docs/properties.md has the table's rows")
    wrong = run(interplay, "run", "--property", "select-limit,frob")
    expect(wrong.returncode == 2 and all(title in wrong.stderr for title in CANARIES), "an unknown name gets all names")
    expect(wrong.stdout == "" and wrong.stderr.count("\n") == 1, "in one message")
    both = run(interplay, "run", *SEED, "--property", "select-limit,drop-select", "--property", "delete-select",
               "--iterations", 300, "--keep-going")
    expect(both.returncode == 0, f"several names: {both.stderr}")


def signatures(found):
    return set(re.findall(r"(?:violation |: )(property/[a-z-]+)/", found.stdout + found.stderr))


def check_silence(interplay, plans):
    for backend in ("sqlite", "store", "memory"):
        for title in CANARIES:
            quiet = run(interplay, "run", *SEED, "--backend", backend, "--property", title, "--iterations", plans)
            expect(quiet.returncode == 0, f"{title} on {backend}: {(quiet.stdout + quiet.stderr)[:2000]}")


def check_canary(program, title, canary):
    own = f"property/{title}"
    planted = [program, f"--canary={canary}", "--interplay", "run", *SEED, "--keep-going"]
    alone = run(*planted, "--property", title, "--iterations", ALONE)
    expect(own in signatures(alone), f"{title}: {canary} is not found alone: {alone.stdout[:500]}")
    for start in range(0, AMONG, AMONG_STEP):
        if own in signatures(run(*planted, "--start", start, "--iterations", AMONG_STEP)):
            return
    expect(False, f"{title}: {canary} is not found among other interactions")


def check_engine(program, title, canary):
    """What the general oracles see first on the way ends a run, too: then the next seed is tried."""
    seen = []
    for seed in range(1, ENGINE_SEEDS + 1):
        with tempfile.TemporaryDirectory() as folder:
            found = run(program, f"--canary={canary}", f"--property={title}", f"{folder}/corpus", f"-artifact_prefix={folder}/",
                        f"-seed={seed}", f"-runs={ENGINE_RUNS}")
        seen += re.findall(r"^==== interplay: violation (.*) ====$", found.stderr, re.M) or ["nothing"]
        if seen[-1].startswith(f"property/{title}/"):
            print(f"{title}: {canary} is found with seed {seed}")
            return
    expect(False, f"{title}: the engine finds {', '.join(seen)} of {canary}")


def main():
    fuzz_canary, fuzz_pool_canary, interplay = sys.argv[1:4]
    if interplay == "--engine":
        for title, canary in CANARIES.items():
            check_engine(fuzz_pool_canary if title.startswith("pool-") else fuzz_canary, title, canary)
        return 1 if problems else 0
    check_names(interplay)
    check_silence(interplay, sys.argv[4] if len(sys.argv) > 4 else 200)
    for title, canary in CANARIES.items():
        check_canary(fuzz_pool_canary if title.startswith("pool-") else fuzz_canary, title, canary)
    print(f"property_test: {len(CANARIES)} properties, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
