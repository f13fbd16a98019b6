# shellcheck shell=bash
# shellcheck disable=SC2154 # who sources this sets work and suite
# SPDX-License-Identifier: Apache-2.0
#
# Source packages of the distribution, for scripts that fetch one; sourced after lib.sh, not run. Works in the folder
# $work. The package sources of the system are read, not changed: a private apt configuration repeats them for source
# packages, those of the suite $suite if that is set, and not empty.

codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

# Prints the folder of this name in the cache, and ends, where it is there already; else sets `cached` to it, which is to be
# made by a rename from the new folder `work` beside it. Two that ask at once fetch once.
begin_cached() { # NAME
    local cache=${XDG_CACHE_HOME:-$HOME/.cache}/interplay
    cached=$cache/$1
    mkdir -p "$cache"
    exec 9>"$cache/.lock-$1"
    flock 9
    if [[ -d $cached ]]; then
        echo "$cached"
        exit 0
    fi
    rm -rf "$cache/.$1".* # of a run that was killed
    work=$(mktemp -d "$cache/.$1.XXXXXX")
    trap 'rm -rf "$work"' EXIT
}

# Of a script that takes no argument but --help.
take_help_only() { # ARGUMENT...
    case ${1:-} in
    -h | --help)
        show_manual "$0"
        exit 0
        ;;
    '') ;;
    *) die "$(basename "$0"): unknown argument '$1' (--help explains)" ;;
    esac
}

need() { # COMMAND...
    local command
    for command in "$@"; do
        command -v "$command" >/dev/null ||
            die "$(basename "$0") needs '$command' (scripts/install-dependencies installs all but apt-get, npm and cargo)"
    done
}

# Runs a step; its output is shown only if it fails.
quietly() {
    "$@" >"$work/log" 2>&1 || {
        tail -n 20 "$work/log" >&2
        die "$(basename "$0"): failed: $*"
    }
}

# The system's package sources, for source packages; with --suite, the release's own ones for that suite.
write_package_sources() {
    local sources=$work/etc/sources.d file
    mkdir -p "$sources"
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [[ -f $file ]] || continue
        awk -v suite="${suite:-}" -v codename="$codename" '
            $1 != "deb" || /cdrom:/ { next }
            {
                options = match($0, /\[[^]]*\]/) ? substr($0, RSTART, RLENGTH) " " : ""
                sub(/\[[^]]*\]/, "")
                if (suite != "") {
                    if ($3 != codename && $3 !~ /^(stable|testing|unstable|sid)$/) next
                    $3 = suite
                }
                $1 = "deb-src " options
                print
            }' "$file" >"$sources/$(basename "$file" .list).list"
    done
    for file in /etc/apt/sources.list.d/*.sources; do
        [[ -f $file ]] || continue
        # A stanza is a paragraph; a field may go on in indented lines.
        awk -v RS= -v ORS='\n\n' -v suite="${suite:-}" -v codename="$codename" '
            function field(name) {
                if (!match(tolower(text), "\n" name ":[^\n]*(\n[ \t][^\n]*)*")) return ""
                return substr(text, RSTART + length(name) + 2, RLENGTH - length(name) - 2)
            }
            function replace(name, value) {
                match(tolower(text), "\n" name ":[^\n]*(\n[ \t][^\n]*)*")
                text = substr(text, 1, RSTART) name ": " value substr(text, RSTART + RLENGTH)
            }
            {
                text = "\n" $0
                gsub(/\n#[^\n]*/, "", text)
                if ((" " field("types") " ") !~ /[ \t\n]deb[ \t\n]/) next
                replace("types", "deb-src")
                if (suite != "") {
                    split(field("suites"), suites)
                    if (suites[1] != codename && suites[1] !~ /^(stable|testing|unstable|sid)$/) next
                    replace("suites", suite)
                }
                print substr(text, 2)
            }' "$file" >"$sources/$(basename "$file")"
    done
}

# Prints the versions that there are, the newest last; afterwards apt-get -c "$work/apt.conf" source fetches one.
source_package_versions() { # PACKAGE
    mkdir -p "$work"/{state/lists/partial,cache/archives/partial}
    write_package_sources
    # Read after the system's configuration (proxies, certificates). Hooks are meant for the system's lists.
    cat >"$work/apt.conf" <<EOF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$work/etc/sources.d";
Dir::State "$work/state";
Dir::Cache "$work/cache";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "3";
EOF
    # A source of the system that has no source packages fails here; only the package matters.
    apt-get -c "$work/apt.conf" -q update >"$work/update.log" 2>&1 || true
    { apt-cache -c "$work/apt.conf" showsrc "$1" 2>/dev/null || true; } |
        awk -v package="$1" '$1 == "Package:" { is_it = $2 == package } $1 == "Version:" && is_it { print $2 }' |
        sort -uV
}

# Prints the path of the upstream tarball of the newest source package that can be fetched.
fetch_source_tarball() { # PACKAGE
    local versions i
    mapfile -t versions < <(source_package_versions "$1")
    ((${#versions[@]} > 0)) || die "$(basename "$0"): no source package $1 was found"
    mkdir -p "$work/download"
    # The newest one may have been replaced on the mirrors already.
    for ((i = ${#versions[@]} - 1; i >= 0; i--)); do
        say "fetching the source package $1 ${versions[i]}"
        (cd "$work/download" &&
            apt-get -c "$work/apt.conf" -q source --download-only "$1=${versions[i]}" >"$work/log" 2>&1) && break
    done
    find "$work/download" -name '*.orig.tar.*' ! -name '*.asc' -print -quit | grep . || {
        tail -n 5 "$work/log" >&2
        die "$(basename "$0"): the source package $1 could not be fetched"
    }
}
