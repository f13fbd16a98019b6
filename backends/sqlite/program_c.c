/* SPDX-License-Identifier: Apache-2.0 */
/* finding.c: a function for each client, what power losses leave, and main(). */
#include "sqlite/sqlite_program.h"

#include "base/fault.h"
#include "sqlite/sqlite_settings.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

void program_put_string(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '\n')
            fputs("\\n", out);
        else if (byte == '"' || byte == '\\')
            fprintf(out, "\\%c", byte);
        else if (byte < ' ' || byte == 0x7f)
            fprintf(out, "\\%03o", byte);
        else
            fputc(byte, out);
    }
    fputc('"', out);
}

/* A statement a line. */
static void put_statements(const char *sql, FILE *out)
{
    while (*sql != '\0') {
        size_t length = strcspn(sql, ";");
        char *statement = strndup(sql, length + (sql[length] == ';'));
        fputs("\n        ", out);
        program_put_string(statement == NULL ? "" : statement, out);
        free(statement);
        sql += length;
        sql += strspn(sql, "; ");
    }
}

/* Lines of a comment. */
static void put_lines(const char *text, FILE *out)
{
    fputs(" * ", out);
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            fputs("\n * ", out);
        else if (!(text[0] == '*' && text[1] == '/'))
            fputc(*text, out);
    }
    fputc('\n', out);
}

/* --- what happens in the midst of a call ------------------------------------------------------ */

static void put_fault(const struct tape_entry *entry, uint32_t nth, uint32_t loss, FILE *out)
{
    const char *method = tape_method_names[entry->number];
    switch (entry->other) {
    case FAULT_NONE:
    case FAULT_latency:
    case FAULT_no_memory:
    case FAULT_interrupt: /* a cancel tells of it */
        return;
    case FAULT_process_death:
        fprintf(out, "    die_at(%s, %" PRIu32 ");\n", method, nth);
        return;
    case FAULT_power_loss:
    case FAULT_sync_power_loss:
        fprintf(out, "    lose_power_at(%s, %" PRIu32 ", power_loss_%" PRIu32 ");\n", method, nth,
                loss);
        return;
    default:
        fprintf(out, "    %s(%s, %" PRIu32 ", %d);\n",
                entry->other == FAULT_disk_full || entry->other == FAULT_short_read ? "half_at"
                                                                                    : "fail_at",
                method, nth, (int)entry->from);
        return;
    }
}

/* The next entry of the connection up to `end`, or `end` + 1. */
static uint32_t next_entry(const struct program_script *script, const struct program_call *call,
                           uint32_t from)
{
    while (from <= call->end &&
           (script->tape->entries[from].connection != call->connection || script->turns[from] == 0))
        from++;
    return from;
}

/*
 * What happened after an entry that is no call into the VFS happens at the next one: others ran, or
 * somebody interrupted the call.
 */
struct waiting {
    uint32_t turns[64];
    uint32_t count;
    bool is_interrupted;
};

static void put_hold(uint32_t method, uint32_t nth, uint32_t turn, FILE *out)
{
    fprintf(out, "    hold_before(%s, %" PRIu32 ", %" PRIu32 ");\n", tape_method_names[method], nth,
            turn);
}

static void put_waiting(struct waiting *waiting, uint32_t method, uint32_t nth, FILE *out)
{
    for (uint32_t i = 0; i < waiting->count; i++)
        put_hold(method, nth, waiting->turns[i], out);
    waiting->count = 0;
    if (waiting->is_interrupted)
        fprintf(out, "    interrupt_at(%s, %" PRIu32 ");\n", tape_method_names[method], nth);
    waiting->is_interrupted = false;
}

/* Whoever does it: a connection's flag is all that it sets. */
static bool is_cancelled_between(const struct program_script *script,
                                 const struct program_call *call, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to && i < script->count; i++)
        if (script->tape->entries[i].kind == TAPE_CANCEL &&
            script->tape->entries[i].connection == call->connection)
            return true;
    return false;
}

