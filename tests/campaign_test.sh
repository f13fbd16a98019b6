#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A campaign of scripts/fuzz on the example's pool, with the engine of this build: what it finds is in the bug base, an entry a
# signature, made small; the next one goes on with the corpus and passes over what is known; the corpus becomes smaller; a kill at any
# moment loses nothing; two crashes are two findings. Skipped (77) in builds without an engine, and where they are not at build/<preset>.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
preset=$(basename "$build_dir")
case $preset in
fast | fuzz) engine=libfuzzer ;;
afl) engine=afl ;;
*) exit 77 ;;
esac
[[ $build_dir -ef $source_dir/build/$preset ]] || exit 77
cd "$work"
target=$build_dir/fuzz_naive_pool
bugbase=$work/bugbase/fuzz_naive_pool corpus=$work/corpus/fuzz_naive_pool

fuzz=("$source_dir/scripts/fuzz" --engine "$engine" --preset "$preset" --work-dir "$work")
# campaign STATUS ARGUMENT...: STATUS is a pattern; leaves `status`, `out` and `err`
campaign() {
    local wanted=$1
    shift
    status=0
    "${fuzz[@]}" "$@" >out 2>err </dev/null || status=$?
    [[ $status =~ ^$wanted$ ]] || fail "'$*': exit status $status, expected $wanted: $(tail -n 3 err)"
}
bugs() { "$target" --interplay bugs "$1" --bugbase-dir "$bugbase" "${@:2}" 2>/dev/null; }
known() { bugs known | cut -d ' ' -f 1 | sort; } # with their causes
count_files() { find "$1" -type f | wc -l; }

wanted=(pool/handed-out-in-transaction)
[[ $engine == afl ]] || wanted+=(pool/broken-handed-out)
knows_all() {
    local signature
    for signature in "${wanted[@]}"; do grep -qE "^$signature@" <<<"$signatures" || return; done
}
# Long enough to find them, whoever else wants the machine; from nothing each time.
for duration_s in 12 48 192; do
    rm -rf "$work/bugbase" "$work/corpus" "$work/findings"
    campaign 1 --jobs 2 --duration $duration_s naive_pool
    signatures=$(known)
    if knows_all; then break; fi
done
for signature in "${wanted[@]}"; do
    grep -qE "^$signature@" <<<"$signatures" || fail "$signature is not in the bug base: $signatures"
    grep -qE "new finding: $signature@[0-9a-f]{8} " err || fail "$signature was not said: $(cat err)"
done
count=$(wc -l <<<"$signatures")
grep -qE "^findings +$count new, $count in " out || fail "summary of findings: $(cat out)"
for entry in "$bugbase"/*/; do
    [[ -s $entry/plan.json && -s $entry/shrunk_plan.json && -s $entry/failure.json ]] || fail "$entry is not complete"
done
plans=$(sed -nE 's/^plans +([0-9]+) .*/\1/p' out)
((plans > 500)) || fail "hardly a plan was run: $(cat out)"
read -r before after < <(sed -nE 's/^corpus +([0-9]+) -> ([0-9]+) .*/\1 \2/p' out)
((after <= before && after > 10 && after == $(count_files "$corpus"))) || fail "corpus: $(cat out), $(count_files "$corpus") files"
[[ ! -e $corpus.new && ! -e $corpus.old ]] || fail "left over: $(ls "$work/corpus")"

# Figures: of each job and of all, over time; a page of them that is over; what the campaign was.
findings=$work/findings/fuzz_naive_pool
record=$(find "$findings/campaigns" -mindepth 1 -maxdepth 1 | sort | tail -n 1)
[[ $(head -n 1 "$record/figures.csv") == seconds,job,plans,plans_per_second,corpus,edges,states,findings ]] || fail "figures: $(head -n 2 "$record/figures.csv")"
awk -F, 'NR > 1 && NF != 8 { exit 1 } $2 == "all" { if ($3 < plans) exit 1; plans = $3; last = $0 } $2 == 0 { one++ } $2 == 1 { other++ }
    END { split(last, part, ","); exit !(one > 0 && one == other && part[3] > 500 && part[6] > 0 && part[7] >= part[6] && part[8] > 0) }' "$record/figures.csv" ||
    fail "figures: $(cat "$record/figures.csv")"
