#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The .deb that cpack makes is installed on a bare machine, runs there, and leaves nothing behind when it is removed. The machine is a
# folder with the files of the packages that the .deb says it depends on, of what those depend on, and nothing else; dpkg there
# knows of no other. A .deb that does not say what it needs is refused, or does not run.
#
# Skipped (77) where there is no dpkg, or where a folder cannot be made the root.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
for tool in dpkg dpkg-deb dpkg-query dpkg-shlibdeps chroot; do
    command -v $tool >/dev/null || { echo "deb_test: no $tool here" >&2 && exit 77; }
done
as_root=()
((EUID == 0)) || as_root=(unshare --map-root-user)
cd "$work"
"${as_root[@]}" chroot / true 2>err || { echo "deb_test: no folder can be made the root here: $(cat err)" >&2 && exit 77; }
if ! (cd "$build_dir" && cpack -G DEB -B "$work/deb") >deb.log 2>&1; then
    fail "cpack: $(tail -n 3 deb.log)"
    exit 1
fi
package=$(echo deb/*.deb)

# The names in a list of dependencies; of alternatives the first that is here.
names() { # LIST
    local words word
    sed 's/([^)]*)//g; s/:[a-z0-9]*//g; s/|/ /g' <<<"${1//,/$'\n'}" | while read -ra words; do
        for word in "${words[@]}"; do
            if dpkg-query -W "$word" >/dev/null 2>&1; then
                echo "$word"
                break
            fi
        done
    done
}

# install_machine FOLDER PACKAGE...: these and all that they need
install_machine() {
    local machine=$1 name file
    local -A seen=()
    shift
    mkdir -p "$machine"/{tmp,usr/lib,usr/lib64,var/lib/dpkg/{info,updates}}
    for file in /lib /lib64; do # of merged folders
        [[ ! -L $file ]] || ln -s "$(readlink $file)" "$machine$file"
    done
    : >"$machine/var/lib/dpkg/status"
    while (($# > 0)); do
        name=$1
        shift
        [[ -z ${seen[$name]:-} ]] || continue
        seen[$name]=yes
        { dpkg-query -s "$name" && echo; } >>"$machine/var/lib/dpkg/status"
        cp /var/lib/dpkg/info/"$name"{,:*}.list "$machine/var/lib/dpkg/info/" 2>/dev/null || true
        dpkg-query -L "$name" | while IFS= read -r file; do
            [[ -d $file && ! -L $file ]] || echo "$file"
        done >files
        tar -cf - --ignore-failed-read -T files 2>/dev/null | tar -xf - --keep-directory-symlink -C "$machine"
        # shellcheck disable=SC2046 # words
        set -- "$@" $(names "$(dpkg-query -W -f '${Depends}, ${Pre-Depends}' "$name")")
    done
    echo "deb_test: a machine of ${#seen[@]} packages: ${!seen[*]}"
}

# on MACHINE COMMAND...: leaves `out` and `err`
on() {
    local machine=$1
    shift
    "${as_root[@]}" chroot "$machine" "$@" >out 2>err </dev/null
}
dpkg_on() { "${as_root[@]}" dpkg --root="$1" --force-not-root "${@:2}" >out 2>err; }

depends=$(dpkg-deb -f "$package" Depends)
# shellcheck disable=SC2046 # words
install_machine bare $(names "$depends")

if dpkg_on bare --install "$package"; then
    cp "$source_dir/crashes/sqlite/emptied-by-rollback-to.json" bare/tmp/finding.json
    for backend in $("$build_dir/interplay" --version | awk 'NR > 1 && $1 != "postgres" { print $1 }'); do
        on bare interplay run --seed 1 --iterations 50 --quick --backend "$backend" || fail "run --backend $backend: $(tail -n 2 err)"
    done
    status=0
    on bare interplay replay /tmp/finding.json || status=$?
    [[ $status == 1 && $(cat out) == *snapshot/database-emptied* ]] || fail "replay: $status, $(cat out err)"
    status=0
    on bare interplay report /tmp/finding.json -o /tmp/page.html || status=$?
    [[ $status == 1 && -s bare/tmp/page.html ]] || fail "report: $status, $(cat err)"
    # No PostgreSQL is there: said in a line, and no finding.
    status=0
    on bare interplay run --backend postgres --iterations 1 || status=$?
    [[ $status == 2 && $(wc -l <err) == 1 ]] || fail "without PostgreSQL: $status, $(cat err)"
    for file in share/man/man1/interplay.1 share/bash-completion/completions/interplay include/interplay/pool.h lib/libinterplay.a; do
        [[ -s bare/usr/$file ]] || fail "not installed: $file"
    done
    dpkg_on bare --remove interplay || fail "remove: $(tail -n 2 err)"
    [[ -z $(find bare -name '*interplay*' ! -path '*/var/lib/dpkg/*') ]] || fail "left: $(find bare -name '*interplay*')"
else
    fail "dpkg does not install it where all is that it depends on: $(tail -n 3 err)"
fi

# A machine that lacks one of these.
needed=${depends##*, }
# shellcheck disable=SC2046 # words
install_machine lacking $(names "${depends%,*}")
! dpkg_on lacking --install "$package" || fail "installed without ${needed%% *}"

echo "deb_test: $failures failures"
((failures == 0))
