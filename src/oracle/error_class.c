/* SPDX-License-Identifier: Apache-2.0 */
/* Which outcomes a situation permits. */
#include "oracle/error_class.h"

#include <stdio.h>
#include <string.h>

void error_class_begin(struct error_class_oracle *oracle, const struct plan *plan,
                       const struct error_class_rules *rules)
{
    *oracle = (struct error_class_oracle){
        .plan = plan, .rules = *rules, .is_blind = plan->kind != PLAN_NATIVE};
}

void error_class_give_up(struct error_class_oracle *oracle)
{
    oracle->is_blind = true;
}

void error_class_invoke(struct error_class_oracle *oracle, uint32_t task, size_t interaction)
{
    struct error_class_session *session = &oracle->sessions[task];
    bool exclusive = plan_config_get(&oracle->plan->config, PLAN_CONFIG_locking_mode) != 0;
    session->contended = session->cancelled = session->peers = false;
    uint32_t tasks = plan_tasks(oracle->plan);
    for (uint32_t other = 0; other < tasks; other++) {
        struct error_class_session *peer = &oracle->sessions[other];
        if (other == task)
            continue;
        if (peer->in_call)
            peer->contended = true;
        bool in_the_way = peer->in_transaction || (exclusive && peer->is_connected);
        if (peer->in_call || (in_the_way && !oracle->rules.never_busy))
            session->contended = true;
        session->peers |= peer->is_connected || peer->in_transaction;
    }
    session->saw_drop = oracle->drops_under_way > 0;
    session->drops_ended = oracle->drops_ended;
    session->is_connected = true;
    session->in_call = true;
    session->faults = 0;
    session->interaction = interaction;
}

static const uint32_t storage_faults =
    1u << FAULT_io_read | 1u << FAULT_io_write | 1u << FAULT_io_sync | 1u << FAULT_io_truncate |
    1u << FAULT_io_open | 1u << FAULT_io_delete | 1u << FAULT_io_lock | 1u << FAULT_io_shm |
    1u << FAULT_disk_full | 1u << FAULT_busy;

void error_class_fault(struct error_class_oracle *oracle, uint32_t task, enum fault_kind kind)
{
    struct error_class_session *session = &oracle->sessions[task];
    session->faults |= 1u << kind;
    if (storage_faults >> kind & 1u)
        session->storage_suspect = true;
    if (kind == FAULT_short_read)
        oracle->is_blind = true; /* it hands out zeros for data, and nothing tells the reader */
}

/* Somebody dropped somebody's lease during the call: nobody had it, and its locks, for a while. */
static bool drop_was_under_way(const struct error_class_oracle *oracle,
                               const struct error_class_session *session)
{
    return session->saw_drop || session->drops_ended != oracle->drops_ended ||
           oracle->drops_under_way > 0;
}

static bool struck(const struct error_class_session *session, enum fault_kind kind)
{
    return session->faults >> kind & 1u;
}

/*
 * Who ends a transaction that is gone, or whose connection dies of it, is told. Where threads work
 * for the clients, a client need not wait for the end.
 */
static bool conceals_end(const struct error_class_oracle *oracle,
                         const struct error_class_session *session)
{
    uint8_t action = oracle->plan->interactions[session->interaction].action;
    bool ends = action == ACTION_commit || action == ACTION_rollback;
    bool is_gone = session->lost_transaction && !oracle->was_interrupted;
    return ends && !oracle->rules.calls_time_out &&
           (is_gone || struck(session, FAULT_process_death));
}

