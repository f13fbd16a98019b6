#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What commands print for programs: --json, --junit, --sarif, and "-" for standard input and output.

Each line of --json is what output.schema.json in the build folder says, which refuses lines that are something else; each of its
records is printed by some command. JUnit's XML has the elements and attributes that CI servers have in common, in their order; SARIF
has what its specification requires, and means itself where it refers to itself. Standard output has nothing else. Exits with 77
where there is no jsonschema (Debian: python3-jsonschema, for /usr/bin/python3).

Usage: output_test.py [INTERPLAY] [SCHEMA]
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse
import xml.etree.ElementTree

SOURCE = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("INTERPLAY_BUILD_DIR", SOURCE / "build/fast")).resolve()
INTERPLAY = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else BUILD / "interplay").resolve())
SCHEMA = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else BUILD / "output.schema.json").resolve()
failures = []
seen = {}  # type: the fields that lines of it had
validator = None

FINDING = {"version": 1, "config": {}, "interactions": [
    {"task": 0, "action": {"type": "query", "sql": "SELECT '<&\"]]>\x01\u00e4'"}, "expect": {"row_count": 0}}]}
FINE = {"version": 1, "config": {}, "interactions": [{"task": 0, "action": {"type": "select"}}]}
RAW = {"version": 1, "config": {}, "interactions": [
    {"task": 0, "action": {"type": "execute", "sql": "SELEKT"}},
    {"task": 0, "action": {"type": "execute", "sql": "PRAGMA writable_schema = ON"}}]}
SIGNATURE = "expectation/row-count/"


def check(condition, message):
    if not condition:
        failures.append(message)
        print(f"output_test: {message}", file=sys.stderr)


def run(status, *arguments, text=None):
    """Standard output and standard error, as bytes."""
    done = subprocess.run([INTERPLAY, *arguments], capture_output=True, input=text)
    check(done.returncode == status, f"{arguments}: exit status {done.returncode}, {status} expected: {done.stderr[-300:]}")
    return done.stdout, done.stderr


def lines_of(output):
    lines = []
    for line in output.decode().splitlines():
        value = json.loads(line)
        lines.append(value)
        against = next(validator.iter_errors(value), None)
        check(against is None, f"the schema refuses {line}: {against and against.message}")
        seen.setdefault(value["type"], set()).update(value)
    return lines


def json_lines(status, *arguments, text=None):
    """With the first and the last one checked, which it leaves out."""
    output, _ = run(status, *arguments, "--json", text=text)
    lines = lines_of(output)
    check(lines and lines[0]["type"] == "begin", f"{arguments}: does not begin with begin")
    check(lines and lines[-1]["type"] == "end" and lines[-1]["status"] == status, f"{arguments}: does not end with end, {status}")
    return lines[1:-1], lines[-1]


def write(name, plan):
    pathlib.Path(name).write_text(json.dumps(plan))


# --- lines ---


def test_replay():
    plans, end = json_lines(1, "replay", "finding.json", "fine.json", "raw.json", "-", text=json.dumps(FINDING).encode())
    check([plan["verdict"] for plan in plans] == ["violation", "ok", "ok", "violation"], f"replay: {plans}")
    check([plan["file"] for plan in plans] == ["finding.json", "fine.json", "raw.json", "-"], f"replay: names of {plans}")
    check(plans[0]["signature"].startswith(SIGNATURE) and plans[0]["interaction"] == 0, f"replay: {plans[0]}")
    check("signature" not in plans[1] and "report" not in plans[1], f"replay: what is ok has a finding: {plans[1]}")
    check(plans[2].get("failed_statements") == 1, f"replay: statements that failed: {plans[2]}")
    check(plans[0]["trace"] == plans[3]["trace"], "replay: standard input is another plan")
    check((end["plans"], end["ok"], end["violations"]) == (4, 2, 2), f"replay: {end}")
    # In the words of the text.
    text, _ = run(1, "replay", "finding.json")
    check(text.decode().startswith(f"finding.json: violation {plans[0]['signature']} trace={plans[0]['trace']}"), f"replay: {text}")
    pathlib.Path("known").write_text(plans[0]["signature"] + "\n")
    plans, end = json_lines(0, "replay", "finding.json", "--known-findings", "known")
    check(plans[0]["verdict"] == "known" and end["known"] == 1, f"replay: {plans} {end}")
    plans, end = json_lines(2, "replay", "wrong.json", "missing.json", b"b\xff.json")
    check([plan["verdict"] for plan in plans] == ["failed"] * 3 and end["failed"] == 3, f"replay: {plans} {end}")
    check("wrong.json:1:" in plans[0]["report"], f"replay: no place: {plans[0]}")
    plans, _ = json_lines(1, "replay", "finding.json", "--trace", "--report")
    check(len(plans) == 1, "replay: a trace among the lines")


