#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The command line of a fuzz target: what makes no sense is one clear line on stderr and exit status 2, a corpus folder
# that does not exist is made, and everything else reaches the engine. And one seed takes one course.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(realpath "${INTERPLAY_BUILD_DIR:-$source_dir/build/fast}/fuzz_sqlite")
canary=${program%/*}/fuzz_canary
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failures=0

fail() {
    echo "fuzz_arguments_test: $*" >&2
    failures=$((failures + 1))
}

# refuses TEXT ARGUMENT...: exit status 2, one line on stderr, which has TEXT
refuses() {
    local text=$1 status=0
    shift
    timeout 60 "$program" "$@" >out 2>err </dev/null || status=$?
    [[ $status == 2 ]] || fail "'$*': exit status $status, expected 2"
    sed -i '/^Running LLVMFuzzerInitialize/d' err # AFL++'s driver says so
    [[ $(wc -l <err) == 1 ]] || fail "'$*': more or less than one line: $(cat err)"
    grep -qF -- "$text" err || fail "'$*': '$text' expected, found: $(cat err)"
}

# accepts ARGUMENT...: exit status 0
accepts() {
    local status=0
    timeout 60 "$program" "$@" >out 2>err </dev/null || status=$?
    [[ $status == 0 ]] || fail "'$*': exit status $status, expected 0: $(tail -n 3 err)"
}

printf 'an input' >input
printf '{}' >plan.json
: >empty
mkdir folder

accepts --help
grep -q '^Usage:' out || fail "--help prints no usage"
accepts input
grep -q 'testing sqlite [0-9.]* ' err || fail "the version of the database is not printed"
refuses 'unknown option' --runs=1 input
refuses 'unknown option' -no_such_option=1 input
refuses 'empty' empty
refuses 'empty' input empty
refuses 'no such file' crash-0123
refuses "no profile 'no-such': expected balanced, " --profile=no-such input
printf '{"swarm": 3}' >wrong.json
refuses 'wrong.json:1:11: swarm: expected true or false' --profile=wrong.json input
accepts --profile=checkpoint-heavy input

if "$program" -help=1 >/dev/null 2>&1; then
    refuses 'needs a value' -runs input
    refuses 'needs a number' -runs=x input
    refuses 'is a file' folder input
    refuses 'is a file' input folder
    refuses 'is a file' input/
    refuses 'no such folder' folder other-folder
    [[ ! -e other-folder ]] || fail "a second folder was made"
    refuses 'no such folder' new-folder other-folder
    [[ ! -e new-folder ]] || fail "a folder was made though the call was wrong"
    refuses 'cannot make' input/folder
    refuses 'neither a file nor a folder' /dev/null
    refuses 'interplay replay' plan.json
    refuses 'no such file' -minimize_crash=1 nothing
    accepts -runs=1
    accepts -runs=1 new/corpus/
    [[ -d new/corpus ]] || fail "the corpus folder was not made"
    accepts -runs=1 other-corpus
    [[ -d other-corpus ]] || fail "the corpus folder without a slash was not made"
    accepts -runs=1 new/corpus folder
    accepts -runs=1 new/corpus -ignore_remaining_args=1 --whatever -nothing
    # Addresses are part of what is hashed in a pool: they must not vary.
    for target in fuzz_memory fuzz_sqlite; do
        for course in one other; do
            mkdir "$target-$course"
            "${program%/*}/$target" -seed=7 -runs=2000 "$target-$course" >out 2>&1 ||
                fail "$target: failed: $(tail -n 3 out)"
        done
        [[ $(ls "$target-one") == "$(ls "$target-other")" ]] ||
            fail "$target: one seed takes two courses"
        (($(find "$target-one" -type f | wc -l) > 100)) || fail "$target: no corpus to compare"
    done
else
    accepts input folder/../input
    grep -q '2 replayed, all ok' out || fail "not both files were replayed"
    # Without arguments AFL++'s driver says how it is used.
    grep -q '^INTERPLAY_ENGINE:.*=afl$' "${canary%/*}/CMakeCache.txt" || refuses 'nothing to replay'
    refuses 'no file to replay' folder
    refuses 'interplay replay' plan.json
    refuses 'no such file' nothing
fi

program=$canary
refuses "no canary 'x'" --canary=x input
accepts --canary=list

echo "fuzz_arguments_test: $failures failures"
((failures == 0))
