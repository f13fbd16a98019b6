# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the scripts share; sourced, not run. Defines project, say, die, seconds_of, show_manual, needs_nothing_fetched.

# shellcheck disable=SC2034 # used by those who source this
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { echo "interplay: $*" >&2; }

# One message, exit 2: the usage or the machine is wrong.
die() {
    say "$*"
    exit 2
}

# Prints the seconds of a time like 60, 60s, 5m or 1h; false for anything else.
seconds_of() { # TIME
    [[ $1 =~ ^([1-9][0-9]{0,8})([smh]?)$ ]] || return
    case ${BASH_REMATCH[2]} in
    h) echo $((BASH_REMATCH[1] * 3600)) ;;
    m) echo $((BASH_REMATCH[1] * 60)) ;;
    *) echo "${BASH_REMATCH[1]}" ;;
    esac
}

# A script's header comment is its manual.
show_manual() {
    awk 'NR == 1 || /SPDX/ { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$1" | sed '/./,$!d'
}

# True for a fuzz target whose backend needs no source from elsewhere, so that it need wait for none, nor for what tests need; unless
# the build folder has all that already.
needs_nothing_fetched() { # TARGET BUILD-FOLDER
    local backend cache=$2/CMakeCache.txt
    backend=$(sed -n "/^ *interplay_add_target(NAME $1\>/,/)/p" "$project"/{fuzz/targets.cmake,examples/*/CMakeLists.txt} |
        sed -nE 's/.*BACKEND +([a-z0-9_]+).*/\1/p')
    grep -qE "^interplay_backend\($backend [0-9]+\)" "$project/backends/CMakeLists.txt" || return
    [[ ! -f $cache ]] || grep -q '^INTERPLAY_POOLS_ONLY:BOOL=ON' "$cache"
}
