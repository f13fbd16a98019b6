/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What transactions read and wrote is possible at the isolation level that the database promises:
 * their dependencies have no cycle that it forbids, nobody reads what was rolled back, and so on
 * (isolation/). Judged once, when everything is over, or when nothing more can be known; a commit
 * that failed half-way counts where somebody has seen it.
 *
 * Nothing but the tasks' own results is believed: no model, no order in which writers took turns.
 */
#include "isolation/explain.h"
#include "oracle/isolation_collect.h"

/* Counts and sums are many choices each; of a plan that leaves more open nothing is said. */
enum { EFFORT = 2000 };

struct isolation_oracle {
    const struct oracle_setting *setting;
    struct oracle_end end;
    struct collect collect;
    struct collect statements;                          /* where each sees a state of its own */
    struct isolation_nearness near, near_of_statements; /* of what was judged */
};

static void begin(void *state, const struct oracle_setting *setting)
{
    struct isolation_oracle *oracle = state;
    oracle->setting = setting;
    oracle->near = oracle->near_of_statements = (struct isolation_nearness){0};
    oracle->end = (struct oracle_end){0};
    bool has_room = collect_begin(&oracle->collect, setting, false);
    if (setting->statements != NULL)
        has_room &= collect_begin(&oracle->statements, setting, true);
    if (!has_room)
        oracle_end(&oracle->end, 0, "the plan is too long");
}

/* --- words ------------------------------------------------------------------------------------ */

struct namer {
    const struct isolation_history *history;
    const uint32_t *tables; /* by key, a table's at a time */
};

static void name_transaction(const void *context, uint32_t transaction, struct text *text)
{
    const struct namer *namer = context;
    uint32_t session = namer->history->transactions[transaction].session;
    if (session == PLAN_TASKS_MAX)
        text_append(text, "the look at the end");
    else
        text_append_format(text, "task %u", session);
}

static void name_key(const void *context, uint32_t key, struct text *text)
{
    const struct namer *namer = context;
    text_append_format(text, "%st%u[%u]", namer->history->keys[key].is_list ? "the list " : "",
                       namer->tables[key / PLAN_KEYS], key % PLAN_KEYS);
}

static void name_place(const void *context, size_t operation, struct text *text)
{
    const struct namer *namer = context;
    const struct isolation_operation *there = &namer->history->operations[operation];
    if (namer->history->transactions[there->transaction].session == PLAN_TASKS_MAX)
        text_append(text, "after the last step");
    else
        text_append_format(text, "step %u", there->step);
}

/* --- the verdict ------------------------------------------------------------------------------ */

static size_t step_of(const struct isolation_history *history,
                      const struct isolation_finding *finding)
{
    if (finding->operation == SIZE_MAX)
        return SIZE_MAX;
    const struct isolation_operation *operation = &history->operations[finding->operation];
    return history->transactions[operation->transaction].session == PLAN_TASKS_MAX
               ? SIZE_MAX
               : operation->step;
}

static void report(const struct isolation_level_info *level, const struct namer *namer,
                   const struct isolation_finding *finding, struct verdict *verdict)
{
    const struct isolation_names names = {name_transaction, name_key, name_place, namer};
    char sentence[2000], signature[64];
    struct text text, kind;
    text_init(&text, sentence, sizeof sentence);
    isolation_explain(namer->history, finding, level->words, &names, &text);
    if (finding->length > 0)
        text_append(&text, "\n");
    isolation_explain_cycle(namer->history, finding, &names, &text);
    text_init(&kind, signature, sizeof signature);
    text_append_format(&kind, "isolation/%s", isolation_anomalies[finding->anomaly].word);
    verdict_violation(verdict, step_of(namer->history, finding), signature, "%s", sentence);
}

static bool is_permitted(struct isolation_oracle *oracle, const struct collect *collect,
                         const struct isolation_level_info *level, struct isolation_nearness *near,
                         struct verdict *verdict)
{
    struct arena *arena = collect->setting->arena;
    struct isolation_history history;
    struct isolation_finding finding;
    struct namer namer = {.history = &history};
    if (collect->transaction_count < 3)
        return true;
    collect_history(collect, arena, &history, &namer.tables);
    bool judged = isolation_judge(&history, level->forbids, EFFORT, arena, &finding);
    *near = finding.near;
    if (finding.is_bounded)
        oracle_end(&oracle->end, 0, "too many orders are possible");
    if (judged)
        return true;
    report(level, &namer, &finding, verdict);
    return false;
}

static void judge(struct isolation_oracle *oracle, struct verdict *verdict)
{
    const struct oracle_setting *setting = oracle->setting;
    if (!oracle_has_ended(&oracle->end) &&
        is_permitted(oracle, &oracle->collect, setting->isolation, &oracle->near, verdict) &&
        setting->statements != NULL)
        (void)is_permitted(oracle, &oracle->statements, setting->statements,
                           &oracle->near_of_statements, verdict);
}

/* Both that are there. */
static uint32_t collects(struct isolation_oracle *oracle, struct collect *ret_collects[2])
{
    ret_collects[0] = &oracle->collect;
    ret_collects[1] = &oracle->statements;
    return oracle_has_ended(&oracle->end) ? 0 : oracle->setting->statements != NULL ? 2 : 1;
}

