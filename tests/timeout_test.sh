#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Code under test that spins without a call: whoever runs plans ends it after --timeout, with a verdict that names the
# action; and a plan that comes to an end is none the worse for the watchdog.
#
# Usage: timeout_test.sh PATH-OF-FUZZ_HARNESS
set -Eeuo pipefail
trap 'echo "timeout_test: line $LINENO: a command failed: $BASH_COMMAND" >&2' ERR
harness=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failures=0

fail() {
    echo "timeout_test: $*" >&2
    failures=$((failures + 1))
}

# expect STATUS OPTION ARGUMENT...: leaves `out` and `err`
expect() {
    local wanted=$1 option=$2 status=0
    shift 2
    timeout 300 "$harness" "$option" --interplay "$@" >out 2>err </dev/null || status=$?
    [[ $status == "$wanted" ]] || fail "'$*': exit status $status, expected $wanted: $(cat out err)"
}

says() {
    grep -qE -- "$1" out || fail "'$1' expected in: $(cat out)"
}

cat >spin.json <<'END'
{"version": 1, "config": {"tasks": 2}, "interactions": [
  {"task": 0, "action": {"type": "sleep", "ms": 1}},
  {"task": 1, "action": {"type": "sleep", "ms": 1}},
  {"task": 1, "action": {"type": "select"}},
  {"task": 1, "action": {"type": "select"}},
  {"task": 1, "action": {"type": "select"}},
  {"task": 0, "action": {"type": "sleep", "ms": 1}}]}
END
line='^spin.json: violation timeout/select trace='
expect 1 --canary=spin replay --timeout 1 spin.json
says "$line"
expect 1 --canary=spin replay --timeout 700ms --report spin.json
says '^the plan was still running after 700 ms of real time, in a select of task 1: '
expect 1 --canary=spin replay --timeout 1 --in-process spin.json
says "$line"
expect 1 --canary=spin run --timeout 1 --seed 1
says '^plan [0-9]+ of seed 1: timeout/'
says '^replay: .* run --seed 1 --start [0-9]+ --iterations 1'
expect 1 --canary=spin shrink --timeout 1 --max-rounds 1 spin.json -o small.json
expect 1 --canary=spin replay --timeout 1 small.json
says '^small.json: violation timeout/select trace='
expect 1 --canary=spin bugs add --timeout 1 --no-shrink --bugbase-dir base spin.json
says '^spin.json: new: timeout/select$'
expect 1 --canary=spin report --timeout 1 spin.json -o page.html
grep -q 'timeout/select' page.html || fail 'a page without the verdict'

# As many plans as fit into three seconds: the same one is never seen twice.
expect 0 --limits=met replay --timeout 1 --times 2 spin.json
expect 2 --limits=met run --seed 0 --timeout 1 --duration 3s
grep -qF 'no violation' out || fail "a campaign: $(cat out)"

[[ $failures == 0 ]] || exit 1
