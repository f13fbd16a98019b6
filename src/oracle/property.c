/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties: an interaction that has the argument `property` is held against what that one claims
 * (plan/properties.h), as far as it can be claimed: where others are at work on the same table,
 * where something is in doubt or has gone wrong on the way, nothing is.
 *
 * The general oracles see most of it, too; here it has a name that says what does not hold.
 */
#include "oracle/property_parts.h"

#include <stdio.h>

struct property_oracle {
    const struct oracle_setting *setting;
    struct shadow shadow;
    struct property_parts parts[PLAN_TASKS_MAX];
    /* For claims about locks and leases: who is in whose way. */
    bool is_troubled;                /* a fault, or who was cancelled, may have left something */
    bool is_closed;                  /* the pool */
    uint32_t holders, askers;        /* of leases: tasks */
    uint64_t parked;                 /* coroutines */
    bool is_alone[PLAN_TASKS_MAX];   /* nobody else was at anything since the call began */
    bool asks_alone[PLAN_TASKS_MAX]; /* the same, since the task asked for a lease */
};

static void begin(void *state, const struct oracle_setting *setting)
{
    struct property_oracle *oracle = state;
    *oracle = (struct property_oracle){.setting = setting};
    shadow_begin(&oracle->shadow, setting);
}

static const struct interaction *interaction_of(const struct property_oracle *oracle,
                                                const struct event *event)
{
    return &oracle->setting->judged->interactions[event->interaction];
}

static unsigned claims_of(const struct interaction *interaction)
{
    uint8_t property = plan_action_has((enum plan_action)interaction->action, FIELD_property)
                           ? interaction->arguments[FIELD_property]
                           : PROPERTY_none;
    return plan_property_infos[property].claims;
}

static void violate(const struct interaction *interaction, const struct event *event,
                    const char *kind, struct verdict *verdict)
{
    char signature[96];
    const struct plan_property_info *info =
        &plan_property_infos[interaction->arguments[FIELD_property]];
    (void)snprintf(signature, sizeof signature, "property/%s/%s", info->title, kind);
    verdict_violation(verdict, event_interaction(event), signature, "%s: %s does not hold (%s)",
                      info->title, info->meaning, kind);
}

/* --- content ---------------------------------------------------------------------------------- */

static bool is_row(const struct model_table *table, const struct observed_row *row)
{
    return row->intact && row->value == table->value[row->key] &&
           row->text_value == table->text_value[row->key] &&
           row->text_units == table->text_units[row->key];
}

/* Of the rows that were expected, those that came as they must; false: another one came. */
static bool find_rows(const struct model_table *table, uint32_t taken,
                      const struct observation *seen, uint32_t *ret_found)
{
    bool nothing_else = seen->rows_kept == seen->row_count;
    *ret_found = 0;
    for (uint32_t i = 0; i < seen->rows_kept; i++) {
        const struct observed_row *row = &seen->rows[i];
        bool is_expected = row->key >= 0 && row->key < PLAN_KEYS && (taken >> row->key & 1u) != 0 &&
                           (*ret_found >> row->key & 1u) == 0 && is_row(table, row);
        nothing_else &= is_expected;
        if (is_expected)
            *ret_found |= 1u << row->key;
    }
    return nothing_else;
}

static const char *wrong_rows(const struct model_database *view,
                              const struct interaction *interaction, const struct observation *seen,
                              unsigned claims)
{
    const struct model_table *table = &view->tables[interaction->arguments[FIELD_table]];
    bool has_limit = interaction->arguments[FIELD_order] != ORDER_NONE &&
                     interaction->arguments[FIELD_limit] != 0;
    if (!table->exists)
        return claims & CLAIM_REFUSED ? "not-refused" : NULL;
    if (claims & CLAIM_REFUSED)
        return NULL;
    if (interaction->arguments[FIELD_aggregate] != AGGREGATE_ROWS)
        return claims == CLAIM_CONTENT && !model_read_matches(view, interaction, seen) ? "number"
                                                                                       : NULL;
    uint32_t taken = model_filter_rows(table, interaction), found;
    bool nothing_else = find_rows(table, taken, seen, &found);
    if ((claims & CLAIM_FOUND) && !has_limit && found != taken)
        return "not-found";
    return (claims & CLAIM_NOTHING_ELSE) && !nothing_else ? "other-rows" : NULL;
}