def test_run():
    findings, end = json_lines(1, "run", "--plan", "finding.json", "--bugbase-dir", "bugs", "-o", "small.json", "--shrink-on-failure")
    check(len(findings) == 1 and findings[0]["is_new"] and findings[0]["entry"], f"run: {findings}")
    check(findings[0]["replay"].endswith(" small.json"), f"run: {findings}")
    findings, end = json_lines(1, "run", "--plan", "finding.json", "--bugbase-dir", "bugs", "--keep-going", "--iterations", "3")
    check([finding["is_new"] for finding in findings] == [False] * 3 and end["violations"] == 3, f"run: {findings} {end}")
    findings, end = json_lines(0, "run", "--backend", "memory", "--seed", "7", "--iterations", "50")
    check(not findings and end["plans"] == end["ok"] == 50 and end["statements"] > 50 and end["states"] > 10, f"run: {end}")


def test_bugs():
    entries, end = json_lines(0, "bugs", "list", "--bugbase-dir", "bugs")
    check(len(entries) == 1 and entries[0]["times_seen"] == 4 and "plan" not in entries[0], f"bugs list: {entries}")
    check(entries[0]["shrunk"] == "minimal" and entries[0]["cause_hash"] and end["plans"] == 1, f"bugs list: {entries} {end}")
    shown, _ = json_lines(0, "bugs", "show", "--bugbase-dir", "bugs", "expectation")
    check(shown[0]["plan"]["interactions"][0]["action"]["type"] == "query", f"bugs show: {shown}")
    check({**shown[0], "plan": 0, "same_cause": 0} == {**entries[0], "plan": 0, "same_cause": 0}, "bugs show and list differ")
    judged, end = json_lines(1, "bugs", "replay", "--bugbase-dir", "bugs")
    check(judged[0]["fate"] == "still fails" and end["violations"] == 1, f"bugs replay: {judged} {end}")
    for status, arguments in ((2, ("list",)), (2, ("replay",)), (2, ("show", "x"))):
        errors, _ = json_lines(status, "bugs", *arguments, "--bugbase-dir", "nowhere")
        check(errors and errors[0]["type"] == "error" and "nowhere" in errors[0]["message"], f"bugs {arguments}: {errors}")


def test_fates():
    """An entry whose plan is mended, one that cannot be read, one of another program."""
    for name in ("plan.json", "shrunk_plan.json"):
        write(next(pathlib.Path("bugs").glob("*/" + name)), FINE)
    judged, _ = json_lines(0, "bugs", "replay", "--bugbase-dir", "bugs", "--junit", "fixed.xml")
    check(judged[0]["fate"] == "fixed", f"bugs replay: {judged}")
    check(junit("fixed.xml")[1:4] == (0, 0, 0), "bugs replay: what is fixed is no success")
    write(next(pathlib.Path("bugs").glob("*/shrunk_plan.json")), {"version": 1, "config": {}, "interactions": [
        {"task": 0, "action": {"type": "query", "sql": "SELEKT"}, "expect": {"row_count": 0}}]})
    judged, _ = json_lines(1, "bugs", "replay", "--bugbase-dir", "bugs")
    check(judged[0]["fate"] == "changed" and judged[0]["signature_now"] != judged[0]["signature"], f"bugs replay: {judged}")
    config = next(pathlib.Path("bugs").glob("*/config.json"))
    whole = config.read_text()
    config.write_text(whole.replace('"target": "interplay"', '"target": "fuzz_other"'))
    judged, _ = json_lines(2, "bugs", "replay", "--bugbase-dir", "bugs", "--junit", "skipped.xml")
    check(judged[0]["fate"] == "skipped", f"bugs replay: {judged}")
    check(junit("skipped.xml")[3] == 1, "bugs replay: what was skipped is not")
    config.write_text("{}")
    judged, _ = json_lines(2, "bugs", "replay", "--bugbase-dir", "bugs", "--sarif", "failed.sarif")
    check(judged[0]["fate"] == "failed", f"bugs replay: {judged}")
    check(sarif("failed.sarif")["invocations"][0]["toolExecutionNotifications"], "bugs replay: no word of what failed")
    config.write_text(whole)


