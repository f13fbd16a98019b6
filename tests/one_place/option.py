# SPDX-License-Identifier: Apache-2.0
"""An option of the command: `interplay replay --only-findings` says nothing of plans that are ok."""

TESTS = ["run_replay_test"]


def apply(tree):
    tree.before("src/cli/options.def", r"^OPTION\(yields,",
                'OPTION(only_findings, "only-findings", 0, FLAG, NULL, CLI_ONCE, CLI_REPLAY,\n'
                '       "say nothing of plans that are ok")\n')
    tree.replace("src/cli/replay.c", r'^        print_line\(replay, "ok", result\);$',
                 "        if (!replay->order->only_findings)\n"
                 '            print_line(replay, "ok", result);')
    tree.before("tests/run_replay_test.sh", r'^for command in run replay; do$',
                "expect 0 replay --only-findings plan.json\n"
                '[[ ! -s out ]] || fail "--only-findings: $(cat out)"\n\n')


def shows(interplay):
    plan = interplay.file("option.json", '{"config": {}, "interactions": []}')
    status, text = interplay("replay", "--only-findings", plan)
    manual = interplay("replay", "--help")[1]
    return status == 0 and text == "" and "--only-findings" in manual
