/* SPDX-License-Identifier: Apache-2.0 */
/* Every function draws what it answers. */
#include "lying_stack.h"

#include "base/assert.h"
#include "base/hash.h"
#include "base/random.h"
#include "sim/posix_calls.h"
#include "sim/world.h"

#include <string.h>

enum { LEASES = 12, COLUMNS_MAX = 12, ROWS_MAX = 40 };

struct stack {
    char is_there;
};
struct stack_lease {
    char is_there;
};
struct stack_stream {
    const struct stack_call *call;
    struct stack_listener listener;
    struct stack_call copy;
};

static struct {
    struct random random;
    struct stack_options options;
    struct stack stack;
    struct stack_lease leases[LEASES];
    struct stack_stream streams[LEASES];
    uint32_t next_stream;
    struct stack_listener listener;
    pthread_mutex_t mutex;
} lies;

bool lying_stack_misuses_locks, lying_stack_spins, lying_stack_meets_limits;

void lying_stack_reset(void)
{
    random_seed(&lies.random, 0);
    lies.next_stream = 0;
}

static uint32_t draw(uint32_t below)
{
    return random_below(&lies.random, below);
}

/* What was asked becomes part of all that is drawn later. */
static void hear(uint64_t word)
{
    random_seed(&lies.random, hash_word(random_next(&lies.random), word));
}

static struct stack_lease *heard_lease(struct stack_lease *lease)
{
    ASSERT(lease >= lies.leases && lease < lies.leases + LEASES);
    hear((uint64_t)(lease - lies.leases));
    return lease;
}

/* Mostly good, so that plans get somewhere. */
static enum outcome draw_outcome(uint32_t good_of_8)
{
    return draw(8) < good_of_8 ? OUTCOME_OK : (enum outcome)draw(OUTCOME_COUNT);
}

/* Faults strike, and others go on, inside of calls. */
static void dawdle(void)
{
    for (uint32_t kind = FAULT_NONE + 1; kind < FAULT_KIND_COUNT; kind++)
        (void)world_fault_due((enum fault_kind)kind);
    for (uint32_t left = draw(4); left > 0; left--)
        world_yield((enum yield_point)draw(YIELD_POINT_COUNT));
    if (draw(16) == 0)
        world_sleep((uint64_t)draw(2000) * 1000000);
    if (lying_stack_meets_limits && draw(64) == 0)
        world_meet_limit("patience of a stack that lies");
    if (lying_stack_misuses_locks && draw(64) == 0)
        (void)sim_pthread_mutex_unlock(&lies.mutex);
}

static const char nonsense[] = "nonsense \x01\xff with <b>marks</b>, 'quotes' and\nlines";

static void draw_reply(struct stack_reply *reply)
{
    static const int64_t changes[] = {0, 1, 2, -1, INT64_MAX, INT64_MIN};
    static const int numbers[] = {0, 1, 3, 8, 9, -1, INT32_MAX, INT32_MIN};
    *reply = (struct stack_reply){
        .outcome = draw_outcome(6),
        .changes = changes[draw(6)],
        .column_count = numbers[draw(8)],
        .error_code = numbers[draw(8)],
    };
    if (draw(2) == 0)
        memcpy(reply->error_message, nonsense, sizeof nonsense);
    if (draw(4) == 0)
        memset(reply->error_message, 'm', sizeof reply->error_message - 1);
    if (draw(4) == 0)
        memset(reply->column_names, 'n', sizeof reply->column_names - 1);
    if (draw(4) == 0)
        memset(reply->error_state, 's', sizeof reply->error_state - 1);
}

static struct value draw_value(void)
{
    static const int64_t numbers[] = {0, 1, 23, 24, -1, INT64_MAX, INT64_MIN};
    static const double reals[] = {0, -0.5, 1e300, 1e-300};
    struct value value = {.kind = (enum value_kind)draw(VALUE_BLOB + 1)};
    if (value.kind == VALUE_INTEGER)
        value.integer = draw(2) ? numbers[draw(7)] : (int64_t)draw(1 << 20);
    else if (value.kind == VALUE_REAL)
        value.real = reals[draw(4)];
    else if (value.kind != VALUE_NULL)
        value.text.bytes = nonsense, value.text.length = draw(sizeof nonsense);
    if (value.kind == VALUE_TEXT && draw(4) == 0)
        value.text.length = 0, value.text.bytes = NULL;
    return value;
}

