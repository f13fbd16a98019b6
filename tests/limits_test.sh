#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What the harness cannot do, or a plan asks for in vain, is never a finding: it has a message of its own and exit
# status 2, in every command that runs plans. And what it can do it does: limits are not low.
#
# Usage: limits_test.sh PATH-OF-INTERPLAY PATH-OF-FUZZ_HARNESS
set -Eeuo pipefail
trap 'echo "limits_test: line $LINENO: a command failed: $BASH_COMMAND" >&2' ERR
interplay=$(realpath "$1")
harness=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failures=0

fail() {
    echo "limits_test: $*" >&2
    failures=$((failures + 1))
}

# plan NAME INTERACTION...: a plan of one task that executes these statements
plan() {
    local name=$1 sql separator=
    shift
    {
        printf '{"config": {"tasks": 1}, "interactions": ['
        for sql in "$@"; do
            printf '%s{"task": 0, "action": {"type": "execute", "sql": "%s"}}' "$separator" "$sql"
            separator=,
        done
        printf ']}\n'
    } >"$name.json"
}

# expect STATUS ARGUMENT...: leaves `out` and `err`
expect() {
    local wanted=$1 status=0
    shift
    "$interplay" "$@" >out 2>err </dev/null || status=$?
    [[ $status == "$wanted" ]] || fail "'$*': exit status $status, expected $wanted: $(cat out err)"
}

# says TEXT: on stderr of the last call, which printed nothing else
says() {
    grep -qF -- "$1" err || fail "'$1' expected in: $(cat err)"
}

# --- limits that are met ---

count_far='SELECT count(*) FROM (WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<3000000) SELECT i FROM c)'
plan yields "$count_far"
plan bytes 'CREATE TABLE z(b)' 'INSERT INTO z VALUES(zeroblob(600000000))'
plan memory 'SELECT length(hex(zeroblob(300000000)))'
plan name "ATTACH '$(printf 'n%.0s' {1..600}).db' AS a"

for limit in 'yields|yield points in a plan' 'memory|memory that the database holds' \
    'bytes|bytes in all files' \
    "name|bytes of a file's name"; do
    file=${limit%%|*}.json
    message="a limit of the harness was met: ${limit#*|}"
    expect 2 replay "$file"
    says "$message"
    [[ ! -s out ]] || fail "replay $file: output: $(cat out)"
    expect 2 replay --in-process "$file"
    says "$message"
    [[ $file == name.json ]] || continue
    expect 2 replay --times 2 "$file"
    expect 2 show --trace "$file"
    says "$message"
    expect 2 report "$file" -o page.html
    says "$message"
    [[ ! -e page.html ]] || fail "a page of a run that was not judged"
    expect 2 shrink "$file" -o small.json
    says "$message"
    [[ ! -e small.json ]] || fail "a small plan of a run that was not judged"
    expect 2 bugs add --bugbase-dir base "$file"
    says "$message"
    [[ ! -d base ]] || [[ -z $(ls base) ]] || fail "a bug base with: $(ls base)"
done

# --- the run goes on ---

campaign() {
    status=0
    "$harness" --limits=met "$@" >out 2>err </dev/null || status=$?
    [[ $(grep -cF 'a limit of the harness was met' err) == 1 ]] || fail "'$*' says it other than once: $(cat err)"
}
campaign --interplay run --seed 0 --iterations 300
[[ $status == 2 ]] || fail "a campaign with plans that were not judged: exit status $status"
grep -qE '^300 plans, .*: no violation, [0-9]+ not judged$' out || fail "a campaign: $(cat out)"
if "$harness" --help 2>&1 | grep -q -- -runs; then # libFuzzer
    mkdir corpus
    campaign -runs=2000 -seed=1 corpus
    [[ $status == 0 ]] || fail "the engine: exit status $status: $(tail -n 3 err)"
fi
[[ -z $(find . -name 'crash-*') ]] || fail "stored as a crash: $(find . -name 'crash-*')"

# --- a stack that lies over other databases: its lies are no findings, a mistake of its own is ---

for subject in memory store; do
    lying=("$harness" "--subject=$subject")
    "${lying[@]}" --interplay run --seed 1 --iterations 500 --keep-going >out 2>err ||
        fail "lies over $subject: $(grep '^plan ' out)"
    ! "${lying[@]}" --canary=misuse --interplay run --seed 1 --iterations 500 >out 2>err ||
        fail "over $subject nobody notices how locks are misused"
    grep -q '==== interplay: violation misuse/' out || fail "misuse over $subject: $(tail -n 3 out)"
done

# --- limits that are out of the way ---

plan blob 'CREATE TABLE z(b)' 'INSERT INTO z VALUES(zeroblob(100000000))'
expect 0 replay blob.json
many=()
for i in {1..80}; do
    many+=("ATTACH 'a$i.db' AS a" 'CREATE TABLE a.x(y)' 'DETACH a')
done
plan files "${many[@]}"
expect 0 replay files.json

# --- a plan error is one, whatever the plan expects ---

cat >rules.json <<'END'
{"interactions": [{"task": 0, "action": {"type": "execute", "sql": "DELETE FROM g",
  "expect_error": {"contains": "no such table"}}}]}
END
expect 2 replay rules.json
[[ $(cat err) == "interplay: rules.json: interactions[0]: task 0 has no connection: check one out first" ]] ||
    fail "a plan error: $(cat err)"

# --- two who end one lease: the second one comes too late ---

cat >late.json <<'END'
{"version": 1, "config": {"tasks": 3, "stack": "pool"}, "interactions": [
  {"task": 0, "action": {"type": "checkout"}},
  {"task": 0, "action": {"type": "select"}, "pause": {"after": 1}},
  {"task": 1, "action": {"type": "cancel"}, "pause": {"after": 1, "at": "lock"}},
  {"task": 0, "action": {"type": "insert"}},
  {"task": 2, "action": {"type": "drop"}},
  {"task": 0, "action": {"type": "return"}}]}
END
expect 0 replay late.json

[[ $failures == 0 ]] || exit 1
