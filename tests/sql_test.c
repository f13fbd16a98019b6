/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random trees of every kind of node. In SQLite's dialect each is a statement that SQLite takes,
 * comes to the same with values and with placeholders, and computes what the tree says, parentheses
 * included. In PostgreSQL's dialect its own parser takes each (where libpg-query is installed). A
 * dialect without words for a kind says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "sql/dialect.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#ifdef HAVE_PG_QUERY
#include <pg_query.h>
#endif

enum { TREES = 3000, NODES_MAX = 512, DEPTH_MAX = 4, PARAMETERS_MAX = 64, SQL_BYTES = 16384 };

/* --- random trees ---------------------------------------------------------------------------- */

struct drawing {
    struct random random;
    struct sql_expression nodes[NODES_MAX];
    uint32_t node_count, parameter_count;
    const struct sql_expression *parameters[PARAMETERS_MAX];
    bool has_text_parameter; /* one at most: others would be counted in the order of writing */
};

static uint32_t draw(struct drawing *drawing, uint32_t below)
{
    return (uint32_t)random_below(&drawing->random, below);
}

static struct sql_expression *add(struct drawing *drawing, enum sql_expression_kind kind)
{
    assert_in_range(drawing->node_count, 0, NODES_MAX - 1);
    struct sql_expression *node = &drawing->nodes[drawing->node_count++];
    *node = (struct sql_expression){.kind = kind};
    return node;
}

static void make_parameter(struct drawing *drawing, struct sql_expression *node)
{
    assert_in_range(drawing->parameter_count, 0, PARAMETERS_MAX - 1);
    drawing->parameters[drawing->parameter_count] = node;
    node->parameter = ++drawing->parameter_count;
}

static struct sql_expression *add_number(struct drawing *drawing, int64_t number)
{
    struct sql_expression *node = add(drawing, SQL_NUMBER);
    node->number = number;
    if (draw(drawing, 3) == 0)
        make_parameter(drawing, node);
    return node;
}

static struct sql_expression *add_column(struct drawing *drawing, const char *name)
{
    struct sql_expression *node = add(drawing, SQL_COLUMN);
    node->column = name;
    return node;
}

static struct sql_expression *draw_number(struct drawing *drawing, uint32_t depth);

static struct sql_expression *draw_binary(struct drawing *drawing, uint32_t depth)
{
    struct sql_expression *node = add(drawing, SQL_BINARY);
    node->binary.operator=(enum sql_operator) draw(drawing, SQL_CONCATENATE);
    node->binary.left = draw_number(drawing, depth + 1);
    /* The same parameter in two places, sometimes. */
    node->binary.right = node->binary.left->parameter != 0 && draw(drawing, 2) == 0
                             ? node->binary.left
                             : draw_number(drawing, depth + 1);
    return node;
}

static struct sql_expression *draw_between(struct drawing *drawing, uint32_t depth)
{
    struct sql_expression *node = add(drawing, SQL_BETWEEN);
    node->between.value = draw_number(drawing, depth + 1);
    node->between.low = draw_number(drawing, depth + 1);
    node->between.high = draw_number(drawing, depth + 1);
    return node;
}

static struct sql_expression *draw_number(struct drawing *drawing, uint32_t depth)
{
    switch (draw(drawing, depth < DEPTH_MAX ? 6 : 3)) {
    case 0:
        return add_column(drawing, "k");
    case 1:
        return add_column(drawing, "v");
    case 2:
        return add_number(drawing, (int64_t)draw(drawing, 60) - 20);
    case 3:
        return draw_between(drawing, depth);
    default:
        return draw_binary(drawing, depth);
    }
}

static struct sql_expression *add_call(struct drawing *drawing, enum sql_function function,
                                       const struct sql_expression *arguments)
{
    struct sql_expression *node = add(drawing, SQL_FUNCTION);
    node->call.function = function;
    node->call.arguments = arguments;
    return node;
}

/* "it's" so many times over, as a literal. */
static struct sql_expression *draw_long_text(struct drawing *drawing)
{
    struct sql_expression *text = add(drawing, SQL_TEXT), *count = add(drawing, SQL_NUMBER);
    text->text = "it's";
    text->next = count;
    count->number = draw(drawing, 20);
    struct sql_expression *node = add_call(drawing, SQL_REPEAT, text);
    if (!drawing->has_text_parameter)
        make_parameter(drawing, node);
    drawing->has_text_parameter = true;
    return node;
}

