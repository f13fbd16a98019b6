#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# --through: plans by way of a pooler. Random plans come to nothing, and to the same traces twice; who waits for a row, or for a
# session of a pool of one, is seen to; results are those without it; a file that promises too much of it is found out. Where it
# cannot be, one line and exit status 2, and no process stays behind. SKIPPED without PgBouncer, or without a server.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$work"
pooler=$source_dir/backends/postgres/poolers/pgbouncer.pooler
seeds=$source_dir/seeds/fuzz_postgres

# --- where it cannot be ---
refuses 'nothing stands between clients and memory' run --backend memory --through pgbouncer
refuses 'expected pgbouncer, or the path' run --backend postgres --through nobody
refuses 'expected one of its modes (transaction, session, statement), found any' run --backend postgres --through pgbouncer:any
refuses 'in front of a server of the harness' run --backend postgres --through pgbouncer --target host=/nowhere
sed 's/^program .*/program no-such-pooler/' "$pooler" >missing.pooler
refuses 'no program no-such-pooler is installed' run --backend postgres --through ./missing.pooler

status=0
"${program[@]}" run --backend postgres --through pgbouncer --seed 1 --iterations 1 >out 2>err || status=$?
if ((status == 2)) && grep -qE 'no PostgreSQL server|no program pgbouncer' err; then
    echo "SKIPPED: $(tail -n 1 err)"
    exit 77
fi

# --- each mode: nothing is found, and the same happens twice ---
for mode in transaction session statement; do
    expect 0 run --backend postgres --through "pgbouncer:$mode" --seed 1 --iterations 5 --log alone
    expect 0 run --backend postgres --through "pgbouncer:$mode" --seed 1 --iterations 5 --log beside --jobs 2
    cmp alone beside || fail "$mode: other events the second time, in two processes"
done
expect 0 replay --backend postgres --through pgbouncer:session "$seeds"/*.json
expect 0 replay --backend postgres --through pgbouncer "$seeds"/*.json
for mode in transaction session; do
    expect 0 run --backend postgres --through "pgbouncer:$mode" --differential --seed 2 --iterations 5
done

# --- who waits for whom ---
shows() { # LINE ARGUMENT...
    local line=$1
    shift
    expect 0 replay --backend postgres --trace "$@"
    grep -q "$line" out || fail "'$*': no line '$line': $(cat out)"
}
shows 'task 2  . waits for task 1' --through pgbouncer "$seeds/two-wait-for-a-row.json"
shows 'task 1  < deadlock' --through pgbouncer "$seeds/deadlock.json"
cat >session.json <<'EOF'
{"config": {"tasks": 2}, "interactions": [
  {"task": 0, "action": {"type": "begin"}}, {"task": 0, "action": {"type": "select", "filter": "key", "key": 4}},
  {"task": 1, "action": {"type": "select", "filter": "key", "key": 4}}, {"task": 0, "action": {"type": "commit"}}]}
EOF
shows 'task 1  . waits for task 0' --through pgbouncer:transaction:1 session.json

# --- what is unsupported is passed over ---
cat >unsupported.json <<'EOF'
{"config": {"tasks": 1}, "interactions": [
  {"task": 0, "action": {"type": "lock_number", "advisory": "advisory_lock", "lock": 1}},
  {"task": 0, "action": {"type": "listen", "channel": 0}}, {"task": 0, "action": {"type": "select", "filter": "key", "key": 4}}]}
EOF
expect 0 replay --backend postgres --trace --through pgbouncer unsupported.json
(($(grep -c ' - cannot: ' out) == 2)) || fail "lock_number and listen are skipped: $(cat out)"

# --- a file that promises of transaction pooling what session pooling keeps: what it calls supported is found out ---
awk '/^mode/ { print; is_it = $2 == "transaction"; if (is_it) print "    session  transaction"; next } !is_it' "$pooler" >promised.pooler
finds() { # SIGNATURE ARGUMENT...
    local signature=$1
    shift
    expect 1 replay --backend postgres --through ./promised.pooler "$@"
    grep -q "violation $signature" out || fail "'$*': '$signature' expected, found: $(cat out)"
}
held='{"task": 1, "action": {"type": "begin"}}, {"task": 1, "action": {"type": "select", "filter": "key", "key": 4}}'
cat >readers.json <<'EOF'
{"config": {"tasks": 2, "stack": "pool", "readers": 1, "writers": 1}, "interactions": [
  {"task": 0, "action": {"type": "select"}}, {"task": 0, "action": {"type": "insert", "key": 5}}]}
EOF
cat >lock.json <<EOF
{"config": {"tasks": 2}, "interactions": [
  {"task": 1, "action": {"type": "select", "filter": "key", "key": 4}},
  {"task": 0, "action": {"type": "lock_number", "advisory": "advisory_lock", "lock": 1}}, $held,
  {"task": 0, "action": {"type": "lock_number", "advisory": "advisory_lock", "lock": 1}},
  {"task": 1, "action": {"type": "commit"}}]}
EOF
cat >listen.json <<EOF
{"config": {"tasks": 2}, "interactions": [
  {"task": 1, "action": {"type": "select", "filter": "key", "key": 4}},
  {"task": 0, "action": {"type": "listen", "channel": 0}}, $held,
  {"task": 0, "action": {"type": "query", "sql": "SELECT * FROM pg_listening_channels()"}}]}
EOF
finds error-class/readonly readers.json
finds deadlock lock.json
finds differential/rows --differential listen.json
for plan in readers lock listen; do
    expect 0 replay --backend postgres --through pgbouncer "$plan.json"
    expect 0 replay --backend postgres --through pgbouncer:session "$plan.json"
done

# --- it goes with who has started it, however that ends ---
is_there() { [[ $(readlink "/proc/$1/exe" 2>/dev/null) == */pgbouncer ]]; }
child_of() { # PID: its pooler
    local folder
    for folder in /proc/[0-9]*; do
        [[ $(sed -n 's/^PPid:[[:space:]]*//p' "$folder/status" 2>/dev/null) == "$1" ]] && is_there "${folder#/proc/}" &&
            echo "${folder#/proc/}" && return
    done
    return 1
}
"${program[@]}" run --backend postgres --through pgbouncer --seed 1 --iterations 100000 >endless 2>&1 &
starter=$!
until child=$(child_of "$starter"); do kill -0 "$starter" || break; done
[[ -n $child ]] || fail "no pooler was seen: $(tail -n 1 endless)"
kill -KILL "$starter"
wait "$starter" 2>/dev/null || true
for _ in {1..100}; do is_there "$child" || break; sleep 0.1; done
! is_there "$child" || fail "pgbouncer $child is left"

# --- on a port, and in a fuzz target ---
sed -e 's/^host .*/host 127.0.0.1/' -e 's/^port .*/port 0/' -e 's/^    auth_type/    listen_addr = 127.0.0.1\n&/' "$pooler" >port.pooler
shows 'task 2  . waits for task 1' --through ./port.pooler "$seeds/two-wait-for-a-row.json"
program=("$build_dir/fuzz_postgres" --through=pgbouncer --interplay)
expect 0 replay "$seeds/two-wait-for-a-row.json"

((failures == 0))
