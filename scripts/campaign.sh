# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A campaign: jobs on a common corpus, what they find in the bug base, a summary in the end. Sourced by scripts/fuzz, which sets
# engine, build, target, work_dir, jobs, duration_s, until_finding, keep_corpus, known_file, bugbase, engine_options, target_options,
# watches, and json: where lines of JSON go, or nothing. The engine's
# file defines
# shellcheck disable=SC2154 # these variables
#
#   engine_prepare            what it needs before the first job
#   engine_start JOB SECONDS  starts the job's process in the background, output to its log, and leaves its pid in engine_pid;
#                             SECONDS may be empty: no bound
#   engine_stop PID           has the process end soon, as after its last second
#   engine_crashes JOB        prints the crash files of the job that were not collected yet
#   engine_figures JOB        prints "PLANS PLANS-PER-SECOND CORPUS EDGES STATES" of the job
#   engine_gather             what the jobs found new is in the corpus, if it is not yet
#   engine_minimise OUT       writes the smallest corpus that covers the same into the new folder OUT

corpus=$work_dir/corpus/$target
findings=$work_dir/findings/$target
bugbase=${bugbase:-$work_dir/bugbase/$target}
seeds=$findings/seeds
known=$findings/known.txt # what the jobs pass over
page=$findings/progress.html
record=$findings/campaigns/$(date -u +%Y%m%dT%H%M%SZ)-$$ # of this campaign: about.txt, figures.csv, signatures.txt
began_s=
new_signatures=()

interplay() { "$build/$target" "${target_options[@]}" --interplay "$@"; }

remaining_s() { # empty: no bound
    [[ -z $duration_s ]] || echo $((duration_s - (SECONDS - began_s) > 1 ? duration_s - (SECONDS - began_s) : 1))
}

