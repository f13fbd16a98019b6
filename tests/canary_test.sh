#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every planted bug of SQLite (fuzz_canary), of the pool (fuzz_pool_canary) and of the versioned store (fuzz_store_canary), and
# every planted difference between two versions of SQLite (fuzz_differential_canary), is found by the fuzzer from an empty corpus, with a signature that it is planted for; what was found replays to the same
# signature, and to nothing without the planted bug; it shrinks to a 1-minimal plan with the same signature. Prints how long
# each took. (What is tested may have a bug of its own that shows first, and that crashes/sqlite/KNOWN does not list, the planted
# one may end in another way first, and a search may be out of luck; then the next of three seeds is tried.) Without a fuzzing
# engine: exit 77 (skipped). In a build with sanitizers, which searches a quarter as fast, every third one is tried, and none that is
# slow: that all are found is shown by the build without. Those that hardly a plan of the usual mix reaches are searched for with the
# profile that they name (canary.h).
#
#   tests/canary_test.sh [CANARY]...    some of them only
#   CANARY_SECONDS=100  how long each may take    CANARY_SEED=1  the engine's seed
#   CANARY_RARE=1  those that are rare, too, which a search of some seconds finds only by luck (of them raw_canary_test holds
#                  the plans in crashes/ against their signatures)
#   CANARY_KEEP=FOLDER  where to leave CANARY-SEED.bin, as found, and CANARY-SEED.json, shrunk
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
seconds=${CANARY_SECONDS:-100}
seed=${CANARY_SEED:-1}
keep=${CANARY_KEEP:-}
rare=${CANARY_RARE:-}
need_engine

# 0: the canary was found, or failed; 1: nothing was found, or what is there without it, or another ending of it.
try_canary() {
    local target=$build_dir/$1 backend=$2 name=$3 signatures=$4 profile=$5 seed=$6
    local folder=$work/$3-$6 began plans crash signature again
    mkdir "$folder"
    began=$(date +%s%N)
    # The exit status says nothing new: a finding aborts.
    "$target" --canary="$name" ${profile:+"--$profile"} "--known-findings=$source_dir/crashes/sqlite/KNOWN" "$folder/corpus" "-artifact_prefix=$folder/" "-seed=$seed" \
        "-max_total_time=$seconds" -print_final_stats=1 >"$folder/log" 2>&1 || true
    local milliseconds=$((($(date +%s%N) - began) / 1000000))
    signature=$(signature_of "$folder/log")
    if [[ -z $signature ]]; then
        echo "$name: not found in $seconds s with seed $seed"
        return 1
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
    if [[ ! $signature =~ ^($signatures)(/|$) ]]; then
        echo "$name: shows in another way than it is planted for: '$signature' ('$signatures' wanted)"
        return 1
    fi

    grep -qF "$crash" "$folder/log" || fail "$name: the command to replay it does not name its file"
    "$target" --canary="$name" "$crash" >"$folder/replay" 2>&1 || true
    again=$(signature_of "$folder/replay")
    [[ $again == "$signature" ]] || fail "$name: replays to '$again', not '$signature'"

    check_shrinking "$target" "$name" "$folder" "$crash" "$signature"
    printf '%-23s %6d.%d s %8s plans  %s, %s\n' "$name" $((milliseconds / 1000)) \
        $((milliseconds % 1000 / 100)) "${plans:-?}" "$signature" "$shrunk"
    [[ -z $keep ]] || cp "$crash" "$keep/$name-$seed.bin"
    [[ -z $keep ]] || cp "$folder/small.json" "$keep/$name-$seed.json"
}

# Leaves in `shrunk` how far it went and how long it took.
check_shrinking() {
    local target=$1 name=$2 folder=$3 crash=$4 signature=$5 status=0
    local interplay=("$target" --canary="$name" --interplay)
    shrunk='not shrunk'
    "${interplay[@]}" shrink --signature "$signature" "$crash" -o "$folder/small.json" \
        >"$folder/shrink" 2>&1 || status=$?
    if [[ $status != 1 ]] || ! grep -q ', 1-minimal$' "$folder/shrink"; then
        fail "$name: shrink: $(tail -n 1 "$folder/shrink")"
        return
    fi
    shrunk=$(sed -E 's/.*, ([0-9]+ -> [0-9]+) interactions, [0-9]+ candidates, ([0-9.]+ s), .*/\1 in \2/' "$folder/shrink")
    "$source_dir/tests/one_minimal.py" "$folder/small.json" "${interplay[@]}" replay \
        >"$folder/minimal" 2>&1 || fail "$name: $(tail -n 1 "$folder/minimal")"
}

step=1
! grep -q '^INTERPLAY_SANITIZERS:.*=.' "$build_dir/CMakeCache.txt" || step=3

count=0 listed=0
# try_all PROGRAM BACKEND [CANARY]...
try_all() {
    local target=$1 backend=$2 name signatures mark profile next
    shift 2
    if [[ ! -x $build_dir/$target ]]; then
        fail "$build_dir/$target is not built"
        return
    fi
    while read -r name signatures mark profile _; do
        [[ $profile == profile=*: ]] && profile=${profile%:} || profile=''
        if (($# > 0)) && [[ " $* " != *" $name "* ]]; then
            continue
        fi
        if (($# == 0)) && [[ $mark == rare: && -z $rare ]]; then
            continue
        fi
        listed=$((listed + 1))
        if (($# == 0 && step > 1)) && [[ $mark == slow: ]]; then
            continue
        fi
        (($# > 0 || listed % step == 0)) || continue
        count=$((count + 1))
        for next in "$seed" $((seed + 1)) $((seed + 2)) last; do
            if [[ $next == last ]]; then
                fail "$name: three seeds found nothing that it is planted for"
            elif try_canary "$target" "$backend" "$name" "$signatures" "$profile" "$next"; then
                break
            fi
        done
    done < <("$build_dir/$target" --canary=list)
}

try_all fuzz_canary sqlite "$@"
try_all fuzz_pool_canary memory "$@"
try_all fuzz_store_canary store "$@"
[[ ! -x $build_dir/fuzz_differential_canary ]] || try_all fuzz_differential_canary sqlite "$@"

((count > 0)) || fail "no canary was tried"
echo "canary_test: $count of $listed tried, $failures failures"
((failures == 0))
