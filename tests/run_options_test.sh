#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The options of interplay run beside those of plans and modes, each by what it does: --plan, --generate, --jobs, --log,
# --metrics, --stop-after, --dump-plan-on-failure, Ctrl-C; and what standard output is: the same, byte for byte.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$work"

cat >violates.json <<'END'
{"config": {"tasks": 1}, "interactions": [
  {"task": 0, "action": {"type": "insert", "key": 1}},
  {"task": 0, "action": {"type": "query", "sql": "SELECT 1"}, "expect": {"row_count": 2}}]}
END
cat >keeps.json <<'END'
{"config": {"tasks": 2, "busy_timeout": 10}, "interactions": [
  {"task": 0, "action": {"type": "begin", "begin_mode": "immediate"}},
  {"task": 1, "action": {"type": "insert", "key": 1}},
  {"task": 0, "action": {"type": "commit"}}]}
END

# --- standard output ---
expect 0 run --seed 42 --iterations 300
mv out first
[[ $(head -n 1 first) == "seed: 42" ]] || fail "the seed does not come first: $(cat first)"
for again in "" "--jobs 3" "--generate"; do
    # shellcheck disable=SC2086 # words
    expect 0 run --seed 42 --iterations 300 $again
    cmp first out || fail "'$again': standard output differs"
done

# --- a plan of one's own ---
expect 0 run --plan keeps.json
grep -q '^1 plans, ' out || fail "--plan: not one plan: $(cat out)"
[[ $(head -n 1 out) == "plan: keeps.json" ]] || fail "--plan: which one: $(cat out)"
grep -qE '^  insert +ok 1$' out || fail "--plan: outcomes by action: $(cat out)"
# It meets the lock, sleeps for a millisecond, and gets it.
grep -qF '; retries: 1; longest wait: 1.000 ms' out || fail "--plan: a wait: $(cat out)"
expect 1 run --plan violates.json --dump-plan-on-failure dumped.json --log events.txt
grep -qE '^replay: |interplay run .*--plan violates.json' out || fail "--plan: no command that replays: $(cat out)"
expect 0 run --plan keeps.json --iterations 3
grep -q '^3 plans, ' out || fail "--plan --iterations 3: $(cat out)"

# --- what is written ---
expect 1 replay dumped.json
grep -q 'violation expectation/' out || fail "--dump-plan-on-failure: not that plan: $(cat out)"
[[ $(head -n 1 events.txt) == '# violates.json' ]] || fail "--log: no name: $(cat events.txt)"
[[ $(grep -cF -e '> insert t0 k=1' -e '< ok (1)' events.txt) -ge 2 ]] || fail "--log: no events: $(cat events.txt)"
expect 1 run --plan violates.json --log events.jsonl --metrics numbers.json
python3 - <<'END' || fail "--log .jsonl or --metrics: $(cat events.jsonl numbers.json)"
import json
events = [json.loads(line) for line in open("events.jsonl")]
assert [event["event"] for event in events[:2]] == ["invoke", "commit_point"] and events[-1]["event"] == "end", events
assert all(event["plan"] == 0 for event in events)
numbers = json.load(open("numbers.json"))
assert numbers["plans"] == 1 and numbers["violations"] == 1 and numbers["outcomes"]["insert"] == {"ok": 1}, numbers
assert numbers["coverage"]["states"] > 0 and numbers["coverage"]["actions"] == 2, numbers
for name in ("broken_connections", "longest_wait_ms", "retries", "faults", "plans_per_second", "statements"):
    assert name in numbers, name
END
expect 0 run --seed 42 --iterations 300 --log one.txt
expect 0 run --seed 42 --iterations 300 --log three.txt --jobs 3
cmp one.txt three.txt || fail "--jobs: the log differs"
[[ $(grep -c '^# plan ' one.txt) == 300 ]] || fail "--log: not 300 plans"

