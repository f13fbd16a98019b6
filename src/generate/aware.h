/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plan has made so far: which tables, indexes and keys there are and for whom, who is about
 * to write, who has read what is old by now, which connections of the pool are taken. A profile's
 * plans are drawn by it, so that few of their interactions are refused. It is what the plan tells
 * before it runs: what fails on the way may make it wrong.
 */
#ifndef GENERATE_AWARE_H
#define GENERATE_AWARE_H

#include "base/random.h"
#include "generate/moment.h"
#include "generate/profile.h"

struct aware_content {
    uint8_t tables;  /* bit set */
    uint8_t widened; /* those with a further column */
    uint8_t indexes; /* of table and column, as aware.c numbers them */
    uint32_t keys[PLAN_TABLES];
};

struct aware_task {
    struct aware_content own; /* with `has_changed`: what its transaction sees */
    bool has_changed;         /* the content, in its open transaction */
    bool keeps_others_out;    /* from writing */
    bool has_read;            /* in its open transaction */
    uint32_t read_at;         /* after so many commits */
    enum lease held_in;       /* what the call has that its last pause holds back */
    uint32_t rows_left;       /* of its stream, about */
};

struct aware {
    const struct generate_profile *profile;
    bool has_pool, has_streams;
    uint32_t readers, writers; /* connections of the pool */
    uint32_t tasks;
    uint32_t commits;
    uint32_t prepared; /* bit set of names: transactions that wait to be ended by theirs */
    struct aware_content content; /* that is committed */
    struct aware_task of[PLAN_TASKS_MAX];
};

void aware_begin(struct aware *aware, const struct generate_profile *profile,
                 const struct plan_config *config);

/* How much of its weight an action keeps for this task, of AWARE_WHOLE; 0: it would be refused. */
enum { AWARE_WHOLE = 32 };
uint32_t aware_part(const struct aware *aware, const struct task_state *states, uint32_t task,
                    enum plan_action action);

/* Whether so many may do this at a time, which is never done anyhow. */
bool aware_counts(const struct aware *aware, enum plan_action action);

/* Changes arguments that were drawn where they would have it refused. */
void aware_mend(const struct aware *aware, const struct task_state *states,
                struct interaction *interaction, struct random *random);

/* Who keeps this task from writing; the task itself, where nobody does. */
uint32_t aware_who_is_in_the_way(const struct aware *aware, const struct task_state *states,
                                 uint32_t task);

/*
 * What the interaction makes of it; `states` are those before it. A stream that has come to its end
 * is none any more there.
 */
void aware_follow(struct aware *aware, struct task_state *states,
                  const struct interaction *interaction);

#endif
