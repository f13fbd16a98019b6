/* SPDX-License-Identifier: Apache-2.0 */
/* Interactions as trees. Parts that are the same in all of them are static. */
#include "plan/statement_tree.h"

#include "base/assert.h"

/* --- tables ---------------------------------------------------------------------------------- */

static const char *const table_names[PLAN_TABLES] = {"t0", "t1", "t2", "t3"};

static const struct sql_column_definition definition_p = {.name = "p", .type = SQL_STRING};
static const struct sql_column_definition definition_v = {
    .name = "v", .type = SQL_BIGINT, .next = &definition_p};
static const struct sql_column_definition definition_k = {
    .name = "k", .type = SQL_INTEGER, .is_primary_key = true, .next = &definition_v};

/* The columns one by one, and as the list of these three. */
static const struct sql_expression column_k = {.kind = SQL_COLUMN, .column = "k"};
static const struct sql_expression column_v = {.kind = SQL_COLUMN, .column = "v"};
static const struct sql_expression third_p = {.kind = SQL_COLUMN, .column = "p"};
static const struct sql_expression second_v = {.kind = SQL_COLUMN, .column = "v", .next = &third_p};
static const struct sql_expression three_columns = {
    .kind = SQL_COLUMN, .column = "k", .next = &second_v};

static const struct sql_expression columns_there_are = {.kind = SQL_ALL_COLUMNS};

static const struct sql_expression aggregates[] = {
    [AGGREGATE_COUNT] = {.kind = SQL_FUNCTION, .call = {SQL_COUNT, NULL}},
    [AGGREGATE_SUM] = {.kind = SQL_FUNCTION, .call = {SQL_SUM, &column_v}},
    [AGGREGATE_MIN] = {.kind = SQL_FUNCTION, .call = {SQL_MIN, &column_v}},
    [AGGREGATE_MAX] = {.kind = SQL_FUNCTION, .call = {SQL_MAX, &column_v}},
};

/* What makes an upsert of an insert. */
static const struct sql_expression excluded_v = {.kind = SQL_EXCLUDED, .column = "v"};
static const struct sql_expression excluded_p = {.kind = SQL_EXCLUDED, .column = "p"};
static const struct sql_assignment replace_p = {.column = "p", .value = &excluded_p};
static const struct sql_assignment replace_v = {
    .column = "v", .value = &excluded_v, .next = &replace_p};
static const struct sql_on_conflict replace_row = {.key = "k", .assignments = &replace_v};

static uint32_t argument(const struct interaction *interaction, enum plan_field field)
{
    return interaction->arguments[field];
}

static const char *table_of(const struct interaction *interaction)
{
    return table_names[argument(interaction, FIELD_table)];
}

/* --- nodes ----------------------------------------------------------------------------------- */

static struct sql_expression *add_node(struct plan_tree *tree, enum sql_expression_kind kind)
{
    ASSERT(tree->node_count < PLAN_TREE_NODES);
    struct sql_expression *node = &tree->nodes[tree->node_count++];
    node->kind = kind;
    node->parameter = 0;
    node->next = NULL;
    return node;
}

static struct sql_expression *add_number(struct plan_tree *tree, int64_t number)
{
    struct sql_expression *node = add_node(tree, SQL_NUMBER);
    node->number = number;
    return node;
}

static struct sql_expression *add_binary(struct plan_tree *tree, enum sql_operator operator,
                                         const struct sql_expression * left,
                                         const struct sql_expression *right)
{
    struct sql_expression *node = add_node(tree, SQL_BINARY);
    node->binary.operator= operator;
    node->binary.left = left;
    node->binary.right = right;
    return node;
}

static struct sql_expression *add_call(struct plan_tree *tree, enum sql_function function,
                                       const struct sql_expression *arguments)
{
    struct sql_expression *node = add_node(tree, SQL_FUNCTION);
    node->call.function = function;
    node->call.arguments = arguments;
    return node;
}

static struct sql_expression *add_repeat(struct plan_tree *tree, struct sql_expression *text,
                                         const struct sql_expression *count)
{
    text->next = count;
    return add_call(tree, SQL_REPEAT, text);
}

