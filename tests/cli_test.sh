#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# interplay convert and interplay show, and what the command line as a whole refuses: exit statuses, one line on
# stderr that says what is wrong and where, and no output file when something is.
#
# Usage: cli_test.sh [PATH-OF-INTERPLAY]
set -Eeuo pipefail
trap 'echo "cli_test: line $LINENO: a command failed: $BASH_COMMAND" >&2' ERR
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
interplay=$(realpath "${1:-${INTERPLAY_BUILD_DIR:-$source_dir/build/fast}/interplay}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failures=0

fail() {
    echo "cli_test: $*" >&2
    failures=$((failures + 1))
}

# expect STATUS ARGUMENT...: leaves `out` and `err`
expect() {
    local wanted=$1 status=0
    shift
    "$interplay" "$@" >out 2>err </dev/null || status=$?
    [[ $status == "$wanted" ]] || fail "'$*': exit status $status, expected $wanted: $(cat err)"
}

# accepts ARGUMENT...: nothing on stderr
accepts() {
    expect 0 "$@"
    [[ ! -s err ]] || fail "'$*': unexpected: $(cat err)"
}

# refuses MESSAGE ARGUMENT...: status 2, MESSAGE alone on stderr, nothing on stdout
refuses() {
    local message="interplay: $1"
    shift
    expect 2 "$@"
    [[ $(cat err) == "$message" ]] || fail "'$*': expected '$message', found '$(cat err)'"
    [[ ! -s out ]] || fail "'$*': output in spite of an error: $(head -n 1 out)"
}

# shows TEXT: in the output of the last call
shows() {
    grep -qF -- "$1" out || fail "'$1' expected in: $(cat out)"
}

# --- the command line ---

accepts --help
shows "Usage: interplay COMMAND"
grep -qE '^  convert +IN -o OUT ' out || fail "--help: no convert: $(cat out)"
# Where the arguments begin is the same place in each line.
[[ $(sed -nE 's/^(  [a-z-]+ +)[][A-Z.]+.*/\1/p' out | awk '{ print length($0) }' | sort -u | wc -l) == 1 ]] || fail "--help: columns: $(cat out)"
cp out overview
accepts help
cmp -s out overview || fail "help is not --help"
for command in run "bugs add"; do
    # shellcheck disable=SC2086 # two words
    accepts help $command
    mv out helped
    # shellcheck disable=SC2086
    accepts $command --help
    cmp -s out helped || fail "help $command is not $command --help"
done
refuses "help: no command 'rum'; interplay help lists them (interplay help --help tells more)" help rum
refuses "help: --man prints all commands, not only 'run' (interplay help --help tells more)" help --man run

# The command that only this program has is listed like the others.
lists_tds_server() { # ARGUMENT...
    accepts "$@"
    grep -qi 'tds-server' out || fail "$*: no tds-server"
}
accepts --version
if grep -q '^mssql ' out; then
    lists_tds_server help
    lists_tds_server help tds-server
    lists_tds_server help --man
    lists_tds_server completion bash
    lists_tds_server completion zsh
fi

# The page for man(1) has all of them, and groff finds nothing wrong with it.
accepts help --man
for heading in "RUN" "BUGS ADD" "EXIT STATUS"; do
    grep -qx "\.SH $heading" out || fail "help --man: no section $heading"
done
if command -v groff >/dev/null; then
    groff -man -ww -Kutf8 -Tutf8 -P-cbou out 2>warnings >page || fail "help --man: groff does not take it"
    [[ ! -s warnings ]] || fail "help --man: $(head -n 2 warnings)"
    grep -q -- '--iterations N' page || fail "help --man: no option of run in it"
fi

# What bash completes: commands, those of a group, options, else files.
accepts completion bash
# shellcheck disable=SC2016 # for the other shell
completed() { # WORD...: the last one is to be completed
    bash -c 'source ./out; COMP_WORDS=(interplay "$@"); COMP_CWORD=$#; _interplay; echo "${COMPREPLY[*]}"' bash "$@"
}
check_completion() { # SHELL
    local words wanted
    while IFS=: read -r words wanted; do
        # shellcheck disable=SC2086 # words
        [[ $(completed $words) == "$wanted" ]] || fail "completion: $1: $words is '$(completed $words)'"
    done <<'END'
sh:show shrink
bugs a:add
run --see:--seed
bugs prune --dry:--dry-run
help sh:show shrink
completion z:zsh
END
    [[ $(completed replay x) == "$2" ]] || fail "completion: $1: replay x is '$(completed replay x)'"
}
check_completion bash ""
accepts completion zsh
shows "#compdef interplay"
# In zsh what may follow goes to compadd, which takes what begins with the word, and files to _files.
if command -v zsh >/dev/null; then
    # shellcheck disable=SC2016 # for the other shell
    completed() {
        zsh -f -c 'compdef() { :; }; compadd() { shift; print -r -- ${(M)@:#${words[CURRENT]}*}; }; _files() { print files; }
            source ./out; words=(interplay "$@"); CURRENT=${#words}; _interplay' zsh "$@"
    }
    check_completion zsh files
else
    echo "cli_test: no zsh here, its completion was not tested"
fi
refuses "completion: no shell 'fish'; there are: bash, zsh (interplay completion --help tells more)" completion fish

for command in convert show; do
    accepts "$command" --help
    shows "Usage: interplay $command"
    accepts "$command" -h
done
accepts --version
[[ $(head -n 1 out) =~ ^interplay\ [0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "version: $(cat out)"
[[ $(sed -n 2p out) =~ ^sqlite\ [0-9]+\.[0-9]+\.[0-9]+ ]] || fail "version: $(cat out)"

for words in "" frobnicate --frobnicate -x; do
    # shellcheck disable=SC2086 # no word at all is one of the cases
    expect 2 $words
    [[ $(wc -l <err) == 1 && ! -s out ]] || fail "'$words': $(cat out err)"
    grep -q "expected .*convert, " err || fail "'$words': $(cat err)"
done
more='(interplay convert --help tells more)'
refuses "convert: the file to convert is missing $more" convert
refuses "convert: unknown option --frobnicate $more" convert --frobnicate
refuses "convert: unknown option -z $more" convert --output=x.json -z
refuses "convert: unknown option -q $more" convert -ox.json -qz
refuses "convert: option --output needs an argument $more" convert in --output
refuses "convert: option -o needs an argument $more" convert in -o
refuses "convert: option --help=3 takes no argument $more" convert --help=3
refuses "convert: option -o OUT is missing $more" convert in
refuses "convert: one file at a time, but there is also b $more" convert a b -o c.json
more='(interplay show --help tells more)'
refuses "show: the file to show is missing $more" show
refuses "show: one file at a time, but there is also b $more" show a b
refuses "show: unknown option --frobnicate $more" show --frobnicate
refuses "show: --width: expected a number 0 to 100000, found x $more" show --width x a
refuses "show: --width: expected a number 0 to 100000, found -1 $more" show --width=-1 a

# --- files that cannot be read ---

mkdir folder folder.json
: >crash-empty
: >empty.json
cp "$source_dir/README.md" README
cp "$interplay" program
echo 'hello' >line
printf 'x' >plan.txt
echo 'SELECT 1;' >plan.sql
printf 'setup { a }\nsessions\n' >plan.spec
echo 'session a step x { SELECT 1 } session b step y { SELECT 2 }' >two.spec
for command in "show" "convert -o out.json"; do
    # shellcheck disable=SC2086 # words
    {
        refuses "missing.json: does not exist" $command missing.json
        refuses "crash-1f3a: does not exist" $command crash-1f3a
        refuses "folder: is a folder, expected a file" $command folder
        refuses "folder.json: is a folder, expected a file" $command folder.json
        refuses "crash-empty: is empty" $command crash-empty
        refuses "empty.json: is empty" $command empty.json
        for kind in "README: is text" "program: is a program" "line: is text"; do
            refuses "$kind, expected a plan: JSON, or compact bytes (what is called .bin is taken for such, whatever it \
holds)" $command "${kind%%:*}"
        done
        refuses "plan.txt: unknown kind of file, expected .json, .bin, .pb, .spec, .sql, or a name \
without extension (compact bytes)" $command plan.txt
        refuses "plan.sql:2: expected a line \"-- session: NAME\", found the end of the file" $command plan.sql
        refuses "plan.spec:2: expected setup, teardown or session, found sessions" $command plan.spec
        refuses "two.spec: expected one of its orders, two.spec:1 to two.spec:2" $command two.spec
        refuses "two.spec: expected one of its orders, two.spec:1 to two.spec:2" $command two.spec:3
    }
done
# What an engine may keep, and what somebody insists on.
printf 'ab' >letters && printf 'a\n' >two-letters && head -c 64 /dev/zero >zeros && cp README README.bin
for name in letters two-letters zeros README.bin; do
    "$interplay" show $name >out 2>err || fail "$name is no plan: $(cat err)"
done
if ((EUID != 0)); then
    printf 'x' >crash-secret
    chmod 0 crash-secret
    refuses "crash-secret: cannot open: Permission denied" show crash-secret
fi
[[ ! -e out.json ]] || fail "out.json was written without a plan"

# --- plans that are wrong ---

cat >typo.json <<'END'
{
  "config": {"tasks": 2},
  "interactions": [
    {"task": 0, "action": {"type": "begin"}},
    {"task": 1, "action": {"type": "select", "filter": "foo"}}
  ]
}
END
printf '{"config": {},\n "interactions": [}' >syntax.json
printf '{"interactions":[{"task":0,"action":{"type":"insert"}}]}' >native.json
# Not run on another database than its own.
echo '{"config": {"store": {"isolation": "snapshot"}}, "interactions": []}' >store.json
for command in "replay" "shrink" "explain" "report" "show --trace"; do
    # shellcheck disable=SC2086 # words
    refuses "store.json: is a plan for store and would run on sqlite, expected --backend store" $command store.json
done
accepts replay --backend store store.json
accepts show store.json

typo='typo.json:5:56: interactions[1].action.filter: expected one of "all", "key", "range", "from",'
typo+=' "value_from", "value_below", found "foo"'
native='native.json:1:45: interactions[0].action.type: "insert" needs a plan with "config"'
native+=' (at least {})'
for command in "show" "convert -o out.json"; do
    # shellcheck disable=SC2086 # words
    {
        refuses "$typo" $command typo.json
        refuses "syntax.json:2:19: unexpected token near '}'" $command syntax.json
        refuses "$native" $command native.json
    }
done
[[ ! -e out.json ]] || fail "out.json was written without a plan"

# --- convert ---

for size in 1 16 32 33 60 3104 5000; do
    # Bytes of which no text consists in front: what reads as text is refused, and random bytes now and then do.
    { printf '\0' && head -c "$size" /dev/urandom; } >crash-random
    accepts convert crash-random -o a.json
    accepts convert -o a.bin a.json
    accepts convert a.bin -o b.json
    accepts convert crash-random --output b.bin
    accepts convert a.json -o c.json
    accepts convert a.json -o a.pb
    accepts convert a.pb -o d.json
    accepts convert a.pb -o c.bin
    for copy in b.json c.json d.json; do
        cmp -s a.json $copy || fail "JSON differs ($copy) for: $(od -An -tx1 crash-random)"
    done
    accepts convert a.json -o script.spec
    accepts convert script.spec -o scenario.json # a specification of ours is one that is read
    cmp -s a.bin c.bin || fail "compact bytes differ by way of protobuf"
    cmp -s a.bin b.bin || fail "compact bytes differ for: $(od -An -tx1 crash-random)"
    accepts show crash-random
    cp out shown
    accepts show a.json
    cmp -s out shown || fail "JSON shows otherwise than bytes: $(od -An -tx1 crash-random)"
    accepts show a.pb
    cmp -s out shown || fail "protobuf shows otherwise than bytes: $(od -An -tx1 crash-random)"
    # What people read does not depend on what a terminal would be.
    COLUMNS=40 "$interplay" show a.json >out
    cmp -s out shown || fail "the output depends on COLUMNS"
done
[[ $(stat -c %s a.bin) == 3104 ]] || fail "256 interactions expected in a.bin"
[[ $(grep -c '^    {"task"' a.json) == 256 ]] || fail "one interaction a line expected in a.json"

cat >pool.json <<'END'
{"interactions": [{"task": 0, "action": {"type": "checkout"}}, {"task": 0, "action": {"type": "return"}}]}
END
accepts convert pool.json -o pool2.json
accepts show pool2.json
shows "plan of sql-middleware's simulator: 1 task, pool of 8, 2 interactions"
refuses 'pool.json: the compact form has no plans of sql-middleware'\''s simulator: the plan needs a "config"' \
    convert pool.json -o pool.bin
[[ ! -e pool.bin ]] || fail "pool.bin was written"
accepts convert pool.json -o pool.pb
accepts convert pool.pb -o pool3.json
cmp -s pool2.json pool3.json || fail "protobuf changes a plan of sql-middleware's simulator"

# Protobuf that is none, is cut short, or is newer.
head -c $(($(stat -c %s a.pb) - 1)) a.pb >cut.pb
printf '\x12\x00\x38\x01' >newer.pb
printf '\x12\x00\x22\x08\x08\x00\x12\x04\x08\x01\x20\x04' >wrong.pb
for command in "show" "replay" "convert -o out.json"; do
    # shellcheck disable=SC2086 # words
    {
        refuses "cut.pb: expected a protobuf message interplay.Plan, found bytes that are cut short or \
something else" $command cut.pb
        refuses "newer.pb: plan: field number 7 is unknown: the plan is newer than this build, or no plan" \
            $command newer.pb
        refuses "wrong.pb: interactions[0].action.table: expected an integer 0 to 3, found 4" \
            $command wrong.pb
    }
done
[[ ! -e out.json ]] || fail "out.json was written without a plan"

more='(interplay convert --help tells more)'
refuses "convert: x.txt: unknown kind of file, expected .json, .bin, .pb, .sql or .spec $more" convert a.bin -o x.txt
refuses "convert: crash: unknown kind of file, expected .json, .bin, .pb, .sql or .spec $more" convert a.bin -o crash
refuses "no/a.json: cannot write: its folder does not exist" convert a.bin -o no/a.json
refuses "folder.json: is a folder, expected a file" convert a.bin -o folder.json

# An input that is bad leaves the output as it was; one that is good leaves no other file.
echo old >kept.json
expect 2 convert typo.json -o kept.json
[[ $(cat kept.json) == old ]] || fail "kept.json was changed"
accepts convert a.bin -o kept.json
cmp -s kept.json a.json || fail "kept.json was not replaced"
[[ -z $(find . -name '*.tmp') ]] || fail "temporary files: $(find . -name '*.tmp')"

# --- show ---

cat >table.json <<'END'
{"config": {"tasks": 3, "journal_mode": "off"}, "interactions": [
  {"task": 2, "action": {"type": "insert", "key": 3, "size": 2}, "pause": {"after": 12, "at": "lock"}},
  {"task": 0, "action": {"type": "commit"}, "fault": {"kind": "io_write", "at": 2}}]}
END
accepts show table.json
shows "plan: 3 tasks, 2 interactions"
shows "config: journal_mode=off"
shows "insert t0 k=3 size=2 || after 12 lock"
shows "commit !! io_write #2"
accepts show -w 60 a.json
[[ $(awk 'length > 220' out) == "" ]] || fail "lines are too long"
if [[ -w /dev/full ]]; then
    status=0
    "$interplay" show table.json >/dev/full 2>err || status=$?
    [[ $status == 2 && $(cat err) == "interplay: standard output: No space left on device" ]] ||
        fail "full disk: status $status, $(cat err)"
fi

if ((failures > 0)); then
    echo "cli_test: $failures failures" >&2
    exit 1
fi
echo "cli_test: ok"
