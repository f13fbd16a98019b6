/* SPDX-License-Identifier: Apache-2.0 */
/* Two columns. */
#include "report/side_by_side.h"

#include "base/text.h"

#include <interplay/backend.h>

#include <inttypes.h>
#include <string.h>

enum { CELL_BYTES = 64, CELL_WIDTH = 36 };

static void print_line(const char *model, const char *observed, FILE *out)
{
    fprintf(out, "%c %-*s | %s\n", strcmp(model, observed) == 0 ? ' ' : '!', CELL_WIDTH, model,
            observed);
}

static void print_head(const char *what, FILE *out)
{
    fprintf(out, "\n---- model | observed: %s ----\n", what);
}

/* --- of a call -------------------------------------------------------------------------------- */

/* What of columns both sides tell. */
enum told_columns { COLUMNS_UNTOLD, COLUMNS_BY_NUMBER, COLUMNS_BY_NAME };

static void describe_rows(const struct observation *seen, enum told_columns columns, char *cell)
{
    int length = snprintf(cell, CELL_BYTES, "ok, %" PRIu64 " rows, %" PRId64 " changes",
                          seen->row_count, seen->changes);
    if (columns == COLUMNS_BY_NUMBER && length < CELL_BYTES)
        (void)snprintf(cell + length, CELL_BYTES - (size_t)length, ", %d columns",
                       seen->column_count);
    if (columns == COLUMNS_BY_NAME && length < CELL_BYTES)
        (void)snprintf(cell + length, CELL_BYTES - (size_t)length, ", %.32s", seen->column_names);
}

static void describe_result(const struct observation *seen, enum told_columns columns, char *cell)
{
    if (seen->outcome != OUTCOME_OK)
        (void)snprintf(cell, CELL_BYTES, "%s", interplay_outcome_names[seen->outcome]);
    else if (seen->rows_kept == 0 && seen->row_count == 1)
        (void)snprintf(cell, CELL_BYTES, seen->number_is_null ? "ok, NULL" : "ok, %" PRId64,
                       seen->number);
    else
        describe_rows(seen, columns, cell);
}

/* Empty beyond the last row. */
static void describe_row(const struct observation *seen, uint32_t index, char *cell)
{
    cell[0] = '\0';
    if (index >= seen->rows_kept)
        return;
    const struct observed_row *row = &seen->rows[index];
    int length = snprintf(cell, CELL_BYTES, "k=%" PRId64 " v=%" PRId64 " p=", row->key, row->value);
    if (!row->intact)
        length += snprintf(cell + length, CELL_BYTES - (size_t)length, "(nobody wrote this)");
    else if (row->text_value < 0)
        length += snprintf(cell + length, CELL_BYTES - (size_t)length, "NULL");
    else
        length += snprintf(cell + length, CELL_BYTES - (size_t)length, "%08" PRId64 " x%" PRId64,
                           row->text_value, row->text_units);
    if (row->addend != 0 && length < CELL_BYTES)
        (void)snprintf(cell + length, CELL_BYTES - (size_t)length, " x=%" PRId64,
                       observed_row_x(row));
}

static void print_call(const struct recorded_step *step, FILE *out)
{
    char model[CELL_BYTES], observed[CELL_BYTES];
    const struct observation *expected = &step->expected.predictions[0].expected;
    uint32_t rows =
        expected->rows_kept > step->seen.rows_kept ? expected->rows_kept : step->seen.rows_kept;
    enum told_columns columns = expected->has_names && step->seen.has_names ? COLUMNS_BY_NAME
                                : expected->column_count > 0 && step->seen.column_count > 0
                                    ? COLUMNS_BY_NUMBER
                                    : COLUMNS_UNTOLD;
    print_head("the result", out);
    describe_result(expected, columns, model);
    describe_result(&step->seen, columns, observed);
    print_line(model, observed, out);
    for (uint32_t i = 0; i < rows; i++) {
        describe_row(expected, i, model);
        describe_row(&step->seen, i, observed);
        print_line(model, observed, out);
    }
}

/* --- of the whole database -------------------------------------------------------------------- */

static void describe_table(const struct model_table *table, char *cell)
{
    if (!table->exists)
        (void)snprintf(cell, CELL_BYTES, "no table");
    else if (table->addend == 0)
        (void)snprintf(cell, CELL_BYTES, "%d rows, index set %u",
                       __builtin_popcount(table->present), (unsigned)table->indexes);
    else
        (void)snprintf(cell, CELL_BYTES, "%d rows, index set %u, x = v + %u",
                       __builtin_popcount(table->present), (unsigned)table->indexes,
                       (unsigned)table->addend);
}

static void describe_key(const struct model_table *table, uint32_t key, char *cell)
{
    cell[0] = '\0';
    if (!table->exists || !(table->present >> key & 1u))
        return;
    (void)snprintf(cell, CELL_BYTES, "k=%u v=%d p=%08d x%u", (unsigned)key, (int)table->value[key],
                   (int)table->text_value[key], (unsigned)table->text_units[key]);
}

static void print_table(const struct recorded_content *content, uint32_t number, FILE *out)
{
    char model[CELL_BYTES], observed[CELL_BYTES];
    const struct model_table *expected = &content->expected.tables[number];
    const struct model_table *found = &content->found.tables[number];
    if (memcmp(expected, found, sizeof *found) == 0)
        return;
    fprintf(out, "  t%" PRIu32 "\n", number);
    describe_table(expected, model);
    describe_table(found, observed);
    print_line(model, observed, out);
    for (uint32_t key = 0; key < PLAN_KEYS; key++) {
        describe_key(expected, key, model);
        describe_key(found, key, observed);
        if (strcmp(model, observed) != 0)
            print_line(model, observed, out);
    }
}

static void print_content(const struct recorded_content *content, FILE *out)
{
    print_head("what the database holds, rows that differ", out);
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        print_table(content, table, out);
}

void side_by_side_print(const struct recording *recording, size_t noticed, FILE *out)
{
    if (noticed < recording->step_count) {
        const struct recorded_step *step = &recording->steps[noticed];
        if (step->is_judged && step->expected.count > 0 && !step->expected.agrees) {
            print_call(step, out);
            return;
        }
    }
    uint32_t last = recording->content_count;
    if (last == 0 || !recording->contents[last - 1].has_expected)
        return;
    const struct recorded_content *content = &recording->contents[last - 1];
    if (!model_database_equal(&content->expected, &content->found))
        print_content(content, out);
}