/* The node is the tree's next parameter. */
static struct sql_expression *as_parameter(struct plan_tree *tree, struct sql_expression *node,
                                           struct plan_parameter parameter)
{
    ASSERT(tree->parameter_count < PLAN_PARAMETERS_MAX);
    tree->parameters[tree->parameter_count] = parameter;
    node->parameter = ++tree->parameter_count;
    return node;
}

static struct sql_expression *number_parameter(struct plan_tree *tree, int64_t number)
{
    return as_parameter(tree, add_number(tree, number), (struct plan_parameter){.number = number});
}

/* `value` in 8 digits. */
static struct sql_expression *add_digits(struct plan_tree *tree, int64_t value)
{
    struct sql_expression *node = add_node(tree, SQL_TEXT);
    char *digits = tree->digits[tree->text_count++];
    plan_digits(value, digits);
    digits[PLAN_PAYLOAD_UNIT_BYTES] = '\0';
    node->text = digits;
    return node;
}

static struct sql_expression *payload_parameter(struct plan_tree *tree, int64_t value,
                                                uint32_t units)
{
    struct sql_expression *text = add_digits(tree, value);
    if (units > 1)
        text = add_repeat(tree, text, add_number(tree, units));
    return as_parameter(
        tree, text, (struct plan_parameter){.is_payload = true, .number = value, .units = units});
}

/* --- statements on rows ---------------------------------------------------------------------- */

static const struct sql_expression *add_filter(struct plan_tree *tree,
                                               const struct interaction *interaction)
{
    int64_t key = argument(interaction, FIELD_key);
    switch ((enum plan_filter)argument(interaction, FIELD_filter)) {
    case FILTER_ALL:
        break;
    case FILTER_KEY:
        return add_binary(tree, SQL_EQUAL, &column_k, number_parameter(tree, key));
    case FILTER_RANGE: {
        struct sql_expression *between = add_node(tree, SQL_BETWEEN);
        between->between.value = &column_k;
        between->between.low = number_parameter(tree, key);
        between->between.high = number_parameter(tree, key + argument(interaction, FIELD_span));
        return between;
    }
    case FILTER_FROM:
        return add_binary(tree, SQL_AT_LEAST, &column_k, number_parameter(tree, key));
    case FILTER_VALUE_FROM:
        return add_binary(tree, SQL_AT_LEAST, &column_v,
                          number_parameter(tree, plan_filter_bound((uint32_t)key)));
    case FILTER_VALUE_BELOW:
        return add_binary(tree, SQL_LESS, &column_v,
                          number_parameter(tree, plan_filter_bound((uint32_t)key)));
    }
    return NULL;
}

/* A limit counts only with an order, and an aggregate has neither. */
static void make_select(struct plan_tree *tree, const struct interaction *interaction, int64_t step)
{
    (void)step;
    uint32_t order = argument(interaction, FIELD_order), limit = argument(interaction, FIELD_limit);
    uint32_t aggregate = argument(interaction, FIELD_aggregate);
    struct sql_select *select = &tree->statement.select;
    tree->source = (struct sql_source){.kind = SQL_TABLE, .table = table_of(interaction)};
    *select = (struct sql_select){
        .columns = plan_reads_all_columns(interaction) ? &columns_there_are
                   : aggregate == AGGREGATE_ROWS       ? &three_columns
                                                       : &aggregates[aggregate],
        .from = &tree->source,
        .where = add_filter(tree, interaction),
    };
    if (aggregate != AGGREGATE_ROWS || order == ORDER_NONE)
        return;
    tree->order = (struct sql_order){
        .by = order == ORDER_KEY || order == ORDER_KEY_DESC ? &column_k : &column_v,
        .is_descending = order == ORDER_KEY_DESC || order == ORDER_VALUE_DESC,
    };
    select->order = &tree->order;
    if (limit != 0)
        select->limit = number_parameter(tree, limit);
}

static struct sql_expression *add_row(struct plan_tree *tree, struct sql_expression *key,
                                      struct sql_expression *value, struct sql_expression *text)
{
    struct sql_expression *row = add_node(tree, SQL_ROW);
    row->values = key;
    key->next = value;
    value->next = text;
    return row;
}

