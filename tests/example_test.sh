#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Each mistake of the example's pool is found by the fuzzer from an empty corpus, the other two being fixed; what was found
# replays to the same signature, and to nothing when that mistake is fixed, too. Prints how long each took. With all of them
# fixed nothing is found. Without a fuzzing engine: exit 77 (skipped).
#
#   tests/example_test.sh
#   EXAMPLE_SECONDS=300  how long each may take    EXAMPLE_SEED=1  the engine's seed    EXAMPLE_RUNS=20000  plans without a finding
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
target=$build_dir/fuzz_naive_pool
seconds=${EXAMPLE_SECONDS:-300}
seed=${EXAMPLE_SEED:-1}
runs=${EXAMPLE_RUNS:-20000}
need_engine

try_mistake() {
    local mistake=$1 others=$2 expected=$3 folder=$work/$1 began crash signature plans
    mkdir "$folder"
    began=$(date +%s%N)
    # The exit status says nothing new: a finding aborts.
    "$target" --fixed="$others" "$folder/corpus" "-artifact_prefix=$folder/" "-seed=$seed" \
        "-max_total_time=$seconds" -print_final_stats=1 >"$folder/log" 2>&1 || true
    local milliseconds=$((($(date +%s%N) - began) / 1000000))
    signature=$(signature_of "$folder/log")
    plans=$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/log")
    printf '%-8s %4d.%d s %8s plans  %s\n' "$mistake" $((milliseconds / 1000)) \
        $((milliseconds % 1000 / 100)) "${plans:-?}" "${signature:-nothing found}"
    if [[ ! $signature =~ ^($expected)$ ]]; then
        fail "$mistake: '$expected' expected, '$signature' found in $seconds s"
        return
    fi
    crash=$(find "$folder" -maxdepth 1 -name 'crash-*')
    [[ -f $crash ]] || { fail "$mistake: no crash file" && return; }

    "$target" --fixed="$others" "$crash" >"$folder/replay" 2>&1 || true
    [[ $(signature_of "$folder/replay") == "$signature" ]] || fail "$mistake: replays to '$(signature_of "$folder/replay")', not '$signature'"
    "$target" --fixed="$others,$mistake" "$crash" >"$folder/fixed" 2>&1 ||
        fail "$mistake: not gone when it is fixed: $(signature_of "$folder/fixed")"
}

try_mistake return broken,wakeup pool/handed-out-in-transaction
try_mistake broken return,wakeup 'pool/broken-handed-out|pool/late-request'
try_mistake wakeup return,broken pool/lost-wakeup

"$target" --fixed=return,broken,wakeup "$work/corpus" "-artifact_prefix=$work/" "-seed=$seed" "-runs=$runs" \
    >"$work/log" 2>&1 || fail "all fixed: $(signature_of "$work/log") found"
grep -q "^Done $runs runs" "$work/log" || fail "all fixed: the engine did not run $runs plans"

echo "example_test: 3 mistakes, $failures failures"
((failures == 0))
