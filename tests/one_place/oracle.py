# SPDX-License-Identifier: Apache-2.0
"""An oracle: no result has 77 rows, which no other test asks for. A file, a row, and a unit test."""

ORACLE = """/* SPDX-License-Identifier: Apache-2.0 */
/* No result has 77 rows. */
#include "oracle/oracle.h"

static void on_result(void *state, const struct event *event, struct verdict *verdict)
{
    (void)state;
    if (event->result->seen->row_count == 77)
        verdict_violation(verdict, event_interaction(event), "row-count/unlucky", "77 rows");
}

static const struct oracle_handler handlers[] = {{EVENT_result, on_result}, {0}};

const struct oracle_ops oracle_row_count_ops = {.handlers = handlers};
"""

TEST = """/* SPDX-License-Identifier: Apache-2.0 */
/* Proves how many rows are unlucky. */
#include "oracle_fixture.h"

static void test_unlucky(void **state)
{
    (void)state;
    struct oracle_setting setting = {0};
    struct observation seen = {.row_count = 76};
    reset_plan();
    begin_oracle("row_count", &setting);
    feed_result(0, 0, &seen);
    assert_ok();
    seen.row_count++;
    feed_result(0, 0, &seen);
    assert_signature("row-count/unlucky");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_unlucky)};
    return RUN_ORACLE_TESTS(tests);
}
"""

ROW = """
ORACLE(row_count, "row-count/", ORACLE_NEEDS_NOTHING, "no result has 77 rows")
"""

PROGRAMS = ["row_count_oracle_test"]

PLAN = """{
  "config": {},
  "interactions": [
    {"task": 0, "action": {"type": "query",
     "sql": "WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 77) SELECT n FROM c"}}
  ]
}
"""


def apply(tree):
    tree.write("src/oracle/row_count.c", ORACLE)
    tree.append("src/oracle/oracles.def", ROW)
    tree.write("tests/row_count_oracle_test.c", TEST)


def shows(interplay):
    status, text = interplay("replay", interplay.file("oracle.json", PLAN))
    return status == 1 and "violation row-count/unlucky" in text