def test_schema():
    """It refuses what is nearly a line."""
    plans, _ = json_lines(1, "replay", "finding.json")
    plan = plans[0]
    check(validator.is_valid(plan), "the line is refused")
    for wrong in ({**plan, "x": 1}, {**plan, "verdict": "bad"}, {**plan, "yields": -1}, {**plan, "yields": "1"}, {**plan, "type": "end"},
                  {key: plan[key] for key in plan if key != "file"}, {**plan, "signature": None}, [], 3, {}):
        check(not validator.is_valid(wrong), f"the schema accepts {wrong}")
    described = json.loads(SCHEMA.read_text())["$defs"]
    for name in described:
        check(name in seen or name == "figures", f"no command prints {name}")  # campaign_test sees those
    for name, fields in seen.items():
        never = set(described[name]["properties"]) - fields
        check(never <= {"beside", "not_judged", "not_judged_from", "not_judged_because", "ended_oracles", "cut_streams",
                        "overrides"},
              f"{name}: no command prints {never}")


# --- JUnit ---

# What is common to the servers: elements with their attributes, and what they hold.
JUNIT = {
    "testsuites": ({"name", "tests", "failures", "errors", "skipped", "time"}, ["testsuite"]),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time"}, ["properties", "testcase"]),
    "properties": (set(), ["property"]),
    "property": ({"name", "value"}, []),
    "testcase": ({"name", "classname", "time"}, ["failure", "error", "skipped"]),
    "failure": ({"message", "type"}, []),
    "error": ({"message", "type"}, []),
    "skipped": ({"message"}, []),
}


def check_element(path, element):
    attributes, children = JUNIT.get(element.tag, (None, None))
    check(attributes is not None, f"{path}: <{element.tag}>")
    if attributes is None:
        return
    check(set(element.attrib) == attributes, f"{path}: <{element.tag}> has {set(element.attrib)}")
    places = [children.index(child.tag) if child.tag in children else -1 for child in element]
    check(-1 not in places and places == sorted(places), f"{path}: <{element.tag}> holds {[child.tag for child in element]}")
    check(element.tag != "testcase" or len(element) <= 1, f"{path}: a case with two ends")
    for child in element:
        check_element(path, child)


def junit(path):
    """(cases, failures, errors, skipped), which are counted and written."""
    suites = xml.etree.ElementTree.parse(path).getroot()
    check(suites.tag == "testsuites", f"{path}: <{suites.tag}>")
    check_element(path, suites)
    counted = tuple(len(suites.findall(f"./testsuite/{what}")) for what in
                    ("testcase", "testcase/failure", "testcase/error", "testcase/skipped"))
    for element in (suites, suites.find("testsuite")):
        written = tuple(int(element.get(name)) for name in ("tests", "failures", "errors", "skipped"))
        check(written == counted, f"{path}: says {written}, has {counted}")
    return counted


def test_junit():
    run(2, "replay", "finding.json", "fine.json", "wrong.json", "--junit", "all.xml")
    check(junit("all.xml") == (3, 1, 1, 0), f"replay: {junit('all.xml')}")
    failure = xml.etree.ElementTree.parse("all.xml").find(".//failure")
    check(failure.get("message").startswith(SIGNATURE) and "interplay replay" in failure.text, "no signature, or no command")
    run(0, "replay", "finding.json", "--known-findings", "known", "--junit", "known.xml")
    check(junit("known.xml") == (1, 0, 0, 1), f"known: {junit('known.xml')}")
    run(1, "run", "--plan", "finding.json", "--keep-going", "--iterations", "2", "--junit", "run.xml")
    check(junit("run.xml") == (2, 2, 0, 0), f"run: {junit('run.xml')}")
    run(0, "run", "--backend", "memory", "--seed", "1", "--iterations", "5", "--junit", "run.xml")
    check(junit("run.xml") == (1, 0, 0, 0), f"run without a finding: {junit('run.xml')}")
    run(0, "bugs", "list", "--bugbase-dir", "bugs", "--junit", "list.xml")
    check(junit("list.xml") == (1, 1, 0, 0), f"bugs list: {junit('list.xml')}")
    output, _ = run(1, "replay", "finding.json", "--junit", "-")
    check(xml.etree.ElementTree.fromstring(output).tag == "testsuites", "standard output is no JUnit")
    _, error = run(2, "replay", "fine.json", "--junit", "nowhere/x.xml")
    check(b"nowhere/x.xml" in error and error.count(b"\n") == 1, f"a folder that there is not: {error}")


