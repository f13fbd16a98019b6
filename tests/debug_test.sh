#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# interplay debug: where it stops, whose stacks it shows, that it goes on from event to event, and that looking changes nothing.
# SKIPPED where there is no gdb, or it may not trace processes.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
interplay=$build_dir/interplay
limit_s=200
cd "$work"

cat >plan.json <<'END'
{"version": 1, "config": {"tasks": 3}, "interactions": [
  {"task": 2, "action": {"type": "select"}},
  {"task": 0, "action": {"type": "update"}, "pause": {"after": 1, "at": "lock"}},
  {"task": 1, "action": {"type": "upsert"}, "pause": {"after": 2, "at": "write"}},
  {"task": 2, "action": {"type": "commit"}},
  {"task": 2, "action": {"type": "select"}}
]}
END

# --- bad calls ---
refuses "debug: option --at STEP is missing" debug plan.json
refuses "plan.json: --at 5: there are 5 steps, from 0" debug plan.json --at 5
refuses "plan.json: --at 1:sing: expected STEP, STEP:NUMBER from 1, or STEP:EVENT, one of invoke, " debug plan.json --at 1:sing
refuses "plan.json: --at 1:0: expected STEP" debug plan.json --at 1:0
refuses "plan.json: --at x: expected STEP" debug plan.json --at x
refuses "missing.json" debug missing.json --at 0
refuses "replay: --at is for --in-process" replay --at 1 plan.json
refuses "plan.json: --at 1:fault: the run does not come there" replay --in-process --at 1:fault plan.json
mkdir nothing
status=0
PATH=$PWD/nothing "$interplay" debug plan.json --at 1 >out 2>err || status=$?
[[ $status == 2 && $(cat err) == "interplay: debug: gdb is not installed (on Debian: apt-get install gdb)" ]] ||
    fail "without gdb: exit status $status: $(cat err)"
((failures == 0)) || exit 1

# --- gdb ---
skip() {
    echo "$test_name: SKIPPED: $*, no debugger was tested" >&2
    exit 77
}
command -v gdb >/dev/null || skip "no gdb"
gdb -nx -batch -ex run --args true >gdb.out 2>&1 || skip "gdb fails"
grep -q 'exited normally' gdb.out || skip "gdb cannot run a program here"

# at PLACE GDB-COMMAND...: what gdb says
at() {
    local place=$1 command words=(-nx -batch)
    for command in "${@:2}"; do words+=(-ex "$command"); done
    timeout "$limit_s" "${program[@]}" debug plan.json --at "$place" -- "${words[@]}" >said 2>&1 </dev/null || true
}
says() {
    grep -Eq -- "$1" said || fail "'$1' expected: $(cat said)"
}
says_not() {
    ! grep -Eq -- "$1" said || fail "'$1' not expected: $(cat said)"
}

at 1:park 'info tasks' 'backtrace'
says '^task 0, step 1, update t0 all: event park: \| held back before lock$'
says '^  task 0 +held back before lock +step 1, update t0 all +sqlite3[A-Za-z]+ at sqlite3.c:[0-9]+$'
says '^  task 2 +idle +step 0, select t0 all$'
says_not 'thread [0-9]'

# Two are held back: each has its own stack, the one in a read lock, the other one in its commit.
at 2:park 'task 0' 'backtrace' 'task 1' 'backtrace' 'task 2' 'task 99' 'task'
says '^#[0-9]+ .* sqlite3PagerSharedLock '
says '^#[0-9]+ .* sqlite3WalFrames '
says 'task 2 is idle'
says "task: expected a number, all or nothing, not '99'"
at 2:park 'task 0' 'backtrace'
says_not 'sqlite3WalFrames'
at 2:park 'task all backtrace'
says '^task 0, step 1, update t0 all:$'
says '^task 1, step 2, upsert t0 k=0:$'

# A call into the system, by number: on the stack of the one that makes it.
at 4:3 'info tasks' 'backtrace'
says '^task 2, step 4, select t0 all: call 3 into the system: '
says '^\* task 2 +runs +step 4, select t0 all '
says '^#[0-9]+ .*sqlite3_step '

# A step that makes no call: its event.
at 3
says '^task 2, step 3, commit: event return: < sql_error'

# From event to event, as the trace has them.
at 2:park continue continue continue
shorten() {
    sed -n 's/^ *[0-9]* *\(task [0-9]\)  /\1 /p; s/^\(task [0-9]\), step .*: event [a-z_]*: /\1 /p' |
        sed 's/\(< [a-z_]*\) (.*/\1/'
}
"$interplay" replay --trace plan.json | shorten | grep -A3 'held back before sync' | head -n 4 >expected
shorten <said >got
cmp -s expected got || fail "events: $(diff expected got || true)"
(($(wc -l <got) == 4)) || fail "4 events expected: $(cat said)"

# Looking at others changes nothing.
at 2:park 'task 0' 'task 1' 'up' 'python STOP.enabled = False' continue
verdict=$("$interplay" replay plan.json)
grep -qF "$verdict" said || fail "'$verdict' expected: $(cat said)"

# All findings in SQLite, at their last step: there is somebody who runs.
for finding in "$source_dir"/crashes/sqlite/*.json; do
    cp "$finding" plan.json
    last=$(python3 -c 'import json; print(len(json.load(open("plan.json"))["interactions"]) - 1)')
    at "$last" 'info tasks'
    says "^(task|thread) [0-9], step $last, .*: (call 1 into the system|event [a-z_]*): "
    says '^\* (task|thread) [0-9] +runs .* at [a-z_0-9]+\.c:[0-9]+$'
done

# A fuzz target, with its own options; and a thread of a pool.
program=("$build_dir/fuzz_pool_canary" --canary=stray_cancel --interplay)
cp "$source_dir/crashes/fuzz_pool_canary/stray_cancel.json" plan.json
at 1:park 'info tasks' 'task 8' 'backtrace'
says '^thread 0, .*: event park: \| held back before thread_lock$'
says '^  thread 0 +held back before thread_lock .* at actor[a-z_]*\.c:[0-9]+$'
says '^#[0-9]+ .* at .*/src/pool/actor'

echo "debug_test: $failures failures"
((failures == 0))
