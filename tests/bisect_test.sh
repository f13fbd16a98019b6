#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# scripts/bisect: reproducers in C and SQL and a plan on two releases, of which one has the finding and the other has not; verdicts, first
# bad and first good as text and as JSON; builds in the place of releases; what cannot be tried is no verdict; wrong calls are one line.
# With no way to fetch the newer release: the older one, and what it can show.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
program=("$source_dir/scripts/bisect")
reproducers=$source_dir/crashes/sqlite/reproducers
plan=$source_dir/crashes/sqlite/wal-reset.json
old=3.40.1 new=3.54.1
cd "$work"

# shows TEXT: a line of the matrix
shows() { grep -qE -- "^$1\$" out || fail "'$1' expected: $(cat out err)"; }

# matrix ARGUMENT...: a call that must end well
matrix() { expect 0 "$@"; }

# What is wrong with the call.
refuses 'a finding is needed'
refuses 'no such file' no-such-file.json
refuses 'no such file' .
refuses "'3.1.4' is none of the releases" --releases 3.1.4 "$plan"
refuses '--jobs takes a number from 1 on' --jobs 0 "$plan"
refuses 'invalid int value' --jobs many "$plan"
refuses 'unrecognized arguments: --no-such-option' --no-such-option "$plan"
refuses '--builds excludes' --builds "$build_dir" --releases $old -- "$plan"
refuses 'is a reproducer' --builds "$build_dir" -- "$reproducers/wal-reset.c"
refuses 'neither a build folder' --builds "$work" -- "$plan"
refuses 'no build folder with an interplay' --build "$work" "$plan"
echo '{"version": 1' >broken.json
refuses 'broken.json' --build "$build_dir" "$work/broken.json"

# What cannot be tried is no verdict.
echo 'int main(void) { no such thing }' >broken.c
expect 2 --releases $old broken.c
shows "$old +not tried +broken.c: error: .*"
echo 'SELECT 1;' >mute.sql
expect 2 --releases $old mute.sql
shows "$old +not tried +could not be tried: .*"
echo 'raise SystemError("no connection")' >failing.py
expect 2 --releases $old failing.py
shows "$old +not tried +exit status 1: SystemError: no connection"
echo 'int main(void) { return 3; }' >lost.c
expect 2 --releases $old lost.c
shows "$old +not tried"
shows 'none could be tried'

# A reproducer in SQL: what is expected, and what is not.
printf '.open a.db\nSELECT 1; -- expected: 1\n' >right.sql
printf '.open a.db\nSELECT 1; -- expected: 2\n' >wrong.sql
matrix --releases $old right.sql
shows "$old +right"
shows 'right in all 1 that could be tried'
matrix --releases $old wrong.sql
shows "$old +wrong"

# Builds in the place of releases.
printf '#!/bin/bash\n"%s/interplay" "$@" | sed "s/violation [^ ]*/ok/"\n' "$build_dir" >mended
printf '#!/bin/bash\n"%s/interplay" "$@" | sed "s/violation [^ ]*/violation other\\/thing/"\n' "$build_dir" >other
chmod +x mended other
mkdir mended.d other.d
mv mended mended.d/interplay
mv other other.d/interplay
matrix --builds other.d "$build_dir" mended.d -- "$plan"
if grep -q "^$build_dir *wrong" out; then
    shows "other.d +wrong +same +other/thing"
    shows "$build_dir +wrong +other +snapshot/.*"
    shows "mended.d +right"
    shows 'first bad: other.d \(the oldest that could be tried\)'
    shows 'first good: mended.d'
else
    fail "this build does not have $plan: $(cat out)"
fi

# A plan that says on which version it was recorded is tried on all, but not by another program.
recorded() { printf '{"config":{},"recorded_on":{"target":"%s","backend":"sqlite-9"},"interactions":[]}\n' "$1"; }
recorded interplay >recorded.json
matrix --builds "$build_dir" -- recorded.json
shows "$build_dir +right"
recorded fuzz_x >recorded.json
expect 2 --builds "$build_dir" -- recorded.json
shows "$build_dir +not tried +.*recorded on fuzz_x.*"

# Two releases, one of them newer than the mending.
expect 0 --json --releases "$old,$new" "$reproducers/wal-reset.c"
if grep -q '"not fetched' out; then
    echo "bisect_test: SQLite $new cannot be fetched here, $failures failures" >&2
    ((failures == 0)) || exit 1
    exit 77
fi
python3 - out <<'PYTHON' || fail "JSON: $(cat out)"
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
assert [(r["version"], r["verdict"], r["message"]) for r in rows[:2]] == [("3.40.1", "wrong", None), ("3.54.1", "right", None)]
assert rows[2] == {"tried": 2, "wrong": 1, "first_bad": "3.40.1", "first_bad_is_oldest": True, "last_bad": "3.40.1",
                   "first_good": "3.54.1"}
PYTHON
matrix --build "$build_dir" --releases "$new,$old" "$plan"
shows "$old +wrong +same +snapshot/.*"
shows "$new +right"
shows "first good: $new"
[[ $(head -n 1 out) == "$old"* ]] || fail "not in the order of their age: $(cat out)"

echo "bisect_test: $failures failures"
((failures == 0))
