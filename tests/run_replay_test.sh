#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# interplay run and interplay replay: same seed same result, what they print, what they refuse, and that a
# plan replays alike as compact bytes and as JSON.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$work"

# Anything is a plan. These are three of different kinds.
head -c 16 /dev/zero >quiet.bin
printf 'interplay-%.0s' {1..40} >letters && printf '\1' >>letters # of letters alone it would be a text
cat >plan.json <<'END'
{"version": 1, "config": {"tasks": 2}, "interactions": [
  {"task": 0, "action": {"type": "insert", "key": 1}},
  {"task": 1, "action": {"type": "select"}}
]}
END
cat >middleware.json <<'END'
{"interactions": [
  {"task": 0, "action": {"type": "checkout"}},
  {"task": 0, "action": {"type": "query", "sql": "SELECT 1", "expect": {"row_count": 2}}}
]}
END
cat >rules.json <<'END'
{"interactions": [{"task": 0, "action": {"type": "commit"}}]}
END

expect 0 replay quiet.bin plan.json letters
[[ $(grep -cE '^(quiet.bin|plan.json|letters): ok trace=[0-9a-f]{16}( \[.*\])?$' out) == 3 ]] ||
    fail "three lines expected: $(cat out)"

expect 0 convert letters -o letters.json
expect 0 convert letters.json -o letters.bin
expect 0 replay letters letters.json letters.bin
[[ $(sed 's/.*trace=//' out | sort -u | wc -l) == 1 ]] || fail "three forms, not one trace: $(cat out)"

expect 0 replay --times 20 letters
expect 0 replay --times 20 --in-process letters
expect 0 replay --trace plan.json
(($(wc -l <out) > 4)) || fail "--trace prints no events: $(cat out)"

expect 1 replay middleware.json plan.json
grep -qE '^middleware.json: violation expectation/[^ ]+ trace=[0-9a-f]{16}$' out ||
    fail "an expectation violated: $(cat out)"
grep -q '^plan.json: ok' out || fail "the plan after a violation was not replayed"
expect 1 replay --report middleware.json
grep -qF -- '---- plan ----' out || fail "--report prints no plan"

expect 2 replay rules.json plan.json
grep -q '^plan.json: ok' out || fail "the plan after a plan error was not replayed"
grep -q 'rules.json: interactions\[0\]' err || fail "no plan error: $(cat err)"

: >empty
refuses 'is empty' replay empty
refuses 'does not exist' replay nothing
refuses 'missing' replay
refuses 'unknown option' replay --no-such-option plan.json
refuses 'number' replay --times 0 plan.json
expect 0 replay --yields plan.json
grep -qE '^plan.json: ok trace=[0-9a-f]{16} yields=[1-9][0-9]*$' out || fail "--yields: $(cat out)"

# What each statement sees where caches are shared and nothing needs to be committed.
expect 0 replay "$source_dir/tests/shared_cache.json" "$source_dir/tests/read_uncommitted.json"
[[ $(grep -c ': ok ' out) == 2 ]] || fail "shared caches: $(cat out err)"

expect 0 run --seed 5 --iterations 40
mv out first
expect 0 run --seed 5 --iterations 40
cmp first out || fail "same seed, another result"
grep -qE '^40 plans, [0-9]+ statements: no violation$' out || fail "summary: $(cat out)"
grep -qE ' s, [0-9]+ plans/s$' err || fail "no times: $(cat err)"
expect 0 run --seed 5 --duration 300ms --iterations 2000
expect 0 run --seed 5 --iterations 40 --duration 1
# Without a seed one is drawn; the head has the command that does the same again.
expect 0 run --backend memory --iterations 1_0
mv out first
drawn=$(sed -n 's/^seed: //p' first)
[[ $(sed -n 's/^command: //p' first) == "$build_dir/interplay run --backend memory --seed $drawn --start 0 --iterations 10" ]] ||
    fail "no command in the head: $(cat first)"
expect 0 run --backend memory --seed "$drawn" --iterations 10
cmp first out || fail "the seed that was drawn gives another result"
expect 0 run --seed 5 --iterations 40 --keep-going --config journal_mode=delete --config tasks=2
grep -q '^40 plans, .*: no violation$' out || fail "--keep-going: summary: $(cat out)"
refuses '--config' run --config journal_mode=paper
refuses '--config' run --config journal_mode
refuses '--duration' run --duration 5d
refuses '--seed' run --seed x
refuses '--iterations' run --iterations 0
refuses 'unknown option' run --no-such-option
refuses 'takes no file' run plan.json
refuses 'unknown kind of file' run --iterations 1 -o finding.txt