static void tell_row(const struct stack_call *call)
{
    struct value columns[COLUMNS_MAX];
    uint32_t count = draw(3) ? 3 : draw(COLUMNS_MAX + 1);
    for (uint32_t i = 0; i < count; i++)
        columns[i] = draw_value();
    if (call->on_row != NULL)
        call->on_row(call->context, columns, count);
}

static void hear_call(const struct stack_call *call)
{
    hear(hash_bytes(call->access, call->sql, call->sql_length));
    for (uint32_t i = 0; i < call->parameter_count; i++)
        if (call->parameters[i].kind == VALUE_INTEGER)
            hear((uint64_t)call->parameters[i].integer);
}

/* Its true end, or another one, comes now or never. */
static void draw_end(void *tag, struct stack_reply *reply)
{
    reply->is_abandoned = draw(8) == 0;
    if (draw(4) == 0 && !reply->is_abandoned)
        return;
    if (draw(32) == 0)
        return;
    struct stack_reply end;
    draw_reply(&end);
    if (draw(2) == 0)
        lies.listener.on_serve(lies.listener.context, tag);
    lies.listener.on_served(lies.listener.context, tag, &end);
}

static void answer(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply)
{
    (void)heard_lease(lease);
    dawdle();
    draw_reply(ret_reply);
    draw_end(tag, ret_reply);
}

/* --- the table ------------------------------------------------------------------------------- */

static enum outcome lie_open(struct stack **ret_stack, const struct stack_options *options)
{
    hear(options->readers * 100 + options->writers);
    lies.options = *options;
    lies.listener = options->listener;
    *ret_stack = draw(64) == 0 ? NULL : &lies.stack;
    return draw_outcome(8 - (draw(16) == 0));
}

static enum outcome lie_close(struct stack *stack, bool interrupt, uint32_t timeout_ms)
{
    ASSERT(stack == &lies.stack);
    hear(timeout_ms + interrupt);
    dawdle();
    return draw_outcome(7);
}

static void lie_destroy(struct stack *stack)
{
    ASSERT(stack == &lies.stack);
}

static enum outcome lie_checkout(struct stack *stack, enum stack_access access, uint32_t timeout_ms,
                                 struct stack_lease **ret_lease)
{
    ASSERT(stack == &lies.stack);
    hear(timeout_ms * 2 + access);
    dawdle();
    if (draw(16) != 0)
        *ret_lease = &lies.leases[draw(LEASES)];
    return draw_outcome(7);
}

static enum outcome lie_give_back(struct stack_lease *lease)
{
    (void)heard_lease(lease);
    dawdle();
    return draw_outcome(7);
}

static void spin_if_planted(void)
{
    volatile bool spins = lying_stack_spins;
    while (spins) {
    }
}

/*
 * Now and then it is done for real, on a connection of its own: commits happen, modes change, and
 * faults of storage and of requests strike, behind what is told.
 */
static void do_for_real(const struct stack_call *call)
{
    const struct backend_ops *backend = lies.options.backend;
    struct backend_connection *connection;
    struct stack_reply truth;
    if (backend->connect(&connection, &lies.options.connection) != OUTCOME_OK)
        return;
    struct stack_call real = *call;
    if (draw(2) == 0)
        real.on_row = NULL;
    for (uint32_t left = 1 + draw(2); left > 0; left--)
        interplay_stack_run(backend, connection, &real, &truth);
    hear(truth.outcome);
    (void)backend->disconnect(connection);
}

static void lie_execute(struct stack_lease *lease, const struct stack_call *call,
                        struct stack_reply *ret_reply)
{
    hear_call(call);
    dawdle();
    spin_if_planted();
    if (draw(8) == 0)
        do_for_real(call);
    for (uint32_t left = draw(3) ? draw(4) : draw(ROWS_MAX); left > 0; left--)
        tell_row(call);
    answer(lease, call->tag, ret_reply);
}

static bool lie_in_transaction(struct stack_lease *lease)
{
    (void)heard_lease(lease);
    return draw(4) == 0;
}

static void lie_begin_as(struct stack_lease *lease, enum stack_begin mode, void *tag,
                         struct stack_reply *ret_reply)
{
    hear(mode);
    answer(lease, tag, ret_reply);
}

static void lie_batch(struct stack_lease *lease, const struct stack_call *calls, uint32_t count,
                      struct stack_reply *ret_reply)
{
    for (uint32_t i = 0; i < count; i++)
        hear_call(&calls[i]);
    answer(lease, calls[0].tag, ret_reply);
}

