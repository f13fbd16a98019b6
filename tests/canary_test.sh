#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every planted bug of SQLite (fuzz_canary) and of the pool (fuzz_pool_canary) is found by the fuzzer from an empty
# corpus, with a signature that it is planted for; what was found replays to the same signature, and to nothing without
# the planted bug. Prints how long each took. (What is tested may have a bug of its own that shows first; then the next
# seed is tried.) Without a fuzzing engine: exit 77 (skipped).
#
#   tests/canary_test.sh [CANARY]...    some of them only
#   CANARY_SECONDS=60  how long each may take    CANARY_SEED=1  the engine's seed
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
seconds=${CANARY_SECONDS:-60}
seed=${CANARY_SEED:-1}
need_engine

# 0: the canary was found, or failed; 1: what was found is there without it.
try_canary() {
    local program=$build_dir/$1 backend=$2 name=$3 signatures=$4 seed=$5
    local folder=$work/$3-$5 began plans crash signature again
    mkdir "$folder"
    began=$(date +%s%N)
    # The exit status says nothing new: a finding aborts.
    "$program" --canary="$name" "$folder/corpus" "-artifact_prefix=$folder/" "-seed=$seed" \
        "-max_total_time=$seconds" -print_final_stats=1 >"$folder/log" 2>&1 || true
    local milliseconds=$((($(date +%s%N) - began) / 1000000))
    signature=$(signature_of "$folder/log")
    if [[ -z $signature ]]; then
        fail "$name: not found in $seconds s"
        return
    fi
    crash=$(find "$folder" -maxdepth 1 -name 'crash-*')
    if [[ ! -f $crash ]]; then
        fail "$name: no crash file"
        return
    fi
    if ! "$build_dir/interplay" replay --backend "$backend" "$crash" >"$folder/unplanted" 2>&1; then
        echo "$name: found a bug that was not planted: $(cat "$folder/unplanted")"
        return 1
    fi
    plans=$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/log")
    printf '%-23s %6d.%d s %8s plans  %s\n' "$name" $((milliseconds / 1000)) \
        $((milliseconds % 1000 / 100)) "${plans:-?}" "$signature"
    [[ $signature =~ ^($signatures)(/|$) ]] || fail "$name: '$signatures' expected, '$signature' found"

    grep -qF "$crash" "$folder/log" || fail "$name: the command to replay it does not name its file"
    "$program" --canary="$name" "$crash" >"$folder/replay" 2>&1 || true
    again=$(signature_of "$folder/replay")
    [[ $again == "$signature" ]] || fail "$name: replays to '$again', not '$signature'"
}

count=0
# try_all PROGRAM BACKEND [CANARY]...
try_all() {
    local program=$1 backend=$2 name signatures next
    shift 2
    if [[ ! -x $build_dir/$program ]]; then
        fail "$build_dir/$program is not built"
        return
    fi
    while read -r name signatures _; do
        if (($# > 0)) && [[ " $* " != *" $name "* ]]; then
            continue
        fi
        count=$((count + 1))
        for next in "$seed" $((seed + 1)) $((seed + 2)) last; do
            if [[ $next == last ]]; then
                fail "$name: only bugs that were not planted were found"
            elif try_canary "$program" "$backend" "$name" "$signatures" "$next"; then
                break
            fi
        done
    done < <("$build_dir/$program" --canary=list)
}

try_all fuzz_canary sqlite "$@"
try_all fuzz_pool_canary memory "$@"

((count > 0)) || fail "no canary was tried"
echo "canary_test: $count tried, $failures failures"
((failures == 0))
