# SPDX-License-Identifier: Apache-2.0
"""An action that only one database has: SQLite's ANALYZE. A row that says it all."""

PLAN = """{
  "config": {},
  "interactions": [
    {"task": 0, "action": {"type": "analyze"}}
  ]
}
"""


def apply(tree):
    number = tree.free_number("backends/sqlite/sqlite_ops.def", "OP", range(64, 80))
    tree.append("backends/sqlite/sqlite_ops.def",
                f"OP({number}, analyze, 0,\n"
                '   "gather statistics for the query planner",\n'
                '   .sql = "ANALYZE",\n'
                "   .shrink_rank = 1, .connection = CONNECTION_WRITER, .effect = EFFECT_OUTSIDE,\n"
                "   .draw = DRAW(1, 1, OUTSIDE, WRITES))\n")


def shows(interplay):
    plan = interplay.file("own_action.json", PLAN)
    status, text = interplay("replay", "--trace", plan)
    compact = interplay("convert", plan, "-o", "own_action.bin")[0] == 0
    again = interplay("replay", "own_action.bin")[1] if compact else ""
    script = interplay("convert", plan, "-o", "own_action.sql")[0] == 0
    return (status == 0 and "> analyze" in text and ": ok trace=" in again and script and
            "ANALYZE;" in (interplay.folder / "own_action.sql").read_text())