static void lie_drop(struct stack_lease *lease)
{
    (void)heard_lease(lease);
    dawdle();
}

static void lie_cancel(struct stack_lease *lease, const void *tag)
{
    (void)tag;
    lie_drop(lease);
}

static bool lie_abandon(struct stack_lease *lease)
{
    (void)heard_lease(lease);
    dawdle();
    return draw(2) == 0;
}

static enum outcome lie_stream_open(struct stack_lease *lease, const struct stack_call *call,
                                    struct stack_stream **ret_stream)
{
    (void)heard_lease(lease);
    hear_call(call);
    dawdle();
    struct stack_stream *stream = &lies.streams[lies.next_stream++ % LEASES];
    stream->copy = *call;
    if (draw(16) != 0)
        *ret_stream = stream;
    return draw_outcome(7);
}

static void heard_stream(const struct stack_stream *stream)
{
    ASSERT(stream >= lies.streams && stream < lies.streams + LEASES);
    hear((uint64_t)(stream - lies.streams));
    dawdle();
}

static void lie_stream_next(struct stack_stream *stream, struct stack_reply *ret_reply)
{
    heard_stream(stream);
    for (uint32_t left = draw(3); left > 0; left--)
        tell_row(&stream->copy);
    draw_reply(ret_reply);
    if (draw(4) != 0)
        ret_reply->outcome = OUTCOME_ROW;
    if (ret_reply->outcome != OUTCOME_ROW)
        draw_end(stream->copy.tag, ret_reply);
}

static void lie_stream_close(struct stack_stream *stream)
{
    struct stack_reply reply;
    heard_stream(stream);
    draw_reply(&reply);
    draw_end(stream->copy.tag, &reply);
}

static void lie_inspect(struct stack *stack, struct stack_view *ret_view)
{
    ASSERT(stack == &lies.stack);
    *ret_view = (struct stack_view){
        .slot_count = draw(STACK_SLOTS_MAX + 1),
        .waiting_readers = draw(4) ? 0 : draw(UINT32_MAX),
        .waiting_writers = draw(4) ? 0 : draw(UINT32_MAX),
    };
    for (uint32_t i = 0; i < ret_view->slot_count; i++)
        ret_view->slots[i] = (struct stack_slot){
            .access = (enum stack_access)draw(2),
            .state = (enum stack_slot_state)draw(STACK_SLOT_BROKEN + 1),
            .lease = draw(2) ? NULL : &lies.leases[draw(LEASES)],
        };
}

#define SIMPLEST                                                                                   \
    .open = lie_open, .close = lie_close, .destroy = lie_destroy, .checkout = lie_checkout,        \
    .give_back = lie_give_back, .execute = lie_execute, .in_transaction = lie_in_transaction

const struct stack_ops lying_stack = {
    .name = "lying",
    .traits = STACK_LEASES_HOLD_SLOTS | STACK_HAS_READERS | STACK_NEVER_BUSY |
              STACK_CANCELS_ONE_CALL | STACK_KEEPS_BUSY_TIMEOUT | STACK_BOUNDS_OVERTAKING |
              STACK_LEAVES_LOG_ALONE | STACK_SQL_BEGINS,
    .begins = {STACK_BEGIN_AS_ASKED, STACK_BEGIN_AS_ASKED},
    SIMPLEST,
    .begin = answer,
    .begin_as = lie_begin_as,
    .commit = answer,
    .rollback = answer,
    .batch = lie_batch,
    .drop = lie_drop,
    .cancel = lie_cancel,
    .abandon = lie_abandon,
    .stream_open = lie_stream_open,
    .stream_next = lie_stream_next,
    .stream_close = lie_stream_close,
    .inspect = lie_inspect,
};

const struct stack_ops lying_stack_plain = {.name = "lying-plain", SIMPLEST};

const struct stack_ops lying_stack_cursors = {
    .name = "lying-cursors",
    .traits = STACK_SQL_BEGINS | STACK_STREAMS_ARE_CURSORS | STACK_LEASES_HOLD_SLOTS,
    .begins = {STACK_BEGIN_EXCLUSIVE, STACK_BEGIN_DEFERRED},
    .modes = "",
    SIMPLEST,
    .stream_open = lie_stream_open,
    .stream_next = lie_stream_next,
    .stream_close = lie_stream_close,
};
