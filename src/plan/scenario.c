/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/scenario_reader.h"
#include "plan/sql_split.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum error_code scenario_fail(struct scenario_reader *reader, uint32_t line, const char *format,
                              ...)
{
    char message[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return interplay_error(reader->error, ERROR_INPUT, "%s:%u: %s", reader->name, line, message);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\n';
}

struct scenario_text scenario_take_text(struct scenario_reader *reader, const char *sql,
                                        size_t length)
{
    const char *end = sql + length;
    while (sql < end && is_space(*sql))
        sql++;
    while (end > sql && is_space(end[-1]))
        end--;
    struct scenario_text text = {.sql = arena_copy_text(reader->arena, sql, (size_t)(end - sql))};
    const char **statements = NULL;
    for (const char *at = sql;;) {
        struct sql_piece piece = sql_split_next(&at, end);
        if (piece.length == 0)
            break;
        statements =
            scenario_make_room(reader, statements, text.statement_count, sizeof *statements);
        statements[text.statement_count++] =
            arena_copy_text(reader->arena, piece.sql, piece.length);
    }
    text.statements = statements;
    return text;
}

/* Counts that are powers of two are when there is no more room. */
void *scenario_make_room(struct scenario_reader *reader, void *items, uint32_t count,
                         size_t item_bytes)
{
    if ((count & (count - 1)) != 0)
        return items;
    char *more = arena_alloc_zeroed(reader->arena, (count == 0 ? 1 : 2 * count) * item_bytes);
    if (count > 0)
        memcpy(more, items, count * item_bytes);
    return more;
}

enum error_code scenario_add_session(struct scenario_reader *reader, const char *name,
                                     uint32_t line)
{
    struct scenario *scenario = reader->scenario;
    for (uint32_t i = 0; i < scenario->session_count; i++)
        if (strcmp(scenario->sessions[i].name, name) == 0)
            return scenario_fail(reader, line,
                                 "expected another name for a session than %s, which "
                                 "there is already",
                                 name);
    if (scenario->session_count == SCENARIO_SESSIONS_MAX)
        return scenario_fail(reader, line, "expected no more than %d sessions, found another one",
                             SCENARIO_SESSIONS_MAX);
    reader->sessions[scenario->session_count++] =
        (struct scenario_session){.name = name, .first_step = scenario->step_count};
    return ERROR_NONE;
}

uint32_t scenario_step_named(const struct scenario *scenario, const char *name)
{
    for (uint32_t i = 0; i < scenario->step_count; i++)
        if (strcmp(scenario->steps[i].name, name) == 0)
            return i;
    return SCENARIO_NO_STEP;
}

enum error_code scenario_add_step(struct scenario_reader *reader, const char *name,
                                  struct scenario_text text, uint32_t line)
{
    struct scenario *scenario = reader->scenario;
    uint32_t same = scenario_step_named(scenario, name);
    if (same != SCENARIO_NO_STEP)
        return scenario_fail(reader, line,
                             "expected another name for a step than %s, which line %u has", name,
                             scenario->steps[same].line);
    uint32_t session = scenario->session_count - 1;
    reader->steps =
        scenario_make_room(reader, reader->steps, scenario->step_count, sizeof *reader->steps);
    reader->steps[scenario->step_count++] =
        (struct scenario_step){.name = name, .text = text, .session = session, .line = line};
    scenario->steps = reader->steps;
    reader->sessions[session].step_count++;
    return ERROR_NONE;
}

void scenario_add_setup(struct scenario_reader *reader, struct scenario_text text)
{
    struct scenario *scenario = reader->scenario;
    reader->setups =
        scenario_make_room(reader, reader->setups, scenario->setup_count, sizeof *reader->setups);
    reader->setups[scenario->setup_count++] = text;
    scenario->setups = reader->setups;
}

void scenario_add_permutation(struct scenario_reader *reader,
                              struct scenario_permutation permutation)
{
    struct scenario *scenario = reader->scenario;
    reader->permutations = scenario_make_room(
        reader, reader->permutations, scenario->permutation_count, sizeof *reader->permutations);
    reader->permutations[scenario->permutation_count++] = permutation;
    scenario->permutations = reader->permutations;
}

static bool has_zero_byte(const char *text, size_t length)
{
    return memchr(text, '\0', length) != NULL;
}

enum error_code scenario_read(struct scenario *ret_scenario, struct arena *arena, const char *name,
                              const char *text, size_t length, enum scenario_form form,
                              struct error *error)
{
    struct scenario scenario = {0};
    struct scenario_reader reader = {.scenario = &scenario,
                                     .arena = arena,
                                     .name = name,
                                     .next = text,
                                     .end = text + length,
                                     .line = 1,
                                     .error = error};
    if (has_zero_byte(text, length))
        return interplay_error(error, ERROR_INPUT, "%s: expected text, found a zero byte", name);
    reader.sessions = ARENA_ARRAY(arena, struct scenario_session, SCENARIO_SESSIONS_MAX);
    scenario.sessions = reader.sessions;
    enum error_code code =
        form == SCENARIO_SPEC ? scenario_read_spec(&reader) : scenario_read_sql(&reader);
    if (code == ERROR_NONE)
        *ret_scenario = scenario;
    return code;
}

/* --- orders ---------------------------------------------------------------------------------- */

static void take_permutation(struct scenario_order *order)
{
    const struct scenario_permutation *permutation = &order->scenario->permutations[order->number];
    order->count = permutation->turn_count;
    for (uint32_t i = 0; i < order->count; i++)
        order->steps[i] = permutation->turns[i].step;
}

static uint32_t longest_permutation(const struct scenario *scenario)
{
    uint32_t longest = 0;
    for (uint32_t i = 0; i < scenario->permutation_count; i++)
        if (scenario->permutations[i].turn_count > longest)
            longest = scenario->permutations[i].turn_count;
    return longest;
}

void scenario_first_order(const struct scenario *scenario, struct arena *arena,
                          struct scenario_order *ret_order)
{
    uint32_t longest =
        scenario->permutation_count > 0 ? longest_permutation(scenario) : scenario->step_count;
    *ret_order = (struct scenario_order){.scenario = scenario,
                                         .count = scenario->step_count,
                                         .steps = ARENA_ARRAY(arena, uint32_t, longest)};
    for (uint32_t i = 0; i < longest; i++)
        ret_order->steps[i] = i;
    if (scenario->permutation_count > 0)
        take_permutation(ret_order);
}

static uint32_t session_at(const struct scenario_order *order, uint32_t place)
{
    return order->scenario->steps[order->steps[place]].session;
}

static void swap(struct scenario_order *order, uint32_t one, uint32_t other)
{
    uint32_t step = order->steps[one];
    order->steps[one] = order->steps[other];
    order->steps[other] = step;
}

/* Each session's steps come in their order again. */
static void number_steps(struct scenario_order *order)
{
    uint32_t done[SCENARIO_SESSIONS_MAX] = {0};
    for (uint32_t i = 0; i < order->count; i++) {
        uint32_t session = session_at(order, i);
        order->steps[i] = order->scenario->sessions[session].first_step + done[session]++;
    }
}

/* The next one in the order of words whose letters are the sessions. */
static bool next_word(struct scenario_order *order)
{
    uint32_t at = order->count - 1;
    while (at > 0 && session_at(order, at - 1) >= session_at(order, at))
        at--;
    if (at == 0)
        return false;
    uint32_t greater = order->count - 1;
    while (session_at(order, greater) <= session_at(order, at - 1))
        greater--;
    swap(order, at - 1, greater);
    for (uint32_t from = at, to = order->count - 1; from < to; from++, to--)
        swap(order, from, to);
    number_steps(order);
    return true;
}

bool scenario_next_order(struct scenario_order *order)
{
    const struct scenario *scenario = order->scenario;
    if (scenario->permutation_count == 0) {
        if (!next_word(order))
            return false;
        order->number++;
        return true;
    }
    if (order->number + 1 == scenario->permutation_count)
        return false;
    order->number++;
    take_permutation(order);
    return true;
}

/* In how many ways two sequences can be merged: all + 1 choose one, step by step, each exact. */
static uint64_t merges(uint64_t one, uint64_t other)
{
    __extension__ unsigned __int128 ways = 1;
    for (uint64_t i = 1; i <= one; i++) {
        ways = ways * (other + i) / i;
        if (ways >= UINT64_MAX)
            return UINT64_MAX;
    }
    return (uint64_t)ways;
}

uint64_t scenario_count_orders(const struct scenario *scenario)
{
    uint64_t count = 1, before = 0;
    if (scenario->permutation_count > 0)
        return scenario->permutation_count;
    for (uint32_t i = 0; i < scenario->session_count; i++) {
        uint64_t steps = scenario->sessions[i].step_count;
        if (__builtin_mul_overflow(count, merges(steps, before), &count))
            return UINT64_MAX;
        before += steps;
    }
    return count;
}