/* (coalesce(p, '') || digits) || digits, or digits || (coalesce(p, '') || digits) */
static struct sql_expression *draw_longer_text(struct drawing *drawing, bool is_right_first)
{
    struct sql_expression *column = add_column(drawing, "p"), *nothing = add(drawing, SQL_TEXT);
    struct sql_expression *digits = add_call(drawing, SQL_DIGITS, draw_number(drawing, 2));
    struct sql_expression *node = add(drawing, SQL_BINARY), *outer = add(drawing, SQL_BINARY);
    nothing->text = "";
    column->next = nothing;
    node->binary.operator= outer->binary.operator= SQL_CONCATENATE;
    node->binary.left = add_call(drawing, SQL_COALESCE, column);
    node->binary.right = digits;
    outer->binary.left = is_right_first ? digits : node;
    outer->binary.right = is_right_first ? node : digits;
    return outer;
}

static struct sql_expression *draw_text(struct drawing *drawing)
{
    struct sql_expression *node;
    switch (draw(drawing, 8)) {
    case 0:
        return add_column(drawing, "p");
    case 1:
        return add(drawing, SQL_NULL);
    case 2:
        node = add(drawing, SQL_TEXT);
        node->text = draw(drawing, 2) == 0 ? "?1 ''$1" : "plain";
        return node;
    case 3:
        return draw_long_text(drawing);
    case 4:
        return add_call(drawing, SQL_DIGITS, draw_number(drawing, 2));
    case 5:
    case 6:
        return draw_longer_text(drawing, draw(drawing, 2) == 0);
    default:
        node = add_call(drawing, SQL_DIGITS, draw_number(drawing, 2));
        node->next = add_number(drawing, draw(drawing, 4));
        return add_call(drawing, SQL_REPEAT, node);
    }
}

static const struct sql_expression *draw_where(struct drawing *drawing)
{
    return draw(drawing, 3) == 0 ? NULL : draw_number(drawing, 1);
}

static const struct sql_expression *draw_columns(struct drawing *drawing)
{
    struct sql_expression *first = draw_text(drawing), *last = first;
    for (uint32_t more = draw(drawing, 3); more > 0; more--)
        last = (struct sql_expression *)(uintptr_t)(last->next = draw(drawing, 2) == 0
                                                                     ? draw_text(drawing)
                                                                     : draw_number(drawing, 2));
    return first;
}

static const struct sql_expression *draw_returning(struct drawing *drawing)
{
    return draw(drawing, 2) == 0 ? NULL : draw_columns(drawing);
}

static void draw_select(struct drawing *drawing, struct sql_select *ret_select)
{
    static const struct sql_source source = {.kind = SQL_TABLE, .table = "t0"};
    static struct sql_order orders[2];
    *ret_select = (struct sql_select){.from = &source, .where = draw_where(drawing)};
    if (draw(drawing, 4) == 0) {
        uint32_t function = draw(drawing, SQL_DIGITS);
        ret_select->columns = add_call(drawing, (enum sql_function)function,
                                       function == SQL_COUNT ? NULL : draw_number(drawing, 1));
        return;
    }
    ret_select->columns =
        draw(drawing, 4) == 0 ? add(drawing, SQL_ALL_COLUMNS) : draw_columns(drawing);
    orders[1] = (struct sql_order){.by = add_column(drawing, "k")};
    orders[0] = (struct sql_order){
        .by = add_column(drawing, "v"), .is_descending = draw(drawing, 2), .next = &orders[1]};
    ret_select->order = &orders[draw(drawing, 2)];
    if (draw(drawing, 2) == 0)
        ret_select->limit = add_number(drawing, draw(drawing, 5));
}

static const struct sql_assignment *draw_assignments(struct drawing *drawing, bool has_excluded)
{
    static struct sql_assignment to_v, to_p;
    struct sql_expression *value =
        has_excluded ? add_column(drawing, "v") : draw_number(drawing, 1);
    if (has_excluded)
        value->kind = SQL_EXCLUDED;
    to_v = (struct sql_assignment){.column = "v", .value = value};
    if (draw(drawing, 2) == 0) {
        to_p = (struct sql_assignment){.column = "p", .value = draw_text(drawing)};
        to_v.next = &to_p;
    }
    return &to_v;
}

