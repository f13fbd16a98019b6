/* SPDX-License-Identifier: Apache-2.0 */
/* From a tape to the calls of a program: who, in which turn, what, and what it came to. */
#include "sqlite/sqlite_program.h"

#include "base/assert.h"
#include "base/fault.h"
#include "sqlite/sqlite_settings.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* --- which entries ---------------------------------------------------------------------------- */

/*
 * A look that is in question is the last one after a power loss and before anybody connects again.
 */
static uint32_t entries_that_matter(const struct sqlite_tape *tape,
                                    const struct subject_finding *finding)
{
    uint32_t end = tape->count;
    bool is_lost = false;
    for (uint32_t i = 0; finding->is_noticed_in_look && i < tape->count; i++) {
        const struct tape_entry *entry = &tape->entries[i];
        if (entry->kind == TAPE_LOSS)
            is_lost = true;
        else if (entry->kind == TAPE_CONNECT)
            is_lost = false;
        else if (entry->kind == TAPE_LOOK && is_lost)
            end = i;
    }
    return end;
}

static bool is_of_client(const struct tape_entry *entry)
{
    return entry->connection != 0 && entry->kind != TAPE_CANCEL;
}

static void find_turns(struct program_script *script)
{
    uint32_t turn = 0, last = 0;
    for (uint32_t i = 0; i < script->count; i++) {
        const struct tape_entry *entry = &script->tape->entries[i];
        if (!is_of_client(entry))
            continue;
        if (entry->connection != last)
            turn++;
        last = entry->connection;
        script->turns[i] = turn;
    }
}

static size_t step_of(const struct program_script *script, const struct tape_entry *entry)
{
    size_t step = SIZE_MAX;
    for (size_t i = 0; i < script->finding->step_count; i++) {
        const struct subject_step *known = &script->finding->steps[i];
        if (known->task == entry->task && known->yields <= entry->yields)
            step = i;
    }
    return step;
}

/* The next entry of the connection that is a call, or the end of one; `count`: there is none. */
static uint32_t next_of(const struct program_script *script, uint32_t from, uint16_t connection)
{
    for (; from < script->count; from++) {
        const struct tape_entry *entry = &script->tape->entries[from];
        if (entry->connection == connection && entry->kind <= TAPE_END &&
            entry->kind != TAPE_CANCEL)
            return from;
    }
    return from;
}

/* Where the call that begins at `begin` ends; the last entry, if it never did. */
static uint32_t end_of(const struct program_script *script, uint32_t begin)
{
    const struct tape_entry *entry = &script->tape->entries[begin];
    if (entry->kind == TAPE_BIND)
        return begin;
    uint32_t end = next_of(script, begin + 1, entry->connection);
    return end < script->count ? end : script->count - 1;
}

/* --- what it came to -------------------------------------------------------------------------- */

static bool is_of(const struct program_script *script, const struct program_call *call, uint32_t at)
{
    return script->tape->entries[at].connection == call->connection;
}

static const struct tape_entry *failed_end(const struct program_script *script,
                                           const struct program_call *call)
{
    for (uint32_t i = call->begin; i <= call->end; i++) {
        const struct tape_entry *entry = &script->tape->entries[i];
        if (is_of(script, call, i) && entry->kind == TAPE_END && entry->number != SQLITE_OK &&
            entry->number != SQLITE_ROW)
            return entry;
    }
    return NULL;
}

static void put_rows(const struct program_script *script, const struct program_call *call,
                     FILE *out)
{
    for (uint32_t i = call->begin; i <= call->end; i++) {
        const struct tape_entry *entry = &script->tape->entries[i];
        if (is_of(script, call, i) && entry->kind == TAPE_END && entry->number == SQLITE_ROW)
            fprintf(out, "; row %s", tape_text(script->tape, entry));
    }
}

static bool has_committed(const struct program_script *script, const struct program_call *call)
{
    for (uint32_t i = call->begin; i <= call->end; i++)
        if (is_of(script, call, i) && script->tape->entries[i].kind == TAPE_COMMIT)
            return true;
    return false;
}

