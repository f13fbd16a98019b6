#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# scripts/smoke can fail: at a target that finds something, at a canary that is not found or has another signature; and what
# makes no sense is refused. (Each target's own smoke test is smoke_<target>.)
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
program=("$source_dir/scripts/smoke")
cd "$work"

# A build folder with this one's programs and a list of its own: TARGET QUIET PROGRAM CANARY SIGNATURE; - is nothing.
mkdir build
cp "$build_dir/CMakeCache.txt" build/
for name in fuzz_memory fuzz_naive_pool; do ln -s "$build_dir/$name" build/; done
list() { printf '%s\n' "$@" | sed 's/ /\t/g; s/-\t/\t/g; s/-$//' >build/targets.txt; }

all=--fixed=return,broken,wakeup return=--fixed=broken,wakeup
list "fuzz_naive_pool $all fuzz_naive_pool $return pool/handed-out-in-transaction" "fuzz_memory - - - -"
expect 0 --build build
grep -qF "fuzz_naive_pool: 1000 plans, and fuzz_naive_pool $return: pool/handed-out-in-transaction" out || fail "all is well: $(cat out)"
grep -qF 'fuzz_memory: 1000 plans; it is declared with no canary' out || fail "no canary: $(cat out)"
expect 0 --build build fuzz_memory
[[ $(wc -l <out) == 1 ]] || fail "one target only: $(cat out)"
expect 0 --build build --list
tr '\t' ' ' <build/targets.txt | cmp -s - out || fail "--list: $(cat out)"

list "fuzz_naive_pool - fuzz_naive_pool $return pool"
expect 1 --build build
grep -qE 'fuzz_naive_pool: pool/[^ ]+ in 1000 plans' err || fail "it finds something: $(tail -n 3 err)"
list "fuzz_naive_pool $all fuzz_naive_pool $return snapshot"
expect 1 --build build
grep -qF "pool/handed-out-in-transaction in 50000 plans, 'snapshot' expected" err || fail "another signature: $(cat err)"
list "fuzz_naive_pool $all fuzz_naive_pool $all pool"
expect 1 --build build
grep -qF "nothing in 50000 plans, 'pool' expected" err || fail "nothing is found: $(cat err)"

refuses "no target 'fuzz_x'" --build build fuzz_x
refuses 'no build folder' --build nowhere
refuses 'needs a value' --build
refuses "unknown option '--frob'" --frob
list "fuzz_x - - - -"
refuses 'fuzz_x is not built' --build build

echo "$test_name: $failures failures"
((failures == 0))
