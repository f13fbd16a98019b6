#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What somebody does who has a project of their own: Interplay is installed somewhere, a program uses its pool by find_package and by
# pkg-config, a fuzz target of a pool of their own is built by find_package and by FetchContent, without tests and benches of ours,
# and finds what is planted in that pool.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$work"
prefix=$work/prefix
if ! cmake --install "$build_dir" --prefix "$prefix" >install.log 2>&1; then
    fail "install: $(tail -n 3 install.log)"
    exit 1
fi

cp -r "$source_dir/tests/packaging" project
cp "$source_dir"/examples/naive_pool/*.[ch] "$source_dir/tests/pool/doc_samples.c" project
compiler=$(sed -n 's/^set(CMAKE_C_COMPILER "\(.*\)")$/\1/p' "$build_dir"/CMakeFiles/*/CMakeCCompiler.cmake)
# Of this build's SQLite no second one is compiled.
sqlite=$(sed -n 's/^INTERPLAY_SQLITE_DIR:[A-Z]*=//p' "$build_dir/CMakeCache.txt")

build_project() { # FOLDER CMAKE-OPTION...
    local folder=$1
    shift
    if ! { cmake -S project -B "$folder" -G Ninja -DCMAKE_C_COMPILER="$compiler" "$@" && cmake --build "$folder" -j 2; } >"$folder.log" 2>&1; then
        fail "$folder: $(tail -n 5 "$folder.log")"
        return 1
    fi
}

# Three seeds, random plans: the transaction that was left open is found in the first hundred.
finds() { # FOLDER
    local target
    target=$(find "$1" -name fuzz_naive_pool -type f)
    status=0
    "$target" --fixed=broken,wakeup --interplay run --seed 1 --iterations 1000 >"$1.out" 2>&1 || status=$?
    [[ $status == 1 ]] || fail "$1: exit status $status, a finding expected: $(tail -n 2 "$1.out")"
    grep -q 'pool/handed-out-in-transaction' "$1.out" || fail "$1: another finding: $(tail -n 3 "$1.out")"
    "$target" --fixed=return,broken,wakeup --interplay run --seed 1 --iterations 1000 >"$1.out" 2>&1 ||
        fail "$1: a finding in the pool that is mended: $(tail -n 3 "$1.out")"
}

if build_project installed -DCMAKE_PREFIX_PATH="$prefix"; then
    finds installed
    if [[ -f installed/app ]]; then
        installed/app >app.out 2>&1 || fail "a program with the installed pool: $(tail -n 2 app.out)"
    else
        fail "the installed pool was not found: $(cat install.log)"
    fi
fi

# The project that docs/packaging.md shows: its test finds the mistake of its pool, and tells CI; it passes where that is mended.
cp -r "$source_dir/docs/own-project" own
for fixed in OFF ON; do
    if ! { cmake -S own -B "own-$fixed" -G Ninja -DCMAKE_C_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$prefix" -DMINI_POOL_FIXED=$fixed &&
        cmake --build "own-$fixed" -j 2; } >"own-$fixed.log" 2>&1; then
        fail "docs/own-project: $(tail -n 5 "own-$fixed.log")"
        continue
    fi
    status=0
    ctest --test-dir "own-$fixed" --output-on-failure >"own-$fixed.log" 2>&1 || status=$?
    case $fixed:$status in
    OFF:8)
        grep -q '<failure message="pool/handed-out-in-transaction"' own-OFF/junit.xml || fail "docs/own-project: JUnit: $(cat own-OFF/junit.xml)"
        grep -q '"ruleId": "pool"' own-OFF/finding.sarif || fail "docs/own-project: SARIF: $(cat own-OFF/finding.sarif)"
        # What was found stays a test: wrong here, right where the pool is mended.
        status=0
        own-OFF/fuzz_mini_pool --interplay replay own-OFF/finding.json >"own.out" 2>&1 || status=$?
        [[ $status == 1 ]] || fail "docs/own-project: the finding replays to: $(cat own.out)"
        ;;
    ON:0)
        grep -q 'tests="1" failures="0"' own-ON/junit.xml || fail "docs/own-project: JUnit of the mended pool: $(cat own-ON/junit.xml)"
        own-ON/fuzz_mini_pool --interplay replay own-OFF/finding.json >"own.out" 2>&1 || fail "docs/own-project: mended, and: $(cat own.out)"
        ;;
    *) fail "docs/own-project, mended: $fixed: exit status $status: $(tail -n 12 "own-$fixed.log")" ;;
    esac
