/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle/rows_judge.h"

#include "model/text.h"

void rows_snapshot(const struct rows_call *call, uint32_t set, struct rows_state *ret_state)
{
    *ret_state = *call->base;
    for (uint32_t i = 0; i < call->maybe_count; i++)
        if (set >> i & 1u)
            rows_see_commit(ret_state, call->maybes[i]->work, call->times);
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        ret_state->unknown[table] |= call->open[table];
}

static uint32_t table_of(const struct rows_call *call)
{
    return call->interaction->arguments[FIELD_table];
}

bool rows_read_fits(const struct rows_call *call, const struct rows_state *visible)
{
    return (plan_keys_of(call->interaction) & visible->unknown[table_of(call)]) != 0 ||
           model_read_matches(&visible->database, call->interaction, call->seen);
}

/* --- who was there before --------------------------------------------------------------------- */

/*
 * Nobody else writes its rows before it has ended. One that is still being committed will have
 * been, where statements have their own snapshots: with others it may fail yet (serializable).
 */
static bool has_let_go(const struct rows_call *call, const struct rows_commit *commit)
{
    return commit->status == ROWS_COMMITTED || call->view == VIEW_OF_STATEMENT;
}

/*
 * The newest version of a row that had been committed when the statement wrote to it, for certain,
 * if the snapshot has an older one: its writer had kept the statement from the row until then.
 * NULL: there is none.
 */
static const struct rows_state *missed(const struct rows_call *call,
                                       const struct rows_state *snapshot, uint32_t key)
{
    uint32_t table = table_of(call);
    uint16_t newest = snapshot->writer[table][key];
    const struct rows_state *found = NULL;
    if (snapshot->unknown[table] >> key & 1u)
        return NULL; /* it may have that one */
    if (!(call->base->unknown[table] >> key & 1u) &&
        rows_is_newer(call->times, call->base->writer[table][key], newest)) {
        found = call->base;
        newest = found->writer[table][key];
    }
    for (uint32_t i = 0; i < call->maybe_count; i++) {
        const struct rows_commit *commit = call->maybes[i];
        uint16_t writer = commit->work->state.writer[table][key];
        uint32_t known = commit->work->keys[table] & ~commit->work->state.unknown[table];
        if (!has_let_go(call, commit) || !(known >> key & 1u) ||
            call->times->returned[writer] >= call->called ||
            !rows_is_newer(call->times, writer, newest))
            continue;
        found = &commit->work->state;
        newest = writer;
    }
    return found;
}

/* Somebody else may have written to one of these rows meanwhile. */
static bool is_open(const struct rows_call *call, uint32_t keys)
{
    uint32_t table = table_of(call), open = call->open[table];
    for (uint32_t i = 0; i < call->maybe_count; i++)
        open |= call->maybes[i]->work->keys[table];
    return (open & keys) != 0;
}

/* --- what is written -------------------------------------------------------------------------- */

/* The rows whose values a statement depends on, and that it finds by looking. */
static uint32_t find(const struct rows_call *call, const struct rows_state *state)
{
    const struct model_table *table = &state->database.tables[table_of(call)];
    return call->interaction->action == ACTION_append
               ? table->present & 1u << call->interaction->arguments[FIELD_key]
               : model_filter_rows(table, call->interaction);
}

static bool finds_rows(enum plan_action action)
{
    return action == ACTION_update || action == ACTION_delete || action == ACTION_append;
}

/* The statement, done to these rows of the state and to no others. */
static void do_to(const struct rows_call *call, const struct rows_state *state, uint32_t keys,
                  struct rows_work *work)
{
    uint32_t table = table_of(call);
    struct rows_state after = *state;
    if (finds_rows((enum plan_action)call->interaction->action))
        after.database.tables[table].present &= keys;
    else
        after.database.tables[table].present &= ~keys; /* as if they were new */
    (void)model_apply(&after.database, call->interaction, (int64_t)call->step);
    after.unknown[table] &= ~keys;
    work->keys[table] |= keys;
    for (; keys != 0; keys &= keys - 1) {
        uint32_t key = (uint32_t)__builtin_ctz(keys);
        after.writer[table][key] = (uint16_t)(call->step + 1);
        if (!finds_rows((enum plan_action)call->interaction->action))
            after.maker[table][key] = (uint16_t)(call->step + 1);
        rows_take(&work->state, &after, table, key);
    }
}

/* Rows that are there in both, but the one may have been deleted before the other was inserted. */
static uint32_t made_anew(const struct rows_state *visible, const struct rows_state *newest,
                          uint32_t table, uint32_t keys)
{
    uint32_t anew = 0;
    for (; keys != 0; keys &= keys - 1) {
        uint32_t key = (uint32_t)__builtin_ctz(keys);
        anew |= (uint32_t)(visible->maker[table][key] != newest->maker[table][key]) << key;
    }
    return anew;
}