/* In the words of tell() in program/clients.h. */
static char *what_it_came_to(const struct program_script *script, const struct program_call *call)
{
    struct program_draft draft;
    FILE *out = program_draft_begin(&draft);
    const struct tape_entry *failed = failed_end(script, call);
    const struct tape_entry *last = &script->tape->entries[call->end];
    if (failed == NULL)
        fputs("ok", out);
    else
        fprintf(out, "error %" PRId64, failed->number);
    put_rows(script, call, out);
    if (failed == NULL && last->changes > 0 && call->kind != PROGRAM_PREPARE)
        fprintf(out, "; %" PRIu32 " changed", last->changes);
    if (has_committed(script, call))
        fputs("; committed", out);
    if (last->kind == TAPE_END && last->in_transaction)
        fputs("; in a transaction", out);
    if (failed != NULL)
        fprintf(out, " -- %s", tape_text(script->tape, failed));
    return program_draft_end(&draft);
}

/* --- statements ------------------------------------------------------------------------------- */

/* What stands for a parameter in `sql`, and goes on behind it: "?" or "?1". */
static const char *skip_parameter(const char *sql)
{
    sql++;
    while (*sql >= '0' && *sql <= '9')
        sql++;
    return sql;
}

/* NULL: none was bound. */
static const char *bound_value(const struct program_script *script, const struct program_call *call,
                               int64_t parameter)
{
    const char *value = NULL;
    for (uint32_t i = call->begin; i <= call->end; i++) {
        const struct tape_entry *entry = &script->tape->entries[i];
        if (is_of(script, call, i) && entry->kind == TAPE_BIND && entry->number == parameter)
            value = tape_text(script->tape, entry);
    }
    return value;
}

/* The values in place of the parameters. */
static char *with_values(const struct program_script *script, const struct program_call *call,
                         const char *sql)
{
    struct program_draft draft;
    FILE *out = program_draft_begin(&draft);
    int64_t parameter = 0;
    bool is_quoted = false;
    while (*sql != '\0') {
        is_quoted ^= *sql == '\'';
        if (*sql != '?' || is_quoted) {
            fputc(*sql++, out);
            continue;
        }
        const char *rest = skip_parameter(sql);
        parameter = rest > sql + 1 ? strtol(sql + 1, NULL, 10) : parameter + 1;
        const char *value = bound_value(script, call, parameter);
        if (value != NULL)
            fputs(value, out);
        else
            fwrite(sql, 1, (size_t)(rest - sql), out);
        sql = rest;
    }
    return program_draft_end(&draft);
}

static uint32_t failed_allocation(const struct program_script *script,
                                  const struct program_call *call)
{
    for (uint32_t i = call->begin; i <= call->end; i++) {
        const struct tape_entry *entry = &script->tape->entries[i];
        if (is_of(script, call, i) && entry->kind == TAPE_FAULT)
            return (uint32_t)entry->other;
    }
    return 0;
}

/*
 * The end of a statement that is prepared, stepped to its end and finalized, with nothing in
 * between; 0: it is not like that.
 */
static uint32_t end_of_run(const struct program_script *script, uint32_t begin)
{
    const struct tape_entry *entries = script->tape->entries;
    uint16_t connection = entries[begin].connection, statement = entries[begin].statement;
    uint32_t at = end_of(script, begin);
    if (entries[at].kind == TAPE_END && entries[at].number != SQLITE_OK)
        return at;
    bool has_ended = false;
    for (;;) {
        at = next_of(script, at + 1, connection);
        if (at == script->count || entries[at].statement != statement)
            return 0;
        uint32_t end = end_of(script, at);
        if (entries[at].kind == TAPE_FINALIZE)
            return has_ended ? end : 0;
        if (entries[at].kind == TAPE_STEP) {
            if (has_ended)
                return 0;
            has_ended = entries[end].kind == TAPE_END && entries[end].number != SQLITE_ROW;
        } else if (entries[at].kind != TAPE_BIND) {
            return 0;
        }
        at = end;
    }
}

