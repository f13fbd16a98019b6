#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# bench/compare-speed and bench/compare-canaries run, compare what they say they do, and refuse what makes no sense. How
# long anything takes is not looked at. Without libFuzzer: exit 77 (skipped).
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_engine
cd "$work"

# A build and another one, which draws other plans.
mkdir other
for name in interplay fuzz_canary fuzz_pool_canary fuzz_store_canary; do
    # shellcheck disable=SC2016 # for the program
    printf '#!/bin/bash\nset -- "${@/-seed=1/-seed=1001}"\nexec "%s" "$@"\n' "$build_dir/$name" >other/$name
    chmod +x other/$name
done

program=("$source_dir/bench/compare-speed")
number='[0-9]+\.[0-9]{3}'
expect 0 --rounds 3 --times 2 "$build_dir" other "$source_dir/seeds/fuzz_sqlite"
[[ $(wc -l <out) == 3 ]] || fail "speed: three lines expected: $(cat out)"
grep -qE "^$(find "$source_dir/seeds/fuzz_sqlite" -name '*.json' | wc -l) plans, 2 times each, 3 rounds; A: [0-9.]+ us a plan$" out ||
    fail "speed: $(cat out)"
for ratio in B/A A/A; do
    grep -qE "^$ratio  $number  \($number to $number\)$" out || fail "speed, $ratio: $(cat out)"
done
expect 0 --rounds 1 --times 1 --plans 1 --backend memory "$build_dir" other "$source_dir/seeds/fuzz_memory"
grep -q '^1 plans, ' out || fail "speed, --plans: $(cat out)"
refuses 'no such file' "$build_dir" other nothing
refuses 'no build folder' "$work" other "$source_dir/seeds"
refuses 'no plan among' "$build_dir" other "$build_dir/CMakeCache.txt"

program=("$source_dir/bench/compare-canaries")
expect 0 --seeds 1 "$build_dir" "$build_dir" lost_commit stale_statement
[[ $(grep -cE '^(lost_commit|stale_statement) +[0-9]+ +[0-9]+ +1\.00$' out) == 2 ]] || fail "canaries, itself: $(cat out)"
grep -qE '^sum +[0-9]+ +[0-9]+ +1\.00, largest 1\.00$' out || fail "canaries, itself: $(cat out)"
expect 0 --seeds 1 "$build_dir" other lost_commit skipped_sync
! grep -qE '^sum .* 1\.00, largest 1\.00$' out || fail "canaries: no difference: $(cat out)"
expect 0 --seeds 1 --plans 2 "$build_dir" "$build_dir" skipped_sync
grep -qE '^skipped_sync +2 +2 +1\.00$' out || fail "canaries, not found: $(cat out)"
refuses 'no such canary' "$build_dir" "$build_dir" no_such
refuses 'is not built' "$build_dir" "$work"

echo "$test_name: $failures failures"
((failures == 0))
