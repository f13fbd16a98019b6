/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions on actors: how they begin, hold and end. */
#include "pool/actor_txn.h"

#include "pool/actor_pool.h"
#include "pool/actor_send.h"

#include <stdlib.h>

void actor_txn_release(struct actor_txn *txn)
{
    if (--txn->references == 0)
        free(txn);
}

void actor_txn_over(struct actor_txn *txn, enum outcome outcome, struct request_queue *given_up)
{
    if (txn->over == OUTCOME_OK)
        txn->over = outcome;
    txn->begin = NULL;
    txn->is_open = txn->is_ending = false;
    mailbox_refuse(&txn->lane, outcome);
    mailbox_give_up(&txn->lane, outcome, given_up);
    struct actor *actor = txn->actor;
    txn->actor = NULL;
    if (actor != NULL)
        actor_release(actor);
}

/* The begin succeeded; somebody may have stopped the transaction in the meantime. */
static void hold(struct actor_txn *txn, struct actor *actor, bool is_open)
{
    txn->begin = NULL;
    txn->actor = actor;
    txn->is_open = is_open;
    txn->references++;
    actor->txn = txn;
}

/* What requests get that come after a commit. */
static enum outcome after_commit(enum outcome outcome)
{
    /* Who asks once more after a success, or does not know: "undone" would be wrong. */
    return outcome == OUTCOME_OK || outcome == OUTCOME_IN_DOUBT ? OUTCOME_MISUSE
                                                                : OUTCOME_ROLLED_BACK;
}

void actor_txn_served(struct request *request, bool is_open, bool is_broken,
                      struct request_queue *given_up)
{
    struct actor_txn *txn = request->txn;
    enum outcome outcome = request->error.outcome;
    txn->is_open = is_open;
    switch (request->kind) {
    case REQUEST_BEGIN:
        if (outcome == OUTCOME_OK && !is_broken)
            hold(txn, request->actor, is_open);
        else
            actor_txn_over(txn, OUTCOME_ROLLED_BACK, given_up);
        return;
    case REQUEST_COMMIT:
        if (outcome != OUTCOME_BUSY || is_broken)
            actor_txn_over(txn, after_commit(outcome), given_up);
        return;
    case REQUEST_ROLLBACK:
        actor_txn_over(txn, OUTCOME_MISUSE, given_up);
        return;
    case REQUEST_STATEMENT:
    case REQUEST_BATCH:
    case REQUEST_WORK:
        if (is_broken)
            actor_txn_over(txn, OUTCOME_ROLLED_BACK, given_up);
        return;
    }
}

void actor_txn_stop(struct actor_txn *txn, enum outcome outcome, struct request_queue *given_up)
{
    if (txn->over == OUTCOME_OK)
        txn->over = outcome;
    txn->is_ending = true;
    mailbox_refuse(&txn->lane, outcome);
    mailbox_give_up(&txn->lane, OUTCOME_INTERRUPTED, given_up);
    if (txn->begin != NULL)
        request_stop(txn->begin, given_up);
    if (txn->actor == NULL)
        return;
    if (txn->actor->current != NULL)
        request_stop(txn->actor->current, given_up);
    actor_wake(txn->actor);
}

void actor_txn_finish(struct actor_txn *txn, enum outcome outcome, struct request_queue *given_up)
{
    if (txn->over == OUTCOME_OK)
        txn->over = outcome;
    txn->is_ending = true;
    mailbox_refuse(&txn->lane, txn->over);
    if (txn->begin != NULL && txn->begin->mailbox != NULL && txn->lane.waiting.first == NULL)
        request_stop(txn->begin, given_up);
    if (txn->actor != NULL)
        actor_wake(txn->actor);
}

bool actor_txn_has_work(const struct actor_txn *txn)
{
    return txn->lane.waiting.first != NULL || txn->is_ending;
}
