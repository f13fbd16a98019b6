#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# interplay reproduce: of every finding in crashes/sqlite that the SQLite under test has, a program is written that shows
# it on the same version without our instrumentation; of a planted bug none that does. A program can fail, plain SQL
# does as the C does, and what cannot be is refused without a trace.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
for tool in make cc; do
    command -v "$tool" >/dev/null || {
        echo "$test_name: no $tool, nothing was tested" >&2
        exit 77
    }
done
cd "$work"
crashes=$source_dir/crashes
version=$("${program[0]}" --version | sed -n 's/^sqlite \([0-9.]*\) .*/\1/p')
[[ -n $version ]] || fail "interplay --version does not name SQLite's"

# --- every finding ---

shown=0
while read -r plan of verdict signature; do
    [[ $of == "$version" ]] || continue
    if [[ $verdict == ok ]]; then
        refuses 'comes to ok, expected a finding' reproduce "$crashes/sqlite/$plan.json" -o "$plan"
        [[ ! -e $plan ]] || fail "$plan: a folder for a plan that comes to ok"
        continue
    fi
    expect 0 reproduce "$crashes/sqlite/$plan.json" -o "$plan"
    grep -qF "$signature, $plan: the wrong result came" out || fail "$plan: $(tail -n 3 out)"
    grep -qF 'the wrong result came' "$plan/README.md" || fail "$plan: README.md does not say what it saw"
    [[ $(find "$plan" -type d | wc -l) == 1 && ! -e $plan/finding && ! -e $plan/sqlite3.o ]] ||
        fail "$plan: something that was built stays: $(ls "$plan")"
    if grep -qi interplay "$plan"/finding.c && grep -q 'include.*interplay' "$plan"/finding.c; then
        fail "$plan: needs something of ours"
    fi
    shown=$((shown + 1))
done < <(grep -v '^#' "$crashes/sqlite/VERDICTS")
((shown >= 6)) || fail "only $shown findings are shown by their programs"

# --- planted bugs are not in a SQLite as everybody has it ---

for bug in extra_row freelist_count skipped_sync wrong_error; do
    program=("$build_dir/fuzz_canary" "--canary=$bug" --interplay)
    expect 1 reproduce "$crashes/fuzz_canary/$bug.json" -o "planted-$bug"
    ! grep -q 'the wrong result came' out || fail "$bug is planted, and shown by a SQLite without it"
done
for bug in leaked_statement lost_timeout; do
    program=("$build_dir/fuzz_canary" "--canary=$bug" --interplay)
    expect 1 reproduce "$crashes/fuzz_canary/$bug.json" -o "planted-$bug"
    grep -q 'there is no program for it: ' out || fail "$bug: no reason why there is no program"
    [[ ! -e planted-$bug ]] || fail "$bug: a folder without a program"
done
program=("$build_dir/interplay")

# --- a program can fail, and plain SQL does the same ---

plain=schema-lost-after-failed-begin
cp -r "$plain" right
sed -i 's/run("BEGIN IMMEDIATE"/run("BEGIN"/' right/finding.c
status=0
kept=$(grep -lF "$version" "${XDG_CACHE_HOME:-$HOME/.cache}"/interplay/programs/*.o | head -n 1) # what the trials compiled
make -s -C right run LIBRARY="$(sed -n 's/^Tried with \(.*\): the wrong.*/\1/p' "$plain/README.md")" \
    OBJECT="${kept:-sqlite3.o}" >made 2>&1 || status=$?
grep -q '^NOT SHOWN' made || fail "a program without the cause shows the finding ($status): $(tail -n 3 made)"
if command -v sqlite3 >/dev/null; then
    (cd "$plain" && sqlite3 <finding.sql) >made 2>&1 || true
    grep -q 'no such table: t0' made || fail "finding.sql does not show it: $(tail -n 3 made)"
fi
status=0
(cd "$plain" && python3 finding.py) >made 2>&1 || status=$?
[[ $status == 0 ]] || fail "finding.py does not show it ($status): $(tail -n 3 made)"

# The loss of a database needs statements only, and says so in both forms.
cat >emptied.json <<'END'
{"version": 1, "config": {}, "interactions": [
  {"task": 0, "action": {"type": "savepoint"}}, {"task": 0, "action": {"type": "set_header"}},
  {"task": 0, "action": {"type": "rollback_to"}}, {"task": 0, "action": {"type": "release"}}]}
END
expect 0 reproduce emptied.json -o emptied
grep -A 6 '^SAVEPOINT' emptied/finding.sql | grep -v '^--' | tr -d '\n' |
    grep -q '^SAVEPOINT s0;PRAGMA [A-Z_]*=[0-9]*;ROLLBACK TO s0;RELEASE s0;' || fail "the loss of a database: $(cat emptied/finding.sql)"
[[ ! -e emptied/vfs.h ]] || fail "statements only, and yet a VFS"

# --- what is refused ---

finding=$crashes/sqlite/$plain.json
refuses 'option -o DIR is missing' reproduce "$finding"
refuses 'the file to reproduce is missing' reproduce -o x
refuses "$plain: exists, expected a new or an empty folder" reproduce "$finding" -o "$plain"
touch taken
refuses 'taken: exists, expected a new or an empty folder' reproduce "$finding" -o taken
refuses 'cannot be made: No such file or directory' reproduce "$finding" -o nowhere/x
refuses '--library nowhere: there is no such file or folder' reproduce "$finding" -o x --library nowhere
refuses 'no programs are written for memory' reproduce "$finding" -o x --backend memory
[[ ! -e x && ! -s taken ]] || fail "something was written although it was refused"
[[ -z $(find . -maxdepth 1 -name 'x.*' -o -maxdepth 1 -name "$plain.*") ]] || fail "a draft stays: $(ls)"
mkdir empty
expect 0 reproduce "$finding" -o empty/
[[ -f empty/finding.c ]] || fail "an empty folder is not taken"
touch broken.c
expect 1 reproduce "$finding" -o broken --library broken.c
grep -q 'it could not be built' broken/README.md || fail "a library that is none: $(cat out)"

exit $((failures > 0))