static uint32_t losses_before(const struct program_script *script, uint32_t at)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < at; i++)
        count += script->tape->entries[i].kind == TAPE_LOSS;
    return count;
}

static void put_events(const struct program_script *script, const struct program_call *call,
                       FILE *out)
{
    uint32_t counts[TAPE_METHOD_COUNT] = {0}, rows = 0;
    struct waiting waiting = {.count = 0};
    for (uint32_t at = call->begin; at <= call->end;) {
        const struct tape_entry *entry = &script->tape->entries[at];
        uint32_t method =
            entry->kind == TAPE_VFS || entry->kind == TAPE_VFS_END ? (uint32_t)entry->number : 0;
        if (entry->kind == TAPE_VFS)
            put_waiting(&waiting, method, ++counts[method], out);
        else if (entry->kind == TAPE_VFS_END)
            put_fault(entry, counts[method], losses_before(script, at), out);
        uint32_t next = next_entry(script, call, at + 1);
        if (next <= call->end && script->turns[next] != script->turns[at]) {
            if (entry->kind == TAPE_VFS)
                put_hold(method, counts[method], script->turns[next], out);
            else if (waiting.count < sizeof waiting.turns / sizeof waiting.turns[0])
                waiting.turns[waiting.count++] = script->turns[next];
        }
        waiting.is_interrupted |= is_cancelled_between(script, call, at, next);
        rows += entry->kind == TAPE_END && entry->number == SQLITE_ROW;
        if (entry->kind == TAPE_END && waiting.is_interrupted) {
            fprintf(out, "    interrupt_after_rows(%" PRIu32 ");\n", rows);
            waiting.is_interrupted = false;
        }
        if (entry->kind == TAPE_VFS)
            put_waiting(&waiting, method, counts[method], out);
        at = next;
    }
    for (uint32_t i = 0; i < waiting.count; i++)
        fprintf(out, "    hold_before(-1, 0, %" PRIu32 ");\n", waiting.turns[i]);
    if (call->failing_allocation > 0)
        fprintf(out, "    fail_allocation(%" PRIu32 ");\n", call->failing_allocation);
}

/* --- calls ------------------------------------------------------------------------------------ */

/* "replace(hex(zeroblob(3)),'00','0000000000000005')" is a piece, three times. */
static bool put_repeated(const struct program_call *call, int64_t parameter, FILE *out)
{
    int times;
    char piece[64];
    if (sscanf(call->sql, "replace(hex(zeroblob(%d)),'00','%63[^']')", &times, piece) != 2)
        return false;
    fprintf(out, "    bind_repeated(s%u, %" PRId64 ", \"%s\", %d);\n", call->statement, parameter,
            piece, times);
    return true;
}

static void put_bind(const struct program_script *script, const struct program_call *call,
                     FILE *out)
{
    int64_t parameter = script->tape->entries[call->begin].number;
    size_t length = strlen(call->sql);
    if (put_repeated(call, parameter, out))
        return;
    if (call->sql[0] == '\'') {
        char *text = strndup(call->sql + 1, length - 2);
        fprintf(out, "    sqlite3_bind_text(s%u, %" PRId64 ", ", call->statement, parameter);
        program_put_string(text, out);
        fputs(", -1, SQLITE_TRANSIENT);\n", out);
        free(text);
    } else if (strcmp(call->sql, "NULL") == 0) {
        fprintf(out, "    sqlite3_bind_null(s%u, %" PRId64 ");\n", call->statement, parameter);
    } else if (strpbrk(call->sql, ".xe") == NULL) {
        fprintf(out, "    sqlite3_bind_int64(s%u, %" PRId64 ", %s);\n", call->statement, parameter,
                call->sql);
    } else {
        fprintf(out, "    sqlite3_bind_double(s%u, %" PRId64 ", %s);\n", call->statement, parameter,
                call->sql);
    }
}

static void put_with_seen(const char *what, const struct program_call *call, const char *sql,
                          FILE *out)
{
    fprintf(out, "    %s", what);
    if (sql != NULL) {
        program_put_string(sql, out);
        fputs(",\n        ", out);
    }
    program_put_string(call->seen, out);
    fputs(");\n", out);
}

