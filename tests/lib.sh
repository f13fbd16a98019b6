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

fail() {
    echo "$test_name: $*" >&2
    failures=$((failures + 1))
}

# expect STATUS ARGUMENT...: runs interplay, leaves `out` and `err`
expect() {
    local wanted=$1 status=0
    shift
    timeout "$limit_s" "$build_dir/interplay" "$@" >out 2>err </dev/null || status=$?
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
        echo "$test_name: no fuzzing engine in $build_dir, nothing was tested" >&2
        exit 77
    }
}

# The signature in what a target printed.
signature_of() {
    sed -n 's/^==== interplay: violation \(.*\) ====$/\1/p' "$1" | head -n 1
}
