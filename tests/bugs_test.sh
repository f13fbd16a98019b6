#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# interplay bugs, and --bugbase-dir and --known-findings of interplay run and replay: a thousand crashes of ten bugs
# make ten entries, who is killed leaves whole entries, what is fixed or changed is said, and what is refused.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$work"

# says TEXT: a line of the last output is TEXT
says() {
    grep -qxF -- "$1" out || fail "'$1' expected in: $(tail -n 5 out)"
}

# sound BASE: all entries are whole, and list says so
sound() {
    local entry
    expect 0 bugs list --bugbase-dir "$1"
    for entry in "$1"/*/; do
        [[ -d $entry ]] || continue # there is none yet
        [[ -s $entry/plan.json && -s $entry/config.json && -s $entry/failure.json ]] ||
            fail "$entry is not whole: $(ls -A "$entry")"
    done
}

entries() {
    find "$1" -mindepth 1 -maxdepth 1 -type d -not -name '.*' | wc -l
}

# --- ten bugs, found by interplay run ---

program=("$build_dir/fuzz_canary" --canary=wrong_error --interplay)
[[ -x ${program[0]} ]] || fail "${program[0]} is not built"

expect 1 run --seed 7 --iterations 400 --config journal_mode=delete --config busy_timeout=0 --keep-going \
    --bugbase-dir found
violations=$(sed -n 's/.*: \([0-9]*\) violations$/\1/p' out)
[[ $(grep -c ', new$' out) == $(entries found) ]] || fail "run: not each new signature is an entry"
sound found
[[ $(awk '{ sum += $2 } END { print sum }' out) == "$violations" ]] ||
    fail "run: $violations violations, in the base: $(cat out)"
mapfile -t names < <(find found -mindepth 1 -maxdepth 1 -name 'error-class~*' -printf '%f\n' | sort | head -n 10)
((${#names[@]} == 10)) || fail "run: ten bugs expected, found: $(ls found)"

# --- a thousand crashes of them ---

mkdir -p crashes/deeper crashes/.hidden empty
for number in "${!names[@]}"; do
    expect 0 convert "found/${names[number]}/plan.json" -o base.bin
    # Steps behind the one that fails make other plans of it.
    for ((i = 0; i < 100; i++)); do
        { cat base.bin && printf '%08d' "$i"; } >"crashes/deeper/crash-$number-$i"
    done
done
echo "of the fuzzer" >crashes/README.txt
echo x >crashes/.hidden/x

limit_s=1500 expect 1 bugs add --bugbase-dir base crashes # many processes: minutes where others want the machine, too
grep -qE '^1000 files: 1000 findings, 10 new, 990 known before, 0 ok, [0-9]+ by signature alone, 1 left out$' out ||
    fail "a thousand crashes: $(tail -n 1 out)"
[[ $(grep -c ': new: ' out) == 10 && $(grep -c ', 1-minimal$' out) == 10 ]] || fail "add: $(cat out)"
[[ $(entries base) == 10 ]] || fail "1000 crashes of 10 bugs made $(entries base) entries"
sound base
[[ $(grep -c ' 100x, ' out) == 10 ]] || fail "not 100 of each: $(cat out)"
first=${names[0]//\~//}
[[ $(head -n 1 out) =~ ^"$first"\ +100x,\ +[0-9]+\ interactions,\ last\ 20..-..-..T..:..:..Z,\ sqlite\ [0-9] ]] ||
    fail "list: $(head -n 1 out)"
small=$(sed -n "1s/.*x, *\([0-9]*\) interactions.*/\1/p" out)
[[ $(grep -c '"task": ' "base/${names[0]}/shrunk_plan.json") == "$small" ]] || fail "list: $small interactions"
for text in '"target": "fuzz_canary --canary=wrong_error"' '"backend": "sqlite"' '"journal_mode": "'; do
    grep -qF "$text" "base/${names[0]}/config.json" || fail "config.json has no $text"
done
for text in '"times_seen": 100' '"origin": "crashes/deeper/crash-0-0"' '"origin": "crashes/deeper/crash-0-99"' \
    '"shrunk": "yes, 1-minimal"'; do
    grep -qF "$text" "base/${names[0]}/failure.json" || fail "failure.json has no $text"
done

expect 0 bugs show --bugbase-dir base "${first%??}"
says "signature: $first"
says "tested:    fuzz_canary --canary=wrong_error, backend sqlite"
grep -q '^ step | task 0 ' out || fail "show prints no table: $(cat out)"
command=$(tail -n 1 out)
[[ $command == "$build_dir/fuzz_canary --canary=wrong_error --interplay replay base/${names[0]}/shrunk_plan.json" ]] ||
    fail "show: the command is $command"
status=0
eval "$command" >out 2>err || status=$?
[[ $status == 1 && $(cat out) == *": violation $first trace="* ]] || fail "'$command' came to $status: $(cat out err)"
refuses "'error-class/misuse' is the beginning of 10 entries, ${names[0]} and ${names[1]} are two of them" \
    bugs show --bugbase-dir base error-class/misuse
refuses "base: there is no entry 'snapshot'" bugs show --bugbase-dir base snapshot

expect 1 bugs replay --bugbase-dir base
says "$first: still fails"
says "10 entries: 10 still fail, 0 fixed, 0 changed, 0 skipped"
program=("$build_dir/interplay")
expect 2 bugs replay --bugbase-dir base "$first"
says "$first: skipped, it was recorded on fuzz_canary --canary=wrong_error, backend sqlite"
grep -qF 'there is no entry that this program can replay' err || fail "nothing replayed: $(cat err)"
expect 0 bugs prune --bugbase-dir base --fixed
says "nothing to remove"
[[ $(entries base) == 10 ]] || fail "entries of another target were removed"
# The same target with another option, as after a fix: it is run, and what it was recorded on is said; nothing is removed.
program=("$build_dir/fuzz_canary" --canary=skipped_sync --interplay)
expect 0 bugs replay --bugbase-dir base "$first"
says "$first: fixed (recorded on fuzz_canary --canary=wrong_error)"
expect 0 bugs prune --bugbase-dir base --fixed
[[ $(entries base) == 10 ]] || fail "entries of other options were removed"
# Without any it calls itself with those that were recorded; the others of the base are none of its.
program=("$build_dir/fuzz_canary" --interplay)
expect 1 bugs replay --bugbase-dir base
says "$first: still fails"
says "10 entries: 10 still fail, 0 fixed, 0 changed, 0 skipped"
cp -r base honest && sed -i 's/--canary=wrong_error/--canary=skipped_sync/' honest/*/config.json
expect 0 bugs replay --bugbase-dir honest "$first"
says "$first: fixed"
expect 0 bugs prune --bugbase-dir honest --fixed
says "removed honest/${names[0]}: fixed"
[[ $(entries honest) == 0 ]] || fail "prune left what is fixed with the options that it was recorded with"
# What a shell would make of them is not tried.
cp -r base odd && sed -i "s/--canary=wrong_error/'--canary=wrong_error'/" odd/*/config.json
refuses "odd/${names[0]}: cannot be replayed with its options '--canary=wrong_error'" bugs replay --bugbase-dir odd "$first"
sed -i "s/'--canary=wrong_error'/--canary=none_such/" odd/*/config.json
expect 2 bugs replay --bugbase-dir odd "$first"
grep -qF "no verdict with its options --canary=none_such" err || fail "no such option: $(cat err)"
program=("$build_dir/interplay")

# What fuzz_sqlite tests, interplay tests.
echo '{"version": 1, "config": {}, "interactions": [{"task": 0, "action": {"type": "query", "sql": "SELECT 1"}, "expect": {"row_count": 2}}]}' >two.json
program=("$build_dir/fuzz_sqlite" --interplay)
expect 1 bugs add --bugbase-dir plain two.json
program=("$build_dir/interplay")
expect 1 bugs replay --bugbase-dir plain
says "1 entries: 1 still fail, 0 fixed, 0 changed, 0 skipped"

# --- two at once ---

program=("$build_dir/fuzz_canary" --canary=wrong_error --interplay)
"${program[@]}" bugs add --no-shrink --bugbase-dir both crashes/deeper/crash-[0-4]-1? >/dev/null 2>err.1 &
"${program[@]}" bugs add --no-shrink --bugbase-dir both crashes/deeper/crash-[3-8]-1? >/dev/null 2>err.2 || true
wait $! || true
[[ ! -s err.1 && ! -s err.2 ]] || fail "two at once: $(cat err.1 err.2)"
sound both
[[ $(entries both) == 9 && $(grep -c ' 10x, ' out) == 7 && $(grep -c ' 20x, ' out) == 2 ]] ||
    fail "two at once: $(cat out)"

# --- killed ---

RANDOM=7
for ((i = 0; i < 20; i++)); do
    "${program[@]}" bugs add --bugbase-dir killed crashes/deeper/crash-[0-3]-[1-4]? >/dev/null 2>&1 &
    process=$!
    sleep "0.$((RANDOM % 6))$((RANDOM % 10))"
    kill -s KILL $process 2>/dev/null || true
    wait $process 2>/dev/null || true
    [[ -d killed ]] || continue
    sound killed
done
expect 1 bugs add --bugbase-dir killed crashes/deeper/crash-[0-3]-1?
sound killed
[[ $(entries killed) == 4 && $(grep -L '"yes, 1-minimal"' killed/*/failure.json | wc -l) == 0 ]] ||
    fail "killed, added again: $(ls killed) $(grep -h shrunk killed/*/failure.json)"
