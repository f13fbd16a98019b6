#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every C file of ours is as .clang-format wants it, and no line of it, nor of a table (.def), is longer than 100 columns: comments
# are wrapped by hand. Exit 77 (skipped) if there is no clang-format. To format: tests/check_format.sh --fix
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# 14 first: other versions break some lines differently.
formatter=$(command -v clang-format-14 || command -v clang-format) || {
    echo "check_format: clang-format is not installed, nothing was checked" >&2
    exit 77
}

mapfile -t folders < <(for f in include src backends proto fuzz tests bench examples scripts crashes; do
    [[ ! -d $f ]] || echo "$f"
done)
mapfile -d '' -t files < <(find "${folders[@]}" -name '*.[ch]' -print0 | sort -z)
if ((${#files[@]} == 0)); then
    echo "check_format: no C file found" >&2
    exit 1
fi
if [[ ${1:-} == --fix ]]; then
    exec "$formatter" -i --style=file "${files[@]}"
fi
"$formatter" --style=file --dry-run -Werror "${files[@]}"

mapfile -d '' -t tables < <(find "${folders[@]}" -name '*.def' -print0 | sort -z)
awk 'length > 100 { print FILENAME ":" FNR ": " length " columns, 100 at most"; long = 1 } END { exit long }' \
    "${files[@]}" "${tables[@]}" >&2
echo "check_format: ${#files[@]} files are formatted"