/* Right in one of the states that it may have seen. */
static void judge_rows(struct property_oracle *oracle, const struct event *event,
                       const struct interaction *interaction, unsigned claims,
                       struct verdict *verdict)
{
    const struct observation *seen = event->result->seen;
    const struct model_database *views[2];
    uint32_t count = shadow_views(&oracle->shadow, event->task, interaction->arguments[FIELD_table],
                                  seen, views);
    const char *wrong = NULL;
    for (uint32_t i = 0; i < count; i++) {
        wrong = wrong_rows(views[i], interaction, seen, claims);
        if (wrong == NULL)
            return;
    }
    if (wrong != NULL)
        violate(interaction, event, wrong, verdict);
}

static bool is_known_to_look(const struct shadow *shadow, uint32_t task, uint32_t table)
{
    const struct shadow_session *session = &shadow->sessions[task];
    uint32_t unclear =
        (uint32_t)(shadow->unknown | shadow->ambiguous | session->written) >> table & 1u;
    return unclear == 0 && shadow_is_still(shadow, task, table, session->call_at);
}

/* A new connection has read everything. Not every database tells of its indexes. */
static void judge_look(struct property_oracle *oracle, const struct event *event,
                       const struct interaction *interaction, struct verdict *verdict)
{
    const struct shadow *shadow = &oracle->shadow;
    const struct model_database *found = event->result->seen->looked;
    struct model_database expected = *found;
    for (uint32_t table = 0; table < PLAN_TABLES; table++) {
        if (!is_known_to_look(shadow, event->task, table))
            continue;
        expected.tables[table] = shadow->committed.tables[table];
        expected.tables[table].indexes = found->tables[table].indexes;
    }
    struct model_difference difference;
    model_database_difference(&expected, found, &difference);
    if (difference.kind[0] != '\0')
        violate(interaction, event, difference.kind, verdict);
}

static void judge_creation(struct property_oracle *oracle, const struct event *event,
                           const struct interaction *interaction, struct verdict *verdict)
{
    const struct model_database *views[2];
    uint32_t table = interaction->arguments[FIELD_table];
    uint32_t count = shadow_views(&oracle->shadow, event->task, table, event->result->seen, views);
    if (count == 1 && views[0]->tables[table].exists)
        violate(interaction, event, "not-refused", verdict);
}

/* --- results on their own and beside each other ----------------------------------------------- */

static const char *wrong_limit(const struct interaction *interaction,
                               const struct observation *seen)
{
    enum plan_order order = (enum plan_order)interaction->arguments[FIELD_order];
    uint32_t limit = interaction->arguments[FIELD_limit];
    if (order == ORDER_NONE || interaction->arguments[FIELD_aggregate] != AGGREGATE_ROWS)
        return NULL;
    if (limit != 0 && seen->row_count > limit)
        return "too-many-rows";
    for (uint32_t i = 1; i < seen->rows_kept; i++)
        if (!model_stands_before(order, &seen->rows[i - 1], &seen->rows[i]))
            return "order";
    return NULL;
}

static void judge_parts(struct property_oracle *oracle, const struct event *event,
                        const struct interaction *interaction, unsigned claims,
                        struct verdict *verdict)
{
    const struct observation *seen = event->result->seen;
    const struct shadow_session *session = &oracle->shadow.sessions[event->task];
    struct property_parts *parts = &oracle->parts[event->task];
    if (session->is_beside || session->began_in_transaction != seen->in_transaction)
        return;
    struct property_part now = property_part_of(session, interaction, seen);
    const char *wrong = claims & CLAIM_NUMBER
                            ? property_wrong_number(&oracle->shadow, event->task, parts, &now, seen)
                            : property_wrong_sum(&oracle->shadow, event->task, parts, &now);
    property_parts_push(parts, &now);
    if (wrong != NULL)
        violate(interaction, event, wrong, verdict);
}

