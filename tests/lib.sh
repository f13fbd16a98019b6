# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What tests that are scripts share; sourced. The name of a test is that of its file.
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build_dir=$(realpath "${INTERPLAY_BUILD_DIR:-$source_dir/build/fast}")
test_name=$(basename "$0" .sh)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
limit_s=300 # for one call of interplay
program=("$build_dir/interplay") # or a target with its options and --interplay

fail() {
    echo "$test_name: $*" >&2
    failures=$((failures + 1))
}

# expect STATUS ARGUMENT...: runs interplay, leaves `out` and `err`
expect() {
    local wanted=$1 status=0
    shift
    timeout "$limit_s" "${program[@]}" "$@" >out 2>err </dev/null || status=$?
    [[ $status == "$wanted" ]] || fail "'$*': exit status $status, expected $wanted: $(tail -n 2 err)"
}

# refuses TEXT ARGUMENT...: one line on stderr, which has TEXT
refuses() {
    local text=$1
    shift
    expect 2 "$@"
    [[ $(wc -l <err) == 1 ]] || fail "'$*': more or less than one line: $(cat err)"
    grep -qF -- "$text" err || fail "'$*': '$text' expected, found: $(cat err)"
}

# Where there is an engine, a missing target is a failure; where there is none, nothing can be tested.
need_engine() {
    grep -q '^INTERPLAY_ENGINE:.*=libfuzzer$' "$build_dir/CMakeCache.txt" 2>/dev/null || {
        echo "$test_name: no libFuzzer in $build_dir, nothing was tested" >&2
        exit 77
    }
}

# begins_to_shrink PID: true once it catches SIGINT, false when it is over
begins_to_shrink() {
    local running caught
    while running=$(readlink "/proc/$1/exe"); do # fails for who has ended; the shell's before the exec
        caught=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null || true)
        [[ $running == "${program[0]}" ]] && ((16#${caught:-0} & 2)) && return 0
        sleep 0.02
    done
    return 1
}

# slow_finding FILE: a finding of whose twenty steps each is needed, and slow: a long time to shrink
slow_finding() {
    local i
    {
        echo '{"version": 1, "config": {"sqlite": {"page_size": 512}}, "interactions": ['
        echo '{"task": 0, "action": {"type": "execute", "sql": "CREATE TABLE x(a)"}},'
        for i in {1..20}; do
            echo '{"task": 0, "action": {"type": "execute", "sql": "WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL' \
                "SELECT n + 1 FROM c WHERE n < 90000) INSERT INTO x SELECT max(n) + $i FROM c\"}},"
        done
        echo '{"task": 0, "action": {"type": "query",' \
            '"sql": "SELECT 1 WHERE (SELECT count(*) FROM x) = 20"}, "expect": {"row_count": 0}}]}'
    } >"$1"
}

# The signature in what a target printed.
signature_of() {
    sed -n 's/^==== interplay: violation \(.*\) ====$/\1/p' "$1" | head -n 1
}

# shows_canary TARGET CANARY SIGNATURES OPTION...: random plans of these options find what is planted in the target, as what it
# is planted for; without it the plan shows nothing
shows_canary() {
    local target=$1 name=$2 signatures=$3 found
    shift 3
    "$target" --canary="$name" --interplay run --seed 1 "$@" -o "$work/$name.json" >"$work/$name" 2>&1 || true
    found=$(signature_of "$work/$name")
    if [[ ! $found =~ ^($signatures)(/|$) ]]; then
        fail "$name: '$found' by $*, '$signatures' wanted: $(tail -n 1 "$work/$name")"
        return
    fi
    "$target" --interplay replay --anyway "$work/$name.json" >"$work/clean" 2>&1 || fail "$name: also without it: $(signature_of "$work/clean")"
    printf '%-27s %s\n' "$name" "$(tail -n 2 "$work/$name" | head -n 1)"
}
