# SPDX-License-Identifier: Apache-2.0
"""An action of all databases: `clear` removes all rows of a table. One row, what it says in SQL, what it does to the model."""

PLAN = """{
  "config": {},
  "interactions": [
    {"task": 0, "action": {"type": "clear", "table": 0}},
    {"task": 1, "action": {"type": "select", "table": 0, "aggregate": "count"}}
  ]
}
"""


def apply(tree):
    number = tree.free_number("src/plan/ops.def", "OP", range(64))
    tree.after("src/plan/ops.def", r"^OP\(\d+, delete,[^;]*?\n(?=OP\()",
               f"OP({number}, clear, HAS(table),\n"
               '   "remove all rows of a table",\n'
               "   .shrink_rank = 1, .connection = CONNECTION_WRITER, .effect = EFFECT_ROWS,\n"
               "   .draw = DRAW(1, 1, ALWAYS, WRITES))\n")
    tree.after("src/plan/statement_tree.c", r"^ +\[ACTION_delete\] = .*\n",
               "        [ACTION_clear] = {make_delete, SQL_DELETE},\n")
    tree.replace("src/model/database.c", r"if \(interaction->action == ACTION_delete\) \{",
                 "if (interaction->action == ACTION_delete || interaction->action == ACTION_clear) {")


def shows(interplay):
    plan = interplay.file("action.json", PLAN)
    status, text = interplay("replay", "--trace", plan)
    compact = interplay("convert", plan, "-o", "action.bin")[0] == 0
    again = interplay("replay", "action.bin")[1] if compact else ""
    script = interplay("convert", plan, "-o", "action.sql")[0] == 0
    return (status == 0 and "> clear t0\n" in text and "< ok (8)" in text and ": ok trace=" in again and script and
            "DELETE FROM t0;" in (interplay.folder / "action.sql").read_text())
