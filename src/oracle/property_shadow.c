/* SPDX-License-Identifier: Apache-2.0 */
/* Following what is certain, and giving up what is not. */
#include "oracle/property_shadow.h"

enum { ALL_TABLES = (1 << PLAN_TABLES) - 1 };

void shadow_begin(struct shadow *shadow, const struct oracle_setting *setting)
{
    *shadow = (struct shadow){
        .setting = setting,
        .is_current =
            setting->isolation != NULL && (setting->isolation->forbids & ISOLATION_REAL_TIME) != 0,
    };
    model_database_init(&shadow->committed);
    if (!setting->has_model)
        oracle_end(&shadow->end, 0, ""); /* what selects return was never claimed */
}

static const struct interaction *interaction_of(const struct shadow *shadow,
                                                const struct event *event)
{
    return &shadow->setting->judged->interactions[event->interaction];
}

static bool has_bit(uint32_t set, uint32_t number)
{
    return (set >> number & 1u) != 0;
}

/* --- what a call may do ----------------------------------------------------------------------- */

static bool ends_transaction(const struct shadow_session *session, enum plan_effect effect)
{
    bool is_last = session->savepoints == NULL || session->savepoints->below == NULL;
    return effect == EFFECT_COMMIT || effect == EFFECT_PREPARE ||
           (effect == EFFECT_RELEASE && session->begun_by_savepoint && is_last);
}

static uint8_t tables_of(const struct shadow_session *session,
                         const struct interaction *interaction)
{
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    if (effect == EFFECT_ROWS || effect == EFFECT_SCHEMA)
        return (uint8_t)(1u << interaction->arguments[FIELD_table]);
    if (effect == EFFECT_UNKNOWN || interaction->sql != NULL)
        return ALL_TABLES;
    return ends_transaction(session, effect) ? session->written : 0;
}

/* Others may see these tables as they were, or changed, from here on. */
static void move(struct shadow *shadow, uint8_t tables)
{
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        if (has_bit(tables, table))
            shadow->moved_at[table] = shadow->now;
}

static void give_up(struct shadow *shadow, uint8_t tables)
{
    shadow->unknown |= tables;
    move(shadow, tables);
}

void shadow_call(struct shadow *shadow, const struct event *event)
{
    struct shadow_session *session = &shadow->sessions[event->task];
    const struct interaction *interaction = interaction_of(shadow, event);
    shadow->now++;
    /* Whose state a statement beside a stream sees, and the stream afterwards, is not followed. */
    session->is_beside = event->detail != 0;
    if (session->is_beside) {
        give_up(shadow, (uint8_t)(session->may | tables_of(session, interaction)));
        session->is_lost |= session->in_transaction;
    }
    session->in_call = true;
    session->began_in_transaction = session->in_transaction;
    session->call_at = shadow->now;
    session->may = tables_of(session, interaction);
}

/* --- who is in the way ------------------------------------------------------------------------ */

bool shadow_is_still(const struct shadow *shadow, uint32_t task, uint32_t table, uint64_t since)
{
    if (oracle_has_ended(&shadow->end) || !shadow->is_current || shadow->moved_at[table] > since ||
        has_bit(shadow->prepared, table))
        return false;
    for (uint32_t other = 0; other < PLAN_TASKS_MAX; other++) {
        const struct shadow_session *session = &shadow->sessions[other];
        if (other != task && has_bit((uint32_t)(session->may | session->written), table))
            return false;
    }
    return true;
}

static uint64_t seen_since(const struct shadow_session *session)
{
    return session->began_in_transaction ? session->begun_at : session->call_at;
}

uint32_t shadow_views(const struct shadow *shadow, uint32_t task, uint32_t table,
                      const struct observation *seen, const struct model_database *ret_views[2])
{
    const struct shadow_session *session = &shadow->sessions[task];
    if (!shadow_is_still(shadow, task, table, seen_since(session)) ||
        has_bit(shadow->unknown, table) || session->is_lost || session->is_beside ||
        session->began_in_transaction != seen->in_transaction)
        return 0;
    ret_views[0] = session->own != NULL ? session->own : &shadow->committed;
    if (!has_bit(shadow->ambiguous, table))
        return 1;
    ret_views[1] = &shadow->otherwise;
    return session->own == NULL ? 2 : 0;
}

/* --- transactions ----------------------------------------------------------------------------- */

static void end_transaction(struct shadow_session *session)
{
    session->in_transaction = session->begun_by_savepoint = session->is_lost = false;
    session->own = NULL;
    session->savepoints = NULL;
    session->written = 0;
}

