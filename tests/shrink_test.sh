#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# interplay shrink, and interplay run --shrink-on-failure: what they print, where they write, what they refuse,
# that Ctrl-C leaves the smallest plan so far, and that a kill leaves no half of a file.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
interplay=$build_dir/interplay
limit_s=500
cd "$work"

# shows PLAN SIGNATURE: the plan is a finding with this signature
shows() {
    expect 1 replay "$1"
    grep -qF "$1: violation $2 trace=" out || fail "$1: $2 expected: $(cat out)"
}

cat >finding.json <<'END'
{"version": 1, "config": {"tasks": 3, "page_size": 512}, "interactions": [
  {"task": 1, "action": {"type": "select", "key": 3}},
  {"task": 0, "action": {"type": "execute", "sql": "CREATE TABLE x(a)"}},
  {"task": 2, "action": {"type": "sleep", "ms": 64}, "pause": {"after": 3}},
  {"task": 0, "action": {"type": "query", "sql": "SELECT a FROM x"}, "expect": {"row_count": 1}}
]}
END
cat >sound.json <<'END'
{"version": 1, "config": {"tasks": 2}, "interactions": [{"task": 0, "action": {"type": "select"}}]}
END
echo '{"interactions": [{"task": 0, "action": {"type": "commit"}}]}' >rules.json
# which_one PLAN: the signature of the expectation that it violates
which_one() {
    "$interplay" replay "$1" | sed -n 's,^.*: violation \(expectation/row-count/[a-z]*-[0-9a-f]*\) .*,\1,p' || true
}

signature=$(which_one finding.json)
[[ -n $signature ]] || fail "finding.json comes to no expectation"
line="^finding.json: $signature, 4 -> 2 interactions, [0-9]+ candidates, [0-9]+\.[0-9] s, 1-minimal$"

# --- what it prints and where it writes ---

expect 1 shrink finding.json
grep -qE "$line" out || fail "line expected: $(cat out)"
[[ $(wc -l <out) == 1 && ! -s err ]] || fail "more than one line: $(cat out err)"
shows finding.shrunk.json "$signature"
grep -q '"config": {},' finding.shrunk.json || fail "configuration left: $(cat finding.shrunk.json)"

expect 1 shrink --quiet --signature "$signature" --backend sqlite finding.json -o small.json
cmp small.json finding.shrunk.json || fail "not the same result twice"
cp finding.json place.json
expect 1 shrink place.json -o place.json
cmp place.json small.json || fail "not in place"
expect 1 shrink --max-rounds 1 finding.json -o round.json
grep -q ', not 1-minimal: no more rounds allowed$' out || fail "--max-rounds 1: $(cat out)"
shows round.json "$signature"

