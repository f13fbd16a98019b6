#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The modes of interplay run, replay and shrink: --doublecheck, --differential-backend, --against. What they say, what a
# finding of theirs can be done with, what they refuse. tests/mode_test.c has what they find.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$work"

for backend in sqlite memory store; do
    expect 0 run --backend "$backend" --seed 5 --iterations 60 --doublecheck
    grep -qxF 'beside: itself, once more' out || fail "$backend: no word of the mode: $(cat out)"
    grep -qxF 'compared to the end: 60 plans' out || fail "$backend: how many were compared: $(cat out)"
    grep -q '^command: .* --doublecheck$' out || fail "$backend: the command lacks the mode: $(cat out)"
done

expect 0 run --seed 5 --iterations 60 --against journal_mode=delete
grep -q '^beside: sqlite .*, journal_mode=delete$' out || fail "what runs beside: $(cat out)"
(($(sed -n 's/^compared to the end: \([0-9]*\) plans$/\1/p' out) > 30)) || fail "too few compared: $(cat out)"
expect 0 run --seed 5 --iterations 60 --differential-backend store
grep -q '^not compared to the end: [0-9]* plans, where transactions overlap' out || fail "not compared: $(cat out)"

# Modes of the database are nobody's promise; whoever asks for one gets what it is.
cat >differs.json <<'END'
{"config": {"tasks": 1, "sqlite": {"page_size": 4096}}, "interactions": [
  {"task": 0, "action": {"type": "select"}},
  {"task": 0, "action": {"type": "insert", "key": 1}},
  {"task": 0, "action": {"type": "query", "sql": "SELECT page_size FROM pragma_page_size()"}}]}
END
expect 0 replay differs.json --against page_size=512
expect 0 replay differs.json --doublecheck
grep -q '^differs.json: ok' out || fail "replay in a mode: $(cat out)"

# Two versions in one process, where the build has them.
if grep -q BESIDE "$build_dir/generated/beside.def"; then
    expect 0 run --seed 5 --iterations 60 --differential
    tested=$(sed -n 's/^tested: //p' out) beside=$(sed -n 's/^beside: //p' out)
    [[ $tested == sqlite* && $beside == sqlite* && ${tested:0:20} != "${beside:0:20}" ]] || fail "not two versions: $(cat out)"
    name=$(sed -n 's/.*"\(.*\)".*/\1/p' "$build_dir/generated/beside.def")
    expect 0 run --seed 5 --iterations 20 --differential-backend "$name" --against journal_mode=delete
fi

refuses 'not with' run --doublecheck --against journal_mode=delete
refuses 'one of them' run --differential --differential-backend store
refuses 'is what runs already' run --differential-backend sqlite
refuses "sqlite or memory or store" run --differential-backend paper
refuses 'memory is no database' run --differential-backend memory
refuses 'memory is no database' run --backend memory --against stack=actors
refuses 'a value of journal_mode: wal, delete, truncate, persist, memory or off, not' run --against journal_mode=paper
refuses 'there is tasks, busy_timeout, ' run --config foo=1
refuses '--against tasks' run --against tasks=2
refuses 'there is one version of store only' run --backend store --differential

echo "modes_command_test: $failures failures"
((failures == 0))
