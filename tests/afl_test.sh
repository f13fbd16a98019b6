#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# AFL++ as the engine, with its mutator library and with plain bytes: it finds planted bugs from one byte, what crashed
# replays to a signature that is planted, one input gives one map, inputs go to other engines and come back, and
# instances share theirs. In a build for another engine: exit 77 (skipped).
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
seconds=300 # for a planted bug, and for one instance to hear of another

grep -q '^INTERPLAY_ENGINE:.*=afl$' "$build_dir/CMakeCache.txt" 2>/dev/null || {
    echo "$test_name: $build_dir is no build for AFL++, nothing was tested" >&2
    exit 77
}
cd "$work"
library=$build_dir/libinterplay_mutator.so
# Containers have neither a governor nor a core_pattern of their own; two instances may share a core.
export AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1
unset ASAN_OPTIONS UBSAN_OPTIONS # afl-fuzz insists on its own
mkdir one_byte
printf '\0' >one_byte/zero

# fuzz OUT SECONDS PROGRAM [OPTION]...; what stands in `options` goes to afl-fuzz
options=(-i one_byte)
fuzz() {
    local out=$1 limit=$2 log
    shift 2
    log=$(mktemp "$work/log.XXXXXX")
    timeout $((limit + 60)) afl-fuzz -s 1 "${options[@]}" -o "$out" -V "$limit" -- "$@" >"$log" 2>&1 ||
        fail "$out: afl-fuzz failed: $(tail -n 5 "$log")"
}

stat_of() { sed -n "s/^$1 *: *//p" "$2/fuzzer_stats"; }

# finds NAME PROGRAM BACKEND CANARY
finds() {
    local out=$1 target=$build_dir/$2 backend=$3 canary=$4 signatures crash status seen=''
    signatures=$("$target" --canary=list 2>/dev/null | awk -v name="$canary" '$1 == name { print $2 }')
    AFL_BENCH_UNTIL_CRASH=1 fuzz "$out" "$seconds" "$target" "--canary=$canary"
    # It stops when it is done with an input: there may be several, not all with the signature that is listed.
    for crash in "$out"/default/crashes/id:*; do
        [[ -f $crash ]] || continue
        status=0
        "$target" "--canary=$canary" --interplay replay "$crash" >replay.log 2>&1 || status=$?
        [[ $status == 1 ]] || fail "$out: replaying $crash: exit status $status, expected 1"
        seen+=" $(sed -n 's/.*: violation \([^ ]*\) trace=.*/\1/p' replay.log)"
        expect 0 replay --backend "$backend" "$crash" # without the bug there is none
    done
    [[ $seen =~ \ ($signatures)(/|\ |$) ]] || fail "$out: '$signatures' expected in $seconds s, found:${seen:- nothing}"
    # A few edges depend on where SQLite's memory lies.
    awk -v stability="$(stat_of stability "$out/default")" 'BEGIN { exit stability + 0 < 99.5 }' ||
        fail "$out: stability $(stat_of stability "$out/default")"
    echo "$out: after $(stat_of execs_done "$out/default") plans:$seen"
}

finds plain-database fuzz_canary sqlite lost_commit
finds plain-pool fuzz_pool_canary memory returned_in_transaction
export AFL_CUSTOM_MUTATOR_LIBRARY=$library AFL_CUSTOM_MUTATOR_ONLY=1
finds mutator-database fuzz_canary sqlite lost_commit
export INTERPLAY_SUBJECT=pool
finds mutator-pool fuzz_pool_canary memory returned_in_transaction
[[ -n $(find mutator-pool/default/queue -name '*,plan*' -print -quit) ]] || fail "the mutator library made no input"

# With a profile: all that the library makes of one byte is what the profile has, and nothing else.
cat >profile.json <<'END'
{"steps": 30, "weights": {"faults": 0, "pauses": 0, "ddl": 0}, "config": {"tasks": 3, "stack": "direct", "busy_timeout": 10}}
END
INTERPLAY_SUBJECT=database INTERPLAY_PROFILE=$PWD/profile.json fuzz profiled 8 "$build_dir/fuzz_sqlite"
mkdir profiled.json
for input in profiled/default/queue/*,plan*; do
    expect 0 convert "$input" -o "profiled.json/$(basename "$input" | cut -d, -f1).json"
done
python3 - profiled.json <<'END' || fail "the queue has plans that the profile does not"
import json, pathlib, sys
plans = [json.loads(path.read_text()) for path in pathlib.Path(sys.argv[1]).iterdir()]
steps = [step for plan in plans for step in plan["interactions"]]
configs = {(plan["config"].get("tasks"), plan["config"].get("stack", "direct"), plan["config"].get("busy_timeout")) for plan in plans}
kinds = {step["action"]["type"] for step in steps}
print(f"with a profile: {len(plans)} plans of {len(steps)} steps")
sys.exit(0 if len(plans) >= 10 and len(steps) > 100 and configs == {(3, "direct", 10)} and max(len(p["interactions"]) for p in plans) <= 30
         and not any("fault" in step or "pause" in step for step in steps) and not kinds & {"create_table", "drop_table", "create_index", "drop_index"} else 1)
END
INTERPLAY_PROFILE=no-such afl-fuzz -i one_byte -o refused -V 1 -- "$build_dir/fuzz_memory" >refused.log 2>&1 && fail "a profile that there is not is taken"
grep -q "INTERPLAY_PROFILE: no profile 'no-such'" refused.log || fail "no word of a profile that there is not: $(tail -n 3 refused.log)"

# The library in the main instance, plain bytes in the secondary one; both start from readable seeds.
mkdir seeds
for plan in "$source_dir"/seeds/fuzz_memory/*.json; do
    expect 0 convert "$plan" -o "seeds/$(basename "$plan" .json).bin"
done
options=(-i seeds -M main)
fuzz both "$seconds" "$build_dir/fuzz_memory" &
main=$!
unset AFL_CUSTOM_MUTATOR_LIBRARY AFL_CUSTOM_MUTATOR_ONLY
options=(-i seeds -S plain)
fuzz both "$seconds" "$build_dir/fuzz_memory" &
for ((i = 0; i < 5 * seconds; i++)); do # the secondary one looks at the other when it is done with its first inputs
    [[ -z $(find both/plain/queue -name '*,sync:main,*' -print -quit 2>/dev/null) ]] || break
    sleep 0.2
done
pkill -INT -P "$main,$!"
wait
[[ $(stat_of corpus_imported both/plain) -gt 0 ]] || fail "the secondary instance got nothing from the main one"
[[ $(stat_of stability both/main) == 100.00% ]] || fail "fuzz_memory: stability $(stat_of stability both/main)"

# A queue is a corpus of any engine: the same bytes.
found=$(find both/main/queue -maxdepth 1 -name 'id:*' | wc -l)
((found > $(find seeds -type f | wc -l))) || fail "nothing was found but the seeds"
"$build_dir/fuzz_memory" both/main/queue >replayed 2>err || fail "the queue does not replay: $(tail -n 2 err)"
grep -q "^$found replayed, all ok" replayed || fail "not all of $found inputs were replayed"
AFL_ALLOW_TMP=1 afl-cmin -i both/main/queue -o smaller -- "$build_dir/fuzz_memory" >cmin.log 2>&1 ||
    fail "afl-cmin failed: $(tail -n 3 cmin.log)"
((0 < $(find smaller -type f | wc -l) && $(find smaller -type f | wc -l) < found)) ||
    fail "afl-cmin leaves $(find smaller -type f | wc -l) of $found inputs"

echo "$test_name: $failures failures"
((failures == 0))
