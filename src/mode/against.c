/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Differential: the same plan on two subjects, or on one with two settings, comes to the same
 * results, as far as both promise it.
 *
 * Pauses and most faults are counted in calls of the database into its surroundings, which two
 * subjects do not have in common: plans run without. So each statement is done before the next one
 * begins, unless it waits. What strikes a pool's requests stays, between builds and settings of one
 * database: who sends them is the same code on both sides. From the first moment on when both may
 * be right and differ, nothing is compared: that is the rule of this file, and reasons.def has the
 * names of such moments.
 */
#include "mode/sides.h"

#include "plan/sql.h"

#include <stdio.h>
#include <string.h>

static const size_t arena_bytes = (size_t)64 << 20;

/* --- the plan that both can run --------------------------------------------------------------- */

static enum dialect dialect_of(const struct mode *mode, int side)
{
    const struct subject *subject = side == 0 ? mode->subject : run_subject(mode->run);
    return subject->backend->dialect;
}

static bool can_do(const struct mode *mode, enum plan_action action)
{
    enum plan_database of = plan_action_infos[action].database;
    return (mode->is_same_kind || of == DATABASE_ALL) &&
           plan_sql_can_say(action, dialect_of(mode, 0)) &&
           plan_sql_can_say(action, dialect_of(mode, 1));
}

static bool both_support(const struct mode *mode, const struct interaction *interaction)
{
    return run_supports(mode->subject, interaction) &&
           run_supports(run_subject(mode->run), interaction);
}

/* In place of what only one of them can do: the numbers of the others, which values tell, stay. */
static struct interaction nothing(const struct interaction *interaction)
{
    return (struct interaction){.task = interaction->task, .action = ACTION_sleep};
}

/* How many requests there are is up to the pool. */
static bool has_same_requests(const struct mode *mode)
{
    const bool *is_pinned = mode->order.is_pinned;
    for (int field = 0; is_pinned != NULL && field < PLAN_CONFIG_COUNT; field++)
        if (is_pinned[field] && (field == PLAN_CONFIG_stack || plan_config_infos[field].is_of_pool))
            return false;
    return mode->is_same_kind;
}

static void copy_interactions(struct mode *mode, const struct plan *plan, struct plan *copy)
{
    bool keeps_faults = has_same_requests(mode);
    copy->interactions = ARENA_ARRAY(&mode->arena, struct interaction, plan->interaction_count);
    for (size_t i = 0; i < plan->interaction_count; i++) {
        const struct interaction *from = &plan->interactions[i];
        struct interaction *to = &copy->interactions[i];
        bool both_can = can_do(mode, (enum plan_action)from->action) && both_support(mode, from);
        *to = both_can ? *from : nothing(from);
        to->pause_class = 0;
        to->pause_after = 0;
        if (keeps_faults && fault_is_of_request((enum fault_kind)to->fault))
            continue;
        to->fault = 0;
        to->fault_at = 0;
    }
}

/* A pool in front of one side only would be what differs. */
static void leave_out_pools(struct mode *mode)
{
    struct plan *plans = mode->plans;
    if (run_takes_pool(mode->subject, &plans[0].config) &&
        run_takes_pool(run_subject(mode->run), &plans[1].config))
        return;
    plans[0].config.choice[PLAN_CONFIG_stack] = plans[1].config.choice[PLAN_CONFIG_stack] = 0;
}

static void pin(const struct mode *mode, struct plan_config *config)
{
    for (int field = 0; mode->order.is_pinned != NULL && field < PLAN_CONFIG_COUNT; field++)
        if (mode->order.is_pinned[field])
            config->choice[field] = mode->order.config->choice[field];
}

static const struct plan *begin(struct mode *mode, const struct plan *plan)
{
    arena_reset(&mode->arena);
    mode->plans[0] = mode->plans[1] = *plan;
    copy_interactions(mode, plan, &mode->plans[0]);
    mode->plans[1].interactions = mode->plans[0].interactions;
    if (!mode->is_same_kind)
        mode->plans[1].database = plan_database_named(run_subject(mode->run)->name);
    pin(mode, &mode->plans[1].config);
    leave_out_pools(mode);
    return &mode->plans[0];
}

static const struct plan *second(struct mode *mode, const struct plan *plan)
{
    (void)plan;
    return &mode->plans[1];
}

/* --- what both promise ------------------------------------------------------------------------ */