static void make_insert(struct plan_tree *tree, const struct interaction *interaction, int64_t step)
{
    uint32_t units = plan_payload_units[argument(interaction, FIELD_size)];
    uint32_t key = argument(interaction, FIELD_key);
    int64_t value = plan_value(step, key);
    struct sql_expression *key_node = number_parameter(tree, key);
    struct sql_expression *value_node = number_parameter(tree, value);
    struct sql_expression *text_node =
        units == 0 ? add_node(tree, SQL_NULL) : payload_parameter(tree, value, units);
    tree->statement.insert = (struct sql_insert){
        .table = table_of(interaction),
        .rows = add_row(tree, key_node, value_node, text_node),
    };
}

static void make_upsert(struct plan_tree *tree, const struct interaction *interaction, int64_t step)
{
    make_insert(tree, interaction, step);
    tree->statement.insert.on_conflict = &replace_row;
}

/* Rows of the keys of a batch, in their order, with NULL for a text. */
static const struct sql_expression *add_rows(struct plan_tree *tree,
                                             const struct interaction *interaction, int64_t step)
{
    const struct sql_expression *rows = NULL;
    for (uint32_t i = plan_batch_count(interaction); i-- > 0;) {
        uint32_t key = argument(interaction, FIELD_key) + i;
        struct sql_expression *row =
            add_row(tree, add_number(tree, key), add_number(tree, plan_value(step, key)),
                    add_node(tree, SQL_NULL));
        row->next = rows;
        rows = row;
    }
    return rows;
}

/* What the upserts of a batch come to, as one statement, for those who cannot run a batch. */
static void make_batch(struct plan_tree *tree, const struct interaction *interaction, int64_t step)
{
    tree->statement.insert = (struct sql_insert){.table = table_of(interaction),
                                                 .rows = add_rows(tree, interaction, step),
                                                 .on_conflict = &replace_row};
}

static void make_insert_rows(struct plan_tree *tree, const struct interaction *interaction,
                             int64_t step)
{
    static const enum sql_resolution resolutions[] = {[CONFLICT_ABORT] = SQL_OR_ABORT,
                                                      [CONFLICT_FAIL] = SQL_OR_FAIL,
                                                      [CONFLICT_IGNORE] = SQL_OR_IGNORE,
                                                      [CONFLICT_REPLACE] = SQL_OR_REPLACE};
    tree->statement.insert =
        (struct sql_insert){.resolution = resolutions[argument(interaction, FIELD_conflict)],
                            .table = table_of(interaction),
                            .rows = add_rows(tree, interaction, step)};
}

static void make_update(struct plan_tree *tree, const struct interaction *interaction, int64_t step)
{
    uint32_t units = plan_payload_units[argument(interaction, FIELD_size)];
    struct sql_assignment *to_v = &tree->assignments[0], *to_p = &tree->assignments[1];
    struct sql_expression *sum =
        add_binary(tree, SQL_PLUS, &column_k, number_parameter(tree, plan_value(step, 0)));
    *to_v = (struct sql_assignment){.column = "v", .value = sum};
    if (units != 0) {
        *to_p = (struct sql_assignment){
            .column = "p",
            .value =
                add_repeat(tree, add_call(tree, SQL_DIGITS, sum), number_parameter(tree, units)),
        };
        to_v->next = to_p;
    }
    tree->statement.update = (struct sql_update){
        .table = table_of(interaction),
        .assignments = to_v,
        .where = add_filter(tree, interaction),
    };
}

/* UPDATE t SET p = coalesce(p, '') || element WHERE k = key */
static void make_append(struct plan_tree *tree, const struct interaction *interaction, int64_t step)
{
    static const struct sql_expression nothing = {.kind = SQL_TEXT, .text = ""};
    uint32_t key = argument(interaction, FIELD_key);
    struct sql_expression *text = add_node(tree, SQL_COLUMN);
    text->column = "p";
    text->next = &nothing;
    const struct sql_expression *element = payload_parameter(tree, plan_value(step, key), 1);
    tree->assignments[0] = (struct sql_assignment){
        .column = "p",
        .value = add_binary(tree, SQL_CONCATENATE, add_call(tree, SQL_COALESCE, text), element),
    };
    tree->statement.update = (struct sql_update){
        .table = table_of(interaction),
        .assignments = tree->assignments,
        .where = add_binary(tree, SQL_EQUAL, &column_k, number_parameter(tree, key)),
    };
}

