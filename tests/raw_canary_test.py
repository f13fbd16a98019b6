#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Planted bugs are found in plans that begin with SQL of their own.

SQL that changed nothing takes nothing from the oracles; after SQL that wrote, what does not hang on content is
still judged. Transactions that are texts are judged as those that are actions. Without the planted bug the same plans
are ok.

Usage: raw_canary_test.py PATH-OF-FUZZ_CANARY PATH-OF-INTERPLAY
"""
import json
import pathlib
import subprocess
import sys
import tempfile

CRASHES = pathlib.Path(__file__).parent.parent / "crashes" / "fuzz_canary"
READS, SETS, WRITES = "SELECT count(*) FROM t0", "PRAGMA cache_size=2000", "CREATE TABLE z9(a)"
# A plan with SQL of its own may be much work: who works on for ever meets the harness's limit. And it may set the
# busy timeout, and what keeps the log short: those oracles say nothing after any.
UNFOUND = {"endless_log", "endless_retry", "lost_timeout"}
FOUND_AFTER_WRITING = {"freelist_count", "leaked_connection", "leaked_statement", "lock_order"}


MUST_REWORD = {"kept_number", "lost_commit", "silent_retry", "unrolled_back"}
REWORDED = set()
TEXTS = {
    "begin": "BEGIN {begin_mode} TRANSACTION",
    "commit": "COMMIT",
    "rollback": "ROLLBACK",
    "savepoint": "SAVEPOINT mine",
    "release": "RELEASE SAVEPOINT mine",
    "rollback_to": "ROLLBACK TO mine",
}


def replay(command, plan):
    """The line of the verdict, without the file's name."""
    done = subprocess.run([*command, "replay", plan], capture_output=True, text=True, check=False)
    return done.stdout.removeprefix(f"{plan}: ").strip()


def shows(planted, signatures):
    """Whether the line of a verdict has one of the signatures, or one that begins so."""
    return any(f"{planted} ".replace(" trace", "/trace").startswith(f"violation {begin}/") for begin in signatures.split("|"))


def try_canary(canary, name, signatures, folder):
    """What is wrong with this planted bug, as lines."""
    plan = json.loads((CRASHES / f"{name}.json").read_text())
    first = plan["interactions"][0]["task"]
    for sql in (READS, SETS, WRITES):
        if name in UNFOUND or (sql == WRITES and name not in FOUND_AFTER_WRITING):
            continue
        own = {"task": first, "action": {"type": "execute", "sql": sql}}
        path = pathlib.Path(folder) / f"{name}.json"
        path.write_text(json.dumps({**plan, "interactions": [own, *plan["interactions"]]}))
        planted = replay([canary, f"--canary={name}", "--interplay"], str(path))
        if not shows(planted, signatures):
            yield f"{name}, {sql}: {signatures} expected: {planted}"
        clean = replay([sys.argv[2]], str(path))
        if not clean.startswith("ok "):
            yield f"{name}, {sql}: not planted, yet: {clean}"
        if ("content not judged from step 0: raw SQL wrote" in clean) != (sql == WRITES):
            yield f"{name}, {sql}: what is not judged: {clean}"


def reword(interaction):
    """The interaction, with a text in place of an action on transactions."""
    action = interaction["action"]
    if action["type"] not in TEXTS:
        return interaction
    sql = TEXTS[action["type"]].format(begin_mode=action.get("begin_mode", "deferred"))
    return {**interaction, "action": {"type": "execute", "sql": sql}}


def try_texts(canary, name, signatures, folder):
    """The same where the plan's own transactions are texts, if it has any; counts in `REWORDED`."""
    plan = json.loads((CRASHES / f"{name}.json").read_text())
    interactions = [reword(interaction) for interaction in plan["interactions"]]
    if interactions == plan["interactions"] or "stack" in plan["config"]:
        return
    REWORDED.add(name)
    path = pathlib.Path(folder) / f"{name}.json"
    path.write_text(json.dumps({**plan, "interactions": interactions}))
    planted = replay([canary, f"--canary={name}", "--interplay"], str(path))
    if not shows(planted, signatures):
        yield f"{name}, its transactions as texts: {signatures} expected: {planted}"
    clean = replay([sys.argv[2]], str(path))
    if not clean.startswith("ok ") or "not judged" in clean:
        yield f"{name}, its transactions as texts, not planted, yet: {clean}"


def main():
    """Tries each planted bug of the list."""
    canary = sys.argv[1]
    listed = subprocess.run([canary, "--canary=list"], capture_output=True, text=True, check=True).stdout
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for line in listed.splitlines():
            name, signatures = line.split()[:2]
            if signatures.startswith("property"):
                continue  # what properties see is property_test.py's
            wrong.extend(try_canary(canary, name, signatures, folder))
            wrong.extend(try_texts(canary, name, signatures, folder))
    wrong.extend(f"{name}: its plan has no transaction to reword" for name in MUST_REWORD - REWORDED)
    print("\n".join(wrong) or f"{len(listed.splitlines())} planted bugs")
    return 1 if wrong or not listed else 0


sys.exit(main())