static void draw_insert(struct drawing *drawing, struct sql_insert *ret_insert)
{
    static struct sql_on_conflict on_conflict;
    *ret_insert = (struct sql_insert){.table = "t0"};
    for (uint32_t rows = 1 + draw(drawing, 3); rows > 0; rows--) {
        struct sql_expression *row = add(drawing, SQL_ROW);
        struct sql_expression *key = add_number(drawing, draw(drawing, 30));
        struct sql_expression *value = add_number(drawing, draw(drawing, 999));
        key->next = value;
        value->next = draw(drawing, 2) == 0 ? add(drawing, SQL_NULL) : draw_long_text(drawing);
        row->values = key;
        row->next = ret_insert->rows;
        ret_insert->rows = row;
    }
    if (draw(drawing, 2) == 0) {
        on_conflict =
            (struct sql_on_conflict){.key = "k", .assignments = draw_assignments(drawing, true)};
        ret_insert->on_conflict = &on_conflict;
    }
    ret_insert->returning = draw_returning(drawing);
}

/* Without parameters, which a schema does not have. */
static const struct sql_expression *draw_sum(struct drawing *drawing)
{
    struct sql_expression *sum = add(drawing, SQL_BINARY), *number = add(drawing, SQL_NUMBER);
    number->number = draw(drawing, 99);
    sum->binary.operator= SQL_PLUS;
    sum->binary.left = add_column(drawing, "v");
    sum->binary.right = number;
    return sum;
}

static void draw_statement(struct drawing *drawing, struct sql_statement *ret_statement)
{
    static const struct sql_column_definition text = {"x", SQL_STRING, false, NULL},
                                              number = {"y", SQL_BIGINT, false, &text},
                                              key = {"z", SQL_INTEGER, true, &number};
    drawing->node_count = drawing->parameter_count = 0;
    drawing->has_text_parameter = false;
    ret_statement->kind = (enum sql_statement_kind)draw(drawing, SQL_STATEMENT_KINDS);
    if (draw(drawing, 2) == 0) /* most of what there is to draw is in the first four */
        ret_statement->kind = (enum sql_statement_kind)draw(drawing, SQL_CREATE_TABLE);
    switch (ret_statement->kind) {
    case SQL_SELECT:
        draw_select(drawing, &ret_statement->select);
        return;
    case SQL_INSERT:
        draw_insert(drawing, &ret_statement->insert);
        return;
    case SQL_UPDATE:
        ret_statement->update =
            (struct sql_update){"t0", draw_assignments(drawing, false), draw_where(drawing), NULL};
        ret_statement->update.returning = draw_returning(drawing);
        return;
    case SQL_DELETE:
        ret_statement->delete =
            (struct sql_delete){"t0", draw_where(drawing), draw_returning(drawing)};
        return;
    case SQL_CREATE_TABLE:
        ret_statement->create_table = (struct sql_create_table){"t1", &key, draw(drawing, 2)};
        return;
    case SQL_DROP_TABLE:
        ret_statement->table = "t0";
        return;
    case SQL_CREATE_INDEX:
        ret_statement->index = (struct sql_index){"i1", "t0", "p"};
        return;
    case SQL_DROP_INDEX:
        ret_statement->index = (struct sql_index){"i0", "t0", "v"};
        return;
    case SQL_ADD_COLUMN:
        ret_statement->add_column =
            (struct sql_add_column){"t0", "x", SQL_BIGINT, draw_sum(drawing)};
        return;
    case SQL_DROP_COLUMN:
        ret_statement->drop_column = (struct sql_drop_column){"t0", "p"};
        return;
    case SQL_BEGIN:
        ret_statement->begin =
            (struct sql_begin){(enum sql_write_lock)draw(drawing, SQL_LOCK_READERS_OUT + 1),
                               (enum sql_isolation)draw(drawing, SQL_ISOLATION_SERIALIZABLE + 1)};
        return;
    case SQL_SAVEPOINT:
    case SQL_RELEASE:
    case SQL_ROLLBACK_TO:
        ret_statement->savepoint = "s0";
        return;
    case SQL_WORDS:
        ret_statement->words = "SELECT 'it''s' AS words";
        return;
    case SQL_COMMIT:
    case SQL_ROLLBACK:
    case SQL_STATEMENT_KINDS:
        return;
    }
}

static void draw_tree(struct drawing *drawing, uint64_t seed, struct sql_statement *ret_statement)
{
    random_seed(&drawing->random, seed);
    draw_statement(drawing, ret_statement);
}

static const char *print(const struct sql_statement *statement, enum dialect dialect,
                         enum sql_parameters parameters, uint32_t *ret_placeholders)
{
    static char buffer[SQL_BYTES];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    struct sql_printed printed = sql_print(statement, dialect, parameters, &text);
    assert_null(printed.missing);
    assert_false(text.truncated);
    *ret_placeholders = printed.placeholders;
    return buffer;
}

