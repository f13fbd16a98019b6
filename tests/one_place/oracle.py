# SPDX-License-Identifier: Apache-2.0
"""An oracle: no result has more rows than a table of a plan has keys. A file and a row."""

ORACLE = """/* SPDX-License-Identifier: Apache-2.0 */
/* No result has more rows than there are keys. */
#include "oracle/oracle.h"

static void on_event(void *state, const struct event *event, struct verdict *verdict)
{
    (void)state;
    if (event->result->seen->row_count > PLAN_KEYS)
        verdict_violation(verdict, event_interaction(event), "row-count/too-many",
                          "more rows than there are keys");
}

const struct oracle_ops oracle_row_count_ops = {.on_event = on_event};
"""

ROW = """
ORACLE(row_count, "row-count/", "no result has more rows than there are keys", ORACLE_NEEDS_NOTHING,
       EVENT_BIT(result))
"""

PLAN = """{
  "config": {},
  "interactions": [
    {"task": 0, "action": {"type": "query",
     "sql": "WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 99) SELECT n FROM c"}}
  ]
}
"""


def apply(tree):
    tree.write("src/oracle/row_count.c", ORACLE)
    tree.append("src/oracle/oracles.def", ROW)


def shows(interplay):
    status, text = interplay("replay", interplay.file("oracle.json", PLAN))
    return status == 1 and "violation row-count/too-many" in text