static void judge_select(struct property_oracle *oracle, const struct event *event,
                         const struct interaction *interaction, unsigned claims,
                         struct verdict *verdict)
{
    const char *wrong = claims & CLAIM_LIMIT ? wrong_limit(interaction, event->result->seen) : NULL;
    if (wrong != NULL)
        violate(interaction, event, wrong, verdict);
    if (claims & (CLAIM_CONTENT | CLAIM_REFUSED))
        judge_rows(oracle, event, interaction, claims, verdict);
    if (claims & (CLAIM_NUMBER | CLAIM_PARTS))
        judge_parts(oracle, event, interaction, claims, verdict);
}

static void judge(struct property_oracle *oracle, const struct event *event,
                  const struct interaction *interaction, unsigned claims, struct verdict *verdict)
{
    const struct observation *seen = event->result->seen;
    bool is_write = plan_action_infos[interaction->action].effect == EFFECT_ROWS;
    if ((claims & CLAIM_ADMITTED) && is_write && seen->outcome == OUTCOME_BUSY &&
        oracle->is_alone[event->task] && !event->result->is_struck)
        violate(interaction, event, "refused", verdict);
    if (seen->outcome != OUTCOME_OK || !oracle->setting->has_model ||
        oracle_has_ended(&oracle->shadow.end))
        return;
    if (interaction->action == ACTION_select)
        judge_select(oracle, event, interaction, claims, verdict);
    else if (interaction->action == ACTION_create_table && (claims & CLAIM_REFUSED))
        judge_creation(oracle, event, interaction, verdict);
    else if (interaction->action == ACTION_look && claims == CLAIM_CONTENT)
        judge_look(oracle, event, interaction, verdict);
}

/* --- who is in the way ------------------------------------------------------------------------ */

static bool others_are_at_something(const struct property_oracle *oracle, uint32_t task)
{
    uint32_t others = (oracle->holders | oracle->askers) & ~(1u << task);
    for (uint32_t other = 0; other < PLAN_TASKS_MAX; other++) {
        const struct shadow_session *session = &oracle->shadow.sessions[other];
        if (other != task && (session->in_call || session->in_transaction))
            return true;
    }
    return (oracle->setting->is_pooled && others != 0) || oracle->parked != 0 ||
           oracle->is_troubled || oracle->is_closed || oracle->setting->idle_blocks;
}

static void disturb(struct property_oracle *oracle, uint32_t task)
{
    for (uint32_t other = 0; other < PLAN_TASKS_MAX; other++)
        if (other != task)
            oracle->is_alone[other] = oracle->asks_alone[other] = false;
}

static void on_trouble(void *state, const struct event *event, struct verdict *verdict)
{
    (void)event;
    (void)verdict;
    struct property_oracle *oracle = state;
    oracle->is_troubled = true;
    disturb(oracle, PLAN_TASKS_MAX);
}

static void on_park(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct property_oracle *oracle = state;
    oracle->parked |= UINT64_C(1) << (event->task & 63u);
    disturb(oracle, PLAN_TASKS_MAX);
}

static void on_continue(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct property_oracle *oracle = state;
    oracle->parked &= ~(UINT64_C(1) << (event->task & 63u));
}

/* --- leases ----------------------------------------------------------------------------------- */

static void on_asked(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct property_oracle *oracle = state;
    disturb(oracle, event->task);
    oracle->asks_alone[event->task] =
        event->value > 0 && !others_are_at_something(oracle, event->task);
    oracle->askers |= 1u << event->task;
}

static void on_got(void *state, const struct event *event, struct verdict *verdict)
{
    struct property_oracle *oracle = state;
    const struct interaction *interaction = interaction_of(oracle, event);
    oracle->askers &= ~(1u << event->task);
    if (event->detail == OUTCOME_OK)
        oracle->holders |= 1u << event->task;
    else if (event->detail == OUTCOME_TIMEOUT && oracle->asks_alone[event->task] &&
             (claims_of(interaction) & CLAIM_LEASE))
        violate(interaction, event, "refused", verdict);
}

static void on_lease_ended(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct property_oracle *oracle = state;
    disturb(oracle, event->task);
    oracle->holders &= ~(1u << event->task);
}

static void on_pool_opened(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct property_oracle *oracle = state;
    oracle->is_closed = event->detail != OUTCOME_OK;
}

