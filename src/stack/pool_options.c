/* SPDX-License-Identifier: Apache-2.0 */
/* Between the terms of interplay/stack.h and those of interplay/pool.h. */
#include "stack/pool_options.h"

#include "stack/column_names.h"

#include <stdio.h>
#include <string.h>

struct pool_options stack_pool_options(const struct stack_options *options)
{
    struct pool_options pool =
        interplay_pool_defaults(options->backend, options->connection.target);
    pool.connection = options->connection;
    pool.readers = options->readers;
    pool.writers = options->writers;
    pool.acquire_timeout_ms = options->acquire_timeout_ms;
    pool.statement_cache = options->statement_cache;
    pool.mailbox = options->mailbox;
    pool.stream_rows = pool.mutate_stream_rows = options->stream_rows;
    return pool;
}

void stack_pool_reply(struct stack_reply *ret_reply, enum outcome outcome,
                      const struct pool_error *error)
{
    *ret_reply = (struct stack_reply){.outcome = outcome};
    if (outcome == OUTCOME_OK || outcome == OUTCOME_ROW)
        return;
    ret_reply->error_code = error->code;
    memcpy(ret_reply->error_state, error->state, sizeof ret_reply->error_state);
    (void)snprintf(ret_reply->error_message, sizeof ret_reply->error_message, "%.*s",
                   (int)sizeof ret_reply->error_message - 1, error->message);
}

static enum stack_slot_state state_of(enum pool_slot_state state)
{
    switch (state) {
    case POOL_SLOT_EMPTY:
        return STACK_SLOT_EMPTY;
    case POOL_SLOT_IDLE:
        return STACK_SLOT_IDLE;
    case POOL_SLOT_LEASED:
        return STACK_SLOT_LEASED;
    case POOL_SLOT_IN_TRANSACTION:
        return STACK_SLOT_IN_TRANSACTION;
    case POOL_SLOT_BUSY:
        return STACK_SLOT_BUSY;
    case POOL_SLOT_BROKEN:
        return STACK_SLOT_BROKEN;
    }
    return STACK_SLOT_BROKEN;
}

void stack_pool_view(struct stack_view *ret_view, const struct pool_view *view,
                     const struct stack_lease *(*lease_of)(const struct stack *stack,
                                                           const void *owner),
                     const struct stack *stack)
{
    uint32_t count = view->slot_count < STACK_SLOTS_MAX ? view->slot_count : STACK_SLOTS_MAX;
    ret_view->slot_count = count;
    ret_view->waiting_readers = view->waiting_readers;
    ret_view->waiting_writers = view->waiting_writers;
    for (uint32_t i = 0; i < count; i++) {
        const struct pool_slot_view *slot = &view->slots[i];
        ret_view->slots[i] = (struct stack_slot){
            .access = slot->is_writer ? STACK_WRITE : STACK_READ,
            .state = state_of(slot->state),
            .lease = slot->owner == NULL ? NULL : lease_of(stack, slot->owner),
        };
    }
}

static bool forward_row(void *context, const struct value *columns, uint32_t count)
{
    const struct stack_pool_rows *rows = context;
    rows->call->on_row(rows->call->context, columns, count);
    return true;
}

static void take_names(void *context, const char *const *names, uint32_t count)
{
    struct stack_pool_rows *rows = context;
    stack_join_names(names, count, rows->names);
}

struct row_sink stack_pool_sink(struct stack_pool_rows *rows)
{
    return (struct row_sink){
        .on_row = rows->call->on_row == NULL ? NULL : forward_row,
        .context = rows,
        .ret_columns = &rows->columns,
        .on_names = rows->call->wants_names ? take_names : NULL,
    };
}
