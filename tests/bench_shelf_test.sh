#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The shelf of planted bugs (bench/shelf): each patch is one place and says what breaks, all fit the SQLite that they are for, together, and compile;
# searches find what is planted and count what they did; compare tells what it should of figures that are known. How soon a bug is found is not looked at.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$work"
shelf=$source_dir/bench/shelf

for patch in "$shelf"/bugs/*.patch; do
    name=$(basename "$patch" .patch)
    head -n 1 "$patch" | grep -qE '^[A-Z].*\.$' || fail "$name: its first line is no sentence"
    [[ $(grep -c '^@@' "$patch") == 1 ]] || fail "$name: changes more than one place"
    [[ $(grep -oE '^\+.*SHELF\([a-z_]+\)' "$patch" | grep -oE 'SHELF\([a-z_]+\)' | sort -u) == "SHELF(${name//-/_})" ]] ||
        fail "$name: something else than its own name is in it"
done
program=("$shelf/make-sqlite")
expect 0 planted
cc -fsyntax-only -w planted/sqlite3.c || fail "the patched SQLite does not compile"
touch -d @1 planted/sqlite3.c
expect 0 planted
[[ $(stat -c %Y planted/sqlite3.c) == 1 ]] || fail "what had not changed was written again"
refuses 'one argument is expected'
refuses 'a folder that can be written' /proc/planted

program=("$shelf/search" --no-build --build "$build_dir" --engine random --out found.csv)
expect 0 --seeds 2 --plans 2000 fuzz_canary:lost_commit fuzz_store_canary:store_dirty_read
[[ $(head -n 1 found.csv) == bug,engine,seed,plans,* && $(grep -c ',1,[a-z/-]*,[0-9]*.$' found.csv) == 4 ]] ||
    fail "searches: $(cat found.csv)"
grep -qE '^fuzz_canary:lost_commit +2 of 2 +[0-9]+ plans' err || fail "searches: $(cat err)"
expect 0 --seeds 1 --plans 1 fuzz_canary:skipped_sync
grep -qE '^fuzz_canary:skipped_sync,random,1,1,[0-9.]+,0,,0' found.csv || fail "a search in vain: $(cat found.csv)"
refuses 'is expected before the colon' fuzz_sqlite:lost_commit
refuses 'a file of bench/shelf/bugs' no-such-bug

# Medians 100 and 50, 30 and 30; with no spread the interval is a point. The mean of the ratios 1/2 and 1 is the root of 1/2.
header=bug,engine,seed,plans,cpu_seconds,found,signature,others
printf '%s\n' $header x,random,{1,2,3},100,1,1,s,0 y,random,{1,2,3},30,1,1,s,0 >a.csv
printf '%s\n' $header x,random,{1,2,3},50,4,1,s,0 y,random,{1,2},30,4,1,s,0 y,random,3,30,4,0,,0 z,random,1,1,1,1,s,0 >b.csv
program=("$shelf/compare")
expect 0 a.csv b.csv
grep -qE '^x +3 of 3 +100 +3 of 3 +50 +0\.50$' out || fail "compare, x: $(cat out)"
grep -qE '^found +6 of 6 +5 of 6$' out || fail "compare, found: $(cat out)"
grep -qxF 'B/A of 2 bugs: 0.71 (0.71 to 0.71)' out || fail "compare: $(cat out)"
expect 0 --column cpu_seconds a.csv b.csv
grep -qxF 'B/A of 2 bugs: 4.00 (4.00 to 4.00)' out || fail "compare, CPU: $(cat out)"
# Each search of B took less than each of A, but for one: the interval begins below the ratio and ends above it.
printf '%s\n' $header x,random,1,10,1,1,s,0 x,random,2,20,1,1,s,0 x,random,3,400,1,1,s,0 >b.csv
expect 0 a.csv b.csv
grep -qE '^B/A of 1 bugs: 0\.20 \(0\.10 to 4\.00\)$' out || fail "compare, interval: $(cat out)"
printf '%s\n' $header x,random,1,ten,1,1,s,0 >b.csv
refuses 'b.csv:2: a line of bench/shelf/search is expected' a.csv b.csv
refuses 'No such file' a.csv nothing.csv
printf '%s\n' $header z,random,1,1,1,1,s,0 >b.csv
refuses 'no bug in common' a.csv b.csv

echo "$test_name: $failures failures"
((failures == 0))
