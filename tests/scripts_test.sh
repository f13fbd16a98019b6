#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The main job starts: scripts/fuzz on this build makes the seed corpus and runs each target on it. Skipped (77) in builds without
# an engine, and where they are not at build/<preset>.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
preset=$(basename "$build_dir")
[[ $preset =~ ^(fast|fuzz)$ && $build_dir -ef $source_dir/build/$preset ]] || exit 77
cd "$source_dir"

# starts TARGET [OPTION OF THE TARGET]: 50 plans and the seeds
starts() {
    local target=$1 out plans
    shift
    out=$(scripts/fuzz --preset "$preset" --work-dir "$work" --jobs 1 "$target" -runs=50 -seed=1 -- "$@" 2>&1) ||
        fail "scripts/fuzz $target: exit status $?: $out"
    plans=$(sed -nE 's/^plans +([0-9]+) .*/\1/p' <<<"$out")
    ((${plans:-0} >= 50)) || fail "scripts/fuzz $target: the engine did not run: $out"
}

starts sqlite
starts memory
starts naive_pool --fixed=return,broken,wakeup
seeds=("$build_dir"/corpus/fuzz_sqlite/seeds/*.bin)
readable=(seeds/fuzz_sqlite/*.json)
((${#seeds[@]} == ${#readable[@]})) || fail "not every seed is in the corpus"

echo "scripts_test: $failures failures"
((failures == 0))