/* Steps that follow each other are one call. */
static uint32_t end_of_steps(const struct program_script *script, uint32_t begin,
                             struct program_call *call)
{
    const struct tape_entry *entries = script->tape->entries;
    uint32_t end = end_of(script, begin);
    call->rows = 1;
    while (entries[end].kind == TAPE_END && entries[end].number == SQLITE_ROW) {
        uint32_t next = next_of(script, end + 1, entries[begin].connection);
        if (next == script->count || entries[next].kind != TAPE_STEP ||
            entries[next].statement != entries[begin].statement)
            return end;
        end = end_of(script, next);
        call->rows++;
    }
    call->rows = UINT32_MAX;
    return end;
}

static enum program_call_kind kind_of(const struct tape_entry *entry)
{
    static const uint8_t kinds[] = {
        [TAPE_CONNECT] = PROGRAM_OPEN,      [TAPE_DISCONNECT] = PROGRAM_CLOSE,
        [TAPE_PREPARE] = PROGRAM_PREPARE,   [TAPE_BIND] = PROGRAM_BIND,
        [TAPE_STEP] = PROGRAM_STEP,         [TAPE_RESET] = PROGRAM_RESET,
        [TAPE_FINALIZE] = PROGRAM_FINALIZE,
    };
    return (enum program_call_kind)kinds[entry->kind];
}

static void read_call(struct program_script *script, struct program_call *call)
{
    const struct tape_entry *entry = &script->tape->entries[call->begin];
    const char *text = tape_text(script->tape, entry);
    call->kind = kind_of(entry);
    call->end = end_of(script, call->begin);
    if (entry->kind == TAPE_PREPARE) {
        uint32_t end = end_of_run(script, call->begin);
        call->end = end != 0 ? end : call->end;
        call->kind = end != 0 ? PROGRAM_RUN : PROGRAM_PREPARE;
    } else if (entry->kind == TAPE_STEP) {
        call->end = end_of_steps(script, call->begin, call);
    }
    call->failing_allocation = failed_allocation(script, call);
    if (call->kind == PROGRAM_RUN && call->failing_allocation > 0) {
        /* Allocations are counted by call. */
        call->kind = PROGRAM_PREPARE;
        call->end = end_of(script, call->begin);
        call->failing_allocation = failed_allocation(script, call);
    }
    /* Its first one is for what the harness keeps beside a statement, or a connection. */
    if (call->failing_allocation > 1 &&
        (call->kind == PROGRAM_PREPARE || call->kind == PROGRAM_OPEN))
        call->failing_allocation--;
    call->sql = call->kind == PROGRAM_RUN ? with_values(script, call, text) : strdup(text);
    call->seen = what_it_came_to(script, call);
}

static void read_calls_of(struct program_script *script, uint16_t connection)
{
    uint32_t at = 0;
    while ((at = next_of(script, at, connection)) < script->count) {
        struct program_call *call = &script->calls[script->call_count++];
        const struct tape_entry *entry = &script->tape->entries[at];
        *call = (struct program_call){
            .connection = connection,
            .statement = entry->statement,
            .begin = at,
            .turn = script->turns[at],
            .step = step_of(script, entry),
        };
        read_call(script, call);
        at = call->end + 1;
    }
}

static int compare_calls(const void *left, const void *right)
{
    const struct program_call *a = left, *b = right;
    return (a->begin > b->begin) - (a->begin < b->begin);
}

/* --- what it takes ---------------------------------------------------------------------------- */

static bool has_events(const struct program_script *script, const struct program_call *call)
{
    for (uint32_t i = call->begin; i <= call->end; i++) {
        const struct tape_entry *entry = &script->tape->entries[i];
        if (!is_of(script, call, i))
            continue;
        if (script->turns[i] != 0 && script->turns[i] != call->turn)
            return true;
        if (entry->kind == TAPE_VFS_END && entry->other != FAULT_NONE)
            return true;
    }
    return false;
}