static void begin_transaction(struct shadow *shadow, struct shadow_session *session)
{
    end_transaction(session);
    session->in_transaction = true;
    session->begun_at = session->call_at;
    session->wrote_at = shadow->now;
}

static struct model_database *copy_of(struct shadow *shadow, const struct model_database *database)
{
    struct model_database *copy = arena_alloc(shadow->setting->arena, sizeof *copy);
    *copy = *database;
    return copy;
}

static void save(struct shadow *shadow, struct shadow_session *session, uint8_t name)
{
    if (!session->in_transaction) {
        begin_transaction(shadow, session);
        session->begun_by_savepoint = true;
    }
    struct shadow_savepoint *savepoint = ARENA_NEW(shadow->setting->arena, struct shadow_savepoint);
    *savepoint = (struct shadow_savepoint){
        .below = session->savepoints,
        .own = session->own == NULL ? NULL : copy_of(shadow, session->own),
        .name = name,
        .written = session->written,
    };
    session->savepoints = savepoint;
}

static const struct shadow_savepoint *find(const struct shadow_session *session, uint8_t name)
{
    const struct shadow_savepoint *next = session->savepoints;
    while (next != NULL && next->name != name)
        next = next->below;
    return next;
}

/* `written` stays: locks, and versions, may. */
static void roll_back_to(struct shadow *shadow, struct shadow_session *session, uint8_t name)
{
    const struct shadow_savepoint *savepoint = find(session, name);
    session->wrote_at = shadow->now;
    if (savepoint == NULL) {
        session->is_lost = true;
        return;
    }
    session->savepoints = savepoint;
    session->own = savepoint->own == NULL ? NULL : copy_of(shadow, savepoint->own);
}

static void commit(struct shadow *shadow, struct shadow_session *session)
{
    uint8_t written = session->written;
    if (session->own == NULL && !session->is_lost)
        written = 0; /* everything was undone */
    for (uint32_t table = 0; table < PLAN_TABLES; table++) {
        if (!has_bit(written, table))
            continue;
        if (session->is_lost || shadow->moved_at[table] > session->begun_at ||
            has_bit(shadow->ambiguous, table))
            shadow->unknown |= (uint8_t)(1u << table);
        else
            shadow->committed.tables[table] = session->own->tables[table];
    }
    move(shadow, session->written);
    end_transaction(session);
}

/* What it wrote may be seen from any moment on, or never: from now on nothing is certain. */
static void prepare(struct shadow *shadow, struct shadow_session *session)
{
    shadow->prepared |= session->written;
    give_up(shadow, session->written);
    end_transaction(session);
}

static void release(struct shadow *shadow, struct shadow_session *session, uint8_t name)
{
    const struct shadow_savepoint *savepoint = find(session, name);
    if (savepoint == NULL)
        session->is_lost = true;
    else if (savepoint->below == NULL && session->begun_by_savepoint)
        commit(shadow, session);
    else
        session->savepoints = savepoint->below;
}

/* --- writes ----------------------------------------------------------------------------------- */

static void write_in_transaction(struct shadow *shadow, struct shadow_session *session,
                                 const struct interaction *interaction, int64_t step)
{
    if (session->own == NULL)
        session->own = copy_of(shadow, &shadow->committed);
    (void)model_apply(session->own, interaction, step);
}

static void write_alone(struct shadow *shadow, uint32_t task, const struct interaction *interaction,
                        int64_t step)
{
    uint32_t table = interaction->arguments[FIELD_table];
    bool is_certain = shadow_is_still(shadow, task, table, shadow->sessions[task].call_at) &&
                      !has_bit(shadow->ambiguous, table);
    if (is_certain)
        (void)model_apply(&shadow->committed, interaction, step);
    else
        shadow->unknown |= (uint8_t)(1u << table);
    move(shadow, (uint8_t)(1u << table));
}

/* It has happened, or not: nobody says which. */
static void doubt_alone(struct shadow *shadow, uint32_t task, const struct interaction *interaction,
                        int64_t step)
{
    uint32_t table = interaction->arguments[FIELD_table];
    uint8_t bit = (uint8_t)(1u << table);
    bool is_whole = plan_action_infos[interaction->action].effect == EFFECT_ROWS &&
                    interaction->action != ACTION_batch &&
                    interaction->action != ACTION_insert_rows;
    bool is_certain = is_whole && shadow->setting->promises->one_writer &&
                      shadow_is_still(shadow, task, table, shadow->sessions[task].call_at) &&
                      !has_bit(shadow->ambiguous, table);
    move(shadow, bit);
    if (!is_certain) {
        shadow->unknown |= bit;
        return;
    }
    shadow->ambiguous |= bit;
    shadow->otherwise.tables[table] = shadow->committed.tables[table];
    (void)model_apply(&shadow->otherwise, interaction, step);
}