static void make_update_returning(struct plan_tree *tree, const struct interaction *interaction,
                                  int64_t step)
{
    make_update(tree, interaction, step);
    tree->statement.update.returning =
        plan_reads_all_columns(interaction) ? &columns_there_are : &three_columns;
}

static void make_delete(struct plan_tree *tree, const struct interaction *interaction, int64_t step)
{
    (void)step;
    tree->statement.delete = (struct sql_delete){
        .table = table_of(interaction),
        .where = add_filter(tree, interaction),
    };
}

/* --- other statements ------------------------------------------------------------------------ */

static void make_begin(struct plan_tree *tree, const struct interaction *interaction, int64_t step)
{
    static const enum sql_write_lock locks[] = {
        [BEGIN_DEFERRED] = SQL_LOCK_WHEN_NEEDED,
        [BEGIN_IMMEDIATE] = SQL_LOCK_AT_ONCE,
        [BEGIN_EXCLUSIVE] = SQL_LOCK_READERS_OUT,
    };
    (void)step;
    tree->statement.begin = (struct sql_begin){
        .lock = locks[argument(interaction, FIELD_begin_mode)],
        .isolation = SQL_ISOLATION_DEFAULT, /* the connection has it, as the plan configures */
    };
}

const char *const plan_savepoint_names[PLAN_SAVEPOINTS] = {"s0", "s1", "s2", "s3"};

/* COMMIT and ROLLBACK say all by their kind. */
static void make_end(struct plan_tree *tree, const struct interaction *interaction, int64_t step)
{
    (void)tree, (void)interaction, (void)step;
}

static void make_savepoint(struct plan_tree *tree, const struct interaction *interaction,
                           int64_t step)
{
    (void)step;
    tree->statement.savepoint = plan_savepoint_names[argument(interaction, FIELD_savepoint)];
}

static struct sql_create_table create_table(uint32_t table, enum plan_layout layout)
{
    return (struct sql_create_table){
        .table = table_names[table],
        .columns = &definition_k,
        .is_clustered = layout == LAYOUT_WITHOUT_ROWID,
    };
}

static void make_create_table(struct plan_tree *tree, const struct interaction *interaction,
                              int64_t step)
{
    (void)step;
    tree->statement.create_table = create_table(
        argument(interaction, FIELD_table), (enum plan_layout)argument(interaction, FIELD_layout));
}

static void make_drop_table(struct plan_tree *tree, const struct interaction *interaction,
                            int64_t step)
{
    (void)step;
    tree->statement.table = table_of(interaction);
}

static struct sql_index index_of(uint32_t table, enum plan_column column)
{
    static const char *const names[PLAN_TABLES][2] = {
        {"i0v", "i0p"}, {"i1v", "i1p"}, {"i2v", "i2p"}, {"i3v", "i3p"}};
    static const char *const columns[] = {[COLUMN_VALUE] = "v", [COLUMN_TEXT] = "p"};
    return (struct sql_index){
        .index = names[table][column], .table = table_names[table], .column = columns[column]};
}

static void make_index(struct plan_tree *tree, const struct interaction *interaction, int64_t step)
{
    (void)step;
    tree->statement.index = index_of(argument(interaction, FIELD_table),
                                     (enum plan_column)argument(interaction, FIELD_column));
}

static void make_add_column(struct plan_tree *tree, const struct interaction *interaction,
                            int64_t step)
{
    tree->statement.add_column = (struct sql_add_column){
        .table = table_of(interaction),
        .column = "x",
        .type = SQL_BIGINT,
        .value = add_binary(tree, SQL_PLUS, &column_v, add_number(tree, plan_addend(step))),
    };
}

static void make_drop_column(struct plan_tree *tree, const struct interaction *interaction,
                             int64_t step)
{
    (void)step;
    tree->statement.drop_column = (struct sql_drop_column){table_of(interaction), "x"};
}

static void make_words(struct plan_tree *tree, const struct interaction *interaction, int64_t step)
{
    (void)step;
    tree->statement.words = interaction->sql;
}

static void start(struct plan_tree *tree, enum sql_statement_kind kind)
{
    tree->statement.kind = kind;
    tree->parameter_count = tree->node_count = tree->text_count = 0;
}