struct side_promises {
    const char *level; /* of isolation; NULL: none */
    bool cannot_undo;
};

static struct side_promises promises_of(const struct mode *mode, int side)
{
    const struct subject *subject = side == 0 ? mode->subject : run_subject(mode->run);
    int32_t settings[SUBJECT_SETTINGS_MAX] = {0};
    plan_own_settings(&mode->plans[side].config, mode->plans[side].database, settings);
    if (subject->promises == NULL)
        return (struct side_promises){0};
    const struct isolation_promise *level = promised_isolation(subject->promises, settings);
    const struct durability_promise *lasts = promised_durability(subject->promises, settings);
    return (struct side_promises){
        .level = level == NULL ? NULL : level->level,
        .cannot_undo = lasts != NULL && lasts->cannot_undo,
    };
}

/* --- how far they are compared ---------------------------------------------------------------- */

struct walk {
    struct mode *mode;
    const struct comparison *comparison;
    bool levels_differ, cannot_undo, has_other_settings, has_several_tasks, has_same_words;
    uint32_t
        active;    /* tasks with a transaction, a stream or a call that has not ended: a bit set */
    uint32_t open; /* those with a transaction or a stream */
};

static void begin_walk(struct walk *walk)
{
    const struct side_promises left = promises_of(walk->mode, 0),
                               right = promises_of(walk->mode, 1);
    walk->levels_differ = !walk->mode->is_same_kind || left.level == NULL || right.level == NULL ||
                          strcmp(left.level, right.level) != 0;
    walk->cannot_undo = left.cannot_undo || right.cannot_undo;
    walk->has_other_settings = memcmp(&walk->mode->plans[0].config, &walk->mode->plans[1].config,
                                      sizeof walk->mode->plans[0].config) != 0;
    walk->has_same_words =
        walk->mode->is_same_kind && strcmp(walk->mode->subject->backend->version(),
                                           run_subject(walk->mode->run)->backend->version()) == 0;
    walk->has_several_tasks = plan_tasks(&walk->mode->plans[0]) > 1;
}

static const struct plan_action_info *info_of(const struct walk *walk,
                                              const struct course_step *step)
{
    return &plan_action_infos[walk->mode->plans[0].interactions[step->interaction].action];
}

static void follow(struct walk *walk, const struct course_step *step)
{
    uint32_t bit = 1u << step->task;
    if (step->kind == EVENT_invoke) {
        walk->active |= bit;
        return;
    }
    bool opens_stream = step->kind == EVENT_return && info_of(walk, step)->stream_of != 0 &&
                        step->outcome == OUTCOME_OK;
    if (step->in_transaction || opens_stream)
        walk->open |= bit;
    else
        walk->open &= ~bit;
    walk->active = (walk->active & ~bit) | (walk->open & bit);
}

static bool is_inside(const struct walk *walk, const struct course_step *step)
{
    return (walk->open >> step->task & 1u) != 0;
}

/* Somebody is in the middle of something when another task, or another connection, begins. */
static bool overlaps(const struct walk *walk, const struct course_step *step)
{
    bool is_other_connection = info_of(walk, step)->effect == EFFECT_LOOK;
    uint32_t own = is_other_connection ? 0 : 1u << step->task;
    return step->kind == EVENT_invoke && (walk->active & ~own) != 0;
}

/* Whom it comes to depends on who waits for whom, and how long. */
static bool is_contention(enum outcome outcome)
{
    return outcome == OUTCOME_BUSY || outcome == OUTCOME_BUSY_SNAPSHOT ||
           outcome == OUTCOME_LOCKED || outcome == OUTCOME_PROTOCOL || outcome == OUTCOME_SCHEMA ||
           outcome == OUTCOME_INTERRUPTED || outcome == OUTCOME_TIMEOUT ||
           outcome == OUTCOME_CLOSED || outcome == OUTCOME_ROLLED_BACK;
}

static bool is_undone(const struct walk *walk, const struct course_step *step)
{
    enum plan_effect effect = info_of(walk, step)->effect;
    return step->kind == EVENT_return &&
           (effect == EFFECT_ROLLBACK || effect == EFFECT_ROLLBACK_TO ||
            step->outcome != OUTCOME_OK);
}

/*
 * Who is refused for what others do is refused before anybody looks at statement and data, or after
 * that.
 */
