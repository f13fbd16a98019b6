#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Plans that once failed, and all seeds, are replayed ten times (three times with sanitizers, which see what there is to see the
# first time), as JSON and as compact bytes: the same verdict and the same trace each time, and the verdict that is expected here:
#
#   crashes/<backend>/       what VERDICTS there says of this version of what is tested; plans that it does not name are skipped
#   crashes/fuzz_*canary/    PLAN.json is a finding of the planted bug PLAN, with a signature that it is planted for, and
#                            comes to ok without it
#   seeds/<target>/          ok
#
# Verdicts and traces go to regression.txt in the build folder: scripts/test compares those of all builds.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
list=$build_dir/regression.txt
passed=0 skipped=0 times=10
grep -q '^INTERPLAY_SANITIZERS:.*=.' "$build_dir/CMakeCache.txt" && times=3
: >"$work/list"

# verdict_of PLAN COMMAND...: replays it; prints "ok trace=..." or "violation ... trace=..."
verdict_of() {
    local plan=$1
    shift
    "$@" replay --times "$times" "$plan" 2>&1 | sed "s|^$plan: ||" || true
}

# check PLAN EXPECTED COMMAND...: EXPECTED is a pattern of the verdict
check() {
    local plan=$1 expected=$2 compact=$work/plan.bin seen
    shift 2
    seen=$(verdict_of "$plan" "$@")
    "$@" convert "$plan" -o "$compact"
    if [[ ! ${seen% trace=*} =~ ^$expected$ ]]; then
        fail "$plan: expected '$expected', got '$seen'"
    elif [[ $(verdict_of "$compact" "$@") != "$seen" ]]; then
        fail "$plan: its compact form gives '$(verdict_of "$compact" "$@")', not '$seen'"
    else
        passed=$((passed + 1))
    fi
    echo "${plan#"$source_dir/"} ${*//"$build_dir/"/}: $seen" >>"$work/list"
}

# on BACKEND COMMAND ARGUMENT...: interplay, on this backend
on() {
    local backend=$1 command=$2
    shift 2
    [[ $command != replay ]] || set -- --backend "$backend" "$@"
    "$build_dir/interplay" "$command" "$@"
}

for verdicts in "$source_dir"/crashes/*/VERDICTS; do
    folder=$(dirname "$verdicts") backend=$(basename "$(dirname "$verdicts")")
    version=$("$build_dir/interplay" --version | sed -n "s/^$backend \([0-9.]*\).*/\1/p")
    for plan in "$folder"/*.json; do
        expected=$(awk -v plan="$(basename "$plan" .json)" -v version="$version" \
            '$1 == plan && $2 == version { $1 = $2 = ""; print substr($0, 3) }' "$verdicts")
        if [[ -n $expected ]]; then
            check "$plan" "$expected" on "$backend"
        else
            skipped=$((skipped + 1)) # nobody looked at it with this version
        fi
    done
done

for target in fuzz_canary:sqlite fuzz_pool_canary:memory fuzz_store_canary:store; do
    canaries=$build_dir/${target%:*}
    while read -r canary signatures _; do
        plan=$source_dir/crashes/${target%:*}/$canary.json
        [[ -f $plan ]] || { fail "$plan: no such plan, for a planted bug of that name" && continue; }
        check "$plan" "violation ($signatures)(/.*)?" "$canaries" --canary="$canary" --interplay
        check "$plan" ok on "${target#*:}"
    done < <("$canaries" --canary=list)
done

for backend in sqlite memory; do
    for plan in "$source_dir/seeds/fuzz_$backend"/*.json; do
        check "$plan" ok on "$backend"
    done
done

mv "$work/list" "$list"
echo "$passed passed, $failures failed, $skipped skipped"
((failures == 0 && passed > 0))
