#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`interplay explore` runs what it says it runs, finds what is there, and nothing else.

How often which outcome comes of the orders of steps is held against orders that are counted here, with a few lines that say
what each database does with two transactions. Where there is a finding its small plan, replayed, must come to it.

Usage: explore_test.py PATH-OF-INTERPLAY PATH-OF-FUZZ_STORE_CANARY PATH-OF-FUZZ_HARNESS [--long]
With --long also the plan of the finding itself, four sessions without its pauses: a minute or two.
"""
import collections
import itertools
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

PROJECT = pathlib.Path(__file__).parent.parent
failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
        print("FAILED:", what)


class Explored:
    """What one call came to, as a program reads it."""

    def __init__(self, command, *arguments, status=None):
        done = subprocess.run([*map(str, command), *map(str, arguments)], capture_output=True, text=True, check=False)
        self.status, self.text, self.errors = done.returncode, done.stdout, done.stderr
        self.findings = {name: int(count)
                         for name, count in re.findall(r"^finding \d+: (\S+), in (\d+) interleaving", done.stdout, re.M)}
        self.totals = [int(total) for total in re.findall(r"^  (?:of|with) .*: (\d+), all run$", done.stdout, re.M)]
        self.is_all = re.search(r"^all were run: (\d+)$", done.stdout, re.M)
        self.outcomes = self.read_outcomes()
        if status is not None:
            check(self.status == status, f"{arguments}: status {self.status}, expected {status}\n{self.text}{self.errors}")

    def read_outcomes(self):
        """How many paths, and what the steps that differ came to."""
        outcomes = []
        for part in self.text.split("\n  outcome ")[1:]:
            count = int(re.match(r"\d+, in (\d+) interleaving", part).group(1))
            steps = dict(re.findall(r"^    (?:task \d+, step )?([\w:]+), .*?: ((?:ok|busy|busy_snapshot|cannot)\b.*)$", part, re.M))
            end = re.search(r"^    at the end: (.*)$", part, re.M)
            outcomes.append((count, {int(step) if step.isdigit() else step: came for step, came in steps.items()}, end and end.group(1)))
        return outcomes


def step(task, kind, **fields):
    return {"task": task, "action": {"type": kind, **fields}}


def write(folder, name, config, interactions):
    path = pathlib.Path(folder) / f"{name}.json"
    path.write_text(json.dumps({"version": 1, "config": config, "interactions": interactions}))
    return path


def orders(*lengths):
    """All merges of sequences of these lengths, as lists of the sequences' numbers."""
    symbols = [number for number, length in enumerate(lengths) for _ in range(length)]
    return sorted(set(itertools.permutations(symbols)))


# --- lost update -----------------------------------------------------------------------------------------------------


def lost_update(config):
    return [entry for task in (0, 1) for entry in (
        step(task, "begin"), step(task, "select", filter="key", key=4),
        step(task, "update", filter="key", key=4), step(task, "commit"))]


def act_out(order, snapshots):
    """Who sees whose value, what each update comes to, whose value is there at the end; `snapshots`: a write is refused when
    the row has been committed anew since the transaction's read."""
    value, version, holder = "seed", 0, None
    done, read_at, wrote = [0, 0], [None, None], [False, False]
    seen, came = [None, None], [None, None]
    for task in order:
        if done[task] == 1:
            seen[task], read_at[task] = value, version
        elif done[task] == 2:
            if holder is not None:
                came[task] = "busy"
            elif snapshots and version != read_at[task]:
                came[task] = "busy_snapshot"
            else:
                came[task], holder, wrote[task] = "ok", task, True
        elif done[task] == 3 and wrote[task]:
            value, version, holder = f"s{4 * task + 2}", version + 1, None
        done[task] += 1
    return (seen[0], came[0], seen[1], came[1], value)


