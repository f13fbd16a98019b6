/* SPDX-License-Identifier: Apache-2.0 */
/* What scripts for different programs share: statements without parameters, comments. */
#include "plan/script.h"

#include "base/assert.h"
#include "plan/describe.h"
#include "plan/sql.h"

#include <ctype.h>
#include <string.h>

bool script_has_pool(const struct plan *plan)
{
    return plan_kind(plan)->has_pool_size ||
           plan_config_get(&plan->config, PLAN_CONFIG_stack) != PLAN_STACK_DIRECT;
}

/* --- statements ------------------------------------------------------------------------------ */

void script_statement(const struct sql_statement *statement, enum dialect dialect,
                      struct text *text)
{
    struct sql_printed printed = sql_print(statement, dialect, SQL_AS_VALUES, text);
    ASSERT(printed.missing == NULL);
}

bool script_is_foreign(const struct interaction *interaction, const char *database)
{
    enum plan_database owner = plan_action_infos[interaction->action].database;
    return owner != DATABASE_ALL && owner != plan_database_named(database);
}

void script_put_setup(enum dialect dialect, const char *indent, FILE *out)
{
    struct plan_tree tree;
    for (uint32_t i = 0; plan_setup_tree(&tree, i); i++) {
        char buffer[PLAN_SQL_BYTES];
        struct text text;
        text_init(&text, buffer, sizeof buffer);
        script_statement(&tree.statement, dialect, &text);
        fprintf(out, "%s%s;\n", indent, buffer);
    }
}

/* What is behind the piece that begins here and that `end` ends; NULL: nothing ends it. */
static const char *skip(const char *from, const char *end)
{
    const char *found = strstr(from, end);
    return found == NULL ? NULL : found + strlen(end);
}

bool script_is_closed(const char *sql)
{
    static const char opening[] = "'\"`[";
    static const char *const closing[] = {"'", "\"", "`", "]"};
    while (sql != NULL && *sql != '\0') {
        const char *quote = strchr(opening, *sql);
        if (quote != NULL)
            sql = skip(sql + 1, closing[quote - opening]);
        else if (strncmp(sql, "/*", 2) == 0)
            sql = skip(sql + 2, "*/");
        else if (strncmp(sql, "--", 2) == 0)
            sql += strcspn(sql, "\n");
        else
            sql++;
    }
    return sql != NULL;
}

/* --- what a stranger's SQL may not say ------------------------------------------------------ */

static bool is_control(char c)
{
    return ((unsigned char)c < ' ' && c != '\n' && c != '\t') || c == 0x7f;
}

static bool has_line_with_full_stop(const char *sql)
{
    for (const char *line = strchr(sql, '\n'); line != NULL; line = strchr(line, '\n')) {
        line += 1 + strspn(line + 1, " \t");
        if (*line == '.')
            return true;
    }
    return false;
}

const char *script_unsafe_text(const char *sql)
{
    for (const char *next = sql; *next != '\0'; next++)
        if (is_control(*next) && !(next[0] == '\r' && next[1] == '\n'))
            return "a control character is in it";
    return has_line_with_full_stop(sql) ? "a line of it begins with a full stop" : NULL;
}

static bool is_of_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static bool has_word(const char *sql, const char *word, bool is_prefix)
{
    size_t length = strlen(word);
    for (const char *at = strcasestr(sql, word); at != NULL; at = strcasestr(at + 1, word))
        if ((at == sql || !is_of_word(at[-1])) && (is_prefix || !is_of_word(at[length])))
            return true;
    return false;
}

const char *script_find_word(const char *sql, const struct script_word *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (has_word(sql, words[i].word, words[i].is_prefix) &&
            (words[i].also == NULL || has_word(sql, words[i].also, false)))
            return words[i].word;
    return NULL;
}

/* --- comments -------------------------------------------------------------------------------- */

/* No backslash: psql would take one for a command, where it is not told that this is a comment. */
static void put_comment(const char *text, FILE *out)
{
    for (; *text != '\0'; text++)
        fputc(is_control(*text) || strchr("\n\t\\", *text) != NULL ? '?' : *text, out);
}

void script_put_name(const char *name, FILE *out)
{
    put_comment(name, out);
}

/* "the 4th call" */
static const char *ordinal(uint32_t number)
{
    uint32_t last = number % 10;
    if (number / 10 % 10 == 1 || last == 0 || last > 3)
        return "th";
    return last == 1 ? "st" : last == 2 ? "nd" : "rd";
}

static void describe_pause(const struct plan *plan, size_t step, const char *comment, FILE *out)
{
    static const char *const calls[PAUSE_CLASS_COUNT] = {
        [PAUSE_STORAGE] = "call into the storage",
        [PAUSE_LOCK] = "lock, map, barrier or sleep",
        [PAUSE_WRITE] = "write, sync, truncation or deletion",
        [PAUSE_ANY] = "call into storage, mutex or allocator",
    };
    const struct interaction *held = &plan->interactions[step];
    size_t next = step + 1;
    while (next < plan->interaction_count && plan->interactions[next].task != held->task)
        next++;
    fprintf(out, "%s   held back before its %u%s %s until ", comment, held->pause_after,
            ordinal(held->pause_after), calls[held->pause_class]);
    if (next < plan->interaction_count)
        fprintf(out, "step %zu at the latest\n", next);
    else
        fputs("the end at the latest\n", out);
}

void script_describe(const struct plan *plan, size_t step, const char *comment, FILE *out)
{
    const struct interaction *interaction = &plan->interactions[step];
    char buffer[PLAN_SQL_BYTES];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    plan_describe_action(interaction, &text);
    fprintf(out, "%s step %zu: ", comment, step);
    put_comment(buffer, out);
    fputs(text.truncated ? "...\n" : "\n", out);
    if (interaction->pause_after > 0)
        describe_pause(plan, step, comment, out);
    if (interaction->fault != FAULT_NONE)
        fprintf(out, "%s   fault %s at its %u%s opportunity: %s\n", comment,
                fault_infos[interaction->fault].name, interaction->fault_at,
                ordinal(interaction->fault_at), fault_infos[interaction->fault].meaning);
    if (interaction->expectation != NULL) {
        text_init(&text, buffer, sizeof buffer);
        plan_describe_expectation(interaction, &text);
        fprintf(out, "%s   expected ", comment);
        put_comment(buffer, out);
        fputs(text.truncated ? "...\n" : "\n", out);
    }
}