/* --- on SQLite ------------------------------------------------------------------------------- */

enum { ROWS = 8 };

static sqlite3 *open_database(void)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    sqlite3_exec(
        db,
        "CREATE TABLE t0(k INTEGER PRIMARY KEY, v INTEGER, p TEXT);"
        "CREATE INDEX i0 ON t0(v);"
        "INSERT INTO t0 VALUES(0,7,'a'),(1,6,'b'),(2,5,NULL),(3,4,'d'),(4,3,'e'),(5,2,'f'),"
        "(6,1,'g'),(7,0,'h')",
        NULL, NULL, &message);
    assert_null(message);
    return db;
}

static void append_rows(sqlite3_stmt *statement, struct text *text)
{
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *value = (const char *)sqlite3_column_text(statement, i);
            text_append_format(text, "%s|", value == NULL ? "NULL" : value);
        }
        text_append(text, "\n");
    }
    text_append_format(text, "%d\n", code);
}

/* What a parameter stands for: a number, or a text as draw_long_text makes it. */
static void bind(sqlite3_stmt *statement, int index, const struct sql_expression *parameter)
{
    char buffer[256];
    struct text text;
    int code;
    if (parameter->kind == SQL_NUMBER) {
        code = sqlite3_bind_int64(statement, index, parameter->number);
    } else {
        const struct sql_expression *piece = parameter->call.arguments;
        text_init(&text, buffer, sizeof buffer);
        for (int64_t i = 0; i < piece->next->number; i++)
            text_append(&text, piece->text);
        code = sqlite3_bind_text(statement, index, buffer, -1, SQLITE_TRANSIENT);
    }
    assert_int_equal(code, SQLITE_OK);
}

static void bind_all(const struct drawing *drawing, sqlite3_stmt *statement, bool only_text)
{
    int index = 0;
    for (uint32_t i = 0; i < drawing->parameter_count; i++)
        if (!only_text || drawing->parameters[i]->kind != SQL_NUMBER)
            bind(statement, ++index, drawing->parameters[i]);
    assert_int_equal(sqlite3_bind_parameter_count(statement), index);
}

/* The rows of the statement, its code, the changes, and then the table. */
static void run(const struct drawing *drawing, const struct sql_statement *tree,
                enum sql_parameters parameters, char ret_result[SQL_BYTES])
{
    sqlite3 *db = open_database();
    sqlite3_stmt *statement = NULL;
    struct text text;
    uint32_t placeholders;
    const char *sql = print(tree, DIALECT_SQLITE, parameters, &placeholders);
    text_init(&text, ret_result, SQL_BYTES);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sqlite3_errmsg(db), sql);
    assert_int_equal(sqlite3_bind_parameter_count(statement), placeholders);
    if (parameters != SQL_AS_VALUES)
        bind_all(drawing, statement, parameters == SQL_NUMBERS_AS_VALUES);
    if (tree->kind < SQL_CREATE_TABLE) {
        const struct sql_expression *columns = sql_result_columns(tree);
        bool asks_for_all = columns != NULL && columns->kind == SQL_ALL_COLUMNS;
        assert_int_equal(asks_for_all ? 3 : sql_column_count(tree),
                         sqlite3_column_count(statement));
        assert_int_equal(sql_is_write(tree), !sqlite3_stmt_readonly(statement));
    } else {
        assert_false(sql_is_write(tree));
    }
    append_rows(statement, &text);
    text_append_format(&text, "%d\n", sqlite3_changes(db));
    sqlite3_finalize(statement);
    if (sqlite3_prepare_v2(db, "SELECT k,v,p FROM t0 ORDER BY k", -1, &statement, NULL) ==
        SQLITE_OK) {
        append_rows(statement, &text);
        sqlite3_finalize(statement);
    }
    assert_false(text.truncated);
    sqlite3_close(db);
}

static void test_values_and_placeholders_come_to_the_same(void **state)
{
    (void)state;
    static struct drawing drawing;
    static char values[SQL_BYTES], placeholders[SQL_BYTES], numbers[SQL_BYTES];
    for (uint64_t seed = 0; seed < TREES; seed++) {
        struct sql_statement tree;
        draw_tree(&drawing, seed, &tree);
        run(&drawing, &tree, SQL_AS_VALUES, values);
        run(&drawing, &tree, SQL_AS_PLACEHOLDERS, placeholders);
        run(&drawing, &tree, SQL_NUMBERS_AS_VALUES, numbers);
        assert_string_equal(values, placeholders);
        assert_string_equal(values, numbers);
    }
}

