/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locks. A request that is in somebody's way waits, the oldest first, unless its session has a lock
 * there already; whoever gives a lock back grants what has become possible. A cycle of those who
 * wait is found when its last one begins to: of the sessions in it, the one with the lowest
 * deadlock priority loses, and of those the one that has written least, and of those the one that
 * closed the cycle.
 */
#include "mssql/server/engine.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

#define MODE(mode) (1u << ENGINE_##mode)

/* Which modes of others a mode goes with. */
static const uint32_t compatible[ENGINE_MODES] = {
    [ENGINE_STABLE] = ~MODE(CHANGE),
    [ENGINE_INTEND_SHARED] = ~(MODE(CHANGE) | MODE(EXCLUSIVE)),
    [ENGINE_INTEND_EXCLUSIVE] = ~(MODE(CHANGE) | MODE(EXCLUSIVE) | MODE(SHARED) | MODE(UPDATE)),
    [ENGINE_SHARED] = ~(MODE(CHANGE) | MODE(EXCLUSIVE) | MODE(INTEND_EXCLUSIVE)),
    [ENGINE_UPDATE] = ~(MODE(CHANGE) | MODE(EXCLUSIVE) | MODE(INTEND_EXCLUSIVE) | MODE(UPDATE)),
    [ENGINE_EXCLUSIVE] = MODE(STABLE) | MODE(RANGE),
    [ENGINE_CHANGE] = MODE(RANGE),
    [ENGINE_RANGE] = ~0u,
    [ENGINE_INSERT] = ~MODE(RANGE),
};

/* Which modes are as good as a mode, for who has one of them already. */
static const uint32_t as_good[ENGINE_MODES] = {
    [ENGINE_STABLE] = ~(MODE(RANGE) | MODE(INSERT)),
    [ENGINE_INTEND_SHARED] = ~(MODE(STABLE) | MODE(RANGE) | MODE(INSERT)),
    [ENGINE_INTEND_EXCLUSIVE] = MODE(INTEND_EXCLUSIVE) | MODE(EXCLUSIVE) | MODE(CHANGE),
    [ENGINE_SHARED] = MODE(SHARED) | MODE(UPDATE) | MODE(EXCLUSIVE) | MODE(CHANGE),
    [ENGINE_UPDATE] = MODE(UPDATE) | MODE(EXCLUSIVE) | MODE(CHANGE),
    [ENGINE_EXCLUSIVE] = MODE(EXCLUSIVE) | MODE(CHANGE),
    [ENGINE_CHANGE] = MODE(CHANGE),
};

/* --- who is in the way ------------------------------------------------------------------------ */

static bool is_in_range(const struct engine_range *range, const struct value *key)
{
    if (range->has_low) {
        int order = engine_compare(key, &range->low);
        if (order < 0 || (order == 0 && range->low_is_open))
            return false;
    }
    if (range->has_high) {
        int order = engine_compare(key, &range->high);
        if (order > 0 || (order == 0 && range->high_is_open))
            return false;
    }
    return true;
}

/* A key that is about to be inserted meets ranges; everything else its own place. */
static bool meets(const struct engine_lock *lock, const struct engine_request *request)
{
    if (request->mode == ENGINE_INSERT)
        return lock->mode == ENGINE_RANGE && is_in_range(&lock->range, request->row->key);
    return lock->mode != ENGINE_RANGE;
}

static struct engine_lock *first_lock(const struct engine_request *request)
{
    bool is_of_row = request->row != NULL && request->mode != ENGINE_INSERT;
    return is_of_row ? request->row->locks : request->table->locks;
}

static bool conflicts(const struct engine_lock *lock, const struct engine_request *request)
{
    return lock->owner != request->session && meets(lock, request) &&
           (compatible[request->mode] & (1u << lock->mode)) == 0;
}

static bool has_lock_there(const struct engine_request *request)
{
    for (const struct engine_lock *lock = first_lock(request); lock != NULL; lock = lock->next_here)
        if (lock->owner == request->session && meets(lock, request))
            return true;
    return false;
}

static bool waits_before(const struct engine_request *earlier, const struct engine_request *request)
{
    return earlier->session != request->session && earlier->table == request->table &&
           earlier->row == request->row && !earlier->is_granted && !earlier->is_victim &&
           earlier->mode != ENGINE_INSERT && request->mode != ENGINE_INSERT &&
           (compatible[request->mode] & (1u << earlier->mode)) == 0;
}

/* Calls `each` with those who are in the way, until it returns true. */
static bool find_blocker(const struct engine_request *request,
                         bool (*each)(void *context, struct engine_session *blocker), void *context)
{
    for (struct engine_lock *lock = first_lock(request); lock != NULL; lock = lock->next_here)
        if (conflicts(lock, request) && each(context, lock->owner))
            return true;
    if (has_lock_there(request))
        return false;
    struct engine_request *earlier = request->session->server->requests;
    for (; earlier != NULL && earlier != request; earlier = earlier->next)
        if (waits_before(earlier, request) && each(context, earlier->session))
            return true;
    return false;
}

