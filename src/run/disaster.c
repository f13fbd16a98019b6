/* SPDX-License-Identifier: Apache-2.0 */
/* Faults, those that are more than a failed call above all: who is gone, and how it goes on. */
#include "run/state.h"

#include "base/hash.h"

static void kill_everybody(struct run *run)
{
    run->is_down = true;
    run_tell_here(run, EVENT_everybody_died, 0);
    for (uint32_t i = 0; i < WORLD_COROUTINES_MAX; i++)
        world->tasks[i].dead = true;
}

static void on_fate(void *context, const struct storage_fate *fate)
{
    recording_read_fate(context, fate);
}

/* People are told what a loss made of each file. */
static void listen_to_fate(const struct run *run)
{
    if (run->recording == NULL)
        return;
    recording_begin_loss(run->recording);
    world->on_fate = on_fate;
    world->on_fate_context = run->recording;
}

static void lose_power(struct run *run)
{
    const struct subject_world_ops *there = run->subject.world;
    if (there == NULL || there->power_loss == NULL)
        return;
    run_claim_power_loss(run);
    int32_t loss_seed = plan_config_get(&run->judged->config, PLAN_CONFIG_loss_seed);
    listen_to_fate(run);
    there->power_loss(run->instance, hash_word((uint64_t)loss_seed, run->position));
    world->on_fate = NULL;
    run->power_is_lost = true;
    kill_everybody(run);
    run_tell_here(run, EVENT_power_loss, 0);
}

/*
 * The connections of a pool are one process; without a pool each task is one, unless the database
 * says otherwise.
 */
static void kill_process(struct run *run, uint32_t task)
{
    const struct subject_world_ops *there = run->subject.world;
    if (there == NULL || there->process_died == NULL)
        return;
    run_claim_process_death(run);
    if (!run_is_pooled(run) && !run->setting.promises->is_one_process) {
        there->process_died(run->instance, task);
        world->tasks[task].dead = true;
        return;
    }
    for (uint32_t i = 0; i < WORLD_COROUTINES_MAX; i++)
        there->process_died(run->instance, i);
    kill_everybody(run);
}

/*
 * Where threads do the work, what a task itself says to a server is a cancel, under locks of the
 * pool's: there is nothing to interrupt, and who cancels once more from within waits for himself.
 */
static bool is_in_cancel(const struct run *run)
{
    return run->ops->abandon != NULL && world->net != NULL &&
           world->current->number < PLAN_TASKS_MAX;
}

void run_on_fault(void *context, uint32_t task, enum fault_kind kind)
{
    struct run *run = context;
    run->result.faults++;
    run_tell_watcher(run, &run->tasks[task], kind);
    run_tell(&run->tasks[task], EVENT_fault, kind);
    if (fault_loses_power(kind))
        lose_power(run);
    else if (kind == FAULT_process_death)
        kill_process(run, task);
    else if (kind == FAULT_interrupt && run->tasks[task].held.lease != NULL &&
             run->ops->cancel != NULL && !is_in_cancel(run))
        run->ops->cancel(run->tasks[task].held.lease, run->tasks[task].tag);
    else if (kind == FAULT_short_read && world->net == NULL) /* a network says how much it was */
        run_claim_short_read(run);
    else if (kind == FAULT_wire_garble)
        run_claim_garbled(run);
    else if (kind == FAULT_partial_success &&
             run_interaction(&run->tasks[task])->action == ACTION_batch)
        run_claim_partial_batch(&run->tasks[task]);
}

/* Who lives finds out; meanwhile nobody has changed anything. */
void run_on_server_end(void *context)
{
    struct run *run = context;
    run_claim_process_death(run);
    run_tell_here(run, EVENT_server_ended, 0);
    if (!run->is_blind && !run_has_verdict(run))
        run_check_survivors(run);
}

void run_recover(struct run *run)
{
    run_finish_all(run);
    if (run->is_stuck)
        return;
    bool lost_power = run->power_is_lost;
    run_close_stacks(run);
    run->is_down = run->power_is_lost = false;
    for (uint32_t i = 0; i < WORLD_COROUTINES_MAX; i++)
        world->tasks[i].dead = false;
    if (lost_power && !run->is_blind && !run_has_verdict(run))
        run_check_survivors(run);
}