# JSON is JSON whatever its name; - is standard input, for every command that takes a plan.
cp plan.json plan && cp plan.json plan.txt && cp plan.json plan.bin.old && cp plan.json PLAN.JSON
{ printf '\n \t' && cat plan.json; } >plan-later
expect 0 replay plan.json
cp out wanted
same_as_json() {
    expect 0 replay "$1"
    diff <(sed 's/.*trace=//' wanted) <(sed 's/.*trace=//' out) || fail "$1 is not read as JSON"
}
for form in plan plan.txt plan.bin.old PLAN.JSON plan-later; do
    same_as_json "$form"
done
same_as_json <(cat plan.json)
for command in "replay" "show" "convert -o stdin.json" "report" "shrink"; do
    # shellcheck disable=SC2086 # words
    timeout "$limit_s" "$build_dir/interplay" $command - <middleware.json >out 2>err || true
    [[ ! -s err ]] || [[ $command == shrink ]] || fail "$command -: $(cat err)"
done
[[ -s stdin.json && -s stdin.html && -s stdin.shrunk.json ]] || fail "standard input: $(ls) $(cat err)"
expect 0 convert quiet.bin -o QUIET.BIN
expect 0 replay QUIET.BIN
printf '{"x' >brace && printf '\0\1' >>brace
expect 0 replay brace

# Statements of one's own that failed are no finding, but said, behind what programs read. A text is one
# statement: a second one is a failure and not dropped.
cat >fails.json <<'END'
{"config": {"tasks": 1}, "interactions": [
  {"task": 0, "action": {"type": "execute", "sql": "CREATE TABLE x(a)"}},
  {"task": 0, "action": {"type": "execute", "sql": "CREATE TABEL \"y\u001b[2J\n"}},
  {"task": 0, "action": {"type": "query", "sql": "SELECT a FROM z"}, "expect_error": {"contains": "z"}},
  {"task": 0, "action": {"type": "query", "sql": "SELECT 1; SELECT 2"}}]}
END
expect 0 replay fails.json
grep -qE '^fails.json: ok trace=[0-9a-f]{16} content not judged from step 0: raw SQL wrote \(not judged: busy, log from step 0: SQL of the plan.s own\) \(2 statements failed, first interactions\[1\]: near "TABEL": syntax error\)$' \
    out || fail "failed statements: $(cat out)"
expect 0 replay --trace fails.json
grep -qF '< sql_error (0): more than one statement' out || fail "no error text: $(cat out)"
grep -qF '< sql_error (0): no such table: z' out || fail "no error text: $(cat out)"
cat >rows.json <<'END'
{"config": {"tasks": 1}, "interactions": [
  {"task": 0, "action": {"type": "query", "sql": "VALUES(1,'a\u001b',NULL),(2,x'0102',0.5)"}},
  {"task": 0, "action": {"type": "query", "sql": "SELECT 'x' WHERE 0"}},
  {"task": 0, "action": {"type": "query", "sql": "WITH RECURSIVE c(n) AS (VALUES(1) UNION ALL SELECT n+1 FROM c WHERE n<29) SELECT n FROM c"}}]}
END
for command in "replay --trace" "show --trace"; do
    # shellcheck disable=SC2086 # words
    expect 0 $command rows.json
    grep -qF "< ok (2): 1|'a '|NULL; 2|x'0102'|0.5" out || fail "$command: no rows: $(cat out)"
    grep -qE '< ok \(0\)$' out || fail "$command: rows where there are none: $(cat out)"
    grep -qE '< ok \(29\): 1; 2; 3; .*' out || fail "$command: not the first rows: $(cat out)"
done
cat >busy.json <<'END'
{"config": {"tasks": 2}, "interactions": [
  {"task": 0, "action": {"type": "update", "size": 5}, "pause": {"after": 3, "at": "write"}},
  {"task": 1, "action": {"type": "checkpoint", "checkpoint_mode": "restart"}},
  {"task": 0, "action": {"type": "resume"}},
  {"task": 1, "action": {"type": "checkpoint", "checkpoint_mode": "restart"}}]}
END
expect 0 replay --trace busy.json
grep -qE '< ok \(busy, [0-9]+ of [0-9]+ frames copied\)$' out || fail "a busy checkpoint: $(cat out)"
grep -qE '< ok \([0-9]+ of [0-9]+ frames copied\)$' out || fail "a complete checkpoint: $(cat out)"