static bool any(void *context, struct engine_session *blocker)
{
    (void)context;
    (void)blocker;
    return true;
}

struct collection {
    struct engine_session **sessions;
    size_t count, capacity;
};

static bool collect(void *context, struct engine_session *blocker)
{
    struct collection *collection = context;
    for (size_t i = 0; i < collection->count && i < collection->capacity; i++)
        if (collection->sessions[i] == blocker)
            return false;
    if (collection->count < collection->capacity)
        collection->sessions[collection->count] = blocker;
    collection->count++;
    return false;
}

size_t engine_blockers(const struct engine_session *session, struct engine_session **ret_sessions,
                       size_t capacity)
{
    struct collection collection = {ret_sessions, 0, capacity};
    if (session->waiting != NULL && !session->waiting->is_granted)
        find_blocker(session->waiting, collect, &collection);
    return collection.count;
}

/* --- cycles ----------------------------------------------------------------------------------- */

struct search {
    struct engine_session *start, *at; /* `at` waits, and its blockers are looked at */
    struct engine_session *loser;      /* of the cycle that was found */
    uint32_t depth;
};

static bool is_cheaper(const struct engine_session *one, const struct engine_session *other)
{
    if (one->deadlock_priority != other->deadlock_priority)
        return one->deadlock_priority < other->deadlock_priority;
    return one->undo_count < other->undo_count;
}

enum { CYCLE_DEPTH_MAX = 64 };

/* Goes from who waits to who is in the way; on the way back from the start the loser is chosen. */
static bool leads_back(void *context, struct engine_session *blocker)
{
    struct search *search = context;
    if (blocker == search->start) {
        search->loser = search->start;
        return true;
    }
    if (blocker->waiting == NULL || blocker->waiting->is_granted || blocker->waiting->is_victim ||
        search->depth >= CYCLE_DEPTH_MAX)
        return false;
    search->depth++;
    bool found = find_blocker(blocker->waiting, leads_back, search);
    search->depth--;
    if (found && is_cheaper(blocker, search->loser))
        search->loser = blocker;
    return found;
}

/* --- keeping and giving back ------------------------------------------------------------------ */

static void copy_bytes(struct value *value)
{
    if (value->kind != VALUE_TEXT && value->kind != VALUE_BLOB)
        return;
    char *bytes = malloc(value->text.length + 1);
    ASSERT(bytes != NULL);
    if (value->text.length > 0)
        memcpy(bytes, value->text.bytes, value->text.length);
    value->text.bytes = bytes;
}

static void free_value(struct value *value)
{
    if (value->kind == VALUE_TEXT || value->kind == VALUE_BLOB)
        free((void *)(uintptr_t)value->text.bytes);
}

static struct engine_lock *make_lock(struct engine_session *session, struct engine_table *table,
                                     struct engine_row *row, enum engine_mode mode,
                                     bool is_of_statement)
{
    struct engine_lock *lock = session->server->free_locks;
    if (lock == NULL)
        lock = malloc(sizeof *lock);
    else
        session->server->free_locks = lock->next_here;
    ASSERT(lock != NULL);
    struct engine_lock **here = row == NULL ? &table->locks : &row->locks;
    *lock = (struct engine_lock){.next_of_owner = session->locks,
                                 .next_here = *here,
                                 .owner = session,
                                 .table = table,
                                 .row = row,
                                 .mode = mode,
                                 .is_of_statement = is_of_statement};
    session->locks = lock;
    *here = lock;
    return lock;
}

static struct engine_lock *grant(struct engine_request *request)
{
    if (request->mode == ENGINE_INSERT)
        return NULL;
    return make_lock(request->session, request->table, request->row, request->mode,
                     request->is_of_statement);
}

static void grant_waiting(struct tds_server *server)
{
    for (struct engine_request *request = server->requests; request != NULL;
         request = request->next) {
        if (request->is_granted || request->is_victim || find_blocker(request, any, NULL))
            continue;
        request->is_granted = true;
        request->granted = grant(request);
        server->host->wake(server->context, request->session->host_context);
    }
}

static void take_out(struct engine_lock *lock)
{
    struct engine_lock **here = lock->row == NULL ? &lock->table->locks : &lock->row->locks;
    while (*here != lock)
        here = &(*here)->next_here;
    *here = lock->next_here;
    free_value(&lock->range.low);
    free_value(&lock->range.high);
    lock->next_here = lock->owner->server->free_locks;
    lock->owner->server->free_locks = lock;
}

void engine_unlock(struct engine_lock *lock)
{
    struct engine_session *owner = lock->owner;
    struct engine_lock **of_owner = &owner->locks;
    while (*of_owner != lock)
        of_owner = &(*of_owner)->next_of_owner;
    *of_owner = lock->next_of_owner;
    take_out(lock);
    if (owner->server->requests != NULL)
        grant_waiting(owner->server);
}

void engine_unlock_all(struct engine_session *session, bool only_of_statement)
{
    bool any_gone = false;
    for (struct engine_lock **at = &session->locks; *at != NULL;) {
        struct engine_lock *lock = *at;
        if (only_of_statement && !lock->is_of_statement) {
            at = &lock->next_of_owner;
            continue;
        }
        *at = lock->next_of_owner;
        take_out(lock);
        any_gone = true;
    }
    if (any_gone && session->server->requests != NULL)
        grant_waiting(session->server);
}

