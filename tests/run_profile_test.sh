#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# interplay run --profile and the options beside it, seen in the plan of a finding: the pool has a planted bug that the
# first few hundred plans meet. What a wrong value is told, and that the same call gives the same plan again.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$work"
program=("$build_dir/fuzz_pool_canary" --canary=returned_in_transaction --interplay)

# plan_of OPTION...: the plan of the finding in plan.json
plan_of() {
    rm -f plan.json
    expect 1 run --seed 1 --iterations 20000 --output plan.json "$@"
    [[ -s plan.json ]] || fail "'$*': no plan"
}

# has PYTHON-EXPRESSION: of the plan
has() {
    python3 - "$1" <<'END' || fail "$1: not so in $(tr -d '\n' <plan.json | head -c 400)"
import json, sys
plan = json.load(open("plan.json"))
config, interactions = plan["config"], plan["interactions"]
tasks = [i["task"] for i in interactions]
types = [i["action"]["type"] for i in interactions]
keys = [i["action"]["key"] for i in interactions if "key" in i["action"] and i["action"]["type"] in ("select", "update")]
faults = [i["fault"]["kind"] for i in interactions if "fault" in i]
inside, most_inside = set(), 0
for i in interactions:
    kind, who = i["action"]["type"], i["task"]
    if kind == "begin":
        inside.add(who)
    elif kind in ("commit", "rollback", "return", "reopen", "drop"):
        inside.discard(i["action"].get("target", 0) if kind == "drop" else who)
    most_inside = max(most_inside, len(inside))
sys.exit(0 if eval(sys.argv[1]) else 1)
END
}

plan_of --steps 30 --tasks 3 --pool-size 3
has 'len(interactions) == 30 and config["tasks"] == 3 and max(tasks) < 3 and len(set(tasks)) == 3'
has 'config["stack"] in ("pool", "actors") and config.get("readers", 2) + config.get("writers", 1) == 3'
cp plan.json first.json
plan_of --steps 30 --tasks 3 --pool-size 3
cmp -s first.json plan.json || fail "the same call, another plan"

plan_of --steps 200 --pool-size 6 --config readers=4 --config writers=2 --config tasks=8
has 'len(interactions) == 200 and config["readers"] == 4 and config["writers"] == 2 and config["tasks"] == 8'
ddl='("create_table", "drop_table", "create_index", "drop_index", "add_column", "drop_column")'
plan_of --steps 100 --ddl-rate 50% --tasks 1 # nobody is in the way
has "len([t for t in types if t in $ddl]) > 25"
plan_of --steps 100 --ddl-rate 0
has "not set(types) & set($ddl)"
plan_of --steps 100 --sleep-rate 0.5
has '30 < types.count("sleep") < 70'
plan_of --steps 100 --busy-rate 0.4 --profile faultless
has 'set(faults) == {"busy"} and len(faults) + types.count("sleep") > 20'
plan_of --steps 100 --panic-rate 0.2 --profile faultless
has 'set(faults) == {"process_death"} and len(faults) > 5'
plan_of --steps 100 --panic-rate 100% --profile faultless
has '"commit" not in types and types.count("rollback") > 5' # what would commit rolls back
for seed in 2 3 4; do # where two are inside at a time without it
    plan_of --steps 200 --tasks 8 --profile faultless --seed $seed
    has 'most_inside > 1'
    plan_of --steps 200 --tasks 8 --profile faultless --seed $seed --max-in-flight-tx 1
    has 'most_inside == 1'
done
plan_of --steps 200 --hot-keys 2
has 'len(set(keys)) <= 2'
plan_of --quick
has 'len(interactions) == 16 and config["tasks"] == 4'
plan_of --stress
has 'len(interactions) == 100 and config["tasks"] == 8'
plan_of --stress --steps 50
has 'len(interactions) == 50 and config["tasks"] == 8'

cat >'my profile.json' <<'END'
{"steps": 24, "tasks": 2, "weights": {"faults": 0, "pauses": 300}, "config": {"stack": "pool", "readers": [3, 4]}}
END
plan_of --profile 'my profile.json'
has 'len(interactions) == 24 and config["stack"] == "pool" and config["readers"] in (3, 4) and not faults'

# Plans of all families: the same ones again, and others than those of a profile.
plan_of --profile families
cp plan.json first.json
plan_of --profile families
cmp -s first.json plan.json || fail "families: the same call, another plan"
plan_of --profile families --steps 24 --tasks 3
has 'len(interactions) == 24 and config["tasks"] == 3'

# A plan is said again with all that it was drawn from.
expect 1 run --seed 1 --iterations 20000 --profile 'my profile.json' --busy-rate 2.5%
again=$(grep -A1 -- '---- replay ----' out | tail -1)
[[ $again == *"--profile 'my profile.json'"*"--busy-rate 0.025000"* ]] || fail "no command that runs it again: $again"
bash -c "$again" >again.out 2>err && fail "the command finds nothing"
diff <(grep '^noticed:\|^trace:' out) <(grep '^noticed:\|^trace:' again.out) || fail "the command gives another run"

refuses "no profile 'no-such': expected balanced, " run --profile no-such
refuses 'one of --profile, --quick and --stress' run --quick --stress
refuses '--steps: expected a number 1 to 256, found 0' run --steps 0
refuses '--steps: expected a number 1 to 256, found 257' run --steps 257
refuses '--tasks: expected a number 1 to 8, found 9' run --tasks 9
refuses '--pool-size: expected a number 2 to 6, found 1' run --pool-size 1
refuses '--max-in-flight-tx: expected a number 1 to 8, found x' run --max-in-flight-tx x
for rate in ddl busy panic sleep; do
    for wrong in 1.5 101% -1 x . 5.% '' 0x1; do
        refuses "--$rate-rate: expected a share from 0 to 1 (0.05) or 0% to 100% (5%), found $wrong" \
            run "--$rate-rate=$wrong"
    done
done
# Properties in plans of a profile: both hold.
program=("$build_dir/fuzz_canary" --canary=extra_row --interplay)
expect 1 run --seed 1 --iterations 2000 --profile ddl-heavy --steps 40 --property delete-select --output plan.json
grep -q 'violation property/delete-select/' out || fail "the planted bug is not found: $(grep violation out)"
has 'len(interactions) == 40 and [i for i in interactions if i["action"].get("property") == "delete_select"]'
has 'len([t for t in types if t in ("create_table", "drop_table", "create_index", "drop_index")]) > 4'
refuses 'property drop-select needs drop_table, which plans of the profile never have' \
    run --property drop-select --ddl-rate 0
refuses 'property tx-commit-visible needs 4 interactions, and plans of the profile have 3' \
    run --property tx-commit-visible --steps 3

refuses 'a pool of 3 connections, but the configuration has none' run --pool-size 3 --config stack=direct
refuses '2 tasks, but the configuration has other ones' run --tasks 2 --config tasks=3
printf '{\n  "weights": {"ddl": -1}\n}\n' >wrong.json
refuses 'wrong.json:2:22: weights.ddl: expected' run --profile wrong.json
: >empty.json
refuses 'empty' run --profile empty.json
refuses 'folder' run --profile .

((failures == 0))