# --- SARIF ---

# The properties that SARIF 2.1.0 requires, by the names of its objects (appendix "required" of each in its section 3).
REQUIRED = {"sarifLog": ["version", "runs"], "run": ["tool"], "tool": ["driver"], "toolComponent": ["name"],
            "reportingDescriptor": ["id"], "result": ["message"], "invocation": ["executionSuccessful"],
            "notification": ["message"], "suppression": ["kind"]}
LEVELS = ("none", "note", "warning", "error")


def requires(kind, value):
    check(isinstance(value, dict) and all(name in value for name in REQUIRED[kind]), f"SARIF: {kind} lacks something: {value}")
    return value


def is_message(value):
    return isinstance(value, dict) and isinstance(value.get("text"), str)


def check_location(location):
    if "physicalLocation" not in location:
        check(location["logicalLocations"][0]["name"], f"SARIF: {location}")
        return
    physical = location["physicalLocation"]
    uri = physical["artifactLocation"]["uri"]
    parts = urllib.parse.urlsplit(uri)
    check(parts.scheme in ("", "file") and all(letter not in uri for letter in " \"<>\\^`{|}") and uri.isascii(), f"SARIF: {uri}")
    check(physical["region"]["startLine"] >= 1, f"SARIF: {physical}")


def sarif(path):
    """Its only run."""
    text = path.decode() if isinstance(path, bytes) else pathlib.Path(path).read_text()
    log = requires("sarifLog", json.loads(text))
    check(log["version"] == "2.1.0" and len(log["runs"]) == 1 and "sarif-schema-2.1.0.json" in log["$schema"], f"SARIF: {log}")
    only = requires("run", log["runs"][0])
    driver = requires("toolComponent", requires("tool", only["tool"])["driver"])
    rules = [requires("reportingDescriptor", rule) for rule in driver["rules"]]
    check(len({rule["id"] for rule in rules}) == len(rules), "SARIF: a rule twice")
    for rule in rules:
        check(is_message(rule["shortDescription"]) and is_message(rule["fullDescription"]), f"SARIF: {rule}")
    for result in only["results"]:
        requires("result", result)
        check(is_message(result["message"]) and result["level"] in LEVELS and result["kind"] == "fail", f"SARIF: {result}")
        check(rules[result["ruleIndex"]]["id"] == result["ruleId"], f"SARIF: another rule than {result['ruleId']}")
        check(all(isinstance(value, str) for value in result["partialFingerprints"].values()), f"SARIF: {result}")
        for location in result["locations"]:
            check_location(location)
        for suppression in result.get("suppressions", []):
            check(requires("suppression", suppression)["kind"] in ("inSource", "external"), f"SARIF: {suppression}")
    for invocation in only["invocations"]:
        requires("invocation", invocation)
        for notification in invocation["toolExecutionNotifications"]:
            check(is_message(requires("notification", notification)["message"]), f"SARIF: {notification}")
    return only