def told(outcomes):
    """The same, as it was printed."""
    found = collections.Counter()
    for count, steps, end in outcomes:
        reads = [re.search(r"4=(\w+)", steps[number]).group(1).removesuffix("x1") for number in (1, 5)]
        writes = [re.match(r"\w+", steps[number]).group(0) for number in (2, 6)]
        last = re.search(r"4=(s\d)", end).group(1)
        found[(reads[0], writes[0], reads[1], writes[1], last)] += count
    return found


def test_lost_update(interplay, canary, folder):
    expected = {mode: collections.Counter(act_out(order, mode) for order in orders(4, 4)) for mode in (True, False)}
    plan = write(folder, "lost-update", {"tasks": 2}, lost_update({}))
    sqlite = Explored(interplay, plan, "--no-reduction", status=0)
    check(sqlite.totals == [70] and sqlite.is_all, f"lost update: not 70 orders: {sqlite.text}")
    check(told(sqlite.outcomes) == expected[True], f"lost update: {told(sqlite.outcomes)}, expected {expected[True]}")
    permitted = Explored([*interplay, "--backend", "store", "--config", "isolation=read_committed"], plan, status=0)
    check(told(permitted.outcomes) == expected[False], f"read committed: {told(permitted.outcomes)}")
    refused = Explored([*interplay, "--backend", "store", "--config", "isolation=snapshot"], plan, status=0)
    check(told(refused.outcomes) == expected[True], f"snapshot: {told(refused.outcomes)}")
    # Planted: the store forgets to refuse. Lost are the updates of those that read both before either has committed.
    lost = sum(count for (first, _, second, _, _), count in expected[False].items()
               if first == second == "seed") - sum(count for outcome, count in expected[False].items() if "busy" in outcome)
    planted = Explored([canary, "--canary=store_lost_update", "--interplay", "explore", "--config", "isolation=snapshot"],
                       plan, status=1)
    check(planted.findings == {"isolation/lost-update": lost}, f"planted: {planted.findings}, expected {lost}")
    check(planted.is_all, "planted: not all were run")


# --- bugs of SQLite --------------------------------------------------------------------------------------------------


def test_vacuum(interplay, folder):
    known = json.loads((PROJECT / "crashes" / "sqlite" / "vacuum-power-loss.json").read_text())
    interactions = [{key: value for key, value in entry.items() if key != "fault"} for entry in known["interactions"]]
    config = {key: value for key, value in known["config"].items() if key != "loss_seed"}
    plan = write(folder, "vacuum", config, interactions)
    out = pathlib.Path(folder) / "vacuum"
    Explored(interplay, plan, status=0)
    first = Explored(interplay, plan, "--faults", "power_loss", "--loss-seeds", 2, "-o", out, status=1)
    check(list(first.findings) == ["integrity/main-freelist-size-is-but-should-be"], f"vacuum: {first.findings}")
    check(first.is_all and len(first.totals) == 2 and first.totals[0] == 1, f"vacuum: {first.text}")
    replayed = subprocess.run([interplay[0], "replay", out / "finding-1.json"], capture_output=True, text=True, check=False)
    check("violation integrity/main-freelist-size" in replayed.stdout, f"vacuum, replayed: {replayed.stdout}")


WAL_RESET = "snapshot/final-content/t0/other-value"


