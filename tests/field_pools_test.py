#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mistakes that the field has made in pools are found by generated plans, each with a signature of its own.

Each mistake of tests/field_pools is planted in the same pool and looked for in the plans of a seed; what is found is made
small. The signature begins as field_mistakes.def says, and no two findings are called alike: by the signature, and where
mistakes end alike by what shrinking leaves of the plan. Without a mistake the same plans are silent.

Usage: field_pools_test.py PATH-OF-FUZZ_FIELD_POOL [PLANS]
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

POOL = sys.argv[1]
PLANS = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
# Few connections, so that tasks wait for them.
FEW = ["--config", "readers=1", "--config", "writers=1"]
# COMMIT comes to busy without a log; who waits long for BEGIN is cancelled there.
UNLOGGED = ["--config", "journal_mode=delete"]
PATIENT = [*FEW, "--config", "busy_timeout=5000"]
PINS = {"cancelled_begin": PATIENT, "early_flag": UNLOGGED, "failed_commit": UNLOGGED}
# SQLite's own findings in docs/findings.md need a small cache, or are known by name.
KNOWN = pathlib.Path(__file__).parent.parent / "crashes" / "sqlite" / "KNOWN"
SEARCH = ["--interplay", "run", "--timeout", "1", "--config", "cache_size=2000",
          "--known-findings", str(KNOWN)]
SEEDS = ["1", "2", "3", "4"]


def step(task, action, **more):
    """An interaction of a plan."""
    return {"task": task, "action": {"type": action}, **more}


# Who crashes takes the search along: these plans lead to either place.
CRASHES = {
    "connect_failed": [step(0, "insert", fault={"kind": "io_open", "at": 1})],
    "cancel": [step(0, "insert", pause={"after": 3, "at": "lock"}), step(1, "cancel")],
}


def run(*words):
    """Exit status and what was printed."""
    done = subprocess.run([POOL, *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def cause(entry):
    """What a minimal plan says beside its end: who does what, held back or struck by what."""
    plan = json.loads((entry / "shrunk_plan.json").read_text())
    return tuple((i["task"], i["action"]["type"], i.get("pause", {}).get("at"), i.get("fault", {}).get("kind"))
                 for i in plan["interactions"])


def search(mistake, signatures, seed, folder):
    """The name of what one seed finds, or None and what is wrong."""
    base = pathlib.Path(folder) / f"{mistake}-{seed}"
    status, said = run(f"--mistake={mistake}", *SEARCH, *PINS.get(mistake, FEW), "--seed", seed, "--iterations",
                       str(PLANS), "--bugbase-dir", str(base), "--shrink-on-failure")
    if spins := re.search(r"^plan \d+ of seed \d+: (timeout/\S+)", said, re.MULTILINE):
        return ((spins[1], ()), None) if signatures == "timeout/" else (None, f"{mistake}: {said}")
    entries = [entry for entry in base.glob("*") if entry.is_dir()]
    if status != 1 or len(entries) != 1:
        return None, f"{mistake}: exit status {status}, {len(entries)} findings: {said[-1500:]}"
    signature = entries[0].name.replace("~", "/")
    if not any(signature.startswith(begin) for begin in signatures.split("|")):
        return None, f"{mistake}: {signatures} expected, {signature} found"
    print(f"{mistake}: {re.search(r'^[0-9]+ plans', said, re.MULTILINE)[0]} of seed {seed}, {signature}")
    return (signature, () if "@" in signature else cause(entries[0])), None


def look_for(mistake, signatures, folder):
    """The same of the first seed that comes to it: a search may be out of luck, or end in another way first."""
    for seed in SEEDS:
        name, wrong = search(mistake, signatures, seed, folder)
        if name:
            return name, None
    return None, wrong


def crash(name, steps, folder):
    """The signature of the plan that crashes there, or None and what is wrong."""
    path = pathlib.Path(folder) / f"{name}.json"
    path.write_text(json.dumps({"config": {"tasks": 2}, "interactions": steps}))
    _, said = run("--mistake=two_crashes", "--interplay", "replay", str(path))
    _, clean = run("--interplay", "replay", str(path))
    if f"/{name}+" not in said or " ok " not in clean:
        return None, f"two_crashes: in {name} expected: {said[-1500:]} {clean}"
    signature = said[said.index("violation "):].split()[1]
    return (signature, ()), None


def recorded_crashes(folder):
    """What is wrong with the bug base that gets each crash twice: one entry a place, none more."""
    base = pathlib.Path(folder) / "crashes"
    paths = [str(pathlib.Path(folder) / f"{name}.json") for name in CRASHES]
    for counts in ("2 new, 0 known before", "0 new, 2 known before"):
        status, said = run("--mistake=two_crashes", "--interplay", "bugs", "add", "--bugbase-dir", str(base), *paths)
        if status != 1 or f"2 findings, {counts}" not in said:
            return [f"two_crashes: bugs add: {counts} expected: {status}: {said}"]
    _, known = run("--mistake=two_crashes", "--interplay", "bugs", "known", "--bugbase-dir", str(base))
    places = re.findall(r"^crash/.*/(\w+)\+0x[0-9a-f]+@[0-9a-f]{8} ", known, re.MULTILINE)
    if sorted(places) != sorted(CRASHES):
        return [f"two_crashes: an entry for each of {sorted(CRASHES)} expected: {known}"]
    return []


def left_open(folder):
    """What is wrong with a plan whose end undoes a transaction, in a mode that promises nothing of that."""
    def of_action(action, **arguments):
        return {"task": 0, "action": {"type": action, **arguments}}
    big = {"filter": "all", "size": 3}
    path = pathlib.Path(folder) / "left_open.json"
    path.write_text(json.dumps({
        "config": {"tasks": 1, "sqlite": {"journal_mode": "off", "page_size": 512, "cache_size": 4}},
        "interactions": [of_action("begin", begin_mode="immediate"), of_action("update", **big), of_action("update", table=1, **big)]}))
    status, said = run("--interplay", "replay", str(path))
    return [] if status == 0 else [f"left open with journal_mode=off: ok expected: {said[-1500:]}"]


def main():
    """Looks for each mistake, and for none."""
    _, listed = run("--mistake=list")
    names, wrong = [], []
    with tempfile.TemporaryDirectory() as folder:
        for line in listed.splitlines():
            mistake, signatures = line.split()[:2]
            if mistake == "two_crashes":
                found = [crash(name, steps, folder) for name, steps in CRASHES.items()]
            else:
                found = [look_for(mistake, signatures, folder)]
            names += [name for name, _ in found if name]
            wrong += [why for _, why in found if why]
        wrong += recorded_crashes(folder) + left_open(folder)
    for i, name in enumerate(names):
        if name in names[:i]:
            wrong.append(f"two findings are called {name}")
    for pins, plans in ((FEW, PLANS), (UNLOGGED, PLANS // 4), (PATIENT, PLANS)):
        status, said = run(*SEARCH, *pins, "--seed", SEEDS[0], "--iterations", str(plans))
        if status != 0:
            wrong.append(f"nothing is planted: {said[-3000:]}")
    print("\n".join(wrong) or f"{len(names)} findings, no two alike; without mistakes {PLANS} plans silent")
    return 1 if wrong or not names else 0


sys.exit(main())