/* What only one database has: it is the one that understands the words. */
static void make_own(struct plan_tree *tree, const struct interaction *interaction, int64_t step)
{
    struct text text;
    text_init(&text, tree->own_words, sizeof tree->own_words);
    plan_own_sql(interaction, step, &text);
    start(tree, SQL_WORDS);
    tree->statement.words = tree->own_words;
}

/* --- trees ----------------------------------------------------------------------------------- */

bool plan_tree_make(struct plan_tree *ret_tree, const struct interaction *interaction, int64_t step)
{
    static const struct {
        void (*make)(struct plan_tree *, const struct interaction *, int64_t); /* NULL: no SQL */
        enum sql_statement_kind kind;
    } makers[ACTION_COUNT] = {
        [ACTION_select] = {make_select, SQL_SELECT},
        [ACTION_stream_open] = {make_select, SQL_SELECT},
        [ACTION_insert] = {make_insert, SQL_INSERT},
        [ACTION_upsert] = {make_upsert, SQL_INSERT},
        [ACTION_batch] = {make_batch, SQL_INSERT},
        [ACTION_insert_rows] = {make_insert_rows, SQL_INSERT},
        [ACTION_update] = {make_update, SQL_UPDATE},
        [ACTION_append] = {make_append, SQL_UPDATE},
        [ACTION_mutate_stream] = {make_update_returning, SQL_UPDATE},
        [ACTION_delete] = {make_delete, SQL_DELETE},
        [ACTION_begin] = {make_begin, SQL_BEGIN},
        [ACTION_commit] = {make_end, SQL_COMMIT},
        [ACTION_rollback] = {make_end, SQL_ROLLBACK},
        [ACTION_savepoint] = {make_savepoint, SQL_SAVEPOINT},
        [ACTION_release] = {make_savepoint, SQL_RELEASE},
        [ACTION_rollback_to] = {make_savepoint, SQL_ROLLBACK_TO},
        [ACTION_create_table] = {make_create_table, SQL_CREATE_TABLE},
        [ACTION_drop_table] = {make_drop_table, SQL_DROP_TABLE},
        [ACTION_create_index] = {make_index, SQL_CREATE_INDEX},
        [ACTION_drop_index] = {make_index, SQL_DROP_INDEX},
        [ACTION_add_column] = {make_add_column, SQL_ADD_COLUMN},
        [ACTION_drop_column] = {make_drop_column, SQL_DROP_COLUMN},
        [ACTION_execute] = {make_words, SQL_WORDS},
        [ACTION_query] = {make_words, SQL_WORDS},
    };
    if (plan_action_infos[interaction->action].sql != NULL) {
        make_own(ret_tree, interaction, step);
        return true;
    }
    if (makers[interaction->action].make == NULL)
        return false;
    start(ret_tree, makers[interaction->action].kind);
    makers[interaction->action].make(ret_tree, interaction, step);
    return true;
}

/* --- set-up ---------------------------------------------------------------------------------- */

/* Rows that step -1 has written, with texts of one unit. */
static void make_seed_rows(struct plan_tree *tree, uint32_t table)
{
    const struct sql_expression *rows = NULL;
    for (uint32_t i = PLAN_SEED_ROWS; i-- > 0;) {
        uint32_t key = i * PLAN_SEED_KEY_STRIDE;
        int64_t value = plan_value(-1, key);
        struct sql_expression *row =
            add_row(tree, add_number(tree, key), add_number(tree, value), add_digits(tree, value));
        row->next = rows;
        rows = row;
    }
    tree->statement.insert = (struct sql_insert){.table = table_names[table], .rows = rows};
}

bool plan_setup_tree(struct plan_tree *ret_tree, uint32_t index)
{
    if (index < PLAN_SEED_TABLES) {
        start(ret_tree, SQL_CREATE_TABLE);
        ret_tree->statement.create_table = create_table(index, LAYOUT_ROWID);
    } else if (index == PLAN_SEED_TABLES) {
        start(ret_tree, SQL_CREATE_INDEX);
        ret_tree->statement.index = index_of(0, COLUMN_VALUE);
    } else if (index <= 2 * PLAN_SEED_TABLES) {
        start(ret_tree, SQL_INSERT);
        make_seed_rows(ret_tree, index - PLAN_SEED_TABLES - 1);
    } else {
        return false;
    }
    return true;
}
