#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# scripts/compare-builds: a build is like itself, also as a program and with --traces; another verdict, another number of
# yield points and a plan that one of them refuses are differences, another trace is one with --traces only; what both refuse is
# counted, and alone no answer; a build that does not run is none either; long lists say how far they are.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
program=("$source_dir/scripts/compare-builds")
seeds=$source_dir/seeds/fuzz_sqlite
planted=$source_dir/crashes/fuzz_canary/lost_commit.json
cd "$work"

# other NAME SCRIPT: a program that replays in this build, with $line for what it prints
other() {
    printf '#!/bin/bash\nset -o pipefail\nshift\n"%s/interplay" "$@" 2>&1 | %s\n' "$build_dir" "$2" >"$1"
    chmod +x "$1"
}

count=$(find "$seeds" -name '*.json' | wc -l)
expect 0 "$build_dir" "$build_dir" "$seeds"
[[ $(cat out) == "the same for all $count plans" ]] || fail "a build and itself: $(cat out err)"
expect 0 --traces "$build_dir" "$build_dir/fuzz_sqlite" "$seeds" "$planted"
[[ $(cat out) == "the same for all $((count + 1)) plans" ]] || fail "a build and a program: $(cat out err)"

# The planted bug.
printf '#!/bin/sh\nexec "%s/fuzz_canary" --canary=lost_commit "$@"\n' "$build_dir" >planted
chmod +x planted
expect 1 "$build_dir" ./planted "$planted"
grep -qE "^$build_dir: $planted: ok yields=[0-9]+$" out || fail "another verdict: $(cat out)"
grep -qE "^./planted: $planted: violation snapshot/[^ ]+ yields=[0-9]+$" out || fail "another verdict: $(cat out)"
[[ $(wc -l <out) == 2 ]] || fail "another verdict: more than two lines: $(cat out)"
expect 1 "$build_dir" ./planted "$seeds" "$planted"
grep -qF "violation snapshot/" out || fail "one of many: $(cat out)"

other yields 'sed "s/yields=/yields=9/"'
expect 1 "$build_dir" ./yields "$planted"
other traces 'sed "s/trace=./trace=g/"'
sed -i 's/trace=g/trace=0123/' traces
expect 0 "$build_dir" ./traces "$planted"
expect 1 --traces "$build_dir" ./traces "$planted"

# What is no plan.
echo '{"interactions": [{"task": 0, "action": {"type": "no such"}}]}' >none.json
expect 0 "$build_dir" "$build_dir" "$planted" none.json
[[ $(cat out) == 'the same for all 1 plans, and 1 that both refuse' ]] || fail "no plan: $(cat out err)"
refuses 'both refuse all 1 plans' "$build_dir" "$build_dir" none.json
other reads "sed 's/.*none.json.*/none.json: ok yields=3/'"
expect 1 "$build_dir" ./reads "$planted" none.json

# What does not replay.
other dies 'head -n 0'
refuses 'does not replay' "$build_dir" ./dies "$planted"
refuses 'does not replay' ./dies "$build_dir" "$planted"
refuses 'neither a build folder' "$build_dir" nowhere "$planted"
refuses 'neither a build folder' "$work" "$build_dir" "$planted"
refuses 'no such file' "$build_dir" "$build_dir" nothing.json
mkdir empty
refuses 'no plan among' "$build_dir" "$build_dir" empty
refuses 'two builds and a plan' "$build_dir" "$build_dir"
refuses "unknown argument '--frob'" --frob "$build_dir" "$build_dir" "$planted"
expect 0 --help
grep -q '^Usage: scripts/compare-builds' out || fail "--help prints no usage"

other slow 'sed "s/^/ /; s/^ //" && sleep 1'
COMPARE_BUILDS_PROGRESS_S=0.2 expect 0 "$build_dir" ./slow "$seeds"
grep -qE "^interplay: [0-9]+ of $count plans$" err || fail "no progress is said: $(cat err)"

echo "$test_name: $failures failures"
((failures == 0))
