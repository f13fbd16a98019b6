#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every planted bug of the client side of SQL Server that is not rare is found by a few hundred random plans, with a signature
# that it is planted for; without the planted bug the same plan shows nothing.
#
#   tests/mssql/mssql_canary_test.sh [CANARY]...    some of them only
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
target=$build_dir/fuzz_mssql_canary
[[ -x $target ]] || {
    echo "$test_name: SKIPPED: $target is not built" >&2
    exit 77
}

count=0
while read -r name signatures mark _; do
    if (($# > 0)) && [[ " $* " != *" $name "* ]]; then
        continue
    fi
    [[ $mark != rare: ]] || continue
    shows_canary "$target" "$name" "$signatures" --iterations 400
    count=$((count + 1))
done < <("$target" --canary=list)
((count > 0)) || fail "no canary was tried"
