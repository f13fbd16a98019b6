/* SPDX-License-Identifier: Apache-2.0 */
/* Lays a plan out as a table. */
#include "report/plan_table.h"

#include "plan/describe.h"

#include <string.h>

enum {
    STEP_WIDTH = 5,      /* step numbers up to 99999 */
    SEPARATOR_WIDTH = 3, /* " | " */
    COLUMN_WIDTH_MIN = 18,
    PART_BYTES = 400, /* longer texts (SQL) are cut */
    PART_COUNT = 4,   /* action, pause, fault, expectation */
};

/* What one interaction puts into its column. */
struct cell {
    char bytes[PART_COUNT][PART_BYTES];
    size_t length[PART_COUNT];
    size_t width; /* of all parts on one line */
};

struct layout {
    uint32_t tasks;
    size_t column_width[PLAN_TASKS_MAX];
};

static void fill_cell(struct cell *cell, const struct interaction *interaction)
{
    static void (*const describers[PART_COUNT])(const struct interaction *, struct text *) = {
        plan_describe_action,
        plan_describe_pause,
        plan_describe_fault,
        plan_describe_expectation,
    };
    cell->width = 0;
    for (int part = 0; part < PART_COUNT; part++) {
        struct text text;
        text_init(&text, cell->bytes[part], PART_BYTES);
        describers[part](interaction, &text);
        if (text.truncated)
            memcpy(text.bytes + text.length - 3, "...", 3);
        cell->length[part] = text.length;
        if (text.length > 0)
            cell->width += text.length + (cell->width > 0);
    }
}

static size_t table_width(const struct layout *layout)
{
    size_t width = STEP_WIDTH;
    for (uint32_t task = 0; task < layout->tasks; task++)
        width += SEPARATOR_WIDTH + layout->column_width[task];
    return width;
}

/* As wide as their cells; where that is too much, the widest give way. */
static void lay_out(struct layout *layout, const struct plan *plan, size_t width)
{
    layout->tasks = plan_tasks(plan);
    for (uint32_t task = 0; task < layout->tasks; task++)
        layout->column_width[task] = sizeof "task 0" - 1;
    for (size_t i = 0; i < plan->interaction_count; i++) {
        const struct interaction *interaction = &plan->interactions[i];
        struct cell cell;
        fill_cell(&cell, interaction);
        if (cell.width > layout->column_width[interaction->task])
            layout->column_width[interaction->task] = cell.width;
    }
    while (width > 0 && table_width(layout) > width) {
        size_t *widest = &layout->column_width[0];
        for (uint32_t task = 1; task < layout->tasks; task++)
            if (layout->column_width[task] > *widest)
                widest = &layout->column_width[task];
        if (*widest <= COLUMN_WIDTH_MIN)
            return;
        (*widest)--;
    }
}

/* One line of the table with `length` characters in the column of `task`. */
static void print_line(const struct layout *layout, size_t step, uint32_t task, const char *piece,
                       size_t length, FILE *out)
{
    if (step != SIZE_MAX)
        fprintf(out, "%*zu", STEP_WIDTH, step);
    else
        fprintf(out, "%*s", STEP_WIDTH, "");
    for (uint32_t column = 0; column < layout->tasks; column++) {
        bool is_last = column + 1 == layout->tasks;
        int shown = column == task ? (int)length : 0;
        int padding = is_last ? 0 : (int)layout->column_width[column] - shown;
        if (is_last && shown == 0)
            fputs(" |", out);
        else
            fprintf(out, " | %.*s%*s", shown, piece, padding, "");
    }
    fputc('\n', out);
}

static void print_cell(const struct layout *layout, size_t step, uint32_t task,
                       const struct cell *cell, FILE *out)
{
    size_t width = layout->column_width[task];
    if (cell->width <= width) {
        char line[PART_COUNT * (PART_BYTES + 1)];
        struct text text;
        text_init(&text, line, sizeof line);
        for (int part = 0; part < PART_COUNT; part++) {
            if (cell->length[part] > 0)
                text_append_format(&text, "%s%s", text.length > 0 ? " " : "", cell->bytes[part]);
        }
        print_line(layout, step, task, text.bytes, text.length, out);
        return;
    }
    for (int part = 0; part < PART_COUNT; part++) {
        const char *rest = cell->bytes[part];
        size_t left = cell->length[part];
        while (left > 0) {
            size_t length = text_line_length(rest, left, width);
            print_line(layout, step, task, rest, length, out);
            step = SIZE_MAX; /* only the first line has the number */
            while (length < left && rest[length] == ' ')
                length++;
            rest += length;
            left -= length;
        }
    }
}

static void print_header(const struct plan *plan, size_t width, FILE *out)
{
    uint32_t tasks = plan_tasks(plan);
    const char *tasks_plural = tasks == 1 ? "" : "s";
    const char *interactions_plural = plan->interaction_count == 1 ? "" : "s";
    switch (plan->kind) {
    case PLAN_NATIVE:
        fprintf(out, "plan: %u task%s, %zu interaction%s\n", tasks, tasks_plural,
                plan->interaction_count, interactions_plural);
        break;
    case PLAN_MIDDLEWARE:
        fprintf(out,
                "plan of sql-middleware's simulator: %u task%s, pool of %u, %zu interaction%s\n",
                tasks, tasks_plural, plan->pool_size, plan->interaction_count, interactions_plural);
        return;
    }
    static const char start[] = "config:";
    size_t column = 0;
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        const char *value = info->values[plan->config.choice[field]].name;
        size_t length = strlen(info->name) + strlen(value) + 2;
        if (plan->config.choice[field] == 0 || field == PLAN_CONFIG_tasks)
            continue;
        if (column == 0 || (width > 0 && column + length > width)) {
            fprintf(out, "%s%*s", column == 0 ? start : "\n",
                    column == 0 ? 0 : (int)sizeof start - 1, "");
            column = sizeof start - 1;
        }
        fprintf(out, " %s=%s", info->name, value);
        column += length;
    }
    if (column > 0)
        fputc('\n', out);
}

static void print_column_names(const struct layout *layout, FILE *out)
{
    fprintf(out, "\n%*s", STEP_WIDTH, "step");
    for (uint32_t task = 0; task < layout->tasks; task++) {
        bool is_last = task + 1 == layout->tasks;
        int padding = is_last ? 0 : (int)(layout->column_width[task] - (sizeof "task 0" - 1));
        fprintf(out, " | task %u%*s", task, padding, "");
    }
    fputc('\n', out);
    for (int i = 0; i < STEP_WIDTH; i++)
        fputc('-', out);
    for (uint32_t task = 0; task < layout->tasks; task++) {
        fputs("-+-", out);
        for (size_t i = 0; i < layout->column_width[task]; i++)
            fputc('-', out);
    }
    fputc('\n', out);
}

void plan_table_print(const struct plan *plan, size_t width, FILE *out)
{
    struct layout layout;
    print_header(plan, width, out);
    lay_out(&layout, plan, width);
    print_column_names(&layout, out);
    for (size_t i = 0; i < plan->interaction_count; i++) {
        const struct interaction *interaction = &plan->interactions[i];
        struct cell cell;
        fill_cell(&cell, interaction);
        print_cell(&layout, i, interaction->task, &cell, out);
    }
}
