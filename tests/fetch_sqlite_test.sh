#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# scripts/fetch-sqlite with a cache that has everything: which folder it prints for which option, and what it refuses. No network.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$work"
export XDG_CACHE_HOME=$work
program=("$source_dir/scripts/fetch-sqlite")
cached() { # FOLDER LINK
    mkdir -p "interplay/$1"
    : >"interplay/$1/sqlite3.c"
    : >"interplay/$1/sqlite3.h"
    ln -s "$1" "interplay/$2"
}
cached sqlite-3.40.1 of-nowhere
cached sqlite-3.46.1 of-suite-trixie
cached sqlite-3.50.0-npm of-npm-@somebody_sqlite@1.2.3
cached sqlite-3.51.2-crate of-crate-libsqlite3-sys@0.36.0

prints() { # FOLDER OPTION...
    local folder=$1
    shift
    expect 0 "$@"
    [[ $(cat out) == "$work/interplay/$folder" ]] || fail "$*: $(cat out err)"
}
prints sqlite-3.40.1
prints sqlite-3.46.1 --suite trixie
prints sqlite-3.50.0-npm --npm @somebody/sqlite@1.2.3
prints sqlite-3.51.2-crate --crate libsqlite3-sys@0.36.0
refuses 'exclude each other' --suite trixie --npm a@1
refuses '--crate takes CRATE@VERSION' --crate libsqlite3-sys
refuses '--suite needs a value' --suite
refuses "unknown argument 'x'" x

echo "fetch_sqlite_test: $failures failures"
((failures == 0))
