#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every shell script of ours, told by its first line, passes shellcheck; a script with a mistake does not. Exit 77 (skipped) if
# there is no shellcheck.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

command -v shellcheck >/dev/null || {
    echo "check_shell: shellcheck is not installed, nothing was checked" >&2
    exit 77
}

# scripts_in FOLDER: those that say in their first line which shell reads them.
scripts_in() {
    local file first
    while IFS= read -r -d '' file; do
        IFS= read -r first <"$file" || continue
        [[ ! $first =~ ^\#(!.*[/\ ](ba|da)?sh( |$)|\ shellcheck\ shell=) ]] || printf '%s\0' "$file"
    done < <(grep -rIlZE --exclude-dir=.git --exclude-dir=build '^#(!.*sh| shellcheck shell=)' "$1")
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '#!/bin/bash -eu\ncd nowhere || no_such_function() { :\n' >"$work/broken"
mapfile -d '' -t found < <(scripts_in "$work")
if ((${#found[@]} != 1)) || shellcheck "${found[@]}" >/dev/null; then
    echo "check_shell: a script with a mistake passes" >&2
    exit 1
fi

mapfile -d '' -t scripts < <(scripts_in . | sort -z)
if ((${#scripts[@]} == 0)); then
    echo "check_shell: no script found" >&2
    exit 1
fi
shellcheck -x "${scripts[@]}"
echo "check_shell: ${#scripts[@]} scripts are in order"
