#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# oss-fuzz/build.sh, run as OSS-Fuzz's base-builder runs it (infra/base-images/base-builder/compile): a clean folder, the
# compilers, flags and engine in the environment; once for libFuzzer with ASan, once for AFL++. What it makes is moved
# elsewhere, the rest is deleted, and each target is looked at as base-runner does (test_all.py, bad_build_check,
# run_fuzzer). In builds other than preset fast, or without clang or network for SQLite's source: exit 77 (skipped).
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
edges_min=100 calls_of_asan_min=1000 # bad_build_check's

skip() {
    echo "$test_name: $*, nothing was tested" >&2
    exit 77
}

# One build is enough: nothing of the preset is used.
[[ $(basename "$build_dir") == fast ]] || skip "tested with preset fast only"
clang=$(sed -n 's/^CMAKE_C_COMPILER:.*=//p' "$build_dir/CMakeCache.txt")
clang=$(command -v "${clang:-clang-14}") || skip "no clang"
clangxx=${clang%/*}/$(basename "$clang" | sed 's/^clang/clang++/')
[[ -x $clangxx ]] || skip "no $clangxx"
# The one that oss-fuzz/Dockerfile asks for.
package=$(sed -n 's/.*fetch-sqlite --npm \([^)"]*\).*/\1/p' "$source_dir/oss-fuzz/Dockerfile")
[[ -n $package ]] || fail "oss-fuzz/Dockerfile fetches no SQLite"
sqlite=$("$source_dir/scripts/fetch-sqlite" --npm "$package" 2>"$work/fetch.log") || skip "no source of SQLite"

# What base-builder's environment has.
cflags="-O1 -fno-omit-frame-pointer -gline-tables-only -Wno-error=int-conversion"
cflags+=" -Wno-error=deprecated-declarations -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION"
address_flags="-fsanitize=address -fsanitize-address-use-after-scope"
# And base-runner's.
asan_options=detect_leaks=1:detect_stack_use_after_return=1:max_uar_stack_size_log=16:strict_memcmp=1:use_sigaltstack=1
asan_options+=:alloc_dealloc_mismatch=0:allocator_may_return_null=1:detect_odr_violation=0:handle_abort=1

# build ENGINE SANITIZER LIB_FUZZING_ENGINE CC CXX CFLAGS; leaves what it made in $work/ENGINE. Always in the same place, so that SQLite
# is compiled once (cmake/compile-cached): its path is in the object.
build() {
    local engine=$1 sanitizer=$2 root=$build_dir/oss-fuzz
    rm -rf "$root"
    mkdir -p "$root"/{src/interplay,work,out}
    git -C "$source_dir" ls-files -z --cached --others --exclude-standard |
        tar -C "$source_dir" --null -T - --ignore-failed-read -c 2>/dev/null | tar -x -C "$root/src/interplay"
    cp -r "$sqlite" "$root/src/sqlite"
    cp "$root/src/interplay/oss-fuzz/build.sh" "$root/src/"
    (cd "$root/src/interplay" &&
        env -i PATH="$PATH" HOME=/nonexistent XDG_CACHE_HOME="${XDG_CACHE_HOME:-$HOME/.cache}" http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1 \
            SRC="$root/src" WORK="$root/work" OUT="$root/out" FUZZING_LANGUAGE=c ARCHITECTURE=x86_64 \
            FUZZING_ENGINE="$engine" SANITIZER="$sanitizer" LIB_FUZZING_ENGINE="$3" AFL_QUIET=1 AFL_DONT_OPTIMIZE=1 \
            CC="$4" CXX="$5" CFLAGS="$6" CXXFLAGS="$6" bash -eux "$root/src/build.sh") >"$work/log" 2>&1 || {
        tail -n 20 "$work/log" >&2
        fail "$engine: build.sh failed"
        return 1
    }
    mv "$root/out" "$work/$engine"
    rm -rf "$root" # whoever needs it will miss it
    chmod -R a-w "$work/$engine"
}

# The fuzz targets in folder $1, as test_all.py finds them.
targets_in() {
    local path
    for path in "$1"/*; do
        if [[ -f $path && -x $path ]] && grep -q LLVMFuzzerTestOneInput "$path"; then
            echo "$path"
        fi
    done
}

# What is true of a target for any engine.
check_file() {
    local target=$1 name=${1##*/} foreign
    [[ $name =~ ^[a-zA-Z0-9_-]+$ ]] || fail "$target: a name that OSS-Fuzz does not take"
    readelf -h "$target" 2>/dev/null | grep 'X86-64' >/dev/null || fail "$target: no program for x86-64"
    # The engine's C++ library is static in base-builder (libc++), not here.
    foreign=$(ldd "$target" | awk '{ print $1 }' |
        grep -vE '^(linux-vdso|/lib64/ld-linux-x86-64|lib(c|m|dl|rt|pthread|gcc_s|stdc\+\+|resolv))\.so' || true)
    [[ -z $foreign ]] || fail "$target: needs the libraries ${foreign//$'\n'/ }"
    [[ -s ${target}_seed_corpus.zip ]] || fail "$target: no seed corpus"
    grep -q '^\[libfuzzer\]$' "$target.options" || fail "$target: no options"
    mkdir -p "seeds/$name"
    python3 -m zipfile -e "${target}_seed_corpus.zip" "seeds/$name"
    (($(find "seeds/$name" -type f | wc -l) == $(find "$source_dir/seeds/$name" -name '*.json' | wc -l))) ||
        fail "$target: not all seeds are in its corpus"
}