/* What a number comes to in row k, v. */
static int64_t evaluate(const struct sql_expression *expression, int64_t k, int64_t v)
{
    if (expression->kind == SQL_NUMBER)
        return expression->number;
    if (expression->kind == SQL_COLUMN)
        return expression->column[0] == 'k' ? k : v;
    if (expression->kind == SQL_BETWEEN) {
        int64_t value = evaluate(expression->between.value, k, v);
        return evaluate(expression->between.low, k, v) <= value &&
               value <= evaluate(expression->between.high, k, v);
    }
    assert_int_equal(expression->kind, SQL_BINARY);
    int64_t left = evaluate(expression->binary.left, k, v);
    int64_t right = evaluate(expression->binary.right, k, v);
    switch (expression->binary.operator) {
    case SQL_EQUAL:
        return left == right;
    case SQL_LESS:
        return left < right;
    case SQL_AT_LEAST:
        return left >= right;
    case SQL_PLUS:
        return left + right;
    case SQL_CONCATENATE: /* of texts */
    case SQL_OPERATORS:
        break;
    }
    fail();
    return 0;
}

static void test_what_is_computed_is_what_the_tree_says(void **state)
{
    (void)state;
    static struct drawing drawing;
    static const struct sql_source source = {.kind = SQL_TABLE, .table = "t0"};
    static const struct sql_expression key = {.kind = SQL_COLUMN, .column = "k"};
    static const struct sql_order by_key = {.by = &key};
    sqlite3 *db = open_database();
    for (uint64_t seed = 0; seed < TREES; seed++) {
        sqlite3_stmt *statement = NULL;
        uint32_t placeholders;
        random_seed(&drawing.random, seed);
        drawing.node_count = drawing.parameter_count = 0;
        struct sql_expression *number = draw_number(&drawing, 0);
        struct sql_statement tree = {
            .kind = SQL_SELECT, .select = {.columns = number, .from = &source, .order = &by_key}};
        const char *sql = print(&tree, DIALECT_SQLITE, SQL_AS_VALUES, &placeholders);
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
        for (int64_t k = 0; k < ROWS; k++) {
            int64_t expected = evaluate(number, k, ROWS - 1 - k);
            assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
            if (sqlite3_column_int64(statement, 0) != expected)
                fail_msg("row %d: %s", (int)k, sql);
        }
        sqlite3_finalize(statement);
    }
    sqlite3_close(db);
}

/* --- in PostgreSQL's grammar ----------------------------------------------------------------- */

#ifdef HAVE_PG_QUERY
static bool is_in_grammar(const char *sql)
{
    PgQueryParseResult result = pg_query_parse(sql);
    bool is_fine = result.error == NULL;
    pg_query_free_parse_result(result);
    return is_fine;
}

static void test_postgres_parses_every_tree(void **state)
{
    (void)state;
    static struct drawing drawing;
    assert_false(is_in_grammar("SELECT k FROM t0 WHERE k=1=1"));
    for (uint64_t seed = 0; seed < TREES; seed++) {
        struct sql_statement tree;
        uint32_t placeholders;
        draw_tree(&drawing, seed, &tree);
        const char *sql = print(&tree, DIALECT_POSTGRES, SQL_AS_VALUES, &placeholders);
        if (!is_in_grammar(sql))
            fail_msg("%s", sql);
        sql = print(&tree, DIALECT_POSTGRES, SQL_AS_PLACEHOLDERS, &placeholders);
        if (!is_in_grammar(sql))
            fail_msg("%s", sql);
        assert_int_equal(placeholders, drawing.parameter_count);
    }
}
#else
static void test_postgres_parses_every_tree(void **state)
{
    (void)state;
    print_message("libpg-query-dev was not found\n");
    skip();
}
#endif

/* --- what a dialect has no words for --------------------------------------------------------- */

extern const struct sql_dialect sql_dialect_sqlite;

static const char *print_with(const struct sql_dialect *dialect,
                              const struct sql_statement *statement, char buffer[SQL_BYTES])
{
    struct text text;
    struct sql_writer writer = {.dialect = dialect, .text = &text};
    text_init(&text, buffer, SQL_BYTES);
    dialect->statements[statement->kind](&writer, statement);
    return writer.printed.missing;
}