def test_wal_reset(interplay, folder, is_long):
    """Seven steps of two sessions; nobody says where to hold somebody back. Another version does all of it right."""
    named = re.search(r"sqlite-[0-9.]+", Explored([*interplay, "--backend", "none"], "none").errors)
    other = named and named.group(0)
    kinds = [(0, "select"), (0, "checkpoint"), (0, "checkpoint"), *[(1, "update")] * 4]
    plan = write(folder, "wal-reset", {"tasks": 2}, [step(task, kind) for task, kind in kinds])
    orders_alone = Explored(interplay, plan, status=0)
    check(not orders_alone.findings and orders_alone.totals == [35], f"wal-reset, orders: {orders_alone.text}")
    plans = [plan] + ([PROJECT / "crashes" / "sqlite" / "wal-reset.json"] if is_long else [])
    for path in plans:
        out = pathlib.Path(folder) / f"found-{path.stem}-{len(path.parts)}"
        found = Explored(interplay, path, "--preemptions", 1, "--max", 1000000, "-o", out, status=1)
        check(list(found.findings) == [WAL_RESET] and found.is_all, f"wal-reset: {found.text[:2000]}")
        pauses = [entry for entry in json.loads((out / "finding-1.json").read_text())["interactions"] if "pause" in entry]
        check(len(pauses) == 1 and pauses[0]["action"]["type"] == "checkpoint", f"wal-reset, held back: {pauses}")
        if other is None:
            print("no second SQLite in this build: nothing is known to be right")
            continue
        right = Explored([*interplay, "--backend", other], path, "--preemptions", 1, "--max", 1000000, status=0)
        check(not right.findings and right.is_all and len(right.totals) == 2, f"wal-reset, {other}: {right.text[:2000]}")
        print(f"{path.name}: {found.is_all.group(1)} interleavings, {found.findings}; {other}: {right.is_all.group(1)}, none")


# --- a transfer that is right, and one that is not -------------------------------------------------------------------


def transfer(updates):
    def query(task, sql, **more):
        return {**step(task, "query", sql=sql), **more}

    total, each = "SELECT sum(balance) FROM account", "SELECT balance FROM account ORDER BY id"
    setup = [step(0, "execute", sql="CREATE TABLE account(id INTEGER PRIMARY KEY, balance INTEGER)"),
             step(0, "execute", sql="INSERT INTO account VALUES(1,100),(2,100)")]
    middle = [entry for task in (0, 1) for entry in (
        query(task, each), *(step(task, "execute", sql=sql) for sql in updates[task]),
        query(task, total, expect={"rows": "200"}))]
    return setup + middle + [query(2, total, expect={"rows": "200"})]


def test_transfer(interplay, folder):
    right = [["UPDATE account SET balance = balance + CASE id WHEN 1 THEN -10 ELSE 10 END"],
             ["UPDATE account SET balance = balance + CASE id WHEN 1 THEN 20 ELSE -20 END"]]
    plan = write(folder, "right", {"tasks": 3}, transfer(right))
    done = Explored(interplay, plan, "--setup", 2, "--check", 1, "--preemptions", 1, status=0)
    check(done.totals[0] == 20 and len(done.totals) == 2 and done.is_all, f"transfer: {done.text}")
    check(not done.findings and "\nno finding\n" in done.text, f"transfer: {done.findings}")
    check(int(done.is_all.group(1)) == sum(done.totals), "transfer: the sum of all is not what was run")
    # A statement that a fault strikes fails, whatever is expected of it; the money is all there in the end.
    struck = Explored(interplay, plan, "--setup", 2, "--check", 1, "--faults", "no_memory,power_loss", "--max", 2500, status=0)
    check(len(struck.outcomes) > 3 and not struck.findings, f"transfer, with faults: {struck.text}")
    # Two statements without a transaction: somebody sees the money on its way.
    halves = [[f"UPDATE account SET balance = balance {sign} 10 WHERE id = {number}" for sign, number in pair]
              for pair in ((("-", 1), ("+", 2)), (("+", 1), ("-", 2)))]
    plan = write(folder, "wrong", {"tasks": 3}, transfer(halves))
    done = Explored(interplay, plan, "--setup", 2, "--check", 1, status=1)
    wrong = 0
    for order in orders(4, 4):
        left = [0, 0]
        is_wrong = False
        for task in order:
            left[task] += 1
            is_wrong |= left[task] == 4 and left[1 - task] == 2
        wrong += is_wrong
    check(sum(done.findings.values()) == wrong, f"wrong transfer: {done.findings}, expected {wrong}")


# --- sessions --------------------------------------------------------------------------------------------------------


