# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# libFuzzer for scripts/campaign.sh: a process a job, all on one folder, which they read again now and then.
# shellcheck disable=SC2154,SC2034 # the variables of scripts/fuzz and scripts/campaign.sh

# Twice the speed under ASan for shorter stack traces of where memory was allocated.
export ASAN_OPTIONS=${ASAN_OPTIONS:-malloc_context_size=0:quarantine_size_mb=8}

engine_prepare() {
    local job
    rm -f "$findings/stop"
    for ((job = 0; job < jobs; job++)); do mkdir -p "$findings/job-$job"; done
}

engine_start() {
    local job=$1 seconds=$2 option options=()
    for option in "${engine_options[@]}"; do
        # Not the same course in every job.
        [[ $option != -seed=* ]] || option=-seed=$((${option#*=} + job))
        options+=("$option")
    done
    [[ -z $seconds ]] || options+=("-max_total_time=$seconds")
    # Ctrl-C is for the campaign: a background process ignores it, if libFuzzer lets it.
    "$build/$target" "${target_options[@]}" --known-findings="$known" "$corpus" "$seeds" \
        "-artifact_prefix=$findings/job-$job/" "-stop_file=$findings/stop" -handle_int=0 "${options[@]}" \
        >>"$findings/job-$job.log" 2>&1 &
    engine_pid=$!
}

engine_stop() { echo stop >"$findings/stop"; } # it looks for a byte in it

engine_crashes() { find "$findings/job-$1" -maxdepth 1 -type f ! -name 'slow-unit-*' | sort; }

# Each process of a job counts its plans from 0. Features are edges and states of runs, as counters tell them apart.
engine_figures() {
    awk '
        /^interplay: job .* starts$/ { plans += last; last = 0 }
        /^#[0-9]+/ {
            last = substr($1, 2)
            for (i = 2; i < NF; i++) {
                if ($i == "cov:" && $(i + 1) > edges) edges = $(i + 1)
                if ($i == "ft:" && $(i + 1) > states) states = $(i + 1)
                if ($i == "exec/s:") rate = $(i + 1)
                if ($i == "corp:") { split($(i + 1), part, "/"); if (part[1] > corpus) corpus = part[1] }
            }
        }
        END { print plans + last + 0, rate + 0, corpus + 0, edges + 0, states + 0 }' "$findings/job-$1.log"
}

engine_gather() { :; }

engine_minimise() {
    mkdir -p "$1"
    "$build/$target" "${target_options[@]}" --known-findings="$known" -merge=1 "$1" "$corpus" \
        >"$findings/minimise.log" 2>&1
}