grep -qE "^plans +$(awk -F, '$2 == "all" { last = $3 } END { print last }' "$record/figures.csv") " out || fail "other figures in the summary: $(cat out)"
grep -qx "target: fuzz_naive_pool" "$record/about.txt" || fail "about: $(cat "$record/about.txt")"
grep -q '^version: interplay ' "$record/about.txt" || fail "about: $(cat "$record/about.txt")"
[[ $(sort "$record/signatures.txt") == "$signatures" ]] || fail "signatures of the campaign: $(cat "$record/signatures.txt")"
grep -q 'Campaign, over' "$findings/progress.html" || fail "the page of a campaign that is over: $(head -c 300 "$findings/progress.html")"
(($(grep -o '<polyline' "$findings/progress.html" | wc -l) == 18)) || fail "curves of the page"

# The next one knows all of it. (The third mistake needs longer: it may be new now.)
known_before=$(known)
campaign '[01]' --keep-corpus --jobs 1 --duration 6 naive_pool
grep -qE "1 jobs, corpus of $after plans, $count known findings" err || fail "it did not go on: $(cat err)"
while IFS= read -r signature; do
    ! grep -qxF "$signature" <<<"$known_before" || fail "$signature was new twice"
done < <(sed -nE 's/.*new finding: ([^ ]+) .*/\1/p' err)
((status == ($(wc -l < <(known)) > count ? 1 : 0))) || fail "exit status $status: $(cat out)"

# For programs: lines that the schema knows, and nothing else; the figures of the jobs as they go. And what two campaigns differ in.
campaign '[01]' --keep-corpus --jobs 2 --duration 5 --json --watch naive_pool
/usr/bin/python3 - "$build_dir/output.schema.json" out "$status" <<'END' || fail "--json: $(head -n 3 out)"
import json, sys
lines = [json.loads(line) for line in open(sys.argv[2])]
kinds = [line["type"] for line in lines]
assert kinds[0] == "figures" and kinds[-1] == "end" and kinds.count("begin") == 1 and "entry" in kinds, kinds
assert {line["job"] for line in lines if line["type"] == "figures"} == {"0", "1", "all"}
assert lines[-1]["status"] == int(sys.argv[3]), lines[-1]
try:
    import jsonschema
except ImportError:
    sys.exit(0)
validator = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
for line in lines:
    validator.validate(line)
END
grep -qE '^all( +[0-9]+){6}$' err || fail "--watch: $(cat err)"
"$source_dir/scripts/campaign-diff" "$record" "$work" >diff.out || fail "campaign-diff: $(cat diff.out)"
grep -qE '^  plans +[0-9]+ +[0-9]+ +[0-9.]+$' diff.out || fail "campaign-diff: $(cat diff.out)"
grep -q '^known to both: [1-9]' diff.out || fail "campaign-diff: $(cat diff.out)"
status=0
"$source_dir/scripts/campaign-diff" "$record" "$work/corpus" >diff.out 2>&1 || status=$?
[[ $status == 2 && $(wc -l <diff.out) == 1 ]] || fail "campaign-diff with no campaign: $status, $(cat diff.out)"

# With nothing known it ends long before its time.
began_s=$SECONDS
campaign 1 --keep-corpus --jobs 1 --duration 10m --until-finding --bugbase-dir "$work/none" naive_pool
((SECONDS - began_s < 300)) || fail "--until-finding: $((SECONDS - began_s)) s"
grep -qE '^findings +[1-9][0-9]* new, [1-9][0-9]* in ' out || fail "--until-finding: $(cat out)"

# A build folder by its name.
fuzz=("$source_dir/scripts/fuzz" --build "$build_dir" --work-dir "$work")
campaign '[01]' --keep-corpus --jobs 1 --duration 1 naive_pool
grep -qE '^plans +[1-9]' out || fail "--build: no plan was run: $(cat out)"
fuzz=("$source_dir/scripts/fuzz" --engine "$engine" --preset "$preset" --work-dir "$work")