SPEC = """setup { CREATE TABLE a (id int, v int); INSERT INTO a VALUES (1, 100); }
teardown { DROP TABLE a; }
session s1
step b1 { BEGIN; }
step u1 { UPDATE a SET v = 110 WHERE id = 1; }
step c1 { COMMIT; }
session s2
step u2 { UPDATE a SET v = v + 20 WHERE id = 1; }
step r2 { SELECT v FROM a; }
"""
GIVEN = """permutation b1 u1 u2(c1) c1 r2
permutation u2(c1) b1 u1 c1 r2
"""
LONG = """setup { CREATE TABLE a (id int, v int); INSERT INTO a VALUES (1, 100); }
teardown { DROP TABLE a; }
session s1
step b1 { BEGIN; }
step u1 { UPDATE a SET v = 110 WHERE id = 1; }
step n1 { SELECT 1; }
step c1 { COMMIT; }
session s2
step u2 { UPDATE a SET v = v * 2 WHERE id = 1; UPDATE a SET v = v + 20 WHERE id = 1; }
step r2 { SELECT v FROM a; }
permutation b1 u1 u2 n1 c1 r2
permutation b1 u1 u2 n1 r2 c1
"""
SCRIPT = """CREATE TABLE a (id int, v int);
INSERT INTO a VALUES (1, 100);
-- session: s1
BEGIN;
UPDATE a SET v = 110 WHERE id = 1;
COMMIT;
-- session: s2
UPDATE a SET v = v + 20 WHERE id = 1;
SELECT v FROM a;
"""


def values_of_orders():
    """What the other session reads, in how many orders; its update waits for the first one's end, in vain where its own
    next step comes before that."""
    values = collections.Counter()
    for order in orders(3, 2):
        value, done, open_since, pending, waits = 100, [0, 0], False, None, False
        for session in order:
            done[session] += 1
            place = (session, done[session])
            if place == (0, 2):
                open_since, pending = True, 110
            elif place == (0, 3):
                value, open_since = pending, False
                value += 20 * waits
                waits = False
            elif place == (1, 1):
                waits = open_since
                value += 20 * (not waits)
            elif place == (1, 2):
                waits = False
                values[value] += 1
    return values


def test_sessions(interplay, folder):
    spec, script = pathlib.Path(folder) / "a.spec", pathlib.Path(folder) / "a.sql"
    spec.write_text(SPEC + GIVEN)
    script.write_text(SCRIPT)
    given = Explored(interplay, spec, status=0).text
    check("\npermutation 1: b1 u1 u2 c1 r2\n  b1: ok\n  u1: ok\n  u2: waits\n  c1: ok\n  u2: ok, waited\n"
          "  r2: ok (1): 130\n" in given, f"permutation 1: {given}")
    check("not as annotated: u2(c1) ended before c1" in given.split("permutation 2")[1], f"permutation 2: {given}")
    check("all 2 permutations were run; of 2 annotations 1 hold" in given, f"summary: {given}")
    for arguments in ([spec, "--all"], [script]):
        done = Explored(interplay, *arguments, status=0)
        found = collections.Counter()
        for part in done.text.split("\n  outcome ")[1:]:
            read = re.search(r"SELECT v FROM a: ok \(1\): (\d+)", part)
            found[int(read.group(1))] += int(re.match(r"\d+, in (\d+)", part).group(1))
        check(done.totals == [10] and done.is_all, f"{arguments}: {done.text}")
        check(found == values_of_orders(), f"{arguments}: {found}, expected {values_of_orders()}")
    spec.write_text(LONG)
    long = Explored(interplay, spec, status=0).text
    check("  u2: waits\n  n1: ok (1): 1\n  c1: ok\n  u2: ok, waited; ok\n  r2: ok (1): 240\n" in long, f"what follows in a step: {long}")
    check("  u2: waits\n  n1: ok (1): 1\n  u2: busy: database is locked, waited; busy: database is locked, waited\n  r2: ok (1): 100\n"
          in long, f"its session's next step comes: {long}")
    totals = Explored(interplay, spec, "--all", status=0)
    check(totals.totals == [15] and "SELECT v FROM a: ok (1): 240" in totals.text, f"all orders of a long step: {totals.text}")
    spec.write_text(SPEC)
    check(Explored(interplay, spec, status=0).totals == [10], "without permutations all are meant")
    spec.write_text(SPEC + GIVEN)
    for wrong, word in (([spec, "--preemptions", 1], "want --all"), ([script, "--all"], "expected a .spec"),
                        ([script, "--setup", 1], "are for plans")):
        done = Explored(interplay, *wrong, status=2)
        check(word in done.errors and done.errors.count("\n") == 1 and not done.text, f"{wrong}: {done.errors}{done.text}")


