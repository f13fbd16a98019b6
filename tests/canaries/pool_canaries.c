/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canaries that break the pool. The linker puts each __wrap_f here in front of the pool's f,
 * which is then __real_f, wherever another file calls it (fuzz/targets.cmake names them all). With
 * no canary planted they only pass calls on.
 */
#include "canary.h"
#include "pool/actor.h"
#include "pool/connection_internal.h"
#include "pool/failure.h"
#include "pool/lease.h"
#include "pool/mailbox.h"
#include "pool/pool_internal.h"
#include "sim/posix.h"

#include <string.h>

enum pool_canary {
    RETURNED_IN_TRANSACTION,
    BROKEN_HANDED_OUT,
    LOST_WAKEUP,
    DOUBLE_CHECKOUT,
    IGNORED_TIMEOUT,
    STRAY_CANCEL,
    IGNORED_ROLLBACK,
    STALE_STATEMENT,
    LEAKED_STREAM,
    DROPPED_REQUEST,
    LATE_CANCEL,
    NEWCOMER_FIRST,
    TRUSTED_SILENCE,
    SLOT_OF_NOBODY,
    RETRIED_COMMIT,
    TRUSTED_ANSWER,
    REFUSED_CHECKOUT,
    FINALIZED_STATEMENT,
};

/* A line of a pool, and who came when others waited there. */
struct lines {
    const struct wait_queue *queue;
    struct wait_queue newcomers;
};

enum { LINES_MAX = 64 };

enum { LOOKS_BEFORE_ROLLBACK = 2 };

/* Forgotten before each plan. */
static struct {
    bool is_giving_back; /* the next rollback is that of a return */
    uint32_t checkouts;
    uint32_t wakeups;                    /* of somebody who waits for a slot */
    struct slot *last_out[2];            /* by whether it is a writer; NULL: none */
    const struct connection *rolls_back; /* because its user asked for it */
    struct lines lines[LINES_MAX];       /* of the pools that were opened */
    const struct connection *unanswered; /* the last call on it had no answer */
    const struct connection *believed;   /* it was told that it has committed */
    const struct connection *undone;     /* one that is being rolled back */
    uint32_t looks;                      /* at whether it is in a transaction, meanwhile */
    const struct connection *committed;  /* the same, while somebody could look whether it has */
} memory;

static bool is_planted(enum pool_canary canary)
{
    return canary_planted == &canaries[canary];
}

WRAP(enum outcome, pool_give_back, struct slot *slot);
WRAP(enum outcome, connection_rollback, struct connection *connection, struct pool_error *error);
WRAP(bool, connection_is_broken, const struct connection *connection);
WRAP(bool, connection_in_transaction, struct connection *connection);
WRAP(enum outcome, connection_failed, struct connection *connection, enum outcome outcome,
     struct pool_error *error);
WRAP(bool, connection_start_stepping, struct connection *connection);
WRAP(enum outcome, connection_begin, struct connection *connection, struct pool_error *error);
WRAP(enum outcome, connection_commit, struct connection *connection, struct pool_error *error);
WRAP(bool, slot_wake_waiter, struct slot *slot, struct wait_queue *waiting);
WRAP(enum outcome, wait_queue_wait, struct wait_queue *queue, pthread_mutex_t *mutex,
     uint32_t timeout_ms, void **ret_grant);
WRAP(void, wait_queue_refuse_all, struct wait_queue *queue);
WRAP(enum outcome, pool_check_out, struct pool *pool, bool is_writer, uint32_t timeout_ms,
     struct slot **ret_slot, struct pool_error *error);
WRAP(void, lease_cancel, struct slot *slot);
WRAP(void, connection_interrupt, struct connection *connection);
WRAP(enum outcome, lease_rollback, struct slot *slot, const void *owner, struct pool_error *error);
WRAP(void, statement_cache_evict, struct statement_cache *cache, const struct statement *key);
WRAP(void, actor_release, struct actor *actor);
WRAP(bool, mailbox_has_room, const struct mailbox *mailbox);
WRAP(void, mailbox_push, struct mailbox *mailbox, struct request *request);

/* --- transactions ---------------------------------------------------------------------------- */