static bool is_streamed(const struct interaction *interaction)
{
    return plan_action_infos[interaction->action].stream_of != 0;
}

/* Of these nothing remains, and nothing is in doubt. */
static bool is_refused(enum outcome outcome)
{
    return outcome == OUTCOME_BUSY || outcome == OUTCOME_BUSY_SNAPSHOT ||
           outcome == OUTCOME_SQL_ERROR;
}

static void take_write(struct shadow *shadow, uint32_t task, const struct interaction *interaction,
                       int64_t step, const struct observation *seen)
{
    struct shadow_session *session = &shadow->sessions[task];
    bool was_in = session->began_in_transaction, is_in = seen->in_transaction;
    bool is_done = seen->outcome == OUTCOME_OK || seen->outcome == OUTCOME_CONSTRAINT;
    if (was_in && is_in) {
        session->written |= session->may;
        session->wrote_at = shadow->now;
        session->is_lost |= is_streamed(interaction) || (!is_done && !is_refused(seen->outcome));
        if (is_done)
            write_in_transaction(shadow, session, interaction, step);
    } else if (was_in) {
        /* The error has ended it; or it had ended before, and nobody has told. */
        if (is_done)
            give_up(shadow, session->may);
    } else if (is_in || is_streamed(interaction)) {
        give_up(shadow, session->may);
    } else if (is_done) {
        write_alone(shadow, task, interaction, step);
    } else if (!is_refused(seen->outcome)) {
        doubt_alone(shadow, task, interaction, step);
    }
}

/* --- results ---------------------------------------------------------------------------------- */

static void take_transaction(struct shadow *shadow, struct shadow_session *session,
                             const struct interaction *interaction, const struct observation *seen)
{
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    uint8_t name = interaction->arguments[FIELD_savepoint];
    bool is_done = seen->outcome == OUTCOME_OK;
    if (!is_done && !is_refused(seen->outcome)) {
        shadow->prepared |= effect == EFFECT_PREPARE ? session->may : 0;
        give_up(shadow, session->may);
    }
    if (!is_done)
        return;
    if (effect == EFFECT_BEGIN && !session->in_transaction) /* else it has changed nothing */
        begin_transaction(shadow, session);
    else if (effect == EFFECT_SAVEPOINT)
        save(shadow, session, name);
    else if (effect == EFFECT_ROLLBACK_TO)
        roll_back_to(shadow, session, name);
    else if (effect == EFFECT_RELEASE)
        release(shadow, session, name);
    else if (effect == EFFECT_COMMIT)
        commit(shadow, session);
    else if (effect == EFFECT_ROLLBACK)
        end_transaction(session);
    else if (effect == EFFECT_PREPARE)
        prepare(shadow, session);
}

/* What the connection says of itself is right. */
static void settle(struct shadow *shadow, struct shadow_session *session, bool in_transaction)
{
    if (session->in_transaction && !in_transaction)
        end_transaction(session);
    if (!session->in_transaction && in_transaction) {
        begin_transaction(shadow, session);
        session->is_lost = true;
        session->written = ALL_TABLES;
    }
}

void shadow_result(struct shadow *shadow, const struct event *event)
{
    struct shadow_session *session = &shadow->sessions[event->task];
    const struct interaction *interaction = interaction_of(shadow, event);
    const struct observation *seen = event->result->seen;
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    shadow->now++;
    if (interaction->sql != NULL || effect == EFFECT_UNKNOWN || session->is_beside)
        give_up(shadow, session->may);
    else if (effect == EFFECT_ROWS || effect == EFFECT_SCHEMA)
        take_write(shadow, event->task, interaction, (int64_t)event->interaction, seen);
    else
        take_transaction(shadow, session, interaction, seen);
    settle(shadow, session, seen->in_transaction);
    session->in_call = false;
    session->may = 0;
}

/* --- connections that go ---------------------------------------------------------------------- */

void shadow_disconnect(struct shadow *shadow, uint32_t task)
{
    struct shadow_session *session = &shadow->sessions[task];
    shadow->now++;
    end_transaction(session);
    if (session->in_call) /* what it was at is over, or is not: its result tells too little */
        give_up(shadow, session->may);
}

void shadow_disaster(struct shadow *shadow, bool survives)
{
    shadow->now++;
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++) {
        struct shadow_session *session = &shadow->sessions[task];
        give_up(shadow, session->may);
        end_transaction(session);
    }
    if (!survives)
        give_up(shadow, ALL_TABLES);
}