/* Each tree is written as ever or has the part that is missing; and some have it. */
static void assert_missing_is_told(const struct sql_dialect *poorer)
{
    static struct drawing drawing;
    static char poor[SQL_BYTES], rich[SQL_BYTES];
    const char *name = NULL;
    for (uint64_t seed = 0; seed < TREES; seed++) {
        struct sql_statement tree;
        draw_tree(&drawing, seed, &tree);
        if (tree.kind == SQL_INSERT) /* which not every dialect has words for */
            tree.insert.resolution = (enum sql_resolution)(seed % 4);
        const char *missing = print_with(poorer, &tree, poor);
        assert_null(print_with(&sql_dialect_sqlite, &tree, rich));
        if (missing == NULL)
            assert_string_equal(poor, rich);
        else if (name == NULL)
            name = missing;
        else
            assert_string_equal(name, missing);
    }
    assert_non_null(name);
}

static void test_a_missing_part_is_told(void **state)
{
    (void)state;
    for (int i = 0; i < SQL_CLAUSES; i++) {
        struct sql_dialect poorer = sql_dialect_sqlite;
        poorer.clauses[i] = NULL;
        assert_missing_is_told(&poorer);
    }
    for (int i = 0; i < SQL_SOURCE_KINDS; i++) {
        struct sql_dialect poorer = sql_dialect_sqlite;
        poorer.sources[i] = NULL;
        assert_missing_is_told(&poorer);
    }
    for (int i = 0; i < SQL_EXPRESSION_KINDS; i++) {
        struct sql_dialect poorer = sql_dialect_sqlite;
        poorer.expressions[i] = NULL;
        assert_missing_is_told(&poorer);
    }
    for (int i = 0; i < SQL_FUNCTIONS; i++) {
        struct sql_dialect poorer = sql_dialect_sqlite;
        poorer.functions[i] = NULL;
        assert_missing_is_told(&poorer);
    }
}

/* What nothing writes has no words at all; what something writes can be begun and committed. */
static void test_a_dialect_without_a_printer_has_no_words(void **state)
{
    (void)state;
    assert_true(sql_has_dialect(DIALECT_NONE) && sql_has_dialect(DIALECT_SQLITE) &&
                sql_has_dialect(DIALECT_POSTGRES) && sql_has_dialect(DIALECT_MSSQL));
    for (int dialect = 0; dialect < DIALECT_COUNT; dialect++) {
        for (int kind = SQL_BEGIN; kind <= SQL_COMMIT; kind++) {
            char buffer[64];
            struct text text;
            struct sql_statement tree = {.kind = (enum sql_statement_kind)kind};
            text_init(&text, buffer, sizeof buffer);
            struct sql_printed printed =
                sql_print(&tree, (enum dialect)dialect, SQL_AS_VALUES, &text);
            bool has_words = printed.missing == NULL && text.length > 0;
            assert_int_equal(has_words, sql_has_dialect((enum dialect)dialect));
        }
    }
}

/* --- no database ----------------------------------------------------------------------------- */

static void test_words_for_no_database(void **state)
{
    (void)state;
    static struct drawing drawing;
    for (uint64_t seed = 0; seed < TREES; seed++) {
        struct sql_statement tree;
        uint32_t placeholders;
        draw_tree(&drawing, seed, &tree);
        if (tree.kind == SQL_SAVEPOINT || tree.kind == SQL_RELEASE || tree.kind == SQL_ROLLBACK_TO)
            continue; /* it has no words for these */
        bool is_read = tree.kind == SQL_SELECT;
        const char *sql = print(&tree, DIALECT_NONE, SQL_AS_VALUES, &placeholders);
        assert_int_equal(placeholders, 0);
        if (is_read || sql_is_write(&tree))
            assert_string_equal(sql, is_read ? "SELECT" : "UPDATE");
        sql = print(&tree, DIALECT_NONE, SQL_AS_PLACEHOLDERS, &placeholders);
        assert_int_equal(placeholders, is_read);
        assert_int_equal(strstr(sql, "?1") != NULL, is_read);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_and_placeholders_come_to_the_same),
        cmocka_unit_test(test_what_is_computed_is_what_the_tree_says),
        cmocka_unit_test(test_postgres_parses_every_tree),
        cmocka_unit_test(test_a_missing_part_is_told),
        cmocka_unit_test(test_a_dialect_without_a_printer_has_no_words),
        cmocka_unit_test(test_words_for_no_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
