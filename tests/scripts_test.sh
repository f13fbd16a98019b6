#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The main job starts: scripts/fuzz on this build makes the seed corpus and runs the target on it; what it cannot take is one
# message and exit status 2. Skipped (77) in builds without an engine, and where they are not at build/<preset>.
set -euo pipefail
cd "$INTERPLAY_SOURCE_DIR"
preset=$(basename "$INTERPLAY_BUILD_DIR")
if [[ $preset != fast && $preset != fuzz ]] || [[ ! $INTERPLAY_BUILD_DIR -ef build/$preset ]]; then
    exit 77
fi

out=$(scripts/fuzz --preset "$preset" sqlite -runs=50 -seed=1 2>&1) || {
    echo "scripts/fuzz failed: $out"
    exit 1
}
seeds=("$INTERPLAY_BUILD_DIR"/corpus/fuzz_sqlite/seeds/*.bin)
readable=(seeds/fuzz_sqlite/*.json)
((${#seeds[@]} == ${#readable[@]})) || { echo "not every seed is in the corpus" && exit 1; }
[[ $out == *"Done "* ]] || { echo "the engine did not run: $out" && exit 1; }

# Another target, and one of an example.
out=$(scripts/fuzz --preset "$preset" memory -runs=50 -seed=1 2>&1) || true
[[ $out == *"Done "* ]] || { echo "scripts/fuzz memory failed: $out" && exit 1; }
out=$(scripts/fuzz --preset "$preset" naive_pool -- --fixed=return,broken,wakeup -runs=50 -seed=1 2>&1) || true
[[ $out == *"Done "* ]] || { echo "scripts/fuzz naive_pool failed: $out" && exit 1; }

for wrong in --no-such-option no_such_target; do
    status=0
    out=$(scripts/fuzz --preset "$preset" "$wrong" 2>&1) || status=$?
    [[ $status == 2 && $(wc -l <<<"$out") == 1 ]] || {
        echo "scripts/fuzz $wrong: exit status $status: $out"
        exit 1
    }
done
echo "5 passed, 0 failed"