/* Nobody has it, and nobody gets it. */
static void lose(struct slot *slot)
{
    (void)pthread_mutex_lock(&slot->pool->mutex);
    if (slot->state == POOL_SLOT_EMPTY) {
        slot->state = POOL_SLOT_LEASED;
        slot->owner = slot;
        slot->pool->leased++;
    }
    (void)pthread_mutex_unlock(&slot->pool->mutex);
}

/* Begins with the rollback, at once. */
enum outcome __wrap_pool_give_back(struct slot *slot)
{
    memory.is_giving_back = true;
    bool is_unanswered = slot->connection != NULL && slot->connection == memory.unanswered;
    memory.committed = memory.believed;
    enum outcome outcome = __real_pool_give_back(slot);
    memory.committed = NULL;
    if (is_planted(SLOT_OF_NOBODY) && is_unanswered)
        lose(slot);
    return outcome;
}

enum outcome __wrap_lease_rollback(struct slot *slot, const void *owner, struct pool_error *error)
{
    memory.rolls_back = slot->connection;
    enum outcome outcome = __real_lease_rollback(slot, owner, error);
    memory.rolls_back = NULL;
    return outcome;
}

enum outcome __wrap_connection_rollback(struct connection *connection, struct pool_error *error)
{
    bool is_giving_back = memory.is_giving_back;
    memory.is_giving_back = false;
    if (is_planted(RETURNED_IN_TRANSACTION) && is_giving_back)
        return OUTCOME_OK;
    bool is_asked_for = memory.rolls_back == connection;
    memory.undone = connection;
    memory.looks = connection->in_transaction; /* then one less is needed */
    enum outcome outcome = __real_connection_rollback(connection, error);
    if (memory.undone == connection && memory.looks > LOOKS_BEFORE_ROLLBACK)
        memory.believed = connection;
    memory.undone = NULL;
    if (!is_planted(IGNORED_ROLLBACK) || !is_asked_for || !connection->is_broken)
        return outcome;
    connection->is_broken = false;
    return OUTCOME_OK;
}

/* --- lost requests and answers --------------------------------------------------------------- */

enum outcome __wrap_connection_failed(struct connection *connection, enum outcome outcome,
                                      struct pool_error *error)
{
    enum outcome failure = __real_connection_failed(connection, outcome, error);
    memory.unanswered = failure == OUTCOME_TIMEOUT ? connection : NULL;
    memory.committed = memory.undone = NULL;
    if (is_planted(TRUSTED_SILENCE) && failure == OUTCOME_TIMEOUT)
        connection->is_broken = false;
    return failure;
}

enum outcome __wrap_connection_commit(struct connection *connection, struct pool_error *error)
{
    memory.unanswered = NULL;
    memory.committed = connection;
    enum outcome outcome = __real_connection_commit(connection, error);
    memory.committed = NULL;
    memory.believed = outcome == OUTCOME_OK ? connection : NULL;
    if (!is_planted(RETRIED_COMMIT) || memory.unanswered != connection)
        return outcome;
    connection->is_broken = false;
    connection->in_transaction = true;
    return __real_connection_commit(connection, error);
}

bool __wrap_connection_in_transaction(struct connection *connection)
{
    bool is_undone = connection == memory.undone && ++memory.looks > LOOKS_BEFORE_ROLLBACK;
    bool is_trusted = is_planted(TRUSTED_ANSWER) && (is_undone || connection == memory.committed);
    return (!is_trusted || connection->in_transaction) &&
           __real_connection_in_transaction(connection);
}

bool __wrap_connection_start_stepping(struct connection *connection)
{
    bool is_started = __real_connection_start_stepping(connection);
    if (!is_started)
        memory.committed = NULL;
    return is_started;
}

enum outcome __wrap_connection_begin(struct connection *connection, struct pool_error *error)
{
    enum outcome outcome = __real_connection_begin(connection, error);
    if (outcome == OUTCOME_OK && memory.believed == connection)
        memory.believed = NULL; /* this one is not over */
    return outcome;
}

/* --- slots ----------------------------------------------------------------------------------- */

bool __wrap_connection_is_broken(const struct connection *connection)
{
    return !is_planted(BROKEN_HANDED_OUT) && __real_connection_is_broken(connection);
}