static void on_pool_closes(void *state, const struct event *event, struct verdict *verdict)
{
    (void)event;
    (void)verdict;
    struct property_oracle *oracle = state;
    oracle->is_closed = true;
    disturb(oracle, PLAN_TASKS_MAX);
}

/* --- calls ------------------------------------------------------------------------------------ */

static void on_call(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct property_oracle *oracle = state;
    shadow_call(&oracle->shadow, event);
    disturb(oracle, event->task);
    if (interaction_of(oracle, event)->sql != NULL)
        oracle->is_troubled = true;
    oracle->is_alone[event->task] = !oracle->shadow.sessions[event->task].in_transaction &&
                                    !others_are_at_something(oracle, event->task);
}

static void on_result(void *state, const struct event *event, struct verdict *verdict)
{
    struct property_oracle *oracle = state;
    const struct interaction *interaction = interaction_of(oracle, event);
    unsigned claims = claims_of(interaction);
    if (claims != 0)
        judge(oracle, event, interaction, claims, verdict);
    shadow_result(&oracle->shadow, event);
    disturb(oracle, event->task);
}

static void on_disconnect(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct property_oracle *oracle = state;
    shadow_disconnect(&oracle->shadow, event->task);
    disturb(oracle, event->task);
}

/* --- what goes wrong -------------------------------------------------------------------------- */

static bool survives(const struct property_oracle *oracle, bool loses_power)
{
    const struct durability_promise *durability = oracle->setting->durability;
    return durability != NULL &&
           (loses_power ? durability->power_loss : durability->process_death) == SURVIVES_ALL;
}

static void on_fault(void *state, const struct event *event, struct verdict *verdict)
{
    struct property_oracle *oracle = state;
    enum fault_kind kind = (enum fault_kind)event->detail;
    on_trouble(state, event, verdict);
    if (fault_is_of_request(kind))
        oracle_end(&oracle->shadow.end, event->interaction,
                   "what was told may not be what was done");
    if (kind == FAULT_process_death && !survives(oracle, false))
        oracle_end(&oracle->shadow.end, event->interaction, "a process died");
}

static void on_everybody_died(void *state, const struct event *event, struct verdict *verdict)
{
    (void)event;
    (void)verdict;
    struct property_oracle *oracle = state;
    shadow_disaster(&oracle->shadow, true);
}

static void on_server_ended(void *state, const struct event *event, struct verdict *verdict)
{
    struct property_oracle *oracle = state;
    on_trouble(state, event, verdict);
    shadow_disaster(&oracle->shadow, survives(oracle, false));
}

static void on_power_loss(void *state, const struct event *event, struct verdict *verdict)
{
    (void)event;
    (void)verdict;
    struct property_oracle *oracle = state;
    shadow_disaster(&oracle->shadow, survives(oracle, true));
}

static void on_claims_end(void *state, const struct event *event, struct verdict *verdict)
{
    struct property_oracle *oracle = state;
    on_trouble(state, event, verdict);
    oracle_end(&oracle->shadow.end, event->interaction, "");
}

static const struct oracle_handler handlers[] = {
    {EVENT_call, on_call},
    {EVENT_result, on_result},
    {EVENT_disconnect, on_disconnect},
    {EVENT_fault, on_fault},
    {EVENT_park, on_park},
    {EVENT_continue, on_continue},
    {EVENT_cancel, on_trouble},
    {EVENT_drop_begins, on_trouble},
    {EVENT_lease_asked, on_asked},
    {EVENT_lease_got, on_got},
    {EVENT_lease_ended, on_lease_ended},
    {EVENT_pool_opened, on_pool_opened},
    {EVENT_pool_closes, on_pool_closes},
    {EVENT_everybody_died, on_everybody_died},
    {EVENT_server_ended, on_server_ended},
    {EVENT_power_loss, on_power_loss},
    {EVENT_claims_end, on_claims_end},
    {EVENT_content_ends, on_claims_end},
    {0},
};

static const struct oracle_end *end_of(const void *state)
{
    return &((const struct property_oracle *)state)->shadow.end;
}

const struct oracle_ops oracle_property_ops = {
    .state_bytes = sizeof(struct property_oracle),
    .begin = begin,
    .handlers = handlers,
    .end = end_of,
};