# Made from the readable seeds each time; never what the engine writes to.
make_seeds() {
    rm -rf "$seeds"
    mkdir -p "$seeds"
    local plan
    for plan in "seeds/$target"/*.json; do
        [[ -f $plan ]] || continue
        interplay convert "$plan" -o "$seeds/$(basename "$plan" .json).bin"
    done
}

# What was killed while it put a minimised corpus in place is put right.
restore_corpus() {
    if [[ ! -d $corpus && -d $corpus.old ]]; then
        mv "$corpus.old" "$corpus"
    fi
    rm -rf "$corpus.old" "$corpus.new"
    mkdir -p "$corpus"
}

update_known() {
    {
        [[ -z $known_file ]] || cat "$known_file"
        if [[ -d $bugbase ]]; then interplay bugs known --bugbase-dir "$bugbase"; fi
    } >"$known.new"
    mv "$known.new" "$known"
}

# --- findings ---

store() { # CRASH...
    local status=0
    interplay bugs add --bugbase-dir "$bugbase" "$@" >>"$findings/bugs.log" 2>&1 || status=$?
    ((status < 2)) # 1: a finding
}

# What a job has left goes into the bug base; new signatures are said. False: there was nothing.
collect() { # JOB
    local crashes crash before signature
    mapfile -t crashes < <(engine_crashes "$1")
    ((${#crashes[@]} > 0)) || return 1
    before=$(<"$known")
    if ! store "${crashes[@]}"; then
        say "$(tail -n 1 "$findings/bugs.log"); the crashes stay in $findings"
        is_broken=yes is_stopped=yes
        return
    fi
    mkdir -p "$findings/collected"
    for crash in "${crashes[@]}"; do mv "$crash" "$findings/collected/job-$1-$(basename "$crash")"; done
    update_known
    while read -r signature _; do # what follows are words for people
        new_signatures+=("$signature")
        clear_status
        lines_shown=0
        say "new finding: $signature ($build/$target --interplay bugs show --bugbase-dir $bugbase $signature)"
    done < <(comm -13 <(sort -u <<<"$before") <(sort -u "$known") | sed '/^$/d')
}

# --- jobs ---

declare -A pid_of=() # of the jobs that run

start_job() {
    echo "interplay: job $1 starts" >>"$findings/job-$1.log"
    engine_start "$1" "$(remaining_s)"
    pid_of[$1]=$engine_pid
}

# The job's process has ended: with a finding it begins anew, otherwise that was its end.
end_of_job() {
    local job=$1 status=0
    wait "${pid_of[$job]}" || status=$?
    unset "pid_of[$job]"
    if collect "$job"; then
        if is_over; then return; fi
        start_job "$job"
    elif ((status != 0)) && [[ -z $is_stopped ]]; then
        clear_status
        say "job $job ended with status $status: $(tail -n 1 "$findings/job-$job.log") ($findings/job-$job.log)"
        is_broken=yes
    fi
}

is_stopped='' is_broken='' is_complete=''
is_over() {
    [[ -n $is_stopped ]] || [[ -n $until_finding && ${#new_signatures[@]} -gt 0 ]] ||
        { [[ -n $duration_s ]] && ((SECONDS - began_s >= duration_s)); }
}

stop_jobs() {
    local job
    for job in "${!pid_of[@]}"; do engine_stop "${pid_of[$job]}"; done
    for job in "${!pid_of[@]}"; do
        wait "${pid_of[$job]}" || true # whatever it says, it was told to
        unset "pid_of[$job]"
    done
}

watch_jobs() {
    local job last_s=$SECONDS
    while ((${#pid_of[@]} > 0)) && ! is_over; do
        sleep 0.5 || true
        for job in "${!pid_of[@]}"; do
            kill -0 "${pid_of[$job]}" 2>/dev/null || end_of_job "$job"
        done
        if ((SECONDS - last_s >= status_every_s)); then
            last_s=$SECONDS
            for job in "${!pid_of[@]}"; do collect "$job" || true; done
            take_figures
            show_status
        fi
    done
}

# --- figures ---

# What campaign-diff compares, beside the figures.
begin_record() {
    mkdir -p "$record"
    {
        echo "target: $target${target_options[*]:+ ${target_options[*]}}"
        echo "engine: $engine${engine_options[*]:+ ${engine_options[*]}}"
        echo "build: $(realpath "$build")"
        echo "jobs: $jobs"
        interplay --version | sed '1s/^/version: /; 2,$s/^/tested: /'
    } >"$record/about.txt"
    echo "seconds,job,plans,plans_per_second,corpus,edges,states,findings" >"$record/figures.csv"
}

# A row a job, and one of all: plans and rates together, of the others the best one's.
take_figures() {
    local job seconds=$((SECONDS - began_s)) count rows
    count=$(count_known)
    rows=$(for ((job = 0; job < jobs; job++)); do echo "$job $(engine_figures "$job")"; done |
        awk -v seconds="$seconds" -v findings="${count:-0}" -v OFS=, '
            function row(job, plans, rate, corpus, edges, states) {
                print seconds, job, sprintf("%.0f", plans), sprintf("%.0f", rate), corpus, edges, states, findings
            }
            {
                row($1, $2, $3, $4, $5, $6)
                plans += $2; rate += $3
                if ($4 > corpus) corpus = $4
                if ($5 > edges) edges = $5
                if ($6 > states) states = $6
            }
            END { row("all", plans, rate, corpus + 0, edges + 0, states + 0) }')
    echo "$rows" >>"$record/figures.csv"
    [[ -z $json ]] || awk -F, '{
            printf "{\"type\":\"figures\",\"seconds\":%s,\"job\":\"%s\",\"plans\":%s,\"plans_per_second\":%s,", $1, $2, $3, $4
            printf "\"corpus\":%s,\"edges\":%s,\"states\":%s,\"findings\":%s}\n", $5, $6, $7, $8
        }' <<<"$rows" >&"$json"
    "$project/scripts/campaign_page.py" "$record" $((${1:-0} ? 0 : status_every_s)) "$page" || say "no page of the progress: $page"
}

# The last row of a job, or of all: PLANS RATE CORPUS EDGES STATES FINDINGS.
last_figures() { awk -F, -v job="$1" '$2 == job { last = $3 " " $4 " " $5 " " $6 " " $7 " " $8 } END { print last }' "$record/figures.csv"; }

# --- what a person sees ---

status_every_s=60
[[ ! -t 2 ]] || status_every_s=5
[[ -z $watches ]] || status_every_s=2
clear_status() { [[ ! -t 2 ]] || printf '\r\033[K' >&2; }

show_status() {
    local plans rate inputs edges findings_count line
    if [[ -n $watches ]]; then
        show_jobs
        return
    fi
    read -r plans rate inputs edges _ findings_count < <(last_figures all)
    line="interplay: $(duration_text $((SECONDS - began_s))), ${#pid_of[@]} jobs, $plans plans ($rate/s), corpus $inputs, $edges edges, $findings_count findings"
    if [[ -t 2 ]]; then
        clear_status
        printf '%s' "$line" >&2
    else
        echo "$line" >&2
    fi
}

# --watch: a table of the jobs, in a terminal over the one before.
lines_shown=0
show_jobs() {
    local job table
    table=$({
        echo "$(duration_text $((SECONDS - began_s))) plans plans/s corpus edges states findings"
        for ((job = 0; job < jobs; job++)); do echo "job_$job $(last_figures "$job")"; done
        echo "all $(last_figures all)"
    } | awk '{ for (i = 1; i <= NF; i++) printf(i == 1 ? "%-9s" : " %10s", $i); print "" }')
    if [[ -t 2 ]] && ((lines_shown > 0)); then printf '\033[%dA\033[J' "$lines_shown" >&2; fi
    echo "$table" >&2
    lines_shown=$((jobs + 2))
}

duration_text() { printf '%d:%02d:%02d' $(($1 / 3600)) $(($1 / 60 % 60)) $(($1 % 60)); }
count_known() { [[ ! -d $bugbase ]] || interplay bugs known --bugbase-dir "$bugbase" | wc -l; }
count_files() { find "$1" -type f | wc -l; }

print_summary() { # CORPUS SIZE BEFORE, SECONDS
    local plans rate edges states
    read -r plans rate _ edges states _ < <(last_figures all)
    echo
    echo "campaign  $target, $engine, $jobs jobs, $(duration_text "$2")"
    echo "plans     $plans ($rate/s in all), $edges edges, $states states"
    echo "corpus    $1 -> $(count_files "$corpus") plans in $corpus"
    passed_over
    echo "findings  ${#new_signatures[@]} new, $(count_known) in $bugbase"
    [[ ! -d $bugbase ]] || interplay bugs list --bugbase-dir "$bugbase"
    echo "figures   $record/figures.csv, $page"
}

# The entries of the bug base, between a first and a last line that are the campaign's.
print_json() { # STATUS
    [[ -d $bugbase ]] || mkdir -p "$bugbase"
    interplay bugs list --json --bugbase-dir "$bugbase" 2>/dev/null | sed -E "\$s/\"status\":[0-9]+/\"status\":$1/" >&"$json"
}

# How often the jobs met what they knew already.
passed_over() {
    sed -nE 's/^known: (.*) ([0-9]+) times?$/\1 \2/p' "$findings"/job-*.log |
        awk '{ times[$1] += $2 } END { for (one in times) print "known     " one " " times[one] " times" }' | sort
}

# The new corpus is complete before it takes the place of the old one.
minimise() {
    say "minimising the corpus of $(count_files "$corpus") plans"
    if engine_minimise "$corpus.new" && [[ -n $(find "$corpus.new" -type f -print -quit) ]]; then
        mv "$corpus" "$corpus.old"
        mv "$corpus.new" "$corpus"
        rm -rf "$corpus.old"
    else
        rm -rf "$corpus.new"
        say "the corpus could not be minimised ($findings/minimise.log); it stays as it is"
    fi
}

# Two campaigns on one target would take each other's crashes: whoever comes second is refused, for as long as the first or a job
# that it left behind is there.
campaign_folders() {
    local folder
    for folder in "$findings" "$bugbase" "$(dirname "$corpus")"; do
        { mkdir -p "$folder" && [[ -w $folder ]]; } 2>/dev/null || die "fuzz: $folder: no folder that can be written to"
    done
    exec {campaign_lock}>>"$findings/lock"
    flock --nonblock "$campaign_lock" || die "fuzz: another campaign is at work on $target in $work_dir ($findings/lock)"
}

# However it ends, nobody is left running, and only a new finding ends with 1.
leave() {
    local status=$?
    trap '' INT TERM HUP PIPE
    stop_jobs
    [[ -n $is_complete || ! -f $record/figures.csv ]] || "$project/scripts/campaign_page.py" "$record" 0 "$page" || true
    if ((status == 1)) && [[ -z $is_complete ]]; then exit 2; fi
    exit "$status"
}

campaign_run() {
    local job before spent_s
    began_s=$SECONDS
    trap leave EXIT
    trap 'is_stopped=yes' INT TERM HUP PIPE
    restore_corpus
    make_seeds
    update_known
    engine_prepare
    begin_record
    for ((job = 0; job < jobs; job++)); do
        : >"$findings/job-$job.log"
        start_job "$job"
    done
    say "$target: $jobs jobs, corpus of $(count_files "$corpus") plans, $(count_known) known findings; Ctrl-C ends it"
    watch_jobs
    stop_jobs
    spent_s=$((SECONDS - began_s))
    clear_status
    for ((job = 0; job < jobs; job++)); do collect "$job" || true; done
    engine_gather
    take_figures 1
    cut -d ' ' -f 1 "$known" | sort -u >"$record/signatures.txt"
    before=$(count_files "$corpus")
    [[ -n $keep_corpus ]] || minimise
    print_summary "$before" "$spent_s"
    is_complete=yes
    local status=0
    if ((${#new_signatures[@]} > 0)); then
        status=1
    elif [[ -n $is_broken ]]; then
        status=2
    fi
    [[ -z $json ]] || print_json "$status"
    exit "$status"
}
