#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# --target: plans in somebody's own database. What is not named stays as it is; what is named is emptied in each way; rows are
# compared then only (a trigger of somebody's makes them wrong); where it cannot be, one line and exit status 2, and nothing
# has changed. The server is the harness's own, in another process; SKIPPED without one.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$work"

command -v psql >/dev/null || { echo "SKIPPED: no psql" && exit 77; }
mkfifo hold
"$build_dir/tests/somebodys_server" <hold >where 2>why &
server=$!
exec 9>hold
until [[ -s where ]] || ! kill -0 "$server" 2>/dev/null; do sleep 0.02; done
[[ -s where ]] || { cat why && wait "$server" || exit "$?"; }
folder=$(cat where)

sql() { # STATEMENT...: in the database; fails the test where it fails
    psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$folder" -U interplay -d "${database:-theirs}" -c "$1"
}
database=postgres sql "CREATE DATABASE theirs"
sql "CREATE TABLE users (id serial PRIMARY KEY, name text)"
sql "CREATE TABLE kept (a int)"
sql "INSERT INTO users (name) VALUES ('ann'), ('bob'); INSERT INTO kept VALUES (1)"
state() {
    sql "SELECT (SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace),
        (SELECT string_agg(name, ' ') FROM users), (SELECT sum(a) FROM kept)"
}
before=$(state)
stays() { [[ $(state) == "$before" ]] || fail "$1: '$(state)' was '$before'"; }

there=(--backend postgres --target "host=$folder user=interplay dbname=theirs")
all=t0,t1,t2,t3
cat >inserts.json <<'END'
{"config": {"tasks": 1}, "interactions": [
  {"task": 0, "action": {"type": "insert", "key": 5}}, {"task": 0, "action": {"type": "look"}}]}
END
cat >raw.json <<'END'
{"interactions": [{"task": 0, "action": {"type": "checkout"}},
  {"task": 0, "action": {"type": "execute", "sql": "INSERT INTO users (name) VALUES ('cid')"}},
  {"task": 0, "action": {"type": "query", "sql": "SELECT * FROM users", "expect": {"row_count": 1}}},
  {"task": 0, "action": {"type": "return"}}]}
END

# --- what is not named stays ---
expect 0 run "${there[@]}" --seed 1 --iterations 12
grep -q 'rows are not compared' err || fail "nobody is told that rows are not compared: $(cat err)"
stays "tables of plans, not named"
for how in truncate delete recreate; do
    expect 0 run "${there[@]}" --seed 1 --iterations 12 --reset-table $all --reset-mode $how
    stays "--reset-mode $how"
done
expect 0 run --backend postgres --pg-host "$folder" --pg-user interplay --pg-dbname theirs --iterations 2 --seed 7
refuses '.s.PGSQL.1' run --backend postgres --pg-host "$folder" --pg-port 1 --pg-user interplay --pg-dbname theirs --iterations 2 --seed 7
PGHOST=$folder PGUSER=interplay PGDATABASE=theirs expect 0 run --backend postgres --target '' --iterations 2 --seed 7
stays "other ways to name it"

# --- what is named is emptied, before each plan ---
numbers=
for how in truncate delete; do
    expect 0 replay "${there[@]}" raw.json raw.json --reset-table users --reset-mode $how
    [[ $(sql "SELECT string_agg(name, ' ') FROM users") == cid ]] || fail "$how: $(state)"
    numbers+=" $(sql "SELECT id FROM users")"
done
[[ $numbers == " 1 3" ]] || fail "numbers go on after DELETE only: $numbers"
expect 1 replay "${there[@]}" raw.json
grep -q 'violation expectation/row-count' out || fail "users was emptied: $(cat out)"
[[ $(sql "SELECT count(*) FROM users") == 2 ]] || fail "users, not named: $(state)"
sql "TRUNCATE users RESTART IDENTITY; INSERT INTO users (name) VALUES ('ann'), ('bob')"
stays "the other tables"

# --- rows are compared then only ---
sql "CREATE FUNCTION add() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN new.v := new.v + 1; RETURN new; END';
    CREATE FUNCTION spoil() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN IF to_regclass(''t0'') IS NOT NULL THEN
        CREATE OR REPLACE TRIGGER add BEFORE INSERT ON t0 FOR EACH ROW EXECUTE FUNCTION add(); END IF; END';
    CREATE EVENT TRIGGER spoil ON ddl_command_end WHEN tag IN ('CREATE TABLE') EXECUTE FUNCTION spoil()"
for how in truncate delete recreate; do
    expect 1 replay "${there[@]}" inserts.json --reset-table $all --reset-mode $how --report
    grep -q 'violation rows/content/t0/other-value' out || fail "$how: the wrong value is not seen: $(cat out)"
    grep -qF -- "--target 'user=interplay dbname=theirs host=$folder' --reset-table $all --reset-mode $how inserts.json" out ||
        fail "$how: the printed command does not lead there: $(cat out)"
done
expect 0 replay "${there[@]}" inserts.json
grep -q 'ok trace=.* content and errors not judged from step 0: the tables were not set back' out || fail "judged: $(cat out)"
for named in t0 t0,t1,t2; do
    expect 0 replay "${there[@]}" inserts.json inserts.json --reset-table $named --differential-backend store
done
sql "DROP EVENT TRIGGER spoil"
expect 0 replay "${there[@]}" inserts.json inserts.json --reset-table $all --differential-backend store
! grep -q 'not judged' out || fail "not judged: $(cat out)"