# run TARGET ARGUMENT...: in a folder that nothing can be written to, with nothing in the environment but base-runner's
run() {
    (cd /proc && timeout 120 env -i PATH=/usr/bin:/bin ASAN_OPTIONS="$asan_options" "$@") >run.log 2>&1
}

check_libfuzzer() {
    local target=$1 name=${1##*/} edges covered calls
    # bad_build_check: check_engine, check_startup_crash, check_mixed_sanitizers, check_seed_corpus
    run "$target" -seed=1337 -runs=4 || fail "$target: does not run: $(tail -n 3 run.log)"
    grep -q 'Done 4 runs' run.log || fail "$target: not 4 runs"
    edges=$(sed -n 's/^INFO: Loaded .* modules *(\([0-9]*\) inline 8-bit counters).*/\1/p' run.log)
    ((${edges:-0} >= edges_min)) || fail "$target: ${edges:-no} edges, at least $edges_min expected"
    calls=$(objdump -d "$target" | grep -cE 'callq? +[0-9a-f]+ <__asan')
    ((calls >= calls_of_asan_min)) || fail "$target: $calls calls of ASan, $calls_of_asan_min expected"
    # The pool is what is fuzzed, our own code is not.
    objdump -d --disassemble=pool_check_out "$target" | grep sancov >/dev/null || fail "$target: the pool is not instrumented"
    ! objdump -d --disassemble=compact_decode "$target" | grep sancov >/dev/null || fail "$target: the decoder is instrumented"
    run "$target" -runs=0 -rss_limit_mb=2560 -timeout=25 -max_len=3104 "$work/seeds/$name" ||
        fail "$target: its seed corpus does not run: $(tail -n 3 run.log)"
    covered=$(sed -n 's/.*INITED cov: \([0-9]*\) .*/\1/p' run.log)
    ((${covered:-0} >= edges_min)) || fail "$target: the seeds cover ${covered:-no} edges"
    # ClusterFuzz may have options of a newer libFuzzer.
    run "$target" -runs=10 -an_option_of_tomorrow=1 || fail "$target: refuses an unknown option"
    echo "$name, libFuzzer: $edges edges, $covered by its seeds, $calls calls of ASan"
}

check_afl() {
    local target=$1 name=${1##*/} status=0
    grep -qF '##SIG_AFL_PERSISTENT##' "$target" || fail "$target: not persistent"
    # run_fuzzer, and what bad_build_check looks for in its output.
    (cd "${target%/*}" && env -u ASAN_OPTIONS -u UBSAN_OPTIONS AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 AFL_FORKSRV_INIT_TMOUT=30000 \
        AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 timeout 120 afl-fuzz -m none -V 4 -i "$work/seeds/$name" \
        -o "$work/afl-out-$name" -- "$target" 2147483647) >run.log 2>&1 || status=$?
    [[ $status == 0 ]] || fail "$target: afl-fuzz: exit status $status: $(tail -n 3 run.log)"
    grep -q 'All set and ready to roll' run.log || fail "$target: afl-fuzz does not get ready"
    ! grep -qE 'target binary (crashed|terminated)' run.log || fail "$target: crashes when it starts"
    local stats=$work/afl-out-$name/default/fuzzer_stats
    (($(sed -n 's/^edges_found *: *//p' "$stats") >= edges_min)) || fail "$target: too few edges"
    echo "$name, AFL++: $(sed -n 's/^edges_found *: *//p' "$stats") of" \
        "$(sed -n 's/^total_edges *: *//p' "$stats") edges"
}

# check_all ENGINE
check_all() {
    local engine=$1 target count=0
    for target in $(targets_in "$work/$engine"); do
        check_file "$target"
        "check_$engine" "$target"
        count=$((count + 1))
    done
    ((count >= 2)) || fail "$engine: $count targets in \$OUT"
}

cd "$work"
build libfuzzer address -fsanitize=fuzzer "$clang" "$clangxx" "$cflags $address_flags -fsanitize=fuzzer-no-link" &&
    check_all libfuzzer
driver=$(find /usr/lib/afl /usr/local/lib/afl -name libAFLDriver.a -print -quit 2>/dev/null || true)
if cmake -P "$source_dir/cmake/afl.cmake" >/dev/null 2>&1 && [[ -n $driver ]]; then
    build afl none "$driver" "$(command -v afl-clang-fast)" "$(command -v afl-clang-fast++)" "$cflags" && check_all afl
else
    echo "$test_name: no AFL++ on this machine: only libFuzzer was tested"
fi
chmod -R u+w "$work"

echo "$test_name: $failures failures"
((failures == 0))
