/* SPDX-License-Identifier: Apache-2.0 */
/* Where statements are enough: finding.sql for the program sqlite3, and finding.py. */
#include "sqlite/sqlite_program.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- the program sqlite3 ---------------------------------------------------------------------- */

static void put_comment(const char *text, FILE *out)
{
    fputs("-- ", out);
    for (; *text != '\0'; text++)
        fputs(*text == '\n' ? "\n-- " : (const char[]){*text, '\0'}, out);
    fputc('\n', out);
}

static void put_sql_call(const struct program_script *script, const struct program_call *call,
                         uint16_t *at_hand, FILE *out)
{
    const struct tape_entry *entry = &script->tape->entries[call->begin];
    if (*at_hand != call->connection)
        fprintf(out, ".connection %u\n", call->connection);
    *at_hand = call->connection;
    if (call->kind == PROGRAM_CLOSE) {
        fprintf(out, ".connection 0\n.connection close %u\n", call->connection);
        *at_hand = 0;
    } else if (call->kind == PROGRAM_OPEN) {
        fprintf(out, ".open finding.db\n.timeout %" PRId64 "\n", entry->number);
        if (entry->other != 1000)
            fprintf(out, "PRAGMA wal_autocheckpoint=%" PRId64 ";\n", entry->other);
        if (call->sql[0] != '\0')
            fprintf(out, "%s;\n", call->sql);
    } else {
        fprintf(out, "%s;\n", call->sql);
        put_comment(call->seen, out);
    }
}

void program_write_sql(const struct program_script *script, FILE *out)
{
    uint16_t at_hand = 0;
    put_comment(script->finding->signature, out);
    put_comment(script->finding->report, out);
    fputs("--\n-- rm -f finding.db*; sqlite3 < finding.sql\n--\n"
          "-- Below each statement stands what it came to in the simulation.\n\n"
          ".open finding.db\n",
          out);
    char *setup = program_setup(script);
    for (const char *at = setup; *at != '\0'; at++) {
        fputc(*at, out);
        if (*at == ';') {
            fputc('\n', out);
            at += strspn(at + 1, " ");
        }
    }
    free(setup);
    fputs("\n.connection 0\n.open finding.db\n\n", out);
    for (uint32_t i = 0; i < script->call_count; i++)
        put_sql_call(script, &script->calls[i], &at_hand, out);
    fputs("\n-- A new connection reads:\n", out);
    fprintf(out, "%s.open finding.db\n", at_hand == 0 ? "" : ".connection 0\n");
    fputs("PRAGMA integrity_check;\nSELECT type, name FROM sqlite_schema;\nSELECT * FROM t0;\n",
          out);
    if (!program_is_about_look(script))
        return;
    char *found = program_found(script), *expected = program_expected(script);
    fputs("-- came:  ", out);
    fputs(found, out);
    fputs("\n-- right: ", out);
    fputs(expected, out);
    fputs("\n", out);
    free(found);
    free(expected);
}

/* --- Python ----------------------------------------------------------------------------------- */

/* What all of them begin with: program/head.py. */
extern const char program_text_head_py[];

static void put_python_call(const struct program_script *script, const struct program_call *call,
                            FILE *out)
{
    const struct tape_entry *entry = &script->tape->entries[call->begin];
    if (call->kind == PROGRAM_OPEN) {
        fprintf(out, "connect(%u, ", call->connection);
        program_put_string(call->sql, out);
        fprintf(out, ", %" PRId64 ", %" PRId64 ")\n", entry->number, entry->other);
    } else if (call->kind == PROGRAM_CLOSE) {
        fprintf(out, "close(%u)\n", call->connection);
    } else {
        fprintf(out, "%srun(%u, ", call->is_deciding ? "result = " : "", call->connection);
        program_put_string(call->sql, out);
        fputs(",\n    ", out);
        program_put_string(call->seen, out);
        fputs(")\n", out);
    }
    if (!call->is_deciding)
        return;
    char *right = program_right_of(script, call);
    fputs("judge(result, ", out);
    program_put_string(call->seen, out);
    fputs(", ", out);
    program_put_string(right == NULL ? "" : right, out);
    fputs(")\n", out);
    free(right);
}

void program_write_python(const struct program_script *script, FILE *out)
{
    fputs("\"\"\"", out);
    fprintf(out, "%s\n\n%s\n\"\"\"\n", script->finding->signature, script->finding->report);
    fputs(program_text_head_py, out);
    fputs("setup = sqlite3.connect(database, isolation_level=None)\nsetup.executescript(", out);
    char *setup = program_setup(script);
    program_put_string(setup, out);
    fputs(")\nsetup.close()\n\n", out);
    free(setup);
    for (uint32_t i = 0; i < script->call_count; i++)
        put_python_call(script, &script->calls[i], out);
    if (program_is_about_look(script)) {
        char *found = program_found(script), *expected = program_expected(script);
        fputs("judge(look(),\n    ", out);
        program_put_string(found, out);
        fputs(",\n    ", out);
        program_put_string(expected, out);
        fputs(")\n", out);
        free(found);
        free(expected);
    } else {
        fputs("print('A new connection reads:', look())\n", out);
    }
    fputs("print({SHOWN: 'SHOWN: the wrong result came', NOT_SHOWN: 'NOT SHOWN: what came is "
          "right', SOMETHING_ELSE: 'SOMETHING ELSE came'}[verdict[0]])\nsys.exit(verdict[0])\n",
          out);
}