def test_sarif():
    odd = "a b%ä#?.json"
    write(odd, FINDING)
    run(2, "replay", odd, "fine.json", "wrong.json", str(pathlib.Path("finding.json").resolve()), "--sarif", "all.sarif")
    only = sarif("all.sarif")
    check(len(only["results"]) == 2 and len(only["tool"]["driver"]["rules"]) == 1, f"SARIF: {only}")
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in only["results"]]
    check(urllib.parse.unquote(uris[0]) == odd and uris[1].startswith("file:///"), f"SARIF: {uris}")
    invocation = only["invocations"][0]
    check(not invocation["executionSuccessful"] and invocation["exitCode"] == 2, f"SARIF: {invocation}")
    check("wrong.json" in invocation["toolExecutionNotifications"][0]["message"]["text"], f"SARIF: {invocation}")
    run(0, "replay", "finding.json", "--known-findings", "known", "--sarif", "known.sarif")
    check(sarif("known.sarif")["results"][0]["suppressions"], "SARIF: a known finding is not suppressed")
    output, _ = run(0, "bugs", "list", "--bugbase-dir", "bugs", "--sarif", "-")
    prints = sarif(output)["results"][0]["partialFingerprints"]
    check(len(prints["interplayCause/v1"]) == 8, f"SARIF: {prints}")
    run(0, "run", "--backend", "memory", "--seed", "1", "--iterations", "5", "--sarif", "none.sarif")
    check(sarif("none.sarif")["results"] == [], "SARIF: results of nothing")
    run(1, "run", "--plan", "-", "--sarif", "seed.sarif", text=json.dumps(FINDING).encode())
    check("logicalLocations" in sarif("seed.sarif")["results"][0]["locations"][0], "SARIF: a place that there is not")


# --- standard input and output ---


def same_plan(found, plan):
    """But for where it was found."""
    return {**json.loads(found), "recorded_on": None} == {**json.loads(plan), "recorded_on": None}


def test_standard():
    plan, _ = run(0, "convert", "finding.json", "-o", "-")
    check(json.loads(plan)["interactions"], "convert -o -: no plan")
    again, _ = run(0, "convert", "-", "-o", "-", text=plan)
    check(again == plan, "convert - -o -: another plan")
    small, error = run(1, "shrink", "-", "-o", "-", text=plan)
    check(json.loads(small)["interactions"] and b"1-minimal" in error, "shrink - -o -: no plan, or nothing for people")
    page, error = run(1, "report", "-", "-o", "-", text=plan)
    check(page.startswith(b"<!DOCTYPE html>") and page.rstrip().endswith(b"</html>") and b"written to -" in error, "report - -o -")
    found, error = run(1, "run", "--plan", "-", "-o", "-", text=plan)
    check(same_plan(found, plan) and b"violation" in error, "run --plan - -o -")
    found, _ = run(1, "run", "--plan", "-", "--dump-plan-on-failure", "-", text=plan)
    check(same_plan(found, plan), "run --dump-plan-on-failure -")
    few = ("run", "--backend", "memory", "--seed", "1", "--iterations", "20")
    metrics, _ = run(0, *few, "--metrics", "-")
    check(json.loads(metrics)["plans"] == 20, "run --metrics -")
    run(0, *few, "--log", "log")
    log, _ = run(0, *few, "--log", "-")
    check(log == pathlib.Path("log").read_bytes(), "run --log - is another log")
    log, _ = run(0, *few, "--log", "-", "--jobs", "2")
    check(log == pathlib.Path("log").read_bytes(), "run --log - --jobs 2 is another log")
    run(0, *few, "--profile", "-", text=b'{"steps": 3}')
    run(0, "replay", "finding.json", "--known-findings", "-", text=pathlib.Path("known").read_bytes())
    run(1, "bugs", "add", "-", "--bugbase-dir", "added", text=plan)
    explained, _ = run(1, "explain", "-", "--json", text=plan)
    check(json.loads(explained)["signature"].startswith(SIGNATURE), "explain - --json")
    _, error = run(2, "run", "--json", "--log", "-")
    check(b"standard output" in error and error.count(b"\n") == 1, f"two outputs: {error}")
    run(2, "replay", "-", text=b"")
    full = subprocess.run(f"'{INTERPLAY}' replay --json fine.json > /dev/full", shell=True, capture_output=True)
    check(full.returncode == 2 and b"standard output" in full.stderr, f"a full disk: {full}")
    full = subprocess.run(f"'{INTERPLAY}' convert fine.json -o - > /dev/full", shell=True, capture_output=True)
    check(full.returncode == 2, f"a full disk: {full}")


def main():
    global validator
    try:
        import jsonschema
    except ImportError:
        print("output_test: no jsonschema here", file=sys.stderr)
        return 77
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, plan in (("finding.json", FINDING), ("fine.json", FINE), ("raw.json", RAW), ("wrong.json", {"version": 1, "x": 1})):
            write(name, plan)
        for test in (test_replay, test_run, test_bugs, test_junit, test_sarif, test_standard, test_fates, test_schema):
            test()
        os.chdir("/")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