/* --- hints ------------------------------------------------------------------------------------ */

/* What each kind of hint begins with. */
enum hint_kind { HINT_CHAIN, HINT_PERMITTED };

static uint32_t add_hints(const struct isolation_level_info *level,
                          const struct isolation_nearness *near, uint32_t *ret_hints)
{
    uint32_t count = 0, promise = (uint32_t)(level - isolation_levels) << 16;
    for (uint64_t left = near->chains; left != 0; left &= left - 1)
        ret_hints[count++] = promise | HINT_CHAIN << 12 | (uint32_t)__builtin_ctzll(left);
    if (near->anomaly != ISOLATION_ANOMALY_none)
        ret_hints[count++] =
            promise | HINT_PERMITTED << 12 | (uint32_t)near->anomaly << 5 | near->length;
    return count;
}

_Static_assert(2 * (ISOLATION_CHAIN_MAX * ISOLATION_KIND_SETS + 1) <= ORACLE_HINTS_MAX,
               "hints of both histories have room");

static uint32_t hint(const void *state, uint32_t ret_hints[ORACLE_HINTS_MAX])
{
    const struct isolation_oracle *oracle = state;
    const struct oracle_setting *setting = oracle->setting;
    uint32_t count = add_hints(setting->isolation, &oracle->near, ret_hints);
    if (setting->statements == NULL)
        return count;
    return count + add_hints(setting->statements, &oracle->near_of_statements, ret_hints + count);
}

/* --- events ----------------------------------------------------------------------------------- */

static void on_call(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct isolation_oracle *oracle = state;
    struct collect *each[2];
    for (uint32_t i = collects(oracle, each); i-- > 0;)
        collect_call(each[i], event->task,
                     &oracle->setting->judged->interactions[event->interaction], event->interaction,
                     event->detail);
}

static void on_commit_point(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct collect *each[2];
    for (uint32_t i = collects(state, each); i-- > 0;)
        collect_commit_point(each[i], event->task);
}

static void on_result(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct isolation_oracle *oracle = state;
    struct collect *each[2];
    for (uint32_t i = collects(oracle, each); i-- > 0;)
        collect_result(each[i], event->task,
                       &oracle->setting->judged->interactions[event->interaction],
                       event->interaction, event->result);
}

static void on_gone(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct collect *each[2];
    for (uint32_t i = collects(state, each); i-- > 0;)
        collect_gone(each[i], event->task);
}

/* What follows cannot be put together with what was. */
static void on_break(void *state, const struct event *event, struct verdict *verdict)
{
    struct isolation_oracle *oracle = state;
    if (!oracle_has_ended(&oracle->end) && collect_is_complete(&oracle->collect))
        judge(oracle, verdict);
    oracle_end(&oracle->end, event->interaction,
               event->kind == EVENT_content_ends ? ""
               : event->kind == EVENT_fault      ? "it is open what a call has done"
                                                 : "all connections were lost");
}

/*
 * Half done, a call has not come to what its task was told: a failed write of a transaction may be
 * part of it, one that was told to be done may be none.
 */
static void on_fault(void *state, const struct event *event, struct verdict *verdict)
{
    if (event->detail == FAULT_partial_success || event->detail == FAULT_partial_failure)
        on_break(state, event, verdict);
}

/* Of what was acknowledged last some may be gone, as if it had never been. */
static void on_server_ended(void *state, const struct event *event, struct verdict *verdict)
{
    struct isolation_oracle *oracle = state;
    const struct durability_promise *durability = oracle->setting->durability;
    struct collect *each[2];
    for (uint32_t i = collects(oracle, each); i-- > 0;)
        collect_server_ended(each[i]);
    if (durability == NULL || durability->process_death != SURVIVES_ALL)
        on_break(state, event, verdict);
}

static void on_claims_end(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    oracle_end(&((struct isolation_oracle *)state)->end, event->interaction, "");
}

static void on_content(void *state, const struct event *event, struct verdict *verdict)
{
    struct isolation_oracle *oracle = state;
    struct collect *each[2];
    for (uint32_t i = collects(oracle, each); i-- > 0;)
        collect_look(each[i], event->content, event->lists, event->interaction);
    judge(oracle, verdict);
}

static const struct oracle_handler handlers[] = {
    {EVENT_call, on_call},
    {EVENT_result, on_result},
    {EVENT_commit_point, on_commit_point},
    {EVENT_fault, on_fault},
    {EVENT_disconnect, on_gone},
    {EVENT_everybody_died, on_break},
    {EVENT_server_ended, on_server_ended},
    {EVENT_power_loss, on_break},
    {EVENT_content_ends, on_break},
    {EVENT_claims_end, on_claims_end},
    {EVENT_content, on_content},
    {0},
};

static const struct oracle_end *end_of(const void *state)
{
    return &((const struct isolation_oracle *)state)->end;
}

const struct oracle_ops oracle_isolation_ops = {
    .state_bytes = sizeof(struct isolation_oracle),
    .begin = begin,
    .handlers = handlers,
    .hint = hint,
    .end = end_of,
};
