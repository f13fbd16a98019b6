#!/usr/bin/env bash
# Types carry the pool's rules: each case of compile_fail.c is refused by the compiler, for the reason that is meant,
# and the file without any case compiles. Plain flags, so that it is true for users: but for -Werror on the two warnings
# that stand for these errors in compilers before gcc 14.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
compile=("${CC:-cc}" -std=gnu17 -c -o /dev/null -Werror=incompatible-pointer-types -Werror=unused-result
    -I "$here/../../include" "$here/compile_fail.c")
reasons='incompatible-pointer-types|unused-result'

if ! "${compile[@]}"; then
    echo "FAIL: compile_fail.c does not compile without a case, so its cases prove nothing"
    exit 1
fi

failed=0 refused=0
while read -r number; do
    if said=$("${compile[@]}" -DCASE="$number" 2>&1); then
        echo "FAIL: case $number compiles"
        failed=$((failed + 1))
    elif [[ $(grep -c 'error:' <<<"$said") != 1 ]] || ! grep -Eq "error:.*-Werror[=,](-W)?($reasons)" <<<"$said"; then
        echo "FAIL: case $number is refused for another reason: $said"
        failed=$((failed + 1))
    else
        refused=$((refused + 1))
    fi
done < <(sed -nE 's/^#(if|elif) CASE == ([0-9]+) .*/\2/p' "$here/compile_fail.c")

echo "$refused refused, $failed failed"
((failed == 0 && refused > 0))
