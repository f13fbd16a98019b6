#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""plan.schema.json in the build folder accepts what interplay reads and refuses what interplay refuses; plan-reference.md says the same.

Every plan of seeds/ and crashes/, plans made from random
bytes, and plans with something changed at random; interplay convert and the schema must agree on each. Exits with
77 where there is no jsonschema (Debian: python3-jsonschema, for /usr/bin/python3).

Usage: plan_schema_test.py [INTERPLAY] [SCHEMA]
"""

import copy
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("INTERPLAY_BUILD_DIR", SOURCE / "build/fast")).resolve()
INTERPLAY = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else BUILD / "interplay").resolve())
SCHEMA = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else BUILD / "plan.schema.json")
RANDOM_PLANS, MUTANTS = 200, 200
failures = []


def check(condition, message):
    if not condition:
        failures.append(message)
        print(f"plan_schema_test: {message}", file=sys.stderr)


def refusal(plan):
    """What interplay says against the plan; None: it reads it."""
    pathlib.Path("plan.json").write_text(json.dumps(plan))
    done = subprocess.run([INTERPLAY, "convert", "plan.json", "-o", "out.json"],
                          capture_output=True, text=True)
    check(done.returncode in (0, 2), f"interplay ends with {done.returncode}: {done.stderr}")
    return None if done.returncode == 0 else done.stderr.strip()


def test_plans_are_accepted(validator, rng):
    """Returns the plans, for mutation."""
    paths = sorted([*SOURCE.glob("seeds/*/*.json"), *SOURCE.glob("crashes/*/*.json")])
    check(len(paths) > 0, "no plan in seeds/ and crashes/")
    plans = [json.loads(path.read_text()) for path in paths]
    for path, plan in zip(paths, plans):
        check(validator.is_valid(plan), f"{path}: {next(validator.iter_errors(plan), None)}")
    for _ in range(RANDOM_PLANS):
        pathlib.Path("plan.bin").write_bytes(
            bytes(rng.randrange(256) for _ in range(rng.randrange(1, 400))))
        subprocess.run([INTERPLAY, "convert", "plan.bin", "-o", "plan.json"], check=True)
        plan = json.loads(pathlib.Path("plan.json").read_text())
        if not validator.is_valid(plan):
            check(False, f"{plan}: {next(validator.iter_errors(plan))}")
        plans.append(plan)
    return plans


# --- plans with something changed ----------------------------------------------------------------

NATIVE = {"version": 1, "comment": "c", "config": {"tasks": 2, "stack": "pool", "sqlite": {"page_size": 512}},
          "interactions": [
              {"task": 1, "action": {"type": "select", "filter": "key", "key": 3, "limit": 31},
               "pause": {"after": 4, "at": "lock"}, "fault": {"kind": "busy", "at": 2},
               "expect": {"row_count": 1}, "expect_error": {"contains": "x"}, "comment": "c"},
              {"task": 0, "action": {"type": "query", "sql": "SELECT 1", "expect": {"row_count": 1},
                                     "expect_error": {"contains": "x"}}},
              {"task": 0, "action": {"type": "sleep", "ms": "18446744073709551615"}}]}
MIDDLEWARE = {"pool_size": 3, "interactions": [
    {"task": 7, "action": {"type": "checkout"}},
    {"task": 0, "action": {"type": "sleep", "ms": 3}},
    {"task": 0, "action": {"type": "execute", "sql": "x", "expect_error": {"contains": "x"}}},
    {"task": 0, "action": {"type": "query", "sql": "x", "expect": {"column_count": 1}}}]}

# Left out: 1.0, for a schema an integer, for interplay none; integers of 2^63 and more where a text is
# expected, which interplay reads as texts.
VALUES = [None, True, "", "x", 0, 1, 2, 3, 7, 8, 31, 32, 64, 65, 255, 256, 65535, 65536, -1, 0.5, {},
          [], "0", "12", "-1", "18446744073709551615", "18446744073709551616", "00018446744073709551615",
          9223372036854775807, "key", "wal", "commit",
          "query", "sleep", "storage", "io_sync", "pool", "insert"]
KEYS = ["config", "version", "comment", "pool_size", "interactions", "task", "action", "type", "ms",
        "sql", "expect", "expect_error", "contains", "row_count", "column_count", "pause", "after",
        "at", "fault", "kind", "table", "key", "span", "filter", "tasks", "stack", "duration", "x",
        "sqlite", "memory", "page_size", "journal_mode"]
SHAPES = [{"row_count": 1}, {"contains": ""}, {"after": 1}, {"kind": "busy"}, {"type": "commit"}]


def places(value, found):
    """Every (container, key) in the plan."""
    pairs = value.items() if isinstance(value, dict) else \
        enumerate(value) if isinstance(value, list) else ()
    for key, child in list(pairs):
        found.append((value, key))
        places(child, found)
    return found


def mutate(plan, rng):
    plan = copy.deepcopy(plan)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        container, key = rng.choice(places(plan, [(plan, next(iter(plan), "x"))]))
        kind = rng.randrange(5)
        if kind == 0:
            container.pop(key, None) if isinstance(container, dict) else container.pop(key)
        elif kind == 1 and isinstance(container, dict):
            container[rng.choice(KEYS)] = rng.choice(VALUES + SHAPES)
        elif kind == 2 and isinstance(container, dict):
            container[rng.choice(KEYS)] = container.pop(key, None)
        else:
            container[key] = rng.choice(VALUES + SHAPES)
    return plan


def agree(validator, plan):
    """True when both refuse the plan; says so when they differ."""
    why = refusal(plan)
    if validator.is_valid(plan) != (why is None):
        against = next(validator.iter_errors(plan), None)
        check(False, f"the schema {'refuses' if against else 'accepts'} {json.dumps(plan)}, but "
                     f"interplay says: {why or 'ok'}{against or ''}")
    return why is not None


def test_each_place(validator):
    """At each place of a plan: nothing, null, another type, a key too many."""
    for plan in (NATIVE, MIDDLEWARE):
        for number in range(len(places(plan, []))):
            for change in ("remove", None, -1, {}, "x"):
                changed = copy.deepcopy(plan)
                container, key = places(changed, [])[number]
                if change == "remove":
                    del container[key]
                elif change == "x" and isinstance(container[key], dict):
                    container[key]["x"] = 1
                else:
                    container[key] = change
                agree(validator, changed)
        agree(validator, {**plan, "x": 1})


def test_mutants(validator, plans, rng):
    refused = 0
    small = [plan for plan in plans if len(plan["interactions"]) < 12]
    for _ in range(MUTANTS):
        plan = mutate(rng.choice((NATIVE, NATIVE, MIDDLEWARE, rng.choice(small))), rng)
        refused += agree(validator, plan)
    print(f"plan_schema_test: {refused} of {MUTANTS} changed plans refused")
    check(MUTANTS // 5 < refused < MUTANTS - MUTANTS // 20, "too many or too few are refused")


def test_examples(validator):
    """Each of these is wrong in one way, and known to be."""
    def changed(plan, *path_and_value):
        plan = copy.deepcopy(plan)
        *path, key, value = path_and_value
        place = plan
        for step in path:
            place = place[step]
        place[key] = value
        return plan
    for plan in (
            {}, {"config": {}}, {"interactions": {}}, [], changed(NATIVE, "version", 2),
            changed(NATIVE, "config", 3), changed(NATIVE, "extra", 1),
            changed(NATIVE, "config", "tasks", 9), changed(NATIVE, "config", "tasks", 1),
            changed(NATIVE, "config", "sqlite", "journal_mode", "WAL"),
            changed(NATIVE, "config", "sqlite", "tasks", 2), changed(NATIVE, "config", "sqlite", []),
            changed(NATIVE, "config", "memory", {}), changed(NATIVE, "config", "page_size", 512),
            changed(NATIVE, "interactions", 0, "task", 2),
            changed(NATIVE, "interactions", 0, "action", {"type": "frobnicate"}),
            changed(NATIVE, "interactions", 0, "action", "key", 32),
            changed(NATIVE, "interactions", 0, "action", "size", 1),
            changed(NATIVE, "interactions", 0, "pause", "after", 0),
            changed(NATIVE, "interactions", 0, "fault", "kind", "none"),
            changed(NATIVE, "interactions", 1, "expect", {}),
            changed(NATIVE, "interactions", 2, "action", "ms", "18446744073709551616"),
            changed(NATIVE, "interactions", 2, "action", "ms", 18446744073709551616),
            changed(MIDDLEWARE, "pool_size", 65),
            changed(MIDDLEWARE, "interactions", 0, "action", "type", "insert"),
            changed(MIDDLEWARE, "interactions", 1, "action", "ms", None)):
        check(not validator.is_valid(plan), f"the schema accepts {json.dumps(plan)}")
        check(refusal(plan) is not None, f"interplay accepts {json.dumps(plan)}")
    for plan in (NATIVE, MIDDLEWARE,
                 changed(NATIVE, "interactions", 2, "action", "ms", 18446744073709551615)):
        check(validator.is_valid(plan), f"{next(validator.iter_errors(plan), None)}")
        check(refusal(plan) is None, f"interplay refuses {json.dumps(plan)}")


def test_reference(schema):
    """What people read has the same actions with the same arguments, and says of each argument what it may be."""
    text = (SCHEMA.parent / "plan-reference.md").read_text()
    rows = {name: set(re.findall(r"`(\w+)`", arguments))
            for name, arguments in re.findall(r"^\| `(\w+)` \|([^|]*)\|", text.split("\n## Actions\n")[1].split("\n## Arguments\n")[0], re.M)}
    described = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`[^|]*) \|", text.split("\n## Arguments\n")[1].split("\n## Faults\n")[0], re.M))))
    wanted = {action["properties"]["type"]["const"]: set(action["properties"]) - {"type"} for action in schema["$defs"]["action"]["oneOf"]}
    check(len(wanted) > 30, f"actions of the schema: {list(wanted)}")
    for name in wanted.keys() | rows.keys():
        check(wanted.get(name) == rows.get(name), f"plan-reference.md: {name}: {rows.get(name)}, {wanted.get(name)} in the schema")
    for argument in set().union(*wanted.values()) - described:
        check(False, f"plan-reference.md: no word of {argument}")


def main():
    try:
        import jsonschema
    except ImportError:
        print("plan_schema_test: no jsonschema here", file=sys.stderr)
        return 1 if failures else 77
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    test_reference(schema)
    rng = random.Random(9)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        plans = test_plans_are_accepted(validator, rng)
        test_examples(validator)
        test_each_place(validator)
        test_mutants(validator, plans, rng)
        os.chdir("/")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