/*
 * Rows are found in the snapshot. One that has a newer version is no longer the one that was found:
 * either that ends the statement, or its condition is looked at again. One that was deleted is not
 * found again under its key; whether it was, nobody tells of an upsert.
 */
static bool fits_found(const struct rows_call *call, const struct rows_state *visible,
                       const struct rows_state *newest, struct rows_work *work)
{
    uint32_t table = table_of(call), keys = plan_keys_of(call->interaction);
    uint32_t found = find(call, visible) & find(call, newest);
    if ((keys & (visible->unknown[table] | newest->unknown[table])) != 0 ||
        made_anew(visible, newest, table, found) != 0) {
        rows_write_unknown(work, table, keys, call->step);
        return true;
    }
    if (call->seen->changes != __builtin_popcount(found))
        return false;
    if (found != 0)
        do_to(call, newest, found, work);
    return true;
}

/* A key must be free, or is taken over; which of both tells the newest version. */
static bool fits_named(const struct rows_call *call, struct rows_work *work)
{
    uint32_t table = table_of(call), keys = plan_keys_of(call->interaction);
    if (call->seen->changes != __builtin_popcount(keys)) {
        rows_write_unknown(work, table, keys, call->step); /* some were passed over */
        return call->interaction->action == ACTION_insert_rows;
    }
    do_to(call, &work->state, keys, work);
    return true;
}

/* --- read committed --------------------------------------------------------------------------- */

/* What a statement that writes has to look at again: commits that it waited for. */
static bool leaves_out(const struct rows_call *call, const struct rows_state *newest,
                       uint32_t found)
{
    for (; found != 0; found &= found - 1)
        if (missed(call, newest, (uint32_t)__builtin_ctz(found)) != NULL)
            return true;
    return false;
}

static bool fits_in_statement(const struct rows_call *call, const struct rows_state *snapshot,
                              uint32_t set, struct rows_work *work)
{
    struct rows_state visible = *snapshot, newest;
    rows_see_own(&visible, work);
    uint32_t table = table_of(call);
    bool is_known = (plan_keys_of(call->interaction) & visible.unknown[table]) == 0;
    uint32_t looked_at = is_known ? find(call, &visible) & ~work->keys[table] : 0;
    struct rows_work result;
    bool fits = false;
    for (uint32_t more = 0; more < 1u << call->maybe_count; more++) {
        struct rows_work next = *work;
        if ((more & set) != set)
            continue;
        rows_snapshot(call, more, &newest);
        if (leaves_out(call, &newest, looked_at))
            continue;
        rows_see_own(&newest, work);
        if (!fits_found(call, &visible, &newest, &next))
            continue;
        if (fits)
            rows_merge(&result, &next);
        else
            result = next;
        fits = true;
    }
    if (fits)
        *work = result;
    return fits;
}

/* --- repeatable read -------------------------------------------------------------------------- */

/* A row that has a newer version than the snapshot's is not written, unless it is gone. */
static bool fits_in_transaction(const struct rows_call *call, const struct rows_state *snapshot,
                                struct rows_work *work)
{
    struct rows_state visible = *snapshot;
    uint32_t table = table_of(call), own = work->keys[table];
    rows_see_own(&visible, work);
    if (!fits_found(call, &visible, &visible, work))
        return false;
    for (uint32_t left = work->keys[table] & ~own & ~work->state.unknown[table]; left != 0;
         left &= left - 1)
        if (missed(call, snapshot, (uint32_t)__builtin_ctz(left)) != NULL)
            return false;
    return true;
}

/* --- keys that are named ---------------------------------------------------------------------- */

static bool is_taken(const struct rows_state *state, uint32_t table, uint32_t key)
{
    return state->database.tables[table].present >> key & 1u;
}

/* The newest version of a row that is known: the snapshot's, or the one that it has missed. */
static const struct rows_state *newest_of(const struct rows_call *call,
                                          const struct rows_state *snapshot, uint32_t key)
{
    const struct rows_state *newer = missed(call, snapshot, key);
    return newer != NULL ? newer : snapshot;
}

/* Nothing is there that an insert would meet, or that a snapshot does not have. */
static bool is_free(const struct rows_call *call, const struct rows_state *snapshot, uint32_t key)
{
    uint32_t table = table_of(call);
    const struct rows_state *newest = newest_of(call, snapshot, key);
    bool must_be_free = call->interaction->action == ACTION_insert ||
                        (call->interaction->action == ACTION_insert_rows &&
                         call->seen->changes == plan_batch_count(call->interaction) &&
                         call->interaction->arguments[FIELD_conflict] != CONFLICT_REPLACE);
    if (newest->unknown[table] >> key & 1u || is_open(call, 1u << key))
        return true;
    if (is_taken(newest, table, key))
        return !must_be_free && (newest == snapshot || call->view == VIEW_OF_STATEMENT);
    return true;
}