expect 0 bugs prune --bugbase-dir killed
[[ $(find killed -name '.*') == killed/.interplay-lock ]] || fail "prune left: $(ls -A killed)"
[[ -z $(find killed -name '*.tmp') ]] || fail "prune left: $(find killed -name '*.tmp')"

# --- known findings ---

expect 0 bugs known --bugbase-dir base
mv out known
[[ $(wc -l <known) == 10 && $(head -n 1 known) =~ ^"$first"@([0-9a-f]{8})\ #\ a\.[a-z.,:\;|]+ ]] || fail "known: $(cat known)"
first_with_cause=$first@${BASH_REMATCH[1]}
expect 0 bugs add --bugbase-dir none --known-findings known crashes/deeper/crash-?-5
grep -qE "^10 files: 0 findings, 0 new, 0 known before, 0 ok, 10 passed over(, [0-9] by signature alone)?\$" out ||
    fail "ten that are known: $(tail -n 1 out)"
says "known: $first_with_cause 1 time"
[[ $(entries none) == 0 ]] || fail "a known finding became an entry"
{ head -n 1 known && echo 'error-class/wrong/*'; } >one
expect 1 bugs add --bugbase-dir none --no-shrink --known-findings one crashes/deeper/crash-[01]-5
says "2 files: 1 findings, 1 new, 0 known before, 0 ok, 1 passed over"
grep -qF '"shrunk": "no"' none/*/failure.json || fail "--no-shrink: $(cat none/*/failure.json)"
expect 1 bugs add --bugbase-dir none crashes/deeper/crash-1-6
[[ $(cat none/*/failure.json) == *'"times_seen": 2'*'1-minimal'* ]] || fail "made small later: $(cat none/*/failure.json)"

# Another bug that ends alike is another entry, and not in the list.
other_cause() { # FILE: the cause in it is another one
    sed -i -E 's/("cause": ")[^"]*"/\1a.checkout,b.checkout"/' "$1"
}
cp -r base alike
other_cause "alike/${names[0]}/failure.json"
expect 0 bugs known --bugbase-dir alike
mv out other
! grep -qF "$first_with_cause" other || fail "the cause stayed: $(cat other)"
expect 1 replay --known-findings other crashes/deeper/crash-0-1
expect 0 replay --known-findings other crashes/deeper/crash-1-1
expect 1 bugs add --bugbase-dir alike crashes/deeper/crash-0-[12]
says "2 files: 2 findings, 1 new, 1 known before, 0 ok"
[[ -f alike/${names[0]}@${first_with_cause#*@}/shrunk_plan.json && $(entries alike) == 11 ]] || fail "alike: $(ls alike)"
expect 0 bugs show --bugbase-dir alike "$first_with_cause"
says "signature: $first"
grep -q "^cause:     .* (${first_with_cause#*@})\$" out || fail "show, cause: $(head -n 3 out)"
expect 1 bugs replay --bugbase-dir alike "$first_with_cause"
says "$first: still fails"
expect 1 bugs add --no-shrink --bugbase-dir alike crashes/deeper/crash-0-3
says "1 files: 1 findings, 0 new, 1 known before, 0 ok"
# Entries with one cause stand together, whatever they end in.
for name in "${names[1]}" "${names[4]}"; do other_cause "alike/$name/failure.json"; done
expect 0 bugs list --bugbase-dir alike
grep -A 2 "^$first .*: a\.checkout,b\.checkout$" out >together
[[ $(grep -c '^  error-class/.* a\.checkout,b\.checkout$' together) == 2 && $(wc -l <out) == 11 ]] || fail "one cause: $(cat out)"
expect 0 bugs show --bugbase-dir alike "$first"
says "same cause: ${names[4]//\~//}"

# The text of an issue: what is there is in it, and nothing in it can end a fence.
issue=alike/${names[0]}
expect 0 bugs show --markdown --bugbase-dir alike "$first"
for title in Versions Promised 'What happens' Steps 'Plan for Interplay'; do says "## $title"; done
says "- no error that the situation cannot produce"
! grep -qE '^## (Which|Reproducer)' out || fail "markdown has what is not there: $(cat out)"
mkdir "$issue/reproducer"
echo "3.40.1 wrong" >"$issue/matrix.txt"
# shellcheck disable=SC2016 # no expansion is meant
printf 'SELECT 1; -- ````\n# no title\n' >"$issue/reproducer/finding.sql"
expect 0 bugs show --markdown --bugbase-dir alike "$first"
says "## Which versions have it"
says "3.40.1 wrong"
grep -qxF '`````sql' out || fail "markdown: no fence that is long enough: $(cat out)"

# What was recorded before there were causes stands for its signature.
for file in alike/*/failure.json; do
    python3 - "$file" <<'END'
import json, sys
failure = json.load(open(sys.argv[1]))
del failure["cause"], failure["small"]
json.dump(failure, open(sys.argv[1], "w"), indent=2)
END
done
expect 1 bugs add --bugbase-dir alike crashes/deeper/crash-0-4
says "1 files: 1 findings, 0 new, 1 known before, 0 ok"
expect 0 bugs known --bugbase-dir alike
grep -qxF "$first" out || fail "known, of old: $(cat out)"

expect 0 replay --known-findings known crashes/deeper/crash-0-1
grep -q "^crashes/deeper/crash-0-1: known $first trace=" out || fail "replay, known: $(cat out)"
expect 1 replay --known-findings one crashes/deeper/crash-0-1 crashes/deeper/crash-1-1
[[ $(grep -c ': known ' out) == 1 && $(grep -c ': violation ' out) == 1 ]] || fail "replay, one known: $(cat out)"

echo 'error-class/*' >all
expect 0 run --seed 2 --iterations 60 --known-findings all
passed=$(sed -n 's/^60 plans, .*: no violation, \([0-9]*\) known$/\1/p' out)
says "known: error-class/* $passed times"
((passed > 2)) || fail "run, known: $(cat out)"
# One of the first seeds has it among its first plans.
for seed in {1..12}; do
    expect 1 run --seed "$seed" --iterations 60 --known-findings one --keep-going
    if grep -qE '^60 plans, .*: [0-9]+ violations, [0-9]+ known$' out; then break; fi
done
grep -qE '^60 plans, .*: [0-9]+ violations, [0-9]+ known$' out || fail "run, one known: $(cat out)"

expect 1 run --seed 1 --iterations 60 --shrink-on-failure --bugbase-dir stopped
says "recorded in stopped, new"
[[ $(entries stopped) == 1 && $(cat stopped/*/failure.json) == *'"yes, 1-minimal"'* ]] || fail "run, stopped: $(ls stopped)"
expect 1 run --seed 1 --iterations 35 --shrink-on-failure --keep-going --bugbase-dir going
[[ $(grep -L '"yes, 1-minimal"' going/*/failure.json | wc -l) == 0 && $(entries going) -gt 1 ]] ||
    fail "run, keep-going, shrink: $(cat going/*/failure.json)"

# --- fixed, changed ---

program=("$build_dir/interplay")
cat >finding.json <<'END_OF_PLAN'
{"version": 1, "config": {"tasks": 2}, "interactions": [
  {"task": 1, "action": {"type": "select"}},
  {"task": 0, "action": {"type": "query", "sql": "SELECT 1"}, "expect": {"row_count": 7}}
]}
END_OF_PLAN
echo '{"version": 1, "config": {}, "interactions": [{"task": 0, "action": {"type": "select"}}]}' >sound.json
expect 1 bugs add finding.json sound.json
says "sound.json: ok"
says "2 files: 1 findings, 1 new, 0 known before, 1 ok"
entry=$(echo bugbase/expectation~row-count~*)
expected=$(basename "$entry" | tr "~" /)
cp -r "$entry" entry
sed -i 's/"row_count": 7/"row_count": 1/' "$entry/shrunk_plan.json"
expect 1 bugs replay
says "$expected: still fails: plan.json, not shrunk_plan.json"
expect 0 bugs prune --fixed
[[ -d $entry ]] || fail "what still fails was removed"
sed -i 's/"row_count": 7/"column_count": 7/' "$entry/plan.json"
expect 1 bugs replay expectation/row-count
grep -qE "^$expected: changed to expectation/column-count/query-[0-9a-f]{8}$" out || fail "changed to: $(cat out)"
sed -i 's/"column_count": 7/"column_count": 1/' "$entry/plan.json"
expect 0 bugs replay
says "1 entries: 0 still fail, 1 fixed, 0 changed, 0 skipped"
expect 0 bugs prune
says "nothing to remove"
mkdir bugbase/.interplay-new
expect 0 bugs prune --fixed --dry-run
says "would remove bugbase/.interplay-new"
says "would remove $entry: fixed"
[[ -d $entry && -d bugbase/.interplay-new ]] || fail "--dry-run removed something"
expect 0 bugs prune --fixed
says "removed $entry: fixed"
[[ ! -e $entry && ! -e bugbase/.interplay-new ]] || fail "prune left $(ls -A bugbase)"
expect 0 bugs list
[[ ! -s out ]] || fail "an empty base: $(cat out)"

# --- what is said above a small plan is said of that: the rows that steps before had added are gone ---

cat >added.json <<'END_OF_PLAN'
{"version": 1, "config": {"tasks": 2}, "interactions": [
  {"task": 0, "action": {"type": "insert", "key": 1}},
  {"task": 0, "action": {"type": "insert", "key": 2}},
  {"task": 1, "action": {"type": "query", "sql": "SELECT k FROM t0"}, "expect": {"row_count": 3}}
]}
END_OF_PLAN
expect 1 bugs add --no-shrink --bugbase-dir first added.json
expect 0 bugs show --bugbase-dir first expectation
says "noticed:   at interaction 2 of the plan that was found first"
says "3 rows were expected, 10 came"
expect 1 bugs add --bugbase-dir small added.json
for option in '' --markdown --json; do
    # shellcheck disable=SC2086 # no word is one of the cases
    expect 0 bugs show $option --bugbase-dir small expectation
    grep -q '3 rows were expected, 8 came' out || fail "show $option: not the small plan's message: $(cat out)"
done
expect 0 bugs show --bugbase-dir small expectation
says "noticed:   at interaction 0 of the plan below"
trace=$(sed -n 's/^trace: *//p' out)
expect 1 replay small/*/shrunk_plan.json
grep -qE " trace=$trace( |\$)" out || fail "show: the trace is $trace: $(cat out)"

# --- Ctrl-C ---

slow_finding slow.json
status=0
"${program[@]}" bugs add --bugbase-dir slow slow.json slow.json >out 2>err </dev/null &
process=$!
if begins_to_shrink $process; then
    kill -s INT $process 2>/dev/null || true
fi
wait $process || status=$?
[[ $status == 1 ]] || fail "interrupted: exit status $status: $(cat err)"
says "1 files: 1 findings, 1 new, 0 known before, 0 ok, interrupted"
grep -qF '"shrunk": "yes, not 1-minimal"' slow/*/failure.json || fail "interrupted: $(cat slow/*/failure.json)"

# --- malformed entries: named, and in nobody's way ---

cp -r entry "$entry"
cp -r entry bugbase/notes
sed -i 's/"version": 1/"version": 9/' "$entry/config.json"
refuses "$entry/config.json:2:14: version: expected an integer 1 to 1, found 9" bugs show expectation
refuses "$entry/config.json:2:14: version" bugs add finding.json
rm -r bugbase/notes
cp -r "base/${names[0]}" bugbase/
refuses "$entry/config.json:2:14: version" bugs list
[[ $(wc -l <out) == 1 ]] || fail "list: one other entry expected: $(cat out)"
refuses "$entry/config.json:2:14: version" bugs known
refuses "$entry/config.json:2:14: version" bugs replay
says "2 entries: 0 still fail, 0 fixed, 0 changed, 1 skipped, 1 failed"
refuses "$entry/config.json:2:14: version" bugs prune --fixed
rm "$entry/failure.json"
refuses "$entry/failure.json: does not exist" bugs list

# --- what else is refused ---

refuses 'no command, expected add, ' bugs
refuses 'unknown command frob, expected add, ' bugs frob
for command in add list show replay prune known; do
    expect 0 bugs $command --help
    grep -q "^Usage: interplay bugs $command" out || fail "bugs $command --help prints no usage"
    refuses "interplay: bugs $command: unknown option --frob (interplay bugs $command --help" bugs $command --frob
done
expect 0 bugs --help
for command in list known replay; do
    refuses 'nothing: does not exist, expected the folder of a bug base' bugs $command --bugbase-dir nothing
done
refuses 'nothing: is no bug base' bugs prune --bugbase-dir nothing
refuses 'empty: is no bug base' bugs prune --bugbase-dir empty
refuses "no/base: cannot make the folder" bugs add --bugbase-dir no/base finding.json
refuses "sound.json: is a file, expected the folder" run --iterations 1 --bugbase-dir sound.json
refuses 'the file to add is missing' bugs add
refuses 'there is no plan in what was named' bugs add empty
refuses 'nothing: does not exist' bugs add nothing
echo '{"interactions": [{"task": 0, "action": {"type": "commit"}}]}' >rules.json
refuses 'rules.json: interactions[0]: ' bugs add rules.json
refuses '--backend wants' bugs add --backend paper finding.json
refuses '--shrink-max-rounds wants' bugs add --shrink-max-rounds 0 finding.json
refuses 'takes no argument' bugs list x
refuses 'takes no argument' bugs prune x
refuses 'expected one signature, found 0' bugs show
echo 'snapshot' >bad
for words in 'run --iterations 1' 'replay sound.json' 'bugs add sound.json'; do
    # shellcheck disable=SC2086 # words
    refuses "bad:1: expected a signature like snapshot/final-content" $words --known-findings bad
    # shellcheck disable=SC2086
    refuses "nothing: does not exist" $words --known-findings nothing
done

echo "bugs_test: $failures failures"
((failures == 0))
