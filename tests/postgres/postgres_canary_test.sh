#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every planted bug of PostgreSQL's client side that is not rare is found by a few hundred random plans, one marked "lost:" by plans of the
# profile plans/lost-replies.json, and any that has a plan in plans/ by that; always with a signature that it is planted for, and without the
# planted bug the same plan shows nothing. SKIPPED where no server is installed.
#
#   tests/postgres/postgres_canary_test.sh [CANARY]...    some of them only
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
target=$build_dir/fuzz_postgres_canary
folder=$(dirname "${BASH_SOURCE[0]}")/plans
[[ -x $target ]] || {
    echo "$test_name: SKIPPED: $target is not built" >&2
    exit 77
}
if ! "$target" --interplay run --seed 1 --iterations 1 >"$work/out" 2>&1; then
    grep -qE 'no PostgreSQL server|INTERPLAY_POSTGRES_BIN=' "$work/out" || {
        cat "$work/out" >&2
        exit 1
    }
    echo "$test_name: SKIPPED: $(tail -n 1 "$work/out")" >&2
    exit 77
fi

count=0
# replay FILE LOG [OPTION]
replay() { "$target" ${3:+"$3"} --interplay replay "$1" >"$2" 2>&1; }

# A rare one, which its own plan shows.
try_plan() { # CANARY SIGNATURES FILE
    local name=$1 signatures=$2 found
    ! replay "$3" "$work/$name" "--canary=$name" || fail "$name: nothing in $3"
    found=$(sed -n 's/.*: violation \([^ ]*\) .*/\1/p' "$work/$name" | head -n 1)
    [[ $found =~ ^($signatures)(/|$) ]] || fail "$name: '$found' in $3, '$signatures' wanted"
    replay "$3" "$work/clean" || fail "$name: also without it: $(tail -n 1 "$work/clean")"
    printf '%-27s %s\n' "$name" "$found, by its plan"
    count=$((count + 1))
}

try() { # CANARY SIGNATURES [OPTION]...
    shows_canary "$target" "$1" "$2" --iterations 600 "${@:3}"
    count=$((count + 1))
}

while read -r name signatures mark _; do
    if (($# > 0)) && [[ " $* " != *" $name "* ]]; then
        continue
    fi
    [[ ! -f $folder/$name.json ]] || try_plan "$name" "$signatures" "$folder/$name.json"
    case $mark in
    lost:) try "$name" "$signatures" --profile "$folder/lost-replies.json" ;;
    rare:) (($# == 0)) || try "$name" "$signatures" ;;
    *) try "$name" "$signatures" ;;
    esac
done < <("$target" --canary=list)
((count > 0)) || fail "no canary was tried"
((failures == 0))
