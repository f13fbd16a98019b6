/* SPDX-License-Identifier: Apache-2.0 */
/* Results in the words of the programs, as clients.h makes them of what comes. */
#include "sqlite/sqlite_program.h"

#include "base/assert.h"
#include "sqlite/sqlite_settings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- texts ------------------------------------------------------------------------------------ */

bool program_begins(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

FILE *program_draft_begin(struct program_draft *draft)
{
    *draft = (struct program_draft){.text = NULL};
    draft->out = open_memstream(&draft->text, &draft->length);
    ASSERT(draft->out != NULL);
    return draft->out;
}

char *program_draft_end(struct program_draft *draft)
{
    ASSERT(fclose(draft->out) == 0);
    return draft->text;
}

/* As the programs show it (program/clients.h). */
static void put_value(const struct value *value, FILE *out)
{
    if (value->kind == VALUE_NULL)
        fputs("NULL", out);
    else if (value->kind == VALUE_INTEGER)
        fprintf(out, "%" PRId64, value->integer);
    else if (value->kind == VALUE_REAL)
        fprintf(out, "%.15g", value->real);
    else if (value->text.length <= 24)
        fwrite(value->text.bytes, 1, value->text.length, out);
    else
        fprintf(out, "%.16s...(%zu bytes)", value->text.bytes, value->text.length);
}

static void put_row(const struct subject_row *row, FILE *out)
{
    fputs("; row ", out);
    for (uint32_t i = 0; i < row->column_count; i++) {
        fputs(i == 0 ? "" : "|", out);
        put_value(&row->columns[i], out);
    }
}

static char *content_text(const struct subject_content *content)
{
    static const char *const numbers[SUBJECT_NUMBERS] = {"user_version", "application_id"};
    struct program_draft draft;
    FILE *out = program_draft_begin(&draft);
    fputs("sound", out);
    for (uint32_t i = 0; i < SUBJECT_NUMBERS; i++)
        if (content->numbers[i] != 0)
            fprintf(out, "; %s %" PRId64, numbers[i], content->numbers[i]);
    for (uint32_t table = 0; table < SUBJECT_TABLES; table++) {
        if (!(content->tables >> table & 1u))
            continue;
        fprintf(out, "; table t%" PRIu32, table);
        if (content->indexes[table] & 2)
            fprintf(out, ", index i%" PRIu32 "p", table);
        if (content->indexes[table] & 1)
            fprintf(out, ", index i%" PRIu32 "v", table);
        for (size_t i = 0; i < content->row_count; i++)
            if (content->rows[i].table == table)
                put_row(&content->rows[i], out);
    }
    return program_draft_end(&draft);
}

static char *answer_text(const struct subject_answer *answer)
{
    struct program_draft draft;
    FILE *out = program_draft_begin(&draft);
    fputs("ok", out);
    for (size_t i = 0; i < answer->row_count; i++)
        put_row(&answer->rows[i], out);
    if (answer->has_number)
        fprintf(out, "; row %" PRId64, answer->number);
    if (answer->changes > 0)
        fprintf(out, "; %" PRId64 " changed", answer->changes);
    return program_draft_end(&draft);
}

char *program_right_of(const struct program_script *script, const struct program_call *call)
{
    const struct subject_answer *right = &script->finding->right;
    if (!right->is_known || right->outcome != OUTCOME_OK)
        return NULL;
    char *text = answer_text(right);
    size_t length = strlen(text);
    const char *rest = call->seen + length;
    bool is_same =
        strncmp(call->seen, text, length) == 0 &&
        (*rest == '\0' || program_begins(rest, "; committed") || program_begins(rest, "; in a "));
    if (!is_same)
        return text;
    free(text); /* what is wrong is something else than the answer */
    return NULL;
}

bool program_is_about_look(const struct program_script *script)
{
    return script->finding->noticed == SIZE_MAX || script->finding->is_noticed_in_look;
}

char *program_found(const struct program_script *script)
{
    const struct subject_content *found = &script->finding->found;
    return found->is_known ? content_text(found) : strdup("damaged");
}

char *program_expected(const struct program_script *script)
{
    const struct subject_finding *finding = script->finding;
    return finding->found.is_known && finding->expected.is_known ? content_text(&finding->expected)
                                                                 : strdup("sound");
}

char *program_setup(const struct program_script *script)
{
    const int32_t *settings = script->tape->settings;
    struct program_draft draft;
    FILE *out = program_draft_begin(&draft);
    bool is_wal = settings[SQLITE_SETTING_journal_mode] == SQLITE_JOURNAL_WAL;
    if (!script->tape->is_empty)
        fprintf(out, "PRAGMA page_size=%" PRId32 "; PRAGMA journal_mode=%s; %s",
                settings[SQLITE_SETTING_page_size], is_wal ? "wal" : "delete",
                script->tape->setup_sql);
    return program_draft_end(&draft);
}
