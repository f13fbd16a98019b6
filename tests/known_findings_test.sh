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

# Each mistake of the example's pool in its turn, once those before it are known.
: >known.txt
for turn in 1 2 3; do
    "$target" --known-findings=known.txt -seed=1 -max_total_time=300 corpus >log 2>&1 || true
    signature=$(signature_of log)
    [[ -n $signature ]] || { fail "turn $turn: nothing found: $(tail -n 2 log)" && break; }
    ! grep -qxF "$signature" known.txt || fail "turn $turn: $signature is known and was reported"
    echo "$signature" >>known.txt
    echo "turn $turn: $signature"
done
for signature in pool/handed-out-in-transaction pool/broken-handed-out pool/lost-wakeup; do
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