static void put_call(const struct program_script *script, const struct program_call *call,
                     FILE *out)
{
    const struct tape_entry *entry = &script->tape->entries[call->begin];
    char what[64];
    switch (call->kind) {
    case PROGRAM_OPEN:
        fputs("    open_database(", out);
        program_put_string(call->sql, out);
        fprintf(out, ", %" PRId64 ", %" PRId64 ");\n", entry->number, entry->other);
        return;
    case PROGRAM_RUN:
        put_with_seen("run(", call, call->sql, out);
        return;
    case PROGRAM_PREPARE:
        (void)snprintf(what, sizeof what, "sqlite3_stmt *s%u = prepare(", call->statement);
        put_with_seen(what, call, call->sql, out);
        return;
    case PROGRAM_BIND:
        put_bind(script, call, out);
        return;
    case PROGRAM_STEP:
        if (call->rows == UINT32_MAX)
            (void)snprintf(what, sizeof what, "step(s%u, ALL, ", call->statement);
        else
            (void)snprintf(what, sizeof what, "step(s%u, %" PRIu32 ", ", call->statement,
                           call->rows);
        put_with_seen(what, call, NULL, out);
        return;
    case PROGRAM_RESET:
        fprintf(out, "    reset(s%u);\n", call->statement);
        return;
    case PROGRAM_FINALIZE:
        fprintf(out, "    finalize(s%u);\n", call->statement);
        return;
    case PROGRAM_CLOSE:
        fputs("    close_database();\n", out);
        return;
    }
}

static void put_deciding(const struct program_script *script, const struct program_call *call,
                         FILE *out)
{
    fputs("    is_it_wrong(", out);
    program_put_string(call->seen, out);
    fputs(",\n        ", out);
    char *right = program_right_of(script, call);
    if (right != NULL)
        program_put_string(right, out);
    else
        fputs("NULL", out);
    fputs(");\n", out);
    free(right);
}

static void put_client(const struct program_script *script, uint32_t connection, FILE *out)
{
    size_t step = SIZE_MAX;
    uint32_t turn = 0, before = UINT32_MAX;
    fprintf(out, "static void client_%" PRIu32 "(void)\n{\n", connection);
    for (uint32_t i = 0; i < script->call_count; i++) {
        const struct program_call *call = &script->calls[i];
        if (call->connection != connection)
            continue;
        if (call->turn != turn)
            fprintf(out, "    turn(%" PRIu32 ");\n", call->turn);
        if (call->step != step && call->step != SIZE_MAX) {
            const struct subject_step *known = &script->finding->steps[call->step];
            fprintf(out, "    /* step %zu, task %" PRIu32 ": ", call->step, known->task);
            for (const char *word = known->words; *word != '\0'; word++)
                fputc(word[0] == '*' && word[1] == '/' ? '+' : *word, out);
            fputs(" */\n", out);
        }
        step = call->step;
        if (before != UINT32_MAX && is_cancelled_between(script, call, before, call->begin))
            fputs("    interrupt();\n", out);
        before = call->end;
        put_events(script, call, out);
        put_call(script, call, out);
        if (call->is_deciding)
            put_deciding(script, call, out);
        uint32_t last = call->end;
        while (last > call->begin &&
               (script->tape->entries[last].connection != connection || script->turns[last] == 0))
            last--;
        turn = script->turns[last];
    }
    fputs("}\n\n", out);
}

/* --- power losses ----------------------------------------------------------------------------- */

