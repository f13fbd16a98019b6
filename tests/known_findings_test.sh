#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# --known-findings of a fuzz target: what the file lists is counted and passed over, does not end up in the corpus, and does not
# hide the next finding; what is wrong with the file is one line. Without libFuzzer: exit 77 (skipped).
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_engine
target=$build_dir/fuzz_naive_pool
cd "$work"

wanted=(pool/handed-out-in-transaction pool/broken-handed-out pool/lost-wakeup)
has_all() {
    local signature
    for signature in "${wanted[@]}"; do grep -qxF "$signature" known.txt || return; done
}

# Each mistake of the example's pool in its turn, once those before it are known. (It is wrong in more ways.)
: >known.txt
for turn in 1 2 3 4 5 6; do
    ! has_all || break
    "$target" --known-findings=known.txt -seed=1 -max_total_time=300 corpus >log 2>&1 || true
    signature=$(signature_of log)
    [[ -n $signature ]] || { fail "turn $turn: nothing found: $(tail -n 2 log)" && break; }
    ! grep -qxF "$signature" known.txt || fail "turn $turn: $signature is known and was reported"
    echo "$signature" >>known.txt
    echo "turn $turn: $signature"
done
for signature in "${wanted[@]}"; do
    grep -qxF "$signature" known.txt || fail "$signature was not found"
done

# With all of them known the engine runs to its end, says how often it met them, and keeps none.
rm -rf corpus
echo 'pool/*  # all of it' >known.txt
"$target" --known-findings=known.txt -seed=1 -runs=20000 corpus >log 2>&1 || fail "known ones end it: $(tail -n 2 log)"
grep -q '^Done 20000 runs' log || fail "not 20000 runs: $(tail -n 2 log)"
times=$(sed -n 's/^known: pool\/\* \([0-9]*\) times$/\1/p' log)
((${times:-0} > 10)) || fail "counted: '$(grep -a '^known' log)'"
(($(find corpus -type f | wc -l) > 50)) || fail "hardly a corpus"
"$target" --interplay replay corpus/* >replay.log 2>&1 || fail "known findings in the corpus: $(grep -c violation replay.log)"

# With one mistake left and its causes known, all of it is passed over; a line with another cause hides nothing.
one=("$target" "--fixed=broken,wakeup")
echo "pool/handed-out-in-transaction@00000000" >known.txt
mkdir crashes
for turn in 1 2 3 4 5 6; do
    "${one[@]}" --known-findings=known.txt -seed=1 -runs=3000 -artifact_prefix=crashes/ >log 2>&1 || true
    ! grep -q '^Done 3000 runs' log || break
    [[ $(signature_of log) == pool/* ]] || fail "causes, turn $turn: $(tail -n 2 log)"
    "${one[@]}" --interplay bugs add --bugbase-dir base crashes >/dev/null 2>&1 || (($? == 1)) || fail "bugs add failed"
    "${one[@]}" --interplay bugs known --bugbase-dir base >known.txt
done
grep -q '^Done 3000 runs' log || fail "causes: still new ones after $turn turns: $(cat known.txt)"
((turn > 1)) || fail "a line with another cause hides the finding"
grep -q '^known: pool/handed-out-in-transaction@[0-9a-f]\{8\} [0-9]* times\?$' log || fail "nothing was recognized: $(grep '^known' log)"
echo "$turn turns until all causes are known: $(wc -l <known.txt)"

# What is wrong with the file.
wrong() { # TEXT FILE
    status=0
    "$target" --known-findings="$2" -runs=1 >log 2>&1 || status=$?
    [[ $status == 2 && $(wc -l <log) == 1 ]] || fail "$2: exit status $status: $(tail -n 3 log)"
    grep -qF "$1" log || fail "$2: '$1' expected: $(cat log)"
}
wrong 'no/such/file' no/such/file
printf 'pool/lost-wakeup\nnot a signature\n' >bad.txt
wrong 'bad.txt:2' bad.txt

echo "known_findings_test: $times known ones passed over, $failures failures"
((failures == 0))