static bool is_permitted(const struct error_class_oracle *oracle,
                         const struct error_class_session *session, enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_OK:
        return !conceals_end(oracle, session);
    case OUTCOME_ROW:
        return true;
    case OUTCOME_CONSTRAINT: /* whether these two are right is the snapshot oracle's matter */
    case OUTCOME_SQL_ERROR:
        return oracle->rules.has_model;
    case OUTCOME_BUSY_SNAPSHOT: /* somebody else wrote since the transaction's first read */
        return session->in_transaction || session->contended || session->storage_suspect;
    case OUTCOME_BUSY:
    case OUTCOME_PROTOCOL:
        return session->contended || session->storage_suspect ||
               (!oracle->rules.never_busy && drop_was_under_way(oracle, session));
    case OUTCOME_SCHEMA:
        return session->contended;
    case OUTCOME_LOCKED:
        return session->in_transaction; /* a checkpoint inside of one's own transaction */
    case OUTCOME_INTERRUPTED:
        return struck(session, FAULT_interrupt) || session->cancelled || oracle->was_interrupted;
    case OUTCOME_NO_MEMORY:
        return struck(session, FAULT_no_memory);
    case OUTCOME_FULL:
        return struck(session, FAULT_disk_full);
    case OUTCOME_IO_ERROR:
    case OUTCOME_CANNOT_OPEN:
        return session->storage_suspect;
    case OUTCOME_DIED:
        return true;      /* reported by the simulated world, not by the database */
    case OUTCOME_TIMEOUT: /* somebody else has what this one waits for */
        return oracle->rules.calls_time_out ||
               (oracle->rules.is_pooled &&
                (session->contended || session->peers || drop_was_under_way(oracle, session)));
    case OUTCOME_CLOSED:
        return oracle->was_closed;
    case OUTCOME_ROLLED_BACK:
        return session->lost_transaction || oracle->was_interrupted || session->faults != 0;
    case OUTCOME_IN_DOUBT:
        return session->faults != 0 || session->storage_suspect || session->cancelled ||
               session->contended;
    case OUTCOME_CORRUPT:
    case OUTCOME_READONLY:
    case OUTCOME_MISUSE:
    case OUTCOME_OTHER:
    case OUTCOME_COUNT:
        return false;
    }
    return false;
}

void error_class_return(struct error_class_oracle *oracle, uint32_t task,
                        const struct observation *seen, struct verdict *verdict)
{
    struct error_class_session *session = &oracle->sessions[task];
    const struct interaction *interaction = &oracle->plan->interactions[session->interaction];
    bool closes = interaction->action == ACTION_reopen && seen->outcome == OUTCOME_TIMEOUT;
    if (!oracle->is_blind && !closes && !is_permitted(oracle, session, seen->outcome)) {
        const char *action = plan_action_infos[interaction->action].name;
        const char *outcome = interplay_outcome_names[seen->outcome];
        char signature[96];
        (void)snprintf(signature, sizeof signature, "error-class/%s/%s", outcome, action);
        verdict_violation(
            verdict, session->interaction, signature,
            "the %s came to %s (code %d: %s), which nothing in this situation explains", action,
            outcome, seen->error_code, seen->error_message);
    }
    session->in_call = false;
    bool ends = interaction->action == ACTION_commit || interaction->action == ACTION_rollback;
    if (session->in_transaction && !seen->in_transaction)
        session->lost_transaction = !ends;
    else if (seen->in_transaction)
        session->lost_transaction = false;
    session->in_transaction = seen->in_transaction;
    if (seen->outcome == OUTCOME_OK && !seen->in_transaction && session->faults == 0)
        session->storage_suspect = false;
}

void error_class_disconnect(struct error_class_oracle *oracle, uint32_t task)
{
    struct error_class_session *session = &oracle->sessions[task];
    session->is_connected = session->in_call; /* a call that closes a connection opens one again */
    session->in_transaction = false;
    session->lost_transaction &= session->in_call; /* the call may still tell of it */
    session->storage_suspect = (session->faults & storage_faults) != 0;
}

void error_class_drop_begins(struct error_class_oracle *oracle)
{
    oracle->drops_under_way++;
}

void error_class_drop_ends(struct error_class_oracle *oracle)
{
    oracle->drops_under_way--;
    oracle->drops_ended++;
}

void error_class_cancel(struct error_class_oracle *oracle, uint32_t task)
{
    oracle->sessions[task].cancelled = true;
}

void error_class_close(struct error_class_oracle *oracle, bool interrupts)
{
    oracle->was_closed = true;
    oracle->was_interrupted |= interrupts;
}