/* NULL: not the line of a pool. */
static struct lines *find_lines(const struct wait_queue *queue)
{
    for (uint32_t i = 0; i < LINES_MAX; i++)
        if (memory.lines[i].queue == queue)
            return &memory.lines[i];
    return NULL;
}

static void add_lines(const struct wait_queue *queue)
{
    struct lines *lines = find_lines(queue) == NULL ? find_lines(NULL) : NULL;
    if (lines != NULL)
        lines->queue = queue;
}

/* Who comes when somebody waits goes to a line that is served before. */
enum outcome __wrap_wait_queue_wait(struct wait_queue *queue, pthread_mutex_t *mutex,
                                    uint32_t timeout_ms, void **ret_grant)
{
    struct lines *lines = queue->first == NULL ? NULL : find_lines(queue);
    return __real_wait_queue_wait(lines == NULL ? queue : &lines->newcomers, mutex, timeout_ms,
                                  ret_grant);
}

void __wrap_wait_queue_refuse_all(struct wait_queue *queue)
{
    struct lines *lines = find_lines(queue);
    if (lines != NULL)
        __real_wait_queue_refuse_all(&lines->newcomers);
    __real_wait_queue_refuse_all(queue);
}

bool __wrap_slot_wake_waiter(struct slot *slot, struct wait_queue *waiting)
{
    struct lines *lines = find_lines(waiting);
    if (lines != NULL && lines->newcomers.first != NULL)
        return __real_slot_wake_waiter(slot, &lines->newcomers);
    if (is_planted(LOST_WAKEUP) && waiting->first != NULL && ++memory.wakeups % 2 == 0)
        return false;
    return __real_slot_wake_waiter(slot, waiting);
}

/* Where none is free, the one that was handed out last is handed out again. */
static enum outcome check_out_again(struct pool *pool, bool is_writer, uint32_t timeout_ms,
                                    struct slot **ret_slot, struct pool_error *error)
{
    struct slot *last = memory.last_out[is_writer];
    bool is_known = last != NULL && last->pool == pool && last->owner != NULL;
    enum outcome outcome =
        __real_pool_check_out(pool, is_writer, is_known ? 0 : timeout_ms, ret_slot, error);
    if (outcome == OUTCOME_OK)
        memory.last_out[is_writer] = *ret_slot;
    if (outcome != OUTCOME_TIMEOUT || !is_known)
        return outcome;
    pool->leased++;
    *ret_slot = last;
    return OUTCOME_OK;
}

enum outcome __wrap_pool_check_out(struct pool *pool, bool is_writer, uint32_t timeout_ms,
                                   struct slot **ret_slot, struct pool_error *error)
{
    if (is_planted(DOUBLE_CHECKOUT))
        return check_out_again(pool, is_writer, timeout_ms, ret_slot, error);
    if (is_planted(REFUSED_CHECKOUT) && timeout_ms > 0 && ++memory.checkouts % 2 == 0)
        return failure_set(error, OUTCOME_TIMEOUT, "no slot is free");
    if (is_planted(IGNORED_TIMEOUT))
        timeout_ms = POOL_NO_TIMEOUT;
    if (is_planted(NEWCOMER_FIRST))
        add_lines(is_writer ? &pool->waiting_writers : &pool->waiting_readers);
    return __real_pool_check_out(pool, is_writer, timeout_ms, ret_slot, error);
}

/* --- statements ------------------------------------------------------------------------------ */

/* The backend is told whether anything runs or not, and remembers it. */
void __wrap_connection_interrupt(struct connection *connection)
{
    __real_connection_interrupt(connection);
    if (is_planted(STRAY_CANCEL))
        connection->backend->cancel(connection->database);
}

/* Whatever runs by the time it has the lock. */
void __wrap_lease_cancel(struct slot *slot)
{
    if (!is_planted(LATE_CANCEL)) {
        __real_lease_cancel(slot);
        return;
    }
    (void)pthread_mutex_lock(&slot->pool->mutex);
    if (slot->connection != NULL)
        connection_interrupt(slot->connection);
    (void)pthread_mutex_unlock(&slot->pool->mutex);
}

