#!/usr/bin/env bash
# Every plan in crashes/ and seeds/ gives the verdict that is written down for this version of SQLite, ten times with the
# same trace, and its compact form gives the same one. No plan at all is a failure.
set -euo pipefail

interplay=$INTERPLAY_BUILD_DIR/interplay
source_dir=$INTERPLAY_SOURCE_DIR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$("$interplay" --version | sed -n 's/^sqlite \([0-9.]*\) .*/\1/p')
passed=0 failed=0 skipped=0

verdict_of() { # replays $1 on backend $2; prints "ok trace=..." or "violation ... trace=..."
    "$interplay" replay --backend "$2" --times 10 "$1" 2>&1 | sed "s|^$1: ||" || true
}

check() { # plan, expected verdict, backend
    local compact=$work/plan.bin seen
    seen=$(verdict_of "$1" "$3")
    "$interplay" convert "$1" -o "$compact"
    if [[ ${seen% trace=*} != "$2" ]]; then
        echo "FAIL $1: expected '$2', got '$seen'"
        failed=$((failed + 1))
    elif [[ $(verdict_of "$compact" "$3") != "$seen" ]]; then
        echo "FAIL $1: its compact form gives '$(verdict_of "$compact" "$3")', not '$seen'"
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
}

for plan in "$source_dir"/crashes/sqlite/*.json; do
    expected=$(awk -v plan="$(basename "$plan" .json)" -v version="$version" \
        '$1 == plan && $2 == version { $1 = $2 = ""; print substr($0, 3) }' \
        "$source_dir/crashes/sqlite/VERDICTS")
    if [[ -n $expected ]]; then
        check "$plan" "$expected" sqlite
    else
        skipped=$((skipped + 1)) # nobody looked at it with this version
    fi
done
for backend in sqlite memory; do
    seeds=("$source_dir/seeds/fuzz_$backend"/*.json)
    for plan in "${seeds[@]}"; do
        check "$plan" ok "$backend"
    done
done

echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0 && passed > 0))