static void put_fate(const struct program_script *script, const struct tape_entry *entry, FILE *out)
{
    const char *name;
    switch (entry->kind) {
    case TAPE_NAMED:
        name = strchr(tape_text(script->tape, entry), '.');
        name = name == NULL ? "" : name + strcspn(name, "-");
        fprintf(out, "    {NAMED, \"%s\", %" PRId64 ", 0, 0},\n", name, entry->number);
        return;
    case TAPE_ARRIVED:
        fprintf(out, "    {ARRIVED, \"\", %" PRId64 ", %" PRIu64 ", %" PRIu64 "},\n", entry->number,
                entry->from, entry->to);
        return;
    case TAPE_SIZED:
        fprintf(out, "    {SIZED, \"\", 0, 0, %" PRIu64 "},\n", entry->to);
        return;
    case TAPE_GARBLED:
        fprintf(out, "    {GARBLED, \"\", 0, %" PRIu64 ", %" PRIu64 "},\n", entry->from, entry->to);
        return;
    default:
        return;
    }
}

static void put_losses(const struct program_script *script, FILE *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < script->count; i++) {
        if (script->tape->entries[i].kind != TAPE_LOSS)
            continue;
        fprintf(out,
                "/* What power loss %" PRIu32
                " leaves: of each file what was synced, and of what came after it this much. */\n"
                "static const struct fate power_loss_%" PRIu32 "[] = {\n",
                count + 1, count + 1);
        count++;
        for (uint32_t at = i + 1; at < script->count; at++) {
            uint8_t kind = script->tape->entries[at].kind;
            if (kind < TAPE_NAMED || kind > TAPE_GARBLED)
                break;
            put_fate(script, &script->tape->entries[at], out);
        }
        fputs("    {END, NULL, 0, 0, 0},\n};\n\n", out);
    }
}

/* --- main ------------------------------------------------------------------------------------- */

static void put_look(const struct program_script *script, FILE *out)
{
    fputs("    look();\n", out);
    if (!program_is_about_look(script)) {
        fputs("    printf(\"A new connection reads: %s\\n\", me->result);\n", out);
        return;
    }
    char *found = program_found(script), *expected = program_expected(script);
    fputs("    judge(\"A new connection reads all of the database.\", me->result,\n        ", out);
    program_put_string(found, out);
    fputs(",\n        ", out);
    program_put_string(expected, out);
    fputs(");\n", out);
    free(found);
    free(expected);
}

static void put_main(const struct program_script *script, FILE *out)
{
    char *setup = program_setup(script);
    fputs("int main(void)\n{\n    static void (*const clients[])(void) = {", out);
    for (uint32_t i = 1; i <= script->tape->connections; i++)
        fprintf(out, "%sclient_%" PRIu32, i == 1 ? "" : ", ", i);
    fputs("};\n", out);
    if (script->has_failed_allocations)
        fputs("    use_own_memory();\n", out);
    fputs("    make_database(", out);
    put_statements(setup, out);
    fputs(");\n", out);
    if (script->has_events || script->has_losses)
        fprintf(out, "    use_own_vfs(0x%" PRIx64 "u, %" PRId32 ");\n", script->tape->random_seed,
                script->tape->settings[SQLITE_SETTING_powersafe_overwrite]);
    fprintf(out, "    run_clients(clients, %" PRIu32 ");\n", script->tape->connections);
    put_look(script, out);
    fputs("    return finish();\n}\n", out);
    free(setup);
}

void program_write_c(const struct program_script *script, FILE *out)
{
    const struct subject_finding *finding = script->finding;
    fputs("/*\n", out);
    put_lines(finding->signature, out);
    fprintf(out, " * (seen in %s)\n *\n", finding->version);
    put_lines(finding->report, out);
    fputs(
        " *\n * Each client below is a connection. Beside each statement stands what it came to in "
        "the\n * simulation: \"ok\" or the code of the error, rows, changed rows, whether it "
        "committed, and\n * whether the connection is in a transaction afterwards.\n */\n",
        out);
    if (script->has_losses)
        fputs("#include \"power.h\"\n", out);
    if (script->has_events || script->has_losses)
        fputs("#include \"vfs.h\"\n", out);
    if (script->has_failed_allocations)
        fputs("#include \"memory.h\"\n", out);
    fputs("#include \"clients.h\"\n\n", out);
    put_losses(script, out);
    for (uint32_t i = 1; i <= script->tape->connections; i++)
        put_client(script, i, out);
    put_main(script, out);
}
