/* SPDX-License-Identifier: Apache-2.0 */
/* Writing programs: which files, and what is in them. */
#include "sqlite/sqlite_program.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What programs have in common: the files of program/, which the build puts here. */
extern const char program_text_clients_h[], program_text_vfs_h[], program_text_power_h[],
    program_text_memory_h[], program_text_Makefile[], program_text_head_py[];

struct program_file {
    const char *name;
    const char *text; /* NULL: it is written by */
    void (*write)(const struct program_script *, FILE *out);
    bool (*is_needed)(const struct program_script *script);
};

static bool always(const struct program_script *script)
{
    (void)script;
    return true;
}

static bool needs_vfs(const struct program_script *script)
{
    return script->has_events || script->has_losses;
}

static bool needs_power(const struct program_script *script)
{
    return script->has_losses;
}

static bool needs_memory(const struct program_script *script)
{
    return script->has_failed_allocations;
}

static bool is_plain(const struct program_script *script)
{
    return script->is_plain;
}

/* The program sqlite3 has room for five connections. */
static bool is_plain_for_shell(const struct program_script *script)
{
    return script->is_plain && script->tape->connections < 5;
}

static const struct program_file files[] = {
    {"README.md", NULL, program_write_readme, always},
    {"Makefile", program_text_Makefile, NULL, always},
    {"finding.c", NULL, program_write_c, always},
    {"clients.h", program_text_clients_h, NULL, always},
    {"vfs.h", program_text_vfs_h, NULL, needs_vfs},
    {"power.h", program_text_power_h, NULL, needs_power},
    {"memory.h", program_text_memory_h, NULL, needs_memory},
    {"finding.sql", NULL, program_write_sql, is_plain_for_shell},
    {"finding.py", NULL, program_write_python, is_plain},
};

static enum error_code write_file(const struct program_script *script, const char *folder,
                                  const struct program_file *file, struct error *error)
{
    char path[4096], *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL)
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    if (file->write != NULL)
        file->write(script, out);
    else
        fputs(file->text, out);
    bool is_whole = !ferror(out);
    is_whole = fclose(out) == 0 && is_whole;
    (void)snprintf(path, sizeof path, "%s/%s", folder, file->name);
    enum error_code code = is_whole ? file_write(path, text, length, error)
                                    : interplay_error(error, ERROR_MEMORY, "out of memory");
    free(text);
    return code;
}

static enum error_code write_program(const struct subject_finding *finding, const char *folder,
                                     struct subject_program *ret_program, struct error *error)
{
    struct program_script script;
    *ret_program = (struct subject_program){.reason = ""};
    if (!program_script_read(&script, sqlite_tape, finding, ret_program->reason))
        return ERROR_NONE;
    ret_program->is_plain = script.is_plain;
    enum error_code code = ERROR_NONE;
    for (size_t i = 0; code == ERROR_NONE && i < sizeof files / sizeof files[0]; i++)
        if (files[i].is_needed(&script))
            code = write_file(&script, folder, &files[i], error);
    program_script_clean_up(&script);
    return code;
}

/* The very version that is under test, as the build found it; if it is still there. */
static const char *library(void)
{
    return access(SQLITE_PROGRAM_LIBRARY "/sqlite3.c", R_OK) == 0 ? SQLITE_PROGRAM_LIBRARY : "";
}

const struct subject_program_ops sqlite_programs = {
    .begin = tape_begin,
    .end = tape_end,
    .write = write_program,
    .library = library,
};