static void see_needs(struct program_script *script)
{
    /* The system's VFS promises powersafe overwrite: the log is written in another way then. */
    script->has_events = script->tape->settings[SQLITE_SETTING_powersafe_overwrite] == 0;
    for (uint32_t i = 0; i < script->count; i++) {
        script->has_losses |= script->tape->entries[i].kind == TAPE_LOSS;
        script->has_events |= script->tape->entries[i].kind == TAPE_CANCEL;
    }
    for (uint32_t i = 0; i < script->call_count; i++) {
        const struct program_call *call = &script->calls[i];
        script->has_events |= has_events(script, call);
        script->has_failed_allocations |= call->failing_allocation > 0;
        script->has_kept_statements |= call->kind == PROGRAM_PREPARE;
    }
    script->is_plain = !script->has_events && !script->has_losses &&
                       !script->has_failed_allocations && !script->has_kept_statements;
}

/* The last call of the step that has more to say than that it went well. */
static struct program_call *find_deciding(struct program_script *script)
{
    struct program_call *last = NULL, *telling = NULL;
    for (uint32_t i = 0; i < script->call_count; i++) {
        struct program_call *call = &script->calls[i];
        bool has_result = call->kind == PROGRAM_RUN || call->kind == PROGRAM_STEP;
        if (!has_result || call->step != script->finding->noticed)
            continue;
        last = call;
        if (strcmp(call->seen, "ok") != 0)
            telling = call;
    }
    return telling != NULL ? telling : last;
}

static const char *why_not(const struct program_script *script)
{
    static const struct {
        const char *signature, *reason;
    } not_shown[] = {
        {"pool/", "it is the pool that is wrong, not the database"},
        {"resources/", "it is about what is left in memory, which no statement shows"},
        {"misuse/", "it is about how locks are used, which no statement shows"},
        {"progress/", "nobody could go on, which a program cannot tell from waiting"},
        {"deadlock/", "nobody could go on, which a program cannot tell from waiting"},
        {"timeout/", "it never ends"},
        {"busy/", "it is about how long a call waits, and in programs waiting takes no time"},
    };
    const struct sqlite_tape *tape = script->tape;
    for (size_t i = 0; i < sizeof not_shown / sizeof not_shown[0]; i++)
        if (program_begins(script->finding->signature, not_shown[i].signature))
            return not_shown[i].reason;
    if (tape->is_full)
        return "the run is too long";
    if (tape->connections == 0)
        return "nobody has asked the database for anything";
    if (tape->settings[SQLITE_SETTING_shared_cache] != SQLITE_CACHE_PRIVATE)
        return "its connections share a cache, and clients that take turns in the midst of calls "
               "would wait for its mutex";
    return NULL;
}

/* --- all of it -------------------------------------------------------------------------------- */

bool program_script_read(struct program_script *ret_script, const struct sqlite_tape *tape,
                         const struct subject_finding *finding,
                         char ret_reason[SUBJECT_REASON_BYTES])
{
    struct program_script script = {.tape = tape, .finding = finding};
    script.count = entries_that_matter(tape, finding);
    const char *reason = why_not(&script);
    if (reason != NULL) {
        (void)snprintf(ret_reason, SUBJECT_REASON_BYTES, "%s", reason);
        return false;
    }
    script.turns = calloc(script.count + 1, sizeof *script.turns);
    script.calls = calloc(script.count + 1, sizeof *script.calls);
    ASSERT(script.turns != NULL && script.calls != NULL);
    find_turns(&script);
    for (uint32_t connection = 1; connection <= tape->connections; connection++)
        read_calls_of(&script, (uint16_t)connection);
    qsort(script.calls, script.call_count, sizeof *script.calls, compare_calls);
    see_needs(&script);
    bool is_in_call = finding->noticed != SIZE_MAX && !finding->is_noticed_in_look;
    struct program_call *deciding = is_in_call ? find_deciding(&script) : NULL;
    if (deciding != NULL)
        deciding->is_deciding = true;
    if (is_in_call && deciding == NULL && !program_begins(finding->signature, "crash/")) {
        (void)snprintf(ret_reason, SUBJECT_REASON_BYTES,
                       "it was noticed where no statement of the database ends");
        program_script_clean_up(&script);
        return false;
    }
    *ret_script = script;
    return true;
}

void program_script_clean_up(struct program_script *script)
{
    for (uint32_t i = 0; i < script->call_count; i++) {
        free(script->calls[i].sql);
        free(script->calls[i].seen);
    }
    free(script->calls);
    free(script->turns);
}
