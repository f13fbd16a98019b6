/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle/rows_recovery.h"

#include <stdio.h>

/* Which commits are there. */
enum presence { IS_THERE, IS_NOT, IS_OPEN };

/* What would be left. */
struct guess {
    struct rows_state state;
    uint32_t open[PLAN_TABLES]; /* rows that may hold anything: bit sets */
};

static void begin(struct guess *guess, const struct rows_remains *remains)
{
    *guess = (struct guess){.state = *remains->known};
}

static void add(struct guess *guess, const struct rows_remains *remains,
                const struct rows_commit *commit, enum presence presence)
{
    if (presence == IS_NOT)
        return;
    if (presence == IS_THERE && commit->work != NULL) {
        rows_see_commit(&guess->state, commit->work, remains->times);
        return;
    }
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        guess->open[table] |=
            commit->work != NULL ? commit->work->keys[table] : commit->touches[table];
}

static struct model_database expected_of(const struct guess *guess, uint32_t tables,
                                         const struct model_database *found)
{
    struct model_database expected = *found;
    struct rows_state there = {.database = *found};
    for (uint32_t left = tables; left != 0; left &= left - 1) {
        uint32_t table = (uint32_t)__builtin_ctz(left);
        uint32_t keys = ~(guess->open[table] | guess->state.unknown[table]);
        for (; keys != 0; keys &= keys - 1)
            rows_take(&there, &guess->state, table, (uint32_t)__builtin_ctz(keys));
        expected.tables[table] = there.database.tables[table];
        expected.tables[table].exists = guess->state.database.tables[table].exists;
    }
    return expected;
}

static bool fits(const struct guess *guess, const struct rows_remains *remains,
                 const struct model_database *found)
{
    const struct model_database expected = expected_of(guess, remains->tables, found);
    return model_database_equal(&expected, found);
}

/* --- nothing may be lost ---------------------------------------------------------------------- */

/* Those under way whose work is known are in a set, as far as there is room. */
static void guess_all(const struct rows_remains *remains, uint32_t set, struct guess *ret_guess)
{
    uint32_t number = 0;
    begin(ret_guess, remains);
    for (uint32_t i = 0; i < remains->commit_count; i++) {
        const struct rows_commit *commit = &remains->commits[i];
        enum presence presence = commit->status == ROWS_COMMITTED ? IS_THERE : IS_NOT;
        if (commit->status == ROWS_UNDER_WAY && (commit->work == NULL || number == ROWS_MAYBE_MAX))
            presence = IS_OPEN;
        else if (commit->status == ROWS_UNDER_WAY)
            presence = set >> number++ & 1u ? IS_THERE : IS_NOT;
        add(ret_guess, remains, commit, presence);
    }
}

/* --- the last ones may be lost ---------------------------------------------------------------- */

static bool is_before(const struct rows_commit *commit, const struct rows_commit *other)
{
    return commit->status == ROWS_COMMITTED && commit->ended < other->called;
}

/* `last` is the last one that is there; NULL: none is. */
static void guess_beginning(const struct rows_remains *remains, const struct rows_commit *last,
                            struct guess *ret_guess)
{
    begin(ret_guess, remains);
    for (uint32_t i = 0; last != NULL && i < remains->commit_count; i++) {
        const struct rows_commit *commit = &remains->commits[i];
        bool is_not = commit->status == ROWS_FAILED || is_before(last, commit);
        enum presence presence = commit == last || is_before(commit, last) ? IS_THERE
                                 : is_not                                  ? IS_NOT
                                                                           : IS_OPEN;
        add(ret_guess, remains, commit, presence);
    }
}

/* --- both ------------------------------------------------------------------------------------- */

static bool is_explained(const struct rows_remains *remains, const struct model_database *found)
{
    struct guess guess;
    for (uint32_t set = 0; !remains->may_lose && set < ROWS_VIEWS_MAX; set++) {
        guess_all(remains, set, &guess);
        if (fits(&guess, remains, found))
            return true;
    }
    for (uint32_t left = remains->commit_count + 1; remains->may_lose && left-- > 0;) {
        const struct rows_commit *last = left == 0 ? NULL : &remains->commits[left - 1];
        if (last != NULL && last->status == ROWS_FAILED)
            continue;
        guess_beginning(remains, last, &guess);
        if (fits(&guess, remains, found))
            return true;
    }
    return false;
}

void rows_judge_recovery(const struct rows_remains *remains, const struct model_database *found,
                         size_t step, struct verdict *verdict)
{
    if (is_explained(remains, found))
        return;
    struct guess guess;
    struct model_difference difference;
    char signature[96];
    guess_all(remains, 0, &guess);
    const struct model_database expected = expected_of(&guess, remains->tables, found);
    model_database_difference(&expected, found, &difference);
    (void)snprintf(signature, sizeof signature, "durability/%s", difference.kind);
    verdict_violation(verdict, step, signature, "%s: %s",
                      remains->may_lose
                          ? "what the server has recovered is no beginning of the commits, each "
                            "whole; with all of them"
                          : "the server has recovered something else than what had been committed",
                      difference.text);
}
