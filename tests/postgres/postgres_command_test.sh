#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The command on PostgreSQL: where there is no server, one line and exit status 2; the seeds come to what they are there for,
# always with the same trace where no server is killed, in processes of their own and beside each other. SKIPPED without a server.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
program=("$build_dir/interplay")
cd "$work"

INTERPLAY_POSTGRES_BIN=/nowhere refuses 'postgres and initdb are expected there' run --backend postgres --iterations 1

status=0
"${program[@]}" run --backend postgres --seed 1 --iterations 1 >out 2>err || status=$?
if ((status == 2)) && grep -q 'no PostgreSQL server' err; then
    echo "SKIPPED: $(cat err)"
    exit 77
fi

seeds=("$source_dir"/seeds/fuzz_postgres/*.json)
mapfile -t kills < <(grep -lE '"(session_crash|server_death)"' "${seeds[@]}")
for turn in first again; do
    expect 0 replay --backend postgres "${seeds[@]}"
    (($(grep -c ': ok trace=' out) == ${#seeds[@]})) || fail "not all seeds are well: $(cat out)"
    # What clients hear of a server that is killed is not the plan's.
    grep -vFf <(printf '%s\n' "${kills[@]}") out >"$turn" || fail "nothing is left to compare: $(cat out)"
done
cmp first again || fail "a trace is another one"

shows() { # SEED LINE
    expect 0 replay --backend postgres --trace "$source_dir/seeds/fuzz_postgres/$1.json"
    grep -q "$2" out || fail "$1: no line '$2': $(cat out)"
}
shows deadlock 'task 1  < deadlock'
shows two-wait-for-a-row 'task 2  . waits for task 1'
shows first-updater-wins 'task 1  < busy_snapshot'
shows key-taken-by-an-open-transaction 'task 2  < constraint'
shows rows-that-are-skipped 'task 1  < busy'
shows rows-that-are-skipped 'task 1  . waits for task 0'
shows copied-in-and-out '    5  task 1  < ok (4)'
shows copied-in-and-out '    7  task 1  < constraint'
shows every-action-of-its-own '11  task 0  < ok (2)'
shows column-for-an-old-snapshot '    6  task 1  < ok (0)'
shows column-for-an-old-snapshot 'content not judged from step 5'
shows interrupt-of-a-cancel '0  task 0  < constraint'
shows deleted-and-inserted-again '3  task 0  < ok (0)'
shows deleted-and-inserted-again '5  task 0  < ok (1)'
shows looks-in-its-own-way ' 3  task 0  < busy'
shows looks-in-its-own-way '10  task 0  < busy'
shows looks-in-its-own-way '12  task 1  < ok'
shows reply-of-commit-is-lost 'task 0  < in_doubt'

expect 0 run --backend postgres --seed 1 --iterations 12 --log alone
expect 0 run --backend postgres --seed 1 --iterations 12 --jobs 2 --log beside
cmp alone beside || fail "plans are other ones with two jobs"

# A step whose first statement waits in the server: the second one comes when it has ended.
cat >waits.spec <<'END'
setup { CREATE TABLE a (v int); INSERT INTO a VALUES (100); }
teardown { DROP TABLE a; }
session s1
step b1 { BEGIN; }
step u1 { UPDATE a SET v = 110; }
step n1 { SELECT 1; }
step c1 { COMMIT; }
session s2
step u2 { UPDATE a SET v = v * 2; UPDATE a SET v = v + 20; }
step r2 { SELECT v FROM a; }
permutation b1 u1 u2 n1 c1 r2
END
expect 0 explore --backend postgres waits.spec
grep -A4 -xF '  u2: waits' out | cmp - <(printf '  %s\n' 'u2: waits' 'n1: ok (1): 1' 'c1: ok' 'u2: ok, waited; ok' 'r2: ok (1): 240') ||
    fail "a step of two statements: $(cat out)"

((failures == 0))