static bool is_refused_once(const struct step_pair *pair)
{
    enum outcome left = (enum outcome)pair->steps[0]->outcome;
    enum outcome right = (enum outcome)pair->steps[1]->outcome;
    return left != right && (is_contention(left) || is_contention(right)) &&
           (is_contention(left) || !outcome_is_failure(left)) &&
           (is_contention(right) || !outcome_is_failure(right));
}

/* From this pair on both may be right and differ; MODE_REASON_COUNT: not yet. */
static enum mode_reason reason_to_stop(const struct walk *walk, const struct step_pair *pair)
{
    const struct course_step *left = pair->steps[0];
    if (!compare_is_same_place(pair))
        return MODE_REASON_order;
    if (walk->levels_differ && overlaps(walk, left))
        return MODE_REASON_overlap;
    if (!walk->mode->is_same_kind && info_of(walk, left)->effect == EFFECT_SCHEMA &&
        is_inside(walk, left))
        return MODE_REASON_schema;
    bool has_others = walk->has_several_tasks || info_of(walk, left)->effect == EFFECT_LOOK;
    if (has_others && is_refused_once(pair))
        return MODE_REASON_blocking;
    if (walk->cannot_undo && is_undone(walk, left))
        return MODE_REASON_undo;
    return MODE_REASON_COUNT;
}

/* The pair was the same; but what comes is open: databases differ in what a failure undoes. */
static enum mode_reason reason_to_end(const struct walk *walk, const struct step_pair *pair)
{
    const struct course_step *step = pair->steps[0];
    enum outcome outcome = (enum outcome)step->outcome;
    bool leaves_doubt =
        outcome_is_failure(outcome) || (outcome != OUTCOME_OK && is_inside(walk, step));
    return !walk->mode->is_same_kind && step->kind != EVENT_invoke && leaves_doubt
               ? MODE_REASON_failure
               : MODE_REASON_COUNT;
}

/* --- comparing results ------------------------------------------------------------------------ */

/* What the result says of the database's inside, nobody promises. */
static bool is_about_itself(const struct walk *walk, const struct plan_action_info *info)
{
    bool is_report = info->effect == EFFECT_REPORT || info->effect == EFFECT_OUTSIDE;
    bool is_of_index = plan_action_info_has(info, FIELD_column);
    bool is_same_kind = walk->mode->is_same_kind;
    return (is_report && (walk->has_other_settings || !is_same_kind)) ||
           (is_of_index && !is_same_kind);
}

static bool order_counts(const struct walk *walk, const struct course_step *step)
{
    const struct interaction *interaction = &walk->mode->plans[0].interactions[step->interaction];
    return interaction->sql == NULL && info_of(walk, step)->effect == EFFECT_READ &&
           interaction->arguments[FIELD_order] != ORDER_NONE;
}

/*
 * Texts of a person's own whose rows are nobody's promise: how many, which, or of what moment; or
 * texts that may tell of settings.
 */
static bool has_open_rows(const struct walk *walk, const struct course_step *step)
{
    static const char *const words[] = {"limit",   "random",  "date", "time",
                                        "version", "changes", "stat", "explain"};
    const char *sql = walk->mode->plans[0].interactions[step->interaction].sql;
    if (sql != NULL && (walk->has_other_settings || !walk->mode->is_same_kind))
        return true;
    for (size_t i = 0; sql != NULL && i < sizeof words / sizeof words[0]; i++)
        if (strcasestr(sql, words[i]) != NULL)
            return true;
    return false;
}

/* A stream may end before its last row: without an order, which rows came until then is open. */
static bool is_stream_of_any(const struct walk *walk, const struct course_step *step)
{
    return info_of(walk, step)->stream_of != 0 && !order_counts(walk, step);
}

/*
 * One version of one database says the same of the same failure. Whom others are in the way of may
 * be told of one or the other of them.
 */
static bool says_the_same(const struct walk *walk, const struct step_pair *pair)
{
    const struct course_step *left = pair->steps[0], *right = pair->steps[1];
    return !walk->has_same_words || left->outcome == OUTCOME_OK ||
           is_contention((enum outcome)left->outcome) ||
           (left->error_code == right->error_code && strcmp(left->message, right->message) == 0 &&
            strcmp(left->error_state, right->error_state) == 0);
}

