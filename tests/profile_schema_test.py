#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""profile.schema.json in the build folder accepts what interplay reads as a profile and refuses what interplay refuses.

Every profile of the tree, one with all that a profile can say, and that one with something changed at each place. Exits with
77 where there is no jsonschema (Debian: python3-jsonschema, for /usr/bin/python3).

Usage: profile_schema_test.py [INTERPLAY] [SCHEMA]
"""

import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("INTERPLAY_BUILD_DIR", SOURCE / "build/fast")).resolve()
INTERPLAY = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else BUILD / "interplay").resolve())
SCHEMA = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else BUILD / "profile.schema.json")
failures = []

WHOLE = {"comment": "c", "weights": {"ddl": 5000, "faults": 0}, "actions": {"select": 5, "vacuum": 0},
         "fault_kinds": {"busy": 1}, "config": {"tasks": [2, 3], "stack": "pool", "page_size": 512},
         "family": False, "swarm": True, "exhausts_pool": False, "steps": 3, "max_in_flight_tx": 8, "hot_keys": 2,
         "ddl_rate": 0.5, "busy_rate": 0, "panic_rate": 1, "sleep_rate": 0.001}
VALUES = [None, True, "", "x", -1, 0, 1, 5001, 257, 0.5, 1.5, {}, [], [2], ["pool"], [None], "wal", {"x": 1}]


def check(condition, message):
    if not condition:
        failures.append(message)
        print(f"profile_schema_test: {message}", file=sys.stderr)


def refusal(profile):
    """What interplay says against it; None: it draws a plan from it."""
    pathlib.Path("profile.json").write_text(json.dumps(profile))
    done = subprocess.run([INTERPLAY, "run", "--seed", "1", "--backend", "memory", "--iterations", "1", "--profile",
                           "profile.json"], capture_output=True, text=True)
    check(done.returncode in (0, 2), f"interplay ends with {done.returncode}: {done.stderr}")
    check(done.returncode == 0 or "profile.json:1:" in done.stderr, f"no place: {done.stderr}")
    return None if done.returncode == 0 else done.stderr.strip()


def places(value, found):
    """Every (container, key) in the profile."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in list(pairs):
        found.append((value, key))
        places(child, found)
    return found


def agree(validator, profile):
    """True when both refuse it; says so when they differ."""
    why = refusal(profile)
    if validator.is_valid(profile) != (why is None):
        against = next(validator.iter_errors(profile), None)
        check(False, f"the schema {'refuses' if against else 'accepts'} {json.dumps(profile)}, but interplay says: "
                     f"{why or 'ok'} {against or ''}")
    return why is not None


def test_each_place(validator):
    refused = accepted = 0
    for number in range(len(places(WHOLE, []))):
        for value in VALUES:
            changed = copy.deepcopy(WHOLE)
            container, key = places(changed, [])[number]
            container[key] = value
            if agree(validator, changed):
                refused += 1
            else:
                accepted += 1
    print(f"profile_schema_test: {refused} changed profiles refused, {accepted} accepted")
    check(refused > 50 and accepted > 50, "too many or too few are refused")
    for key in ("x", "step", "seed"):
        check(agree(validator, {**WHOLE, key: 1}), f"{key}: a key too many is accepted")


def main():
    try:
        import jsonschema
    except ImportError:
        print("profile_schema_test: no jsonschema here", file=sys.stderr)
        return 77
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    profiles = [*SOURCE.glob("src/generate/profiles/*.json"), *SOURCE.glob("backends/*/profiles/*.json")]
    check(len(profiles) >= 10, "profiles are missing")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for path in profiles:
            check(validator.is_valid(json.loads(path.read_text())), f"{path}: refused by the schema")
        check(not agree(validator, WHOLE), "the whole profile is refused")
        check(not agree(validator, {}), "an empty profile is refused")
        for wrong in ([], 3, "x"):
            check(agree(validator, wrong), f"{wrong} is accepted")
        test_each_place(validator)
        os.chdir("/")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