/* --- waiting ---------------------------------------------------------------------------------- */

uint64_t engine_now_ns(const struct tds_server *server)
{
    return server->host->now_ns == NULL ? 0 : server->host->now_ns(server->context);
}

bool engine_wait(struct engine_session *session, enum tds_wait why, uint64_t until_ns)
{
    struct tds_server *server = session->server;
    if (!session->is_cancelled)
        server->host->wait(server->context, session->host_context, why, until_ns);
    return !session->is_cancelled;
}

static void queue(struct engine_request *request)
{
    struct engine_request **end = &request->session->server->requests;
    while (*end != NULL)
        end = &(*end)->next;
    *end = request;
    request->session->waiting = request;
}

static void leave_queue(struct engine_request *request)
{
    struct engine_request **at = &request->session->server->requests;
    while (*at != request)
        at = &(*at)->next;
    *at = request->next;
    request->session->waiting = NULL;
}

static void break_cycle(struct engine_request *request)
{
    struct search search = {.start = request->session};
    while (!request->is_victim && find_blocker(request, leads_back, &search)) {
        struct engine_session *loser = search.loser;
        loser->waiting->is_victim = true;
        if (loser != request->session)
            loser->server->host->wake(loser->server->context, loser->host_context);
    }
}

static uint64_t deadline(const struct engine_session *session)
{
    if (session->lock_timeout_ms < 0)
        return TDS_FOREVER;
    return engine_now_ns(session->server) + (uint64_t)session->lock_timeout_ms * 1000000;
}

static bool fail_waiting(struct engine_session *session, const struct engine_request *request)
{
    if (request->is_victim) {
        char number[16];
        size_t at = sizeof number;
        number[--at] = 0;
        for (uint32_t left = session->number; left > 0; left /= 10)
            number[--at] = (char)('0' + left % 10);
        return engine_raise(session, 1205, number + at);
    }
    return session->is_cancelled ? false : engine_raise(session, 1222);
}

static bool wait_for(struct engine_request *request)
{
    struct engine_session *session = request->session;
    if (session->lock_timeout_ms == 0 || session->host_context == NULL)
        return engine_raise(session, 1222);
    queue(request);
    break_cycle(request);
    uint64_t until_ns = deadline(session);
    while (!request->is_granted && !request->is_victim &&
           engine_wait(session, TDS_WAIT_LOCK, until_ns))
        if (engine_now_ns(session->server) >= until_ns)
            break;
    leave_queue(request);
    if (request->is_granted && !session->is_cancelled)
        return true;
    fail_waiting(session, request);
    grant_waiting(session->server); /* those behind it */
    return false;
}

/* --- asking ----------------------------------------------------------------------------------- */

static bool has_as_good(const struct engine_request *request)
{
    for (struct engine_lock *lock = first_lock(request); lock != NULL; lock = lock->next_here) {
        if (lock->owner != request->session || lock->mode == ENGINE_RANGE ||
            (as_good[request->mode] & (1u << lock->mode)) == 0)
            continue;
        lock->is_of_statement &= request->is_of_statement;
        return true;
    }
    return false;
}

static bool ask(struct engine_request *request, struct engine_lock **ret_lock)
{
    if (ret_lock != NULL)
        *ret_lock = NULL;
    if (request->mode != ENGINE_INSERT && has_as_good(request))
        return true;
    if (!find_blocker(request, any, NULL))
        request->granted = grant(request);
    else if (!wait_for(request))
        return false;
    if (ret_lock != NULL)
        *ret_lock = request->granted;
    return true;
}

bool engine_lock_table(struct engine_session *session, struct engine_table *table,
                       enum engine_mode mode, bool is_of_statement)
{
    struct engine_request request = {
        .session = session, .table = table, .mode = mode, .is_of_statement = is_of_statement};
    return ask(&request, NULL);
}

bool engine_lock_row(struct engine_session *session, struct engine_table *table,
                     struct engine_row *row, enum engine_mode mode, bool is_of_statement,
                     struct engine_lock **ret_lock)
{
    struct engine_request request = {.session = session,
                                     .table = table,
                                     .row = row,
                                     .mode = mode,
                                     .is_of_statement = is_of_statement};
    return ask(&request, ret_lock);
}

bool engine_lock_insert(struct engine_session *session, struct engine_table *table,
                        struct engine_row *row)
{
    struct engine_request request = {
        .session = session, .table = table, .row = row, .mode = ENGINE_INSERT};
    return ask(&request, NULL);
}

/* Nobody is ever in the way of a range; rows that are in it are locked one by one. */
void engine_lock_range(struct engine_session *session, struct engine_table *table,
                       const struct engine_range *range)
{
    struct engine_lock *lock = make_lock(session, table, NULL, ENGINE_RANGE, false);
    lock->range = *range;
    copy_bytes(&lock->range.low);
    copy_bytes(&lock->range.high);
}
