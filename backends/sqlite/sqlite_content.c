/* SPDX-License-Identifier: Apache-2.0 */
#include "sqlite/sqlite_content.h"

#include "base/text.h"
#include "sim/look.h"

#include <string.h>

/* --- what it holds ---------------------------------------------------------------------------- */

/* Returns the table that the name is of. */
static uint32_t take_name(const struct subject_look *look, struct backend_statement *statement,
                          const struct subject_sink *sink)
{
    size_t length;
    const char *name = look->backend->column_text(statement, 1, &length);
    if (name == NULL)
        return 0;
    sink->object(sink->context, name, length);
    return subject_table_named(name, length);
}

/*
 * One statement reads it all: the names in the schema, then the rows of `tables`. Returns those
 * there are.
 */
static uint32_t read_tables(struct subject_look *look, uint32_t tables,
                            const struct subject_sink *sink)
{
    char sql[256];
    struct text text;
    text_init(&text, sql, sizeof sql);
    text_append(&text, "SELECT -1,name,0,0 FROM sqlite_schema");
    for (int table = 0; table < SUBJECT_TABLES; table++) {
        if (!(tables >> table & 1u))
            continue;
        text_append(&text, " UNION ALL SELECT ");
        text_append_number(&text, table);
        text_append(&text, ",k,v,p FROM t");
        text_append_number(&text, table);
    }
    uint32_t found = 0;
    struct backend_statement *statement = look_prepare(look, sql);
    while (look_step(look, statement)) {
        bool is_name = look->backend->column_int64(statement, 0) < 0;
        if (is_name)
            found |= take_name(look, statement, sink);
        else
            look_take_row(look, statement, sink,
                          (uint32_t)look->backend->column_int64(statement, 0));
    }
    look_finalize(look, statement);
    return found;
}

static void run(struct subject_look *look, const char *sql)
{
    struct backend_statement *statement = look_prepare(look, sql);
    while (look_step(look, statement))
        continue;
    look_finalize(look, statement);
}

/* In the order of the words of `header` (sqlite_ops.def). */
static void read_numbers(struct subject_look *look, const struct subject_sink *sink)
{
    static const char *const asked[] = {"PRAGMA user_version", "PRAGMA application_id"};
    for (uint32_t i = 0; i < sizeof asked / sizeof asked[0] && look->outcome == OUTCOME_OK; i++) {
        struct backend_statement *statement = look_prepare(look, asked[i]);
        while (look_step(look, statement))
            sink->number(sink->context, i, look->backend->column_int64(statement, 0));
        look_finalize(look, statement);
    }
}

/* As the dialect writes it: x INTEGER GENERATED ALWAYS AS (v+7). */
static void read_columns(struct subject_look *look, const struct subject_sink *sink)
{
    struct backend_statement *statement =
        look_prepare(look, "SELECT CAST(substr(sql,instr(sql,' AS (v+')+7) AS INTEGER),name"
                           " FROM sqlite_schema WHERE instr(sql,' AS (v+')");
    while (look_step(look, statement)) {
        size_t length;
        const char *name = look->backend->column_text(statement, 1, &length);
        uint32_t table = name == NULL ? 0 : subject_table_named(name, length);
        if (table != 0)
            sink->column(sink->context, (uint32_t)__builtin_ctz(table),
                         look->backend->column_int64(statement, 0));
    }
    look_finalize(look, statement);
}

/* Several statements, but one state. */
void sqlite_read_content(struct subject_instance *instance, struct subject_look *look,
                         const struct subject_sink *sink)
{
    (void)instance;
    if (sink->number == NULL && sink->column == NULL) {
        look_guess_and_read(look, sink, read_tables);
        return;
    }
    run(look, "BEGIN");
    if (look->outcome == OUTCOME_OK)
        look_guess_and_read(look, sink, read_tables);
    if (look->outcome == OUTCOME_OK && sink->column != NULL)
        read_columns(look, sink);
    if (look->outcome == OUTCOME_OK && sink->number != NULL)
        read_numbers(look, sink);
    if (look->outcome == OUTCOME_OK)
        run(look, "COMMIT");
}

/* --- what it finds wrong ---------------------------------------------------------------------- */

static void take_words(struct subject_damage *damage)
{
    const char *first = damage->text;
    if (strncmp(first, "*** in database", 15) == 0 && strchr(first, '\n') != NULL)
        first = strchr(first, '\n') + 1; /* a heading */
    text_signature_words(first, damage->words, sizeof damage->words);
}

void sqlite_check_integrity(struct subject_instance *instance, struct subject_look *look,
                            struct subject_damage *ret_damage)
{
    (void)instance;
    struct text text;
    text_init(&text, ret_damage->text, sizeof ret_damage->text);
    struct backend_statement *statement = look_prepare(look, "PRAGMA integrity_check(5)");
    while (look_step(look, statement)) {
        size_t length;
        const char *finding = look->backend->column_text(statement, 0, &length);
        if (text.length > 0)
            text_append(&text, "\n");
        text_append(&text, finding == NULL ? "(no text)" : finding);
    }
    look_finalize(look, statement);
    if (strcmp(ret_damage->text, "ok") == 0)
        ret_damage->text[0] = '\0';
    take_words(ret_damage);
}
