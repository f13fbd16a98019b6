#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# libFuzzer's -minimize_crash=1 makes a crash small with the shrinker's tactics, and keeps its signature. The crash is a
# planted bug's, with other findings within reach. Without libFuzzer: exit 77 (skipped).
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_engine
target=$build_dir/fuzz_canary
cd "$work"

# Another finding, nearer than the one to keep: where a plan has no checkpoint, say, it still has this one.
"$target" --canary=lost_commit --interplay run --seed 2 -o crash.bin >run.log 2>&1 || true
wanted=$(signature_of run.log)
[[ -n $wanted && -f crash.bin ]] || { fail "nothing found to minimise: $(tail -n 1 run.log)" && exit 1; }
size=$(stat -c %s crash.bin)
((size >= 80)) || fail "the crash has $size bytes only: nothing to minimise"

# It stops by itself once a step finds nothing smaller. Each tries so many, however long that takes: more than the tactics have.
"$target" --canary=lost_commit -minimize_crash=1 -runs=300 -seed=1 crash.bin >min.log 2>&1 || true
grep -q 'CRASH_MIN: failed to minimize beyond' min.log || fail "it did not end: $(tail -n 3 min.log)"
seen=$(sed -n 's/^==== interplay: violation \(.*\) ====$/\1/p' min.log | sort -u)
[[ $seen == "$wanted" ]] || fail "$wanted expected at every step, seen: $seen"
small=$(sed -n 's/.*failed to minimize beyond \([^ ]*\) .*/\1/p' min.log)
small_size=$(stat -c %s "$small")
"$target" --canary=lost_commit --interplay replay "$small" >replay.log 2>&1 || true
grep -qF "violation $wanted trace=" replay.log || fail "the small one comes to: $(cat replay.log)"

# The shrinker itself gets as few interactions.
"$target" --canary=lost_commit --interplay shrink crash.bin -o shrunk.bin >shrink.log 2>&1 || true
shrunk_size=$(stat -c %s shrunk.bin)
((small_size <= shrunk_size)) || fail "$small_size bytes, the shrinker needs $shrunk_size: $(cat shrink.log)"

echo "minimize_test: $wanted, $size -> $small_size bytes (shrinker: $shrunk_size), $failures failures"
((failures == 0))
