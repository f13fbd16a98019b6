# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the scripts share; sourced, not run. Defines project, say, die, show_manual.

# shellcheck disable=SC2034 # used by those who source this
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { echo "interplay: $*" >&2; }

# One message, exit 2: the usage or the machine is wrong.
die() {
    say "$*"
    exit 2
}

# A script's header comment is its manual.
show_manual() {
    awk 'NR == 1 || /SPDX/ { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$1" | sed '/./,$!d'
}
