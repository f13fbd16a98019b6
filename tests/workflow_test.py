#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The GitHub Actions workflow of docs/own-project is YAML of the form that GitHub reads, and what it calls is there.

Keys and their kinds; each step uses an action of some version, or runs a script that bash reads; scripts, presets and tests that the
scripts name are in the tree, and interplay's commands take the options that they are given. Exits with 77 where there is no yaml
(Debian: python3-yaml, for /usr/bin/python3).

Usage: workflow_test.py [INTERPLAY]
"""

import json
import os
import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("INTERPLAY_BUILD_DIR", SOURCE / "build/fast")).resolve()
INTERPLAY = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else BUILD / "interplay").resolve())
PROJECT = SOURCE / "docs/own-project"
STEP_KEYS = {"name": str, "uses": str, "run": str, "with": dict, "if": str, "id": str, "env": dict, "shell": str, "working-directory": str}
failures = []
is_quiet = False


def check(condition, message):
    if condition:
        return
    failures.append(message)
    if not is_quiet:
        print(f"workflow_test: {message}", file=sys.stderr)


def check_step(step):
    for key, value in step.items():
        check(isinstance(value, STEP_KEYS.get(key, ())), f"a step's {key}: {value}")
    check(("uses" in step) != ("run" in step), f"a step uses one action, or runs something: {step}")
    if "uses" in step:
        check(re.fullmatch(r"[\w.-]+/[\w./-]+@v?[\w.]+", step["uses"]), f"no version of an action: {step['uses']}")
        return
    if not isinstance(step.get("run"), str):
        return
    done = subprocess.run(["bash", "-n"], input=step["run"], capture_output=True, text=True)
    check(done.returncode == 0, f"bash does not read {step['run']}: {done.stderr}")
    check_commands(step["run"])


def check_commands(script):
    for path in re.findall(r"\binterplay/(scripts/[\w-]+)", script):
        check(os.access(SOURCE / path, os.X_OK), f"no script {path}")
    presets = {preset["name"] for preset in json.loads((SOURCE / "CMakePresets.json").read_text())["configurePresets"]}
    for preset in re.findall(r"--preset (\w+)|interplay/build/(\w+)", script):
        check((preset[0] or preset[1]) in presets, f"no preset {preset}")
    targets = re.findall(r"interplay_add_target\(NAME (\w+)", (PROJECT / "CMakeLists.txt").read_text())
    for target, arguments in re.findall(r"build/(fuzz_\w+)(.*)", script):
        check(target in targets, f"no target {target}")
        words = arguments.split()
        if "--interplay" not in words:
            continue
        command = words[words.index("--interplay") + 1:]
        name = command[:2] if command[0] == "bugs" else command[:1]
        help_text = subprocess.run([INTERPLAY, *name, "--help"], capture_output=True, text=True)
        check(help_text.returncode == 0, f"no command {name}")
        for option in (word for word in command if word.startswith("--")):
            check(re.search(rf"^ .*{option}\b", help_text.stdout, re.M), f"{name} does not take {option}")


def check_workflow(workflow):
    triggers = workflow.get("on", workflow.get(True))  # YAML 1.1 takes "on" for true
    check(isinstance(triggers, dict) and set(triggers) <= {"push", "pull_request", "schedule", "workflow_dispatch"}, f"on: {triggers}")
    for trigger in triggers.get("schedule", []):
        check(re.fullmatch(r"([\d*/,-]+ ){4}[\d*/,-]+", trigger["cron"]), f"no cron: {trigger}")
    check(set(workflow) <= {"name", "on", True, "permissions", "env", "jobs"}, f"keys: {list(workflow)}")
    check(workflow["jobs"], "no job")
    for job in workflow["jobs"].values():
        check(set(job) <= {"runs-on", "steps", "strategy", "env", "timeout-minutes", "needs", "if"} and "runs-on" in job, f"a job: {list(job)}")
        for step in job["steps"]:
            check_step(step)


def test_itself():
    """What is wrong is seen."""
    global is_quiet
    for step in ({"run": "if then"}, {"uses": "actions/checkout"}, {"run": "interplay/scripts/nothing"}, {"run": "cmake --preset none"},
                 {"run": "build/fuzz_mini_pool --interplay replay x --nothing"}, {"name": "x"}, {"run": 3}):
        before, is_quiet = len(failures), True
        check_step(step)
        is_seen, is_quiet = len(failures) > before, False
        del failures[before:]
        check(is_seen, f"not seen: {step}")


def main():
    try:
        import yaml
    except ImportError:
        print("workflow_test: no yaml here", file=sys.stderr)
        return 77
    test_itself()
    text = (PROJECT / "ci/interplay.yml").read_text()
    check_workflow(yaml.safe_load(text))
    check(text.count("--junit") >= 2 and "ctest" in text and "upload-sarif" in text, "no JUnit, no test or no SARIF in it")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