/* NULL: nothing differs. */
static const char *difference(const struct walk *walk, const struct step_pair *pair)
{
    const struct course_step *left = pair->steps[0], *right = pair->steps[1];
    const struct plan_action_info *info = info_of(walk, left);
    if (left->kind == EVENT_invoke || left->kind == EVENT_skip || is_about_itself(walk, info))
        return NULL;
    if (left->outcome != right->outcome)
        return "error-class";
    if (!says_the_same(walk, pair))
        return "message";
    if (left->outcome != OUTCOME_OK || info->effect == EFFECT_REPORT || has_open_rows(walk, left))
        return NULL;
    if ((!is_stream_of_any(walk, left) && !compare_rows(walk->comparison, pair, false)) ||
        left->row_count != right->row_count)
        return "rows";
    if (order_counts(walk, left) && !compare_rows(walk->comparison, pair, true))
        return "row-order";
    if (info->effect == EFFECT_ROWS && left->changes != right->changes)
        return "changes";
    if (left->looked != right->looked)
        return "look";
    return left->in_transaction != right->in_transaction ? "transaction" : NULL;
}

/* False: it ends here, with a verdict or without. */
static bool compare_pair(struct walk *walk, const struct step_pair *pair)
{
    enum mode_reason reason = reason_to_stop(walk, pair);
    const char *what = reason == MODE_REASON_COUNT ? difference(walk, pair) : NULL;
    if (what != NULL) {
        compare_report(walk->comparison, what, pair);
        return false;
    }
    if (reason == MODE_REASON_COUNT)
        reason = reason_to_end(walk, pair);
    if (reason != MODE_REASON_COUNT) {
        mode_pass_over(walk->mode, reason);
        return false;
    }
    follow(walk, pair->steps[0]);
    return true;
}

static void compare(struct mode *mode, const struct trace *first, const struct run_result *second,
                    const struct comparison *comparison)
{
    struct walk walk = {.mode = mode, .comparison = comparison};
    struct step_pair pair;
    (void)first;
    (void)second;
    begin_walk(&walk);
    for (size_t place = 0; compare_at(comparison, place, &pair); place++)
        if (!compare_pair(&walk, &pair))
            return;
    if (!comparison->second_is_cut && compare_content(comparison))
        mode->counts.compared++;
}

/* --- opening ---------------------------------------------------------------------------------- */

static void describe_pins(const struct mode *mode, struct text *text)
{
    for (int field = 0; mode->order.is_pinned != NULL && field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        if (mode->order.is_pinned[field])
            text_append_format(text, ", %s=%s", info->name,
                               info->values[mode->order.config->choice[field]].name);
    }
}

static bool has_results(const struct subject *subject)
{
    return (subject->backend->capabilities & BACKEND_HAS_MODEL) != 0;
}

static enum error_code check_sides(const struct mode *mode, struct error *error)
{
    const struct subject *sides[] = {mode->subject, run_subject(mode->run)};
    for (int side = 0; side < 2; side++)
        if (!has_results(sides[side]))
            return interplay_error(error, ERROR_USAGE,
                                   "%s is no database: it has no results to compare",
                                   sides[side]->name);
    if (mode->order.is_pinned != NULL && mode->order.is_pinned[PLAN_CONFIG_tasks])
        return interplay_error(error, ERROR_USAGE,
                               "--against tasks: both sides run the same clients");
    return ERROR_NONE;
}

enum error_code mode_open_against(struct mode *mode, struct error *error)
{
    const struct subject *other = run_subject(mode->run);
    enum error_code code = check_sides(mode, error);
    if (code != ERROR_NONE)
        return code;
    arena_init(&mode->arena, arena_bytes);
    mode->is_same_kind = strcmp(mode->subject->backend->name, other->backend->name) == 0;
    mode->first.is_portable = mode->second.is_portable = !mode->is_same_kind;
    (void)snprintf(mode->names[0], sizeof mode->names[0], "%s %.40s", mode->subject->name,
                   mode->subject->backend->version());
    struct text text;
    text_init(&text, mode->names[1], sizeof mode->names[1]);
    text_append_format(&text, "%s %.40s", other->name, other->backend->version());
    describe_pins(mode, &text);
    memcpy(mode->description, mode->names[1], sizeof mode->description);
    return ERROR_NONE;
}

const struct mode_kind_ops mode_against = {
    .begin = begin,
    .second = second,
    .compare = compare,
    .word = "differential",
};