# Crashes that the engine meets are told apart by where they are: function and offset, an entry each.
if [[ $engine == libfuzzer ]]; then
    crashes=$work/bugbase/fuzz_field_pool
    knows_crash() { grep -qE "^crash/.*/$1\+0x[0-9a-f]+@" entries; }
    # Each crash ends the job, so that who is met first hides the other for its seed: another one begins anew, for the same bug base.
    : >said
    for seed in {1..12}; do
        rm -rf "$work/corpus/fuzz_field_pool"
        campaign '[01]' --jobs 1 --duration 6 field_pool -- --mistake=two_crashes -seed="$seed"
        cat err >>said
        "$build_dir/fuzz_field_pool" --mistake=two_crashes --interplay bugs known --bugbase-dir "$crashes" >entries 2>>err
        if knows_crash cancel && knows_crash connect_failed; then break; fi
    done
    for place in cancel connect_failed; do
        knows_crash $place || fail "no crash in $place is in the bug base: $(cat said)"
        grep -qE "new finding: crash/[a-z]+/[^/]+/$place\+0x[0-9a-f]+@" said || fail "the crash in $place was not said: $(cat said)"
    done
fi

# AFL++'s fork servers are in sessions of their own: nobody is left to end them.
kill_what_is_left() {
    local process
    for process in /proc/[0-9]*; do
        if tr '\0' ' ' 2>/dev/null <"$process/cmdline" | grep -qF -- "--known-findings=$work/"; then
            kill -KILL "${process#/proc/}" 2>/dev/null || true
        fi
    done
}

# Killed at any moment: no entry is half there, the corpus is there, the next campaign runs.
for round in 1 2 3; do
    rm -rf "$bugbase"
    setsid "${fuzz[@]}" --jobs 2 --duration 3 naive_pool >out 2>err </dev/null &
    group=$!
    sleep "$round.$((RANDOM % 10))"
    kill -KILL -- -$group 2>/dev/null || true
    wait $group 2>/dev/null || true
    kill_what_is_left
    [[ ! -d $bugbase ]] || bugs list >listing || fail "round $round: the bug base is broken"
done
rm -rf "$corpus.old"
[[ ! -d $corpus ]] || mv "$corpus" "$corpus.old" # as if it had been killed between two renames
campaign '[01]' --keep-corpus --jobs 1 --duration 1 naive_pool
! grep -q 'corpus of 0 plans' err || fail "the corpus was lost: $(cat err)"

# What it does not take is one line.
refuses_call() { # TEXT ARGUMENT...
    local text=$1
    shift
    campaign 2 "$@"
    [[ $(wc -l <err) == 1 ]] || fail "'$*': not one line: $(cat err)"
    grep -qF -- "$text" err || fail "'$*': '$text' expected: $(cat err)"
}
refuses_call "--jobs takes" --jobs 0
refuses_call "--jobs takes" --jobs x
refuses_call "--duration takes" --duration 1d
refuses_call "no such file" --known-findings no/such/file
refuses_call "needs a value" --jobs
refuses_call "either --preset or --build" --build "$build_dir"
refuses_call "unknown option" --no-such-option
refuses_call "no target" no_such_target
refuses_call "one target at a time" sqlite memory

refuses_call "no folder that can be written to" --work-dir /proc/x memory

# Two on one target: the second is refused, and takes nothing from the first. Who reads no more ends it, and nobody is left.
jobs_at_work() { { grep -lsaF -- "--known-findings=$work/" /proc/[0-9]*/cmdline || true; } | wc -l; }
rm -rf "$bugbase" # it has something to say soon
"${fuzz[@]}" --keep-corpus --jobs 1 --duration 1h naive_pool 2>&1 </dev/null | { sed -u '/known findings; Ctrl-C ends it/q' >first_lines; } || true
wait_until() { # SECONDS COMMAND...
    local end=$((SECONDS + $1))
    shift
    until "$@"; do ((SECONDS < end)) && sleep 0.2 || return; done
}
nobody_works() { (($(jobs_at_work) == 0)); }
somebody_works() { (($(jobs_at_work) > 0)); }
grep -q 'Ctrl-C ends it' first_lines || fail "a campaign that is read no further: $(cat first_lines)"
wait_until 60 nobody_works || fail "left running: $(jobs_at_work) jobs of a campaign whose reader is gone"
"${fuzz[@]}" --keep-corpus --jobs 1 --duration 1h naive_pool >first.out 2>first.err </dev/null &
first=$!
wait_until 60 somebody_works || fail "no job was started: $(cat first.err)"
refuses_call "another campaign is at work on fuzz_naive_pool" --keep-corpus --jobs 1 --duration 1 naive_pool
kill -TERM $first
wait $first || true
nobody_works || fail "left running after SIGTERM"
grep -q '^campaign  fuzz_naive_pool' first.out || fail "no summary after SIGTERM: $(cat first.err)"

echo "campaign_test: $count findings, corpus $before -> $after, $failures failures"
((failures == 0))
