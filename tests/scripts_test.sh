#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The main job starts: scripts/fuzz on this build makes the seed corpus and runs each target on it. Skipped (77) in builds without
# an engine, and where they are not at build/<preset>. With the preset fast also: scripts/coverage says what a corpus covers.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
preset=$(basename "$build_dir")
[[ $preset =~ ^(fast|fuzz)$ && $build_dir -ef $source_dir/build/$preset ]] || exit 77
cd "$source_dir"

# starts TARGET [OPTION OF THE TARGET]: 50 plans and the seeds
starts() {
    local target=$1 out plans
    shift
    out=$(scripts/fuzz --preset "$preset" --work-dir "$work" --jobs 1 "$target" -runs=50 -seed=1 -- "$@" 2>&1) ||
        fail "scripts/fuzz $target: exit status $?: $out"
    plans=$(sed -nE 's/^plans +([0-9]+) .*/\1/p' <<<"$out")
    ((${plans:-0} >= 50)) || fail "scripts/fuzz $target: the engine did not run: $out"
}

starts sqlite
starts memory
starts naive_pool --fixed=return,broken,wakeup
seeds=("$work"/findings/fuzz_sqlite/seeds/*.bin)
readable=(seeds/fuzz_sqlite/*.json)
((${#seeds[@]} == ${#readable[@]})) || fail "not every seed is in the corpus"

# The memory target: it needs no instrumented SQLite. Where SQLite's lines come from is told by its amalgamation's comments.
if [[ $preset == fast ]]; then
    scripts/coverage --target memory --html "$work/html" "$work/findings/fuzz_memory/seeds" >"$work/out" 2>"$work/err" ||
        fail "scripts/coverage: exit status $?: $(tail -n 2 "$work/err")"
    grep -qE '^  checkout\.c +[1-9][0-9]* of +[0-9]+ branches' "$work/out" || fail "nothing of the pool: $(cat "$work/out")"
    grep -qE '^  src/run +[1-9][0-9]* of +[0-9]+ branches' "$work/out" || fail "nothing of our own code: $(cat "$work/out")"
    ! grep -q '^SQLite' "$work/out" || fail "SQLite in a target that has none"
    scripts/coverage --target memory --missing "$work/findings/fuzz_memory/seeds" checkout.c >"$work/out" 2>"$work/err" ||
        fail "scripts/coverage --missing: exit status $?: $(tail -n 2 "$work/err")"
    grep -qE '^checkout\.c:[0-9]+: \[[0-9, ]+\] ' "$work/out" || fail "no branch that never went one way: $(cat "$work/out")"
    ! grep -q 'mailbox\.c' "$work/out" || fail "a file that was not named: $(cat "$work/out")"
    grep -q 'checkout\.c' "$work/html/index.html" || fail "no page"
    status=0
    out=$(scripts/coverage "$work/no-such-corpus" 2>&1) || status=$?
    [[ $status == 2 && $(wc -l <<<"$out") == 1 ]] || fail "no corpus: exit status $status: $out"
fi
cat >"$work/sqlite3.c" <<'END'
/************** Begin file wal.c *********/
if( a ){
/************** End of wal.c *********/
/************** Continuing where we left off in main.c *********/
if( b ){
END
printf 'SF:%s\nBRDA:2,0,0,5\nBRDA:2,0,1,-\nBRDA:5,0,0,0\nBRDA:5,0,1,1\nBRDA:5,0,2,2\nend_of_record\n' "$work/sqlite3.c" >"$work/lcov"
seen=$(scripts/coverage_by_file.py "$work/lcov" "$source_dir" 1 wal.c main.c | sed 's/  */ /g')
wanted='SQLite
 main.c 2 of 3 branches 66.7 %
 wal.c 1 of 2 branches 50.0 %
 all 3 of 5 branches 60.0 %
wal.c:2: [5, 0] if( a ){
main.c:5: [0, 1, 2] if( b ){'
[[ $seen == "$wanted" ]] || fail "coverage_by_file.py: $seen"

# A pool of one's own is shown by its files, here and elsewhere; ours not, where nothing of it ran.
mkdir "$work/theirs"
printf '\nif( c ){\n' >"$work/theirs/their_pool.c"
record() { printf 'SF:%s\nBRDA:2,0,0,%s\nBRDA:2,0,1,%s\nend_of_record\n' "$@"; }
{
    record "$work/theirs/their_pool.c" 3 -
    record "$source_dir/examples/naive_pool/naive_pool.c" 1 1
    record "$source_dir/src/pool/reader.c" 0 -
    record "$source_dir/src/run/run.c" 1 0
    record /usr/include/stdlib.h 1 1
} >"$work/lcov"
seen=$(scripts/coverage_by_file.py "$work/lcov" "$source_dir" 0 | sed 's/  */ /g')
wanted='the target
 naive_pool.c 2 of 2 branches 100.0 %
 their_pool.c 1 of 2 branches 50.0 %
 all 3 of 4 branches 75.0 %
Interplay
 src/run 1 of 2 branches 50.0 %
 all 1 of 2 branches 50.0 %'
[[ $seen == "$wanted" ]] || fail "coverage_by_file.py of a pool of one's own: $seen"
record "$source_dir/src/pool/reader.c" 2 - >>"$work/lcov"
seen=$(scripts/coverage_by_file.py "$work/lcov" "$source_dir" 0)
grep -q "^Interplay's pool" <<<"$seen" || fail "coverage_by_file.py: nothing of our pool: $seen"

echo "scripts_test: $failures failures"
((failures == 0))