rm -f ./*.shrunk.json
expect 0 shrink sound.json
[[ $(cat out) == "sound.json: is ok: nothing to shrink" ]] || fail "nothing to shrink: $(cat out)"
[[ ! -e sound.shrunk.json ]] || fail "a sound plan was written"

# The check that the canaries' tests lean on sees what is left over, and what is not.
"$source_dir/tests/one_minimal.py" small.json "$interplay" replay >out 2>&1 || fail "one_minimal.py: $(cat out)"
! "$source_dir/tests/one_minimal.py" finding.json "$interplay" replay >out 2>&1 || fail "one_minimal.py is content"
grep -qE "$signature also without config\\.page_size, interactions\\[0\\], " out || fail "one_minimal.py: $(cat out)"

# --- what it refuses; nothing is written ---

refuses "comes to $signature, not to snapshot/other" shrink --signature snapshot/other finding.json
refuses 'rules.json: interactions[0]' shrink rules.json
refuses 'the compact form has no such action' shrink finding.json -o finding.bin
refuses 'unknown kind of file' shrink finding.json -o finding.txt
refuses 'does not exist' shrink nothing.json
refuses 'is missing' shrink
refuses 'one file at a time' shrink finding.json sound.json
refuses '--backend wants' shrink --backend paper finding.json
refuses '--max-rounds wants' shrink --max-rounds 0 finding.json
refuses 'unknown option' shrink --no-such-option finding.json
refuses 'does not exist' shrink finding.json -o no/such/folder.json
# Said before the work, whichever output it is: the plan, which is read first, is not there either.
refuses 'no/such/folder.json: cannot write: its folder does not exist' shrink missing.json -o no/such/folder.json
refuses 'no/such/page.html: cannot write: its folder does not exist' report missing.json -o no/such/page.html
refuses 'no/such/metrics: cannot write: its folder does not exist' run --iterations 1 --metrics no/such/metrics
refuses '.: is a folder, expected a file' shrink missing.json -o .
[[ ! -e finding.bin && ! -e finding.txt && ! -e finding.shrunk.json && ! -e rules.shrunk.json ]] ||
    fail "something was written: $(ls)"
expect 0 shrink --help
grep -q '^Usage: interplay shrink' out || fail "--help prints no usage"

# --- a compact plan, where this version of SQLite has one for us ---

if "$interplay" --version | grep -q '^sqlite 3\.40\.1 '; then
    expect 0 convert "$source_dir/crashes/sqlite/write-kept-after-protocol-error.json" -o crash.bin
    mkdir sub.dir
    cp crash.bin sub.dir/crash-0f
    expect 1 shrink sub.dir/crash-0f
    shows sub.dir/crash-0f.shrunk.json snapshot/write-kept-after-protocol-error
    expect 1 shrink crash.bin -o small.bin
    expect 0 convert small.bin -o again.json
    # bytes say nothing of where the plan was found
    grep -v '"recorded_on"' sub.dir/crash-0f.shrunk.json >steps.json
    cmp again.json steps.json || fail "compact bytes and JSON differ"

    expect 1 run --seed 2 --iterations 1000000 --config journal_mode=memory --config cache_size=1 \
        --shrink-on-failure -o found.json
    grep -qE '^the finding: [^ ]+, [0-9]+ -> [0-9]+ interactions, .*, 1-minimal$' out ||
        fail "run --shrink-on-failure: $(head -n 3 out)"
    found=$(sed -n 's/^the finding: \([^ ]*\), .*/\1/p' out)
    grep -qF "==== interplay: violation $found ====" out || fail "another finding is printed"
    small=$(sed -n 's/^the finding: .* -> \([0-9]*\) interactions, .*/\1/p' out)
    [[ $(grep -c '"task": ' found.json) == "$small" ]] || fail "found.json is not the small plan"
    shows found.json "$found"
    expect 1 shrink found.json
    grep -qF " $small -> $small interactions" out || fail "it was not minimal: $(cat out)"
fi
refuses 'keep-going' run --iterations 1 --shrink-on-failure --keep-going
refuses 'without --shrink-on-failure' run --iterations 1 --shrink-max-rounds 3
refuses '--shrink-max-rounds wants' run --shrink-on-failure --shrink-max-rounds x
expect 0 run --seed 5 --iterations 5 --shrink-on-failure --shrink-max-rounds 3

# --- interrupted, killed ---

slow_finding slow.json

# stopped_by SIGNAL: shrinks slow.json into folder/slow.json until the signal; leaves `status` and `out`
stopped_by() {
    status=0
    "$interplay" shrink slow.json -o folder/slow.json >out 2>err </dev/null &
    local process=$!
    if begins_to_shrink $process; then
        kill -s "$1" $process 2>/dev/null || true
    fi
    wait $process || status=$?
}

mkdir folder
echo old >folder/slow.json
stopped_by KILL
[[ $status == 137 ]] || fail "killed: exit status $status"
[[ $(cat folder/slow.json) == old && $(ls -A folder) == slow.json ]] || fail "a kill left: $(ls -A folder)"

stopped_by INT
[[ $status == 1 ]] || fail "interrupted: exit status $status: $(cat err)"
grep -qE '^slow.json: expectation/row-count/[a-z0-9-]+, 22 -> 22 interactions, .* s, not 1-minimal: interrupted$' out ||
    fail "interrupted: $(cat out)"
[[ $(ls -A folder) == slow.json ]] || fail "an interruption left: $(ls -A folder)"
expect 0 convert folder/slow.json -o folder/slow.json
shows folder/slow.json "$(which_one slow.json)"

echo "shrink_test: $failures failures"
((failures == 0))