# --- somebody's tables of the names that plans use ---
sql "CREATE TABLE t1 (a int); INSERT INTO t1 VALUES (7)"
before=$(state)
refuses 'has a table t1, which plans would change' run "${there[@]}" --iterations 1
refuses 'has a table t1, which plans would change' run "${there[@]}" --iterations 1 --reset-table t0
refuses 'has a table t1, which plans would change' replay "${there[@]}" inserts.json
sql "CREATE VIEW needs_it AS SELECT * FROM t1"
refuses 'cannot drop table t1 because other objects depend on it' run "${there[@]}" --iterations 1 --reset-table $all
sql "DROP VIEW needs_it; CREATE SEQUENCE i2p"
refuses 'relation "i2p" already exists' run "${there[@]}" --iterations 1 --reset-table $all
sql "DROP SEQUENCE i2p"
stays "what was refused"
[[ $(sql "SELECT a FROM t1") == 7 ]] || fail "t1 has changed"
sql "CREATE SCHEMA apart"
expect 0 run --backend postgres --target "host=$folder user=interplay dbname=theirs options=-csearch_path=apart" \
    --seed 1 --iterations 5 --reset-table $all
[[ $(sql "SELECT a FROM t1") == 7 ]] || fail "t1 of another schema has changed"
expect 0 run "${there[@]}" --seed 1 --iterations 5 --reset-table $all
sql "DROP TABLE IF EXISTS t0, t1, t2, t3" 2>/dev/null

# --- where it cannot be ---
before=$(state)
refuses 'only in a database of the harness' run --backend memory --target x
refuses 'are for --target' run --backend postgres --reset-table users
refuses 'expected truncate, delete or recreate, found empty' run "${there[@]}" --reset-mode empty
refuses 'there is no table "nobodys"' run "${there[@]}" --reset-table nobodys
refuses 'expected names of tables' run "${there[@]}" --reset-table users,,kept
refuses 'only the tables of plans can be made anew' run "${there[@]}" --reset-table users --reset-mode recreate
refuses 'plans run one after the other' run "${there[@]}" --jobs 2
refuses 'no --doublecheck' run "${there[@]}" --doublecheck
refuses 'no --doublecheck, no --times' replay "${there[@]}" --times 2 inserts.json
refuses 'only where both begin alike' replay "${there[@]}" --differential-backend store inserts.json
refuses 'invalid connection option "hots"' run --backend postgres --target "hots=$folder"
refuses 'No such file or directory' run --backend postgres --target host=/nowhere
refuses 'role "stranger" does not exist' run --backend postgres --target "host=$folder user=stranger dbname=theirs"
refuses 'neither postgresql://' run --backend postgres --target "postgresql://a:hush@/theirs?hots=1"
! grep -q hush err || fail "the password is printed: $(cat err)"
database=postgres sql "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0"
refuses 'its encoding is not UTF8' run --backend postgres --target "host=$folder user=interplay dbname=latin"
refuses 'it can only be read' run --backend postgres \
    --target "host=$folder user=interplay dbname=theirs options=-cdefault_transaction_read_only=on"
sql "CREATE SCHEMA false_friend; CREATE FUNCTION false_friend.pg_backend_pid() RETURNS int LANGUAGE sql AS 'SELECT 1'"
refuses 'something is between (a pooler?)' run --backend postgres \
    --target "host=$folder user=interplay dbname=theirs options=-csearch_path=false_friend,pg_catalog"
sql "CREATE ROLE limited LOGIN PASSWORD 'hush hush'; REVOKE EXECUTE ON FUNCTION pg_blocking_pids(int) FROM PUBLIC"
refuses 'may not ask who waits for whom' run --backend postgres --target "host=$folder user=limited dbname=theirs"
sql "GRANT EXECUTE ON FUNCTION pg_blocking_pids(int) TO PUBLIC"
refuses 'permission denied for schema public' run --backend postgres --target "host=$folder user=limited dbname=theirs"
refuses 'permission denied for table users' run --backend postgres --plan raw.json --reset-table users \
    --target "host=$folder user=limited dbname=theirs"
psql -X -q -h "$folder" -U interplay -d theirs >locked 2>&1 \
    -c "SELECT pg_advisory_lock(7593480312349847649)" -c "SELECT pg_sleep(600)" &
until [[ $(sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 1 ]]; do sleep 0.05; done
refuses 'another interplay is at work' run "${there[@]}"
sql "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'" >ended
stays "what was refused"

# --- passwords ---
sql "GRANT ALL ON SCHEMA public TO limited"
{ echo 'local all limited scram-sha-256' && cat "$folder/data/pg_hba.conf"; } >hba && cat hba >"$folder/data/pg_hba.conf"
sql "SELECT pg_reload_conf()" >reloaded
limited=(--backend postgres --target "host=$folder user=limited dbname=theirs")
sleep 0.2
refuses 'no password supplied' run "${limited[@]}" --iterations 1
refuses 'password authentication failed' run "${limited[@]}" --iterations 1 --pg-password wrong
PGPASSWORD='hush hush' expect 0 run "${limited[@]}" --seed 1 --iterations 2
expect 0 run "${limited[@]}" --seed 1 --iterations 2 --pg-password 'hush hush'
grep -q PGPASSWORD err || fail "nobody is told where the password is: $(cat err)"
! grep -q hush out err || fail "the password is printed: $(cat out err)"
stays "all of it"

exec 9>&-
wait "$server"
((failures == 0))