/* Of a key that others have freed since, the snapshot has the old row still, beside the new one. */
static uint32_t doubled(const struct rows_call *call, const struct rows_state *snapshot,
                        uint32_t keys)
{
    return call->view == VIEW_OF_STATEMENT
               ? 0
               : keys & (snapshot->database.tables[table_of(call)].present |
                         snapshot->unknown[table_of(call)]);
}

/* Who made the row of a key that is written: this step, but where it is there for certain. */
static uint16_t maker_of(const struct rows_call *call, const struct rows_state *snapshot,
                         const struct rows_work *work, uint32_t key)
{
    uint32_t table = table_of(call);
    bool is_own = work->keys[table] >> key & 1u;
    const struct rows_state *newest = is_own ? &work->state : newest_of(call, snapshot, key);
    bool is_there = is_taken(newest, table, key) && !(newest->unknown[table] >> key & 1u) &&
                    (is_own || !is_open(call, 1u << key));
    return is_there ? newest->maker[table][key] : (uint16_t)(call->step + 1);
}

static bool fits_keys(const struct rows_call *call, const struct rows_state *snapshot,
                      struct rows_work *work)
{
    uint16_t makers[PLAN_KEYS];
    uint32_t table = table_of(call), keys = plan_keys_of(call->interaction);
    uint32_t own = keys & work->keys[table], taken = 0;
    for (uint32_t left = keys & ~own; left != 0; left &= left - 1) {
        uint32_t key = (uint32_t)__builtin_ctz(left);
        if (!is_free(call, snapshot, key))
            return false;
        bool is_newer = missed(call, snapshot, key) != NULL;
        taken |= is_newer || is_open(call, 1u << key) ? 1u << key : 0;
    }
    if (call->interaction->action == ACTION_insert &&
        (own & work->state.database.tables[table].present & ~work->state.unknown[table]) != 0)
        return false;
    for (uint32_t left = keys; left != 0; left &= left - 1)
        makers[__builtin_ctz(left)] = maker_of(call, snapshot, work, (uint32_t)__builtin_ctz(left));
    if (!fits_named(call, work))
        return false;
    for (uint32_t left = keys; left != 0; left &= left - 1)
        work->state.maker[table][__builtin_ctz(left)] = makers[__builtin_ctz(left)];
    uint32_t lost = doubled(call, snapshot, taken & ~own);
    if (lost != 0)
        rows_write_unknown(work, table, lost, call->step);
    return true;
}

/* --- all of them ------------------------------------------------------------------------------ */

bool rows_write_fits(const struct rows_call *call, const struct rows_state *snapshot, uint32_t set,
                     struct rows_work *work)
{
    if (!snapshot->database.tables[table_of(call)].exists)
        return false;
    switch (call->interaction->action) {
    case ACTION_update:
    case ACTION_delete:
    case ACTION_append:
        return call->view == VIEW_OF_STATEMENT ? fits_in_statement(call, snapshot, set, work)
                                               : fits_in_transaction(call, snapshot, work);
    case ACTION_insert:
    case ACTION_upsert:
    case ACTION_insert_rows:
        return fits_keys(call, snapshot, work);
    case ACTION_batch: /* of several statements */
        return fits_named(call, work);
    default:
        rows_write_unknown(work, table_of(call), plan_keys_of(call->interaction), call->step);
        return true;
    }
}

bool rows_conflict_fits(const struct rows_call *call, const struct rows_work *work)
{
    uint32_t table = table_of(call), keys = plan_keys_of(call->interaction);
    uint32_t own = work->keys[table] & ~work->state.unknown[table];
    uint32_t unknown = call->base->unknown[table] | work->state.unknown[table];
    uint32_t there = (call->base->database.tables[table].present & ~own) |
                     (work->state.database.tables[table].present & own);
    return (keys & (there | unknown)) != 0 || is_open(call, keys & ~own);
}

static bool is_written(const struct interaction *interaction, size_t step,
                       const struct observed_row *row)
{
    uint8_t size = interaction->arguments[FIELD_size];
    int64_t value = plan_value((int64_t)step, (uint32_t)row->key);
    bool has_text = size == 0 ||
                    (plan_payload_units[size] == 0
                         ? row->text_value == MODEL_TEXT_NULL
                         : row->text_value == value && row->text_units == plan_payload_units[size]);
    return row->intact && row->value == value && has_text;
}

bool rows_returned_fit(const struct interaction *interaction, size_t step,
                       const struct observation *seen)
{
    uint32_t left = plan_keys_of(interaction);
    for (uint32_t i = 0; i < seen->rows_kept; i++) {
        const struct observed_row *row = &seen->rows[i];
        if (row->key < 0 || row->key >= PLAN_KEYS || !(left >> row->key & 1u) ||
            !is_written(interaction, step, row))
            return false;
        left &= ~(1u << row->key);
    }
    return true;
}