done

if command -v pkg-config >/dev/null; then
    export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
    read -ra flags < <(pkg-config --cflags --libs interplay)
    if ! { "$compiler" -std=gnu17 -D_GNU_SOURCE project/doc_samples.c "${flags[@]}" -o by_pkg_config && ./by_pkg_config; } >app.out 2>&1; then
        fail "by pkg-config: $(tail -n 2 app.out)"
    fi
fi

fetch=(-DFETCH=ON -DFETCHCONTENT_SOURCE_DIR_INTERPLAY="$source_dir" -DINTERPLAY_ENGINE=standalone)
# For pools alone no source is fetched.
if XDG_CACHE_HOME=$work/cache build_project fetched "${fetch[@]}" -DINTERPLAY_POOLS_ONLY=ON; then
    finds fetched
    [[ ! -e cache/interplay ]] || fail "fetched, for pools only: $(find cache/interplay)"
    # Only what the target needs: no test, no bench.
    ! find fetched -path '*/tests/*.o' -o -path '*/bench/*.o' | grep -q . || fail "fetched: tests or benches of ours were compiled"
fi
# Otherwise SQLite's is there, and is not compiled for a target that has none.
if cmake -S project -B all -G Ninja -DCMAKE_C_COMPILER="$compiler" "${fetch[@]}" -DINTERPLAY_SQLITE_DIR="$sqlite" >all.log 2>&1; then
    ninja -C all -t commands fuzz_naive_pool >made_by
    grep -q "naive_pool\.c\.o " made_by || fail "fetched: what builds the target: $(tail -n 1 made_by)"
    ! grep -q "sqlite3\.c\.o " made_by || fail "fetched: SQLite is compiled for a target that has none"
else
    fail "fetched: $(tail -n 5 all.log)"
fi
# A database that was turned off is missed when it is asked for.
sed -i 's/BACKEND memory/BACKEND sqlite/' project/CMakeLists.txt
if cmake -S project -B wrong -G Ninja -DCMAKE_C_COMPILER="$compiler" "${fetch[@]}" -DINTERPLAY_POOLS_ONLY=ON >wrong.log 2>&1; then
    fail "fetched, for pools only: a target on SQLite"
fi
tr -s ' \n' ' ' <wrong.log | grep -q 'fuzz_naive_pool: BACKEND sqlite: there is no such backend' || fail "a target on a backend that is not there: $(cat wrong.log)"

# Here, too, where every backend is built, a pool on a backend without SQLite waits for none.
compiles_sqlite() { [[ $(ninja -C "$build_dir" -t commands "$1") == *'sqlite3.c.o '* ]]; }
compiles_sqlite fuzz_sqlite || fail "fuzz_sqlite is built without SQLite: what is said of other targets proves nothing"
for target in fuzz_memory fuzz_store fuzz_naive_pool; do
    ! compiles_sqlite "$target" || fail "$target: SQLite is compiled for a target that has none"
done

"$prefix/bin/interplay" --version | grep -q '^interplay [0-9]' || fail "the installed command does not tell its version"
for file in share/man/man1/interplay.1 share/bash-completion/completions/interplay share/zsh/site-functions/_interplay; do
    [[ -s $prefix/$file ]] || fail "not installed: $file"
done

echo "packaging_test: $failures failures"
((failures == 0))
