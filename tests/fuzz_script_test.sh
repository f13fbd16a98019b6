#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What scripts/fuzz asks for before it builds: packages, options of CMake, a word while SQLite is compiled. It is called in a copy of
# the files that it reads, where cmake and install-dependencies write down how they were called; nothing is built.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$work"
mkdir -p project/{fuzz,cmake,backends} bin
cp -r "$source_dir"/scripts "$source_dir"/examples project
cp "$source_dir/fuzz/targets.cmake" project/fuzz
cp "$source_dir/backends/CMakeLists.txt" project/backends
export ASKED=$work/asked OBJECT='naive_pool.c.o'
cat >bin/cmake <<'END'
#!/usr/bin/env bash
echo "cmake $*" >>"$ASKED"
case " $* " in
*' -n '*) echo "[1/9] Building C object $OBJECT" ;;
*' --build '*) exit 1 ;;
esac
END
cat >project/scripts/install-dependencies <<'END'
#!/usr/bin/env bash
echo "install $*" >>"$ASKED"
END
chmod +x bin/cmake

# asks_for INSTALL CONFIGURE ARGUMENT...: the build fails, which is no finding
asks_for() {
    local install=$1 configure=$2 status=0
    shift 2
    : >asked
    PATH=$work/bin:$PATH project/scripts/fuzz --work-dir "$work" "$@" >out 2>err </dev/null || status=$?
    [[ $status == 2 ]] || fail "'$*': exit status $status: $(cat err)"
    grep -qxF "install $install" asked || fail "'$*': 'install $install' expected: $(cat asked)"
    [[ -z $configure ]] || grep -qxF "cmake $configure" asked || fail "'$*': 'cmake $configure' expected: $(cat asked)"
}
says_sqlite() { grep -q 'SQLite is compiled, which takes a minute' err; }

# On a machine that has nothing a pool waits for nothing that it does not need; a database needs all of it.
asks_for pools '--preset fast -DINTERPLAY_POOLS_ONLY=ON' --preset fast naive_pool
asks_for pools '--preset fuzz -DINTERPLAY_POOLS_ONLY=ON' memory
asks_for 'pools afl' '--preset afl -DINTERPLAY_POOLS_ONLY=ON' --engine afl store
asks_for '' '--preset fast' --preset fast
asks_for '' '--preset fast' --preset fast plain_pool
asks_for 'afl' '--preset afl' --engine afl sqlite
mkdir -p corpus/fuzz_naive_pool
echo x >corpus/fuzz_naive_pool/plan
: >asked
PATH=$work/bin:$PATH project/scripts/coverage --target naive_pool corpus/fuzz_naive_pool >out 2>err </dev/null && fail "coverage: exit status 0"
grep -qxF "cmake --preset coverage -DINTERPLAY_POOLS_ONLY=ON" asked || fail "coverage of a pool: $(cat asked)"

# What a build folder has is left in it.
mkdir -p project/build/{fast,mine}
echo 'INTERPLAY_POOLS_ONLY:BOOL=ON' >project/build/fast/CMakeCache.txt
asks_for pools '--preset fast -DINTERPLAY_POOLS_ONLY=ON' --preset fast naive_pool
asks_for '' '--preset fast' --preset fast sqlite
echo 'INTERPLAY_POOLS_ONLY:BOOL=OFF' >project/build/fast/CMakeCache.txt
asks_for '' '--preset fast' --preset fast naive_pool
printf 'INTERPLAY_ENGINE:STRING=libfuzzer\nINTERPLAY_POOLS_ONLY:BOOL=ON\n' >project/build/mine/CMakeCache.txt
asks_for pools '' --build project/build/mine naive_pool
! grep -q -- --preset asked || fail "--build: configured anew: $(cat asked)"

says_sqlite && fail "a word of SQLite, which is not compiled: $(cat err)"
OBJECT=backends/sqlite/CMakeFiles/interplay_sqlite3.dir/x/sqlite3.c.o asks_for '' '--preset fast' --preset fast sqlite
says_sqlite || fail "no word while SQLite is compiled: $(cat err)"

echo "fuzz_script_test: $failures failures"
((failures == 0))