# --- what a finding says ---
expect 1 run --plan violates.json
for part in 'first steps' 'last events' plan replay; do
    grep -qxF -- "---- $part ----" out || fail "a finding without '$part': $(cat out)"
done
grep -qE '^ +0  task 0  insert t0 k=1$' out || fail "first steps: $(cat out)"

program=("$build_dir/fuzz_canary" --canary=wrong_count --interplay)
if [[ -x ${program[0]} ]]; then
    expect 1 run --seed 2 --iterations 5000 --shrink-on-failure --known-findings "$source_dir/crashes/sqlite/KNOWN"
    grep -qxF -- '---- model | observed: the result ----' out || fail "no model beside what was observed: $(cat out)"
    grep -qE '^! ok, [0-9]+ +\| ok, [0-9]+$' out || fail "no difference marked: $(cat out)"
    mv out first
    expect 1 run --seed 2 --iterations 5000 --shrink-on-failure --known-findings "$source_dir/crashes/sqlite/KNOWN"
    cmp first out || fail "a finding that is made small: standard output differs"
fi
program=("$build_dir/interplay")

# --- a night ---
status=0
timeout "$limit_s" "$source_dir/scripts/nightly" --build "$build_dir" --duration 8s --seed 1 --bugbase-dir night >out 2>err || status=$?
((status <= 1)) || fail "nightly: exit status $status: $(cat err)"
for backend in $("$build_dir/interplay" --version | awk 'NR > 1 { print $1 }'); do
    grep -q "nightly: $backend is left out" err && continue # no server
    grep -q "^command: .* --backend $backend --seed 1 .*--stress" out || fail "nightly: not on $backend: $(cat out)"
done
for wrong in '--duration 5d' '--build nowhere' '--duration' '--nonsense'; do
    status=0
    # shellcheck disable=SC2086 # words
    "$source_dir/scripts/nightly" $wrong >out 2>err || status=$?
    [[ $status == 2 && $(wc -l <err) == 1 ]] || fail "nightly $wrong: exit status $status: $(cat err)"
done

# --- going on, and how far ---
expect 1 run --plan violates.json --iterations 9 --stop-after 4
grep -q '^4 plans, .*: 4 violations$' out || fail "--stop-after 4: $(cat out)"
mv out first
expect 1 run --plan violates.json --iterations 9 --stop-after 4 --jobs 2
cmp first out || fail "--jobs with findings: standard output differs: $(cat out)"

"$build_dir/interplay" run --seed 1 --backend memory --duration 60s --keep-going >out 2>err &
running=$!
begins_to_shrink "$running" || fail "run does not catch Ctrl-C"
sleep 0.3
kill -INT "$running"
status=0
wait "$running" || status=$?
[[ $status == 0 ]] || fail "Ctrl-C: exit status $status: $(cat err)"
grep -qE '^[0-9]+ plans, [0-9]+ statements: no violation$' out || fail "Ctrl-C: no summary: $(cat out)"
grep -qxF 'interplay: interrupted' err || fail "Ctrl-C: nothing said: $(cat err)"

# --- what is refused ---
refuses '--jobs wants a number 1 to 256' run --jobs 0
refuses '--jobs wants a number 1 to 256' run --jobs 257
refuses '--stop-after wants a number from 1' run --stop-after none
refuses 'not both' run --plan keeps.json --generate
refuses 'does not exist' run --plan nothing.json
refuses 'unknown kind of file' run --iterations 1 --dump-plan-on-failure finding.txt
refuses 'nowhere/events.txt: cannot write: its folder does not exist' run --iterations 1 --log nowhere/events.txt
refuses '--iterations wants' run --iterations 10__000
refuses '--iterations wants' run --iterations 10_000_
refuses '--seed wants' run --seed _1
expect 2 run --seed 1 --backend memory --iterations 1 --metrics nowhere/numbers.json
[[ $(grep -c 'nowhere/numbers.json' err) == 1 ]] || fail "--metrics into nowhere: $(cat err)"

echo "run_options_test: $failures failures"
((failures == 0))
