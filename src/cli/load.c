/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a plan from a file, whatever its form. */
#include "base/file.h"
#include "cli/cli.h"
#include "cli/origin.h"
#include "cli/plan_files.h"
#include "cli/scenario_files.h"
#include "plan/compact.h"
#include "plan/json.h"
#include "plan/protobuf.h"

#include <string.h>

enum {
    CLI_DOCUMENT_SIZE_MAX = 16 << 20,
    CLI_ARENA_SLACK_BYTES = 1 << 20, /* the largest compact plan is far smaller */
};

/* JSON or protobuf. */
static enum error_code load_document(struct plan *ret_plan, struct arena *ret_arena,
                                     const char *path, const struct file_content *content,
                                     enum cli_form form, struct error *error)
{
    size_t factor = form == CLI_JSON ? JSON_ARENA_FACTOR : PROTOBUF_ARENA_FACTOR;
    enum error_code code;
    if (content->size > CLI_DOCUMENT_SIZE_MAX)
        return interplay_error(error, ERROR_INPUT, "%s: larger than 16 MiB, too large for a plan",
                               file_short_path(path));
    struct arena arena;
    arena_init(&arena, content->size * factor + CLI_ARENA_SLACK_BYTES);
    if (form == CLI_JSON)
        code = json_read(ret_plan, &arena, path, content->bytes, content->size, error);
    else
        code = protobuf_read(ret_plan, &arena, path, (const uint8_t *)content->bytes, content->size,
                             error);
    if (code == ERROR_NONE)
        *ret_arena = arena;
    else
        arena_clean_up(&arena);
    return code;
}

static void load_compact(struct plan *ret_plan, struct arena *ret_arena,
                         const struct file_content *content, enum plan_database database)
{
    arena_init(ret_arena, CLI_ARENA_SLACK_BYTES);
    compact_decode(ret_plan, ret_arena, (const uint8_t *)content->bytes, content->size, database);
}

/* --- which form ------------------------------------------------------------------------------ */

static bool is_text(const struct file_content *content)
{
    for (size_t i = 0; i < content->size; i++) {
        unsigned char byte = (unsigned char)content->bytes[i];
        if ((byte < ' ' && strchr("\t\n\r", byte) == NULL) || byte == '\0')
            return false;
    }
    return true;
}

static size_t skip_space(const struct file_content *content, size_t at)
{
    while (at < content->size && memchr(" \t\r\n", content->bytes[at], 4) != NULL)
        at++;
    return at;
}

/*
 * Bytes of an engine that happen to begin like an object have other control characters, but for
 * one file in more than are ever kept.
 */
static bool looks_like_json(const struct file_content *content)
{
    size_t brace = skip_space(content, 0);
    if (brace == content->size || content->bytes[brace] != '{')
        return false;
    size_t next = skip_space(content, brace + 1);
    return next < content->size && memchr("\"}", content->bytes[next], 2) != NULL &&
           is_text(content);
}

/* Not the few letters that an engine may keep: a line, or more than a few. */
static bool looks_like_text(const struct file_content *content)
{
    bool is_line = content->size > 4 && content->bytes[content->size - 1] == '\n';
    return (is_line || content->size > 16) && is_text(content);
}

/* Any bytes are a plan, but these are surely meant for something else; NULL: nothing is known. */
static const char *what_else_it_is(const struct file_content *content)
{
    static const struct {
        const char *bytes;
        size_t count;
        const char *name;
    } beginnings[] = {
        {"\177ELF", 4, "a program"},
        {"PK\3\4", 4, "an archive"},
        {"\037\213\10", 3, "a compressed file"},
        {"\375"
         "7zXZ",
         5, "a compressed file"},
        {"\211PNG", 4, "a picture"},
    };
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
        if (content->size >= beginnings[i].count &&
            memcmp(content->bytes, beginnings[i].bytes, beginnings[i].count) == 0)
            return beginnings[i].name;
    return looks_like_text(content) ? "text" : NULL;
}

static enum error_code find_form(const char *path, const struct file_content *content,
                                 enum cli_form *ret_form, struct error *error)
{
    enum cli_form form = cli_form_of(path);
    if (form != CLI_JSON && looks_like_json(content))
        form = CLI_JSON;
    if (form == CLI_OTHER)
        return interplay_error(error, ERROR_USAGE,
                               "%s: unknown kind of file, expected .json, .bin, .pb, .spec, .sql, "
                               "or a name without extension (compact bytes)",
                               file_short_path(path));
    const char *other = form == CLI_NO_EXTENSION ? what_else_it_is(content) : NULL;
    if (other != NULL)
        return interplay_error(error, ERROR_INPUT,
                               "%s: is %s, expected a plan: JSON, or compact bytes (what is called "
                               ".bin is taken for such, whatever it holds)",
                               file_short_path(path), other);
    *ret_form = form;
    return ERROR_NONE;
}

static enum error_code read_form(struct plan *ret_plan, struct arena *ret_arena, const char *path,
                                 const struct file_content *content, enum plan_database database,
                                 struct error *error)
{
    enum cli_form form = CLI_OTHER;
    enum error_code code = find_form(path, content, &form, error);
    if (code != ERROR_NONE)
        return code;
    if (form == CLI_JSON || form == CLI_PROTOBUF)
        return load_document(ret_plan, ret_arena, path, content, form, error);
    load_compact(ret_plan, ret_arena, content, database);
    return ERROR_NONE;
}

static enum error_code load_file(struct plan *ret_plan, struct arena *ret_arena, const char *path,
                                 enum plan_database database, struct error *error)
{
    struct file_content content;
    if (file_is_standard(path))
        path = "/dev/stdin";
    enum error_code code = file_read(&content, path, FILE_MUST_HAVE_BYTES, error);
    if (code != ERROR_NONE)
        return code;
    code = read_form(ret_plan, ret_arena, path, &content, database, error);
    file_content_clean_up(&content);
    return code;
}

enum error_code cli_load_plan(struct plan *ret_plan, struct arena *ret_arena, const char *path,
                              enum plan_database database, struct error *error)
{
    char scenario[PATH_MAX];
    uint64_t number;
    enum error_code code = cli_scenario_path(path, scenario, &number)
                               ? cli_load_order(ret_plan, ret_arena, scenario, number, error)
                               : load_file(ret_plan, ret_arena, path, database, error);
    if (code == ERROR_NONE && ret_plan->database == DATABASE_ALL)
        ret_plan->database = database;
    return code;
}

static enum error_code check_database(const struct plan *plan, const char *path,
                                      const struct run_options *backend, struct error *error)
{
    if (plan->database == cli_database(backend))
        return ERROR_NONE;
    const char *own = plan_database_infos[plan->database].name;
    return interplay_error(error, ERROR_INPUT, "%s: is a plan for %s and would run on %s%s%s",
                           file_short_path(path), own, backend->subject->name,
                           cli_backend(own) != NULL ? ", expected --backend " : "",
                           cli_backend(own) != NULL ? own : "");
}

enum error_code cli_load_plan_to_run(struct plan *ret_plan, struct arena *ret_arena,
                                     const char *path, const struct run_options *backend,
                                     struct error *error)
{
    enum error_code code = cli_load_plan(ret_plan, ret_arena, path, cli_database(backend), error);
    if (code != ERROR_NONE)
        return code;
    code = cli_origin_check(ret_plan, path, backend, error);
    if (code == ERROR_NONE)
        code = check_database(ret_plan, path, backend, error);
    if (code == ERROR_NONE)
        ret_plan->origin = cli_origin(backend); /* what is told of it from here on was seen here */
    else
        arena_clean_up(ret_arena);
    return code;
}