void __wrap_statement_cache_evict(struct statement_cache *cache, const struct statement *key)
{
    struct backend_statement *kept =
        is_planted(FINALIZED_STATEMENT) ? statement_cache_find(cache, key) : NULL;
    if (kept != NULL)
        cache->backend->finalize(kept);
    else if (!is_planted(STALE_STATEMENT))
        __real_statement_cache_evict(cache, key);
}

/* --- actors ---------------------------------------------------------------------------------- */

void __wrap_actor_release(struct actor *actor)
{
    if (!is_planted(LEAKED_STREAM) || actor->stream == NULL)
        __real_actor_release(actor);
}

bool __wrap_mailbox_has_room(const struct mailbox *mailbox)
{
    return is_planted(DROPPED_REQUEST) || __real_mailbox_has_room(mailbox);
}

void __wrap_mailbox_push(struct mailbox *mailbox, struct request *request)
{
    if (!is_planted(DROPPED_REQUEST) || __real_mailbox_has_room(mailbox))
        __real_mailbox_push(mailbox, request);
}

/* --- the table ------------------------------------------------------------------------------- */

static void forget(void)
{
    memset(&memory, 0, sizeof memory);
}

static void install(struct fuzz_setup *setup)
{
    setup->before_plan = forget;
}

const struct canary canaries[] = {
    [RETURNED_IN_TRANSACTION] = {"returned_in_transaction", "a return does not roll back",
                                 "pool/handed-out-in-transaction", install},
    [BROKEN_HANDED_OUT] = {"broken_handed_out", "a broken connection stays in the pool",
                           "pool/broken-handed-out", install},
    [LOST_WAKEUP] = {"lost_wakeup", "every second wake-up of who waits for a slot is forgotten",
                     "pool/lost-wakeup", install},
    [DOUBLE_CHECKOUT] = {"double_checkout", "where no slot is free, one is handed out again",
                         "pool/double-checkout", install},
    [IGNORED_TIMEOUT] = {"ignored_timeout", "who waits for a slot waits without a timeout",
                         "pool/acquire-past-timeout", install},
    [STRAY_CANCEL] = {"stray_cancel", "a cancel hits what runs next, too",
                      "error-class/interrupted|pool/broken-handed-out", install},
    [IGNORED_ROLLBACK] = {"ignored_rollback", "a rollback that failed counts as done",
                          "error-class/ok|error-class/misuse", install},
    [STALE_STATEMENT] = {"stale_statement", "a stale statement is kept", "error-class/schema",
                         install},
    [LEAKED_STREAM] = {"leaked_stream", "a stream that ends keeps its actor",
                       "pool/leaked-slot|pool/does-not-close", install},
    [DROPPED_REQUEST] = {"dropped_request", "a full mailbox drops what is sent",
                         "pool/lost-request", install},
    [LATE_CANCEL] = {"late_cancel",
                     "slow: profile=cancel-heavy: a cancel that comes late hits the next call",
                     "pool/cancel-hits-later-call", install},
    [NEWCOMER_FIRST] = {"newcomer_first", "who comes when others wait is served before them",
                        "pool/overtaken", install},
    [TRUSTED_SILENCE] = {"trusted_silence", "a connection without an answer stays in the pool",
                         "pool/late-request|error-class/misuse", install},
    [SLOT_OF_NOBODY] = {"slot_of_nobody", "a return after a call without an answer keeps the slot",
                        "pool/leaked-slot|pool/lost-wakeup", install},
    [RETRIED_COMMIT] = {"retried_commit", "a commit whose answer was lost is tried again",
                        "pool/commit-denied", install},
    [TRUSTED_ANSWER] = {"trusted_answer", "who was told done does not look at the connection",
                        "pool/handed-out-in-transaction|error-class/misuse", install},
    [REFUSED_CHECKOUT] = {"refused_checkout", "every second checkout is refused, free slot or not",
                          "property/pool-checkout-return|pool", install},
    [FINALIZED_STATEMENT] = {"finalized_statement", "a stale statement is finalized, and kept",
                             "misuse/use-of-a-statement-after-its-finalize", install},
};
const size_t canary_count = sizeof canaries / sizeof canaries[0];
