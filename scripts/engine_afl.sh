# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# AFL++ for scripts/campaign.sh: job 0 is the main instance, the others are secondary ones. They differ in turn: the plan mutator
# alone, the plan mutator beside AFL++'s own stages, those alone (docs/measurements.md has what each is good for). The instances share findings/<target>/afl, which the next campaign goes on
# with; what they find new and what libFuzzer's corpus has goes both ways.
# shellcheck disable=SC2154,SC2034 # the variables of scripts/fuzz and scripts/campaign.sh

engine_targets+=(interplay_mutator)

engine_prepare() {
    afl_out=$findings/afl
    mkdir -p "$afl_out"
    # It needs one plan to begin with; nothing at all is the simplest one.
    if [[ -z $(find "$corpus" "$seeds" -type f -print -quit) ]]; then
        printf '\0' >"$corpus/empty"
    fi
    afl_inputs=$findings/inputs
    rm -rf "$afl_inputs"
    mkdir -p "$afl_inputs"
    find "$corpus" "$seeds" -type f -exec cp -t "$afl_inputs" {} +
}

# The folder of a job below $afl_out.
afl_name() { if (($1 == 0)); then echo main; else echo "secondary-$1"; fi; }

engine_start() {
    local job=$1 seconds=$2 name library options=()
    library=$(realpath "$build")/libinterplay_mutator.so
    name=$(afl_name "$job")
    if ((job == 0)); then options=(-M "$name" -F "$corpus"); else options=(-S "$name"); fi
    [[ -z $seconds ]] || options+=(-V "$seconds")
    (
        export AFL_NO_UI=1 AFL_AUTORESUME=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1
        export AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_FORKSRV_INIT_TMOUT=60000
        # It refuses sanitizer options that do not end in a crash that it sees.
        [[ ${ASAN_OPTIONS:-} == *abort_on_error=1* ]] || unset ASAN_OPTIONS
        export INTERPLAY_SUBJECT=database INTERPLAY_DATABASE INTERPLAY_PROFILE='' INTERPLAY_PROPERTY=''
        for option in "${target_options[@]}"; do
            [[ $option != --profile=* ]] || INTERPLAY_PROFILE=${option#*=}
            [[ $option != --property=* ]] || INTERPLAY_PROPERTY+=${INTERPLAY_PROPERTY:+,}${option#*=}
        done
        [[ $target == fuzz_sqlite ]] || INTERPLAY_SUBJECT=pool
        # The second line: the backend and its version.
        INTERPLAY_DATABASE=$("$build/$target" --interplay --version | sed -n '2s/ .*//p')
        ((job % 3 == 2)) || export AFL_CUSTOM_MUTATOR_LIBRARY="$library"
        ((job % 3 != 0)) || export AFL_CUSTOM_MUTATOR_ONLY=1
        # What a target reserves is address space, not memory: no limit.
        exec afl-fuzz -i "$afl_inputs" -o "$afl_out" -m none -t 5000+ "${options[@]}" \
            "${engine_options[@]}" -- "$build/$target" "${target_options[@]}" --known-findings="$known"
    ) >>"$findings/job-$job.log" 2>&1 &
    engine_pid=$!
}

engine_stop() { kill -INT "$1" 2>/dev/null || true; }

engine_crashes() {
    local folder
    folder=$afl_out/$(afl_name "$1")
    [[ ! -d $folder ]] || find "$folder" -path '*/crashes*/id:*' -type f | sort
}

# Its map has states of runs beside edges, and it counts both as edges.
engine_figures() {
    local stats
    stats=$afl_out/$(afl_name "$1")/fuzzer_stats
    [[ -f $stats ]] || { echo "0 0 0 0 0" && return; }
    awk -F' *: *' '
        $1 == "execs_done" { plans = $2 }
        $1 == "execs_per_sec" { rate = $2 }
        $1 == "corpus_count" { corpus = $2 }
        $1 == "edges_found" { edges = $2 }
        END { printf "%d %d %d %d %d\n", plans, rate, corpus, edges, edges }' "$stats"
}

# The queues of all instances; named by content, as libFuzzer does.
engine_gather() {
    find "$afl_out" -path '*/queue/id:*' -type f -print0 | xargs -0 -r sha1sum |
        while IFS= read -r line; do
            [[ -e $corpus/${line:0:40} ]] || cp "${line:42}" "$corpus/${line:0:40}"
        done
}

engine_minimise() {
    rm -rf "$1.cmin"
    AFL_SKIP_CPUFREQ=1 AFL_ALLOW_TMP=1 afl-cmin -m none -t 5000 -i "$corpus" -o "$1.cmin" -- \
        "$build/$target" "${target_options[@]}" --known-findings="$known" >"$findings/minimise.log" 2>&1 &&
        mv "$1.cmin" "$1"
}