# --- options ---------------------------------------------------------------------------------------------------------


def test_deaths(harness, folder):
    """A process that a path ends takes the others' results not with it; a limit of the harness is no finding, and is told."""
    plan = write(folder, "deaths", {"tasks": 2}, [step(0, "update"), step(1, "select"), step(1, "select")])
    spins = Explored([harness, "--canary=spin", "--interplay", "explore", "--timeout", 1, "--no-shrink"], plan, status=1)
    check(spins.findings == {"timeout/select": 3} and spins.is_all, f"spin: {spins.text}")
    limits = Explored([harness, "--limits=met", "--interplay", "explore", "--preemptions", 1], plan, status=2)
    check("met a limit of the harness and were not judged\nnot all: " in limits.text, f"limits: {limits.text}")
    check(not limits.findings and not limits.is_all, f"limits: {limits.text}")


def children_of(process):
    return [int(number) for number in pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def is_alive(process):
    try:
        return "State:\tZ" not in pathlib.Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_orphans(interplay, folder):
    """Whoever is killed takes the processes that share the work with it."""
    plan = write(folder, "orphans", {"tasks": 3}, [step(task, "update") for task in (0, 1, 2) for _ in range(4)])
    with subprocess.Popen([*interplay, str(plan), "--preemptions", "2", "--max", "100000000", "--jobs", "3"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as done:
        check(wait_for(lambda: len(children_of(done.pid)) == 3), "--jobs 3: no three processes")
        workers = children_of(done.pid)
        done.kill()
    check(wait_for(lambda: not any(map(is_alive, workers))), "processes that share the work outlive who set them to it")


def test_strict(interplay, folder):
    """A plan of sql-middleware's simulator has orders, and nobody is held back in it."""
    plan = pathlib.Path(folder) / "strict.json"
    interactions = [{"task": task, "action": action} for task in (0, 1) for action in (
        {"type": "checkout"}, {"type": "query", "sql": "SELECT 1"}, {"type": "return"})]
    plan.write_text(json.dumps({"interactions": interactions}))
    done = Explored(interplay, plan, status=0)
    check(done.totals == [20] and done.is_all, f"strict: {done.text}")
    check("the same in all\n    task 0, step 0, checkout: ok\n" in done.text, f"strict: {done.text}")
    refused = Explored(interplay, plan, "--preemptions", 1, status=2)
    check("expected no --preemptions" in refused.errors, f"strict: {refused.errors}")


def test_options(interplay, folder):
    plan = write(folder, "options", {"tasks": 2}, [step(task, "update", filter="key", key=4 * task) for task in (0, 1)])
    alone = Explored(interplay, plan, "--preemptions", 1, "--faults", "io_write,busy", "--max", 1500)
    for jobs in (2, 3):
        shared = Explored(interplay, plan, "--preemptions", 1, "--faults", "io_write,busy", "--max", 1500, "--jobs", jobs)
        check(shared.text == alone.text, f"--jobs {jobs} prints something else")
    bounded = Explored(interplay, plan, "--preemptions", 2, "--max", 50, status=0)
    check("not all: 50 were run, as many as --max allows" in bounded.text and not bounded.is_all, bounded.text)
    check("how many is not known" in bounded.text, "--max: a stage that was not counted is told as if it were")
    totals = {word: Explored(interplay, plan, "--preemptions", 1, "--points", word, status=0).totals[1]
              for word in ("lock", "storage", "any", "write")}
    check(0 < totals["lock"] < totals["storage"] < totals["any"] and totals["write"] < totals["storage"], f"{totals}")
    losses = [Explored(interplay, plan, "--faults", "power_loss", "--loss-seeds", seeds).totals[1] for seeds in (1, 3)]
    check(losses[1] == 3 * losses[0] > 0, f"--loss-seeds: {losses}")
    for wrong, word in ((["--preemptions", "x"], "number"), (["--preemptions", 17], "0 to 16"), (["--max", 0], "from 1"),
                        (["--faults", "io_write,bad"], "found 'bad'"), (["--jobs", 257], "1 to 256"),
                        (["--points", "here", "--preemptions", 1], "found 'here'"), (["--points", "any"], "--preemptions"),
                        (["--loss-seeds", 17], "1 to 16"), (["--setup", 3, "--check", 2], "fewer than"),
                        (["-o", folder], "exists")):
        done = Explored(interplay, plan, *wrong, status=2)
        check(word in done.errors and done.errors.count("\n") == 1 and not done.text, f"{wrong}: {done.errors}{done.text}")


# --- scenarios in SQL ------------------------------------------------------------------------------------------------


GROUPED = """setup { CREATE TABLE a (v int); INSERT INTO a VALUES (100); }
teardown { DROP TABLE a; }
session one
step u { BEGIN; UPDATE a SET v = 110; }
step c { COMMIT; }
session two
step r { SELECT v FROM a; }
permutation r u c
"""
SINGLE = """CREATE TABLE a (v int); INSERT INTO a VALUES (100);
-- session: one
BEGIN; UPDATE a SET v = 110; COMMIT;
-- session: two
SELECT v FROM a;
-- teardown
DROP TABLE a;
"""


def test_statements(interplay, folder):
    """The one who reads sees 110 behind the COMMIT, and nowhere else; nobody comes between the statements of a step."""
    for name, text, orders_of in (("b.spec", GROUPED, 3), ("b.sql", SINGLE, 4)):
        path = pathlib.Path(folder) / name
        path.write_text(text)
        for operand in (path, f"{path}:1"):
            done = Explored(interplay, operand, *(["--all"] if name == "b.spec" and operand == path else []), status=0)
            found = sorted((*steps.values(), count) for count, steps, _ in done.outcomes)
            check(done.totals == [orders_of] and found == [("ok (1): 100", orders_of - 1), ("ok (1): 110", 1)],
                  f"{operand}: {done.text}")
        path.write_text(text.replace("session", "sessions"))
        broken = Explored(interplay, path, status=2)
        check(broken.errors.count("\n") == 1 and f"{name}:" in broken.errors and not broken.text, f"{name}: {broken.errors}")
    beyond = Explored(interplay, pathlib.Path(folder) / "b.spec:2", status=2)
    check(beyond.errors.count("\n") == 1, f"no such order: {beyond.errors}")


def main():
    interplay, canary, harness = [sys.argv[1], "explore"], sys.argv[2], sys.argv[3]
    with tempfile.TemporaryDirectory() as folder:
        test_lost_update(interplay, canary, folder)
        test_vacuum(interplay, folder)
        test_transfer(interplay, folder)
        test_wal_reset(interplay, folder, "--long" in sys.argv)
        test_sessions(interplay, folder)
        test_deaths(harness, folder)
        test_orphans(interplay, folder)
        test_strict(interplay, folder)
        test_options(interplay, folder)
        test_statements(interplay, folder)
    print("explore_test:", "ok" if not failures else f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
