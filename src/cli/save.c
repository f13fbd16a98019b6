/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a plan into a file, in the form that the file's name asks for. */
#include "base/file.h"
#include "cli/plan_files.h"
#include "plan/compact.h"
#include "plan/json.h"
#include "plan/protobuf.h"
#include "plan/script.h"

#include <stdio.h>
#include <stdlib.h>

static const size_t arena_bytes = (size_t)1
                                  << 30; /* address space; what is written is backed by memory */

static enum error_code save_protobuf(const struct plan *plan, const char *name, const char *path,
                                     struct error *error)
{
    struct arena arena;
    uint8_t *bytes;
    size_t size;
    arena_init(&arena, arena_bytes);
    enum error_code code = protobuf_write(plan, &arena, &bytes, &size);
    if (code == ERROR_NONE)
        code = file_write(path, bytes, size, error);
    else
        code = interplay_error(error, code, "%s: cannot be written as protobuf: %s",
                               file_short_path(name),
                               code == ERROR_INPUT ? "a text is not UTF-8" : "out of memory");
    arena_clean_up(&arena);
    return code;
}

static enum error_code save_script(const struct plan *plan, const char *name, const char *path,
                                   script_write_fn *write, struct error *error)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    bool is_whole = out != NULL;
    if (is_whole) {
        write(plan, name, out);
        is_whole = !ferror(out);
        is_whole = fclose(out) == 0 && is_whole;
    }
    enum error_code code =
        is_whole ? file_write(path, text, length, error)
                 : interplay_error(error, ERROR_MEMORY, "%s: out of memory", file_short_path(name));
    free(text);
    return code;
}

static enum error_code save_compact(const struct plan *plan, const char *name, const char *path,
                                    struct error *error)
{
    uint8_t bytes[COMPACT_SIZE_MAX];
    size_t size;
    enum error_code code = compact_encode(plan, bytes, &size, error);
    if (code == ERROR_NONE)
        return file_write(path, bytes, size, error);
    interplay_error_context(error, file_short_path(name));
    return code;
}

enum error_code cli_save_plan(const struct plan *plan, const char *name, const char *path,
                              struct error *error)
{
    switch (cli_form_to_write(path)) {
    case CLI_JSON:
        return json_save(plan, name, path, error);
    case CLI_COMPACT:
        return save_compact(plan, name, path, error);
    case CLI_PROTOBUF:
        return save_protobuf(plan, name, path, error);
    case CLI_SQL:
        return save_script(plan, name, path, script_write_sql, error);
    case CLI_SPEC:
        return save_script(plan, name, path, script_write_spec, error);
    case CLI_NO_EXTENSION:
    case CLI_OTHER:
        break;
    }
    return interplay_error(error, ERROR_USAGE, "%s: unknown kind of file", file_short_path(path));
}
