#!/bin/bash -eu
# SPDX-License-Identifier: Apache-2.0
#
# Builds the fuzz targets into $OUT, as OSS-Fuzz and ClusterFuzzLite want them: with CC, CXX, CFLAGS, CXXFLAGS and
# LIB_FUZZING_ENGINE of the environment, for any engine that calls LLVMFuzzerTestOneInput. Beside each target
# lie its seed corpus and its options. Writes to $WORK and $OUT only, and needs no network.
#
#   $SRC/interplay   the source (or where this script lies)
#   $SRC/sqlite      sqlite3.c and sqlite3.h (Dockerfile)
#
# There is no dictionary: a plan is numbers modulo small domains, and has no word that bytes could be compared with.

# Those with planted bugs are for our own tests.
targets=(fuzz_sqlite fuzz_memory)

source_dir=$SRC/interplay
[[ -d $source_dir ]] || source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$WORK/build

# The tools that make the seed corpora leak nothing, and containers may forbid looking.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"

cmake -S "$source_dir" -B "$build" -G Ninja \
    -DCMAKE_BUILD_TYPE=None \
    -DINTERPLAY_ENGINE=external \
    -DINTERPLAY_SQLITE_DIR="$SRC/sqlite"
cmake --build "$build" --target interplay "${targets[@]}"

for target in "${targets[@]}"; do
    seeds=$WORK/seeds/$target
    mkdir -p "$seeds"
    for plan in "$source_dir/seeds/$target"/*.json; do
        "$build/interplay" convert "$plan" -o "$seeds/$(basename "$plan" .json).bin"
    done
    python3 -m zipfile -c "$OUT/${target}_seed_corpus.zip" "$seeds"/*

    cp "$build/$target" "$OUT/"
    # No plan is longer. The target sets this itself, and more; ClusterFuzz wants to know it, too.
    cat >"$OUT/$target.options" <<'END'
[libfuzzer]
max_len = 3104
END
done