# A stranger's plan touches nothing outside of the simulation (sqlite_reach_test has every way).
mkdir stranger && cd stranger
cat >../stranger.json <<'END'
{"config": {"tasks": 1}, "interactions": [
  {"task": 0, "action": {"type": "execute", "sql": "ATTACH 'attached.db' AS a"}},
  {"task": 0, "action": {"type": "execute", "sql": "CREATE TABLE a.x(y)"}},
  {"task": 0, "action": {"type": "execute", "sql": "ATTACH 'file:uri.db?vfs=unix' AS b"}},
  {"task": 0, "action": {"type": "execute", "sql": "VACUUM INTO 'copy.db'"}},
  {"task": 0, "action": {"type": "query", "sql": "SELECT writefile('written', 'x')"}},
  {"task": 0, "action": {"type": "query", "sql": "SELECT load_extension('./x')"}},
  {"task": 0, "action": {"type": "execute", "sql": "PRAGMA temp_store_directory='.'"}}]}
END
expect 0 replay --trace ../stranger.json
[[ $(echo *) == "err out" ]] || fail "a plan has made files: $(echo *)"
[[ $(grep -c '< sql_error' out) == 3 && $(grep -c '< ok' out) == 4 ]] || fail "outcomes: $(cat out)"
cd ..

# More than the cache holds is written before a savepoint, and undone after it.
cat >spills.json <<'END'
{"config": {"tasks": 2, "page_size": 512, "cache_size": 10, "autocheckpoint": 0}, "interactions": [
  {"task": 0, "action": {"type": "execute", "sql": "CREATE TABLE big(id INTEGER PRIMARY KEY, txt)"}},
  {"task": 0, "action": {"type": "execute", "sql": "CREATE TABLE side(id INTEGER PRIMARY KEY, txt)"}},
  {"task": 0, "action": {"type": "execute", "sql": "BEGIN"}},
  {"task": 0, "action": {"type": "execute", "sql": "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<30) INSERT INTO big SELECT i, hex(zeroblob(2000)) FROM c"}},
  {"task": 0, "action": {"type": "execute", "sql": "UPDATE big SET txt=txt||id WHERE id<25"}},
  {"task": 0, "action": {"type": "execute", "sql": "SAVEPOINT a"}},
  {"task": 0, "action": {"type": "execute", "sql": "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<50) INSERT INTO side SELECT i, hex(zeroblob(2000)) FROM c"}},
  {"task": 0, "action": {"type": "execute", "sql": "ROLLBACK TO a"}},
  {"task": 0, "action": {"type": "execute", "sql": "RELEASE a"}},
  {"task": 0, "action": {"type": "execute", "sql": "COMMIT"}},
  {"task": 1, "action": {"type": "query", "sql": "SELECT count(*), sum(length(txt)>4000), (SELECT count(*) FROM side) FROM big", "expect": {"rows": "30|24|0"}}}]}
END
expect 0 replay spills.json
grep -q '^spills.json: ok' out || fail "a savepoint after a spill: $(cat out)"

# Nobody falls silent unheard: claims that a mode ends, and oracles that follow no further.
cat >silent.json <<'END'
{"config": {"tasks": 1, "synchronous": "off"}, "interactions": [
  {"task": 0, "action": {"type": "insert", "key": 1}},
  {"task": 0, "action": {"type": "insert", "key": 2}, "fault": {"kind": "power_loss", "at": 1}},
  {"task": 0, "action": {"type": "select"}}]}
END
expect 0 replay silent.json
grep -qE '^silent.json: ok trace=[0-9a-f]{16} content and errors not judged from step 1: what survives a power loss is open in this mode \(not judged: log from step 1: a fault struck\)$' \
    out || fail "claims that end: $(cat out)"
expect 0 replay --json silent.json
grep -qF '"ended_oracles":"log from step 1: a fault struck"' out || fail "oracles that end: $(cat out)"

# A container that allows 2 GB of address space is enough (sanitizers reserve terabytes of their own).
if grep -qE '^INTERPLAY_SANITIZERS:[A-Z]*=$' "$build_dir/CMakeCache.txt"; then
    (ulimit -v 2000000 && expect 0 replay quiet.bin plan.json letters &&
        expect 0 run --seed 5 --iterations 400 && expect 0 run --seed 5 --iterations 400 \
            --config stack=pool && expect 0 report plan.json -o small.html && ((failures == 0))) ||
        fail "2 GB of address space are not enough: $(cat err)"
fi

for command in run replay; do
    expect 0 "$command" --help
    grep -q "^Usage: interplay $command" out || fail "$command --help prints no usage"
done

echo "run_replay_test: $failures failures"
((failures == 0))
