/* SPDX-License-Identifier: Apache-2.0 */
#include "brute_force.h"

#include <string.h>

/* What one key holds: a register's value, or a list's elements. */
struct brute_value {
    int64_t value;
    int64_t elements[BRUTE_ELEMENTS_MAX];
    uint32_t element_count;
};

struct brute_state {
    struct brute_value keys[BRUTE_KEYS_MAX];
};

/* One order of those who count. */
struct brute_order {
    const struct isolation_history *history;
    uint32_t members[BRUTE_TRANSACTIONS_MAX], count;
    struct brute_state after[BRUTE_TRANSACTIONS_MAX + 1]; /* the first so many have committed */
};

static bool is_write(const struct isolation_operation *operation)
{
    return operation->kind == ISOLATION_WRITE || operation->kind == ISOLATION_APPEND;
}

static bool holds(const struct isolation_where *where, int64_t value)
{
    return value != ISOLATION_NO_ROW && value >= where->at_least && value <= where->at_most;
}

static void apply(struct brute_state *state, const struct isolation_operation *write)
{
    struct brute_value *value = &state->keys[write->key];
    if (write->kind == ISOLATION_WRITE)
        value->value = write->value;
    else
        value->elements[value->element_count++] = write->value;
}

static void run_order(struct brute_order *order)
{
    const struct isolation_history *history = order->history;
    memset(&order->after[0], 0, sizeof order->after[0]);
    for (uint32_t key = 0; key < history->key_count; key++)
        order->after[0].keys[key].value = history->keys[key].initial;
    for (uint32_t i = 0; i < order->count; i++) {
        order->after[i + 1] = order->after[i];
        for (size_t at = 0; at < history->operation_count; at++)
            if (history->operations[at].transaction == order->members[i] &&
                is_write(&history->operations[at]))
                apply(&order->after[i + 1], &history->operations[at]);
    }
}

static bool wrote(const struct isolation_history *history, uint32_t transaction, uint32_t key,
                  size_t before)
{
    for (size_t i = 0; i < before; i++)
        if (history->operations[i].transaction == transaction &&
            history->operations[i].key == key && is_write(&history->operations[i]))
            return true;
    return false;
}

/* The state, and the transaction's own work so far on top of it. */
static void view_of(const struct brute_order *order, const struct brute_state *state, size_t before,
                    struct brute_state *ret_view)
{
    const struct isolation_history *history = order->history;
    *ret_view = *state;
    for (size_t i = 0; i < before; i++)
        if (history->operations[i].transaction == history->operations[before].transaction &&
            is_write(&history->operations[i]))
            apply(ret_view, &history->operations[i]);
}

static const struct isolation_row *row_of(const struct isolation_operation *read, uint32_t key)
{
    for (uint32_t i = 0; i < read->row_count; i++)
        if (read->rows[i].key == key)
            return &read->rows[i];
    return NULL;
}

static bool same_list(const struct brute_value *value, const struct isolation_operation *read)
{
    return value->element_count == read->element_count &&
           (read->element_count == 0 || memcmp(value->elements, read->elements,
                                               read->element_count * sizeof *read->elements) == 0);
}

/* Whether a range's key looks as it was read. */
static bool same_in_range(const struct isolation_operation *read, uint32_t key, int64_t value)
{
    const struct isolation_row *row = row_of(read, key);
    return row != NULL ? row->value == value : !holds(&read->where, value);
}

static bool in_range(const struct isolation_history *history,
                     const struct isolation_operation *read, uint32_t key)
{
    return key >= read->where.first_key && key <= read->where.last_key &&
           !history->keys[key].is_list;
}

static bool fits(const struct isolation_operation *read, int64_t count, int64_t sum)
{
    if (read->kind == ISOLATION_COUNT)
        return count == read->value;
    return count == 0 ? read->value == ISOLATION_NO_ROW
                      : read->value != ISOLATION_NO_ROW && sum == read->value;
}

static bool sees_view(const struct isolation_history *history, size_t index,
                      const struct brute_state *view)
{
    const struct isolation_operation *read = &history->operations[index];
    int64_t count = 0, sum = 0;
    switch (read->kind) {
    case ISOLATION_READ:
        return view->keys[read->key].value == read->value;
    case ISOLATION_READ_LIST:
        return same_list(&view->keys[read->key], read);
    default:
        for (uint32_t key = 0; key < history->key_count; key++) {
            int64_t value = view->keys[key].value;
            if (!in_range(history, read, key))
                continue;
            if (read->kind == ISOLATION_READ_WHERE && !same_in_range(read, key, value))
                return false;
            count += holds(&read->where, value);
            sum += holds(&read->where, value) ? value : 0;
        }
        return read->kind == ISOLATION_READ_WHERE || fits(read, count, sum);
    }
}

/* All reads of a transaction, of one state. */
static bool sees(const struct brute_order *order, uint32_t transaction,
                 const struct brute_state *state)
{
    const struct isolation_history *history = order->history;
    for (size_t i = 0; i < history->operation_count; i++) {
        struct brute_state view;
        if (history->operations[i].transaction != transaction || is_write(&history->operations[i]))
            continue;
        view_of(order, state, i, &view);
        if (!sees_view(history, i, &view))
            return false;
    }
    return true;
}

/* --- what is true at each level --------------------------------------------------------------- */

static bool is_member(const struct brute_order *order, uint32_t transaction)
{
    for (uint32_t i = 0; i < order->count; i++)
        if (order->members[i] == transaction)
            return true;
    return false;
}

/* A read of a list, without what was rolled back, is a beginning of what the list came to be. */
static bool lists_begin_alike(const struct brute_order *order)
{
    const struct isolation_history *history = order->history;
    for (size_t i = 0; i < history->operation_count; i++) {
        const struct isolation_operation *read = &history->operations[i];
        if (read->kind != ISOLATION_READ_LIST || !is_member(order, read->transaction))
            continue;
        const struct brute_value *last = &order->after[order->count].keys[read->key];
        uint32_t at = 0;
        for (uint32_t e = 0; e < read->element_count; e++) {
            bool aborted = false;
            for (size_t w = 0; w < history->operation_count; w++)
                aborted |= history->operations[w].kind == ISOLATION_APPEND &&
                           history->operations[w].key == read->key &&
                           history->operations[w].value == read->elements[e] &&
                           !is_member(order, history->operations[w].transaction);
            if (aborted)
                continue;
            if (at == last->element_count || last->elements[at] != read->elements[e])
                return false;
            at++;
        }
    }
    return true;
}

static bool keeps_known_order(const struct brute_order *order)
{
    const struct isolation_history *history = order->history;
    uint64_t last[BRUTE_KEYS_MAX] = {0};
    for (uint32_t i = 0; history->order_is_known && i < order->count; i++) {
        for (size_t at = 0; at < history->operation_count; at++) {
            const struct isolation_operation *write = &history->operations[at];
            if (!is_write(write) || write->transaction != order->members[i])
                continue;
            if (write->place < last[write->key])
                return false;
            last[write->key] = write->place;
        }
    }
    return true;
}

/* What of real time an order has to keep. */
enum time { TIME_NOTHING, TIME_OF_SESSIONS, TIME_OF_ALL };

static bool is_before(const struct brute_order *order, uint32_t one, uint32_t other, enum time time)
{
    const struct isolation_transaction *transactions = order->history->transactions;
    return time != TIME_NOTHING && transactions[one].ended < transactions[other].began &&
           (time == TIME_OF_ALL || transactions[one].session == transactions[other].session);
}

static bool keeps_real_time(const struct brute_order *order, enum time time)
{
    for (uint32_t i = 0; i < order->count; i++)
        for (uint32_t later = i + 1; later < order->count; later++)
            if (is_before(order, order->members[later], order->members[i], time))
                return false;
    return true;
}

/* --- serial ----------------------------------------------------------------------------------- */

static bool is_serial(const struct brute_order *order)
{
    for (uint32_t i = 0; i < order->count; i++)
        if (!sees(order, order->members[i], &order->after[i]))
            return false;
    return true;
}

/* --- snapshots -------------------------------------------------------------------------------- */

static bool both_write(const struct brute_order *order, uint32_t one, uint32_t other)
{
    const struct isolation_history *history = order->history;
    for (uint32_t key = 0; key < history->key_count; key++)
        if (wrote(history, one, key, history->operation_count) &&
            wrote(history, other, key, history->operation_count))
            return true;
    return false;
}

static bool may_start_at(const struct brute_order *order, uint32_t i, uint32_t start,
                         enum time time)
{
    for (uint32_t other = start; other < i; other++)
        if (both_write(order, order->members[i], order->members[other]))
            return false;
    for (uint32_t other = start; other < order->count; other++)
        if (is_before(order, order->members[other], order->members[i], time))
            return false;
    return true;
}

static bool has_snapshots(const struct brute_order *order, enum time time)
{
    for (uint32_t i = 0; i < order->count; i++) {
        bool found = false;
        for (uint32_t start = 0; start <= i && !found; start++)
            found = may_start_at(order, i, start, time) &&
                    sees(order, order->members[i], &order->after[start]);
        if (!found)
            return false;
    }
    return true;
}

/* --- each read by itself ---------------------------------------------------------------------- */

/* `key` as of any of the first states, up to the reader's place in the order. */
static bool some_state_has(const struct brute_order *order, uint32_t i, uint32_t from, size_t index,
                           uint32_t key)
{
    const struct isolation_operation *read = &order->history->operations[index];
    for (uint32_t at = from; at <= i; at++) {
        struct brute_state view;
        view_of(order, &order->after[at], index, &view);
        const struct brute_value *value = &view.keys[key];
        if (read->kind == ISOLATION_READ_LIST ? same_list(value, read)
            : read->kind == ISOLATION_READ    ? value->value == read->value
                                              : same_in_range(read, key, value->value))
            return true;
    }
    return false;
}

/* Any state for each key. */
static bool some_states_add_up(const struct brute_order *order, uint32_t i, size_t index,
                               uint32_t key, int64_t count, int64_t sum)
{
    const struct isolation_history *history = order->history;
    const struct isolation_operation *read = &history->operations[index];
    if (key == history->key_count)
        return fits(read, count, sum);
    if (!in_range(history, read, key))
        return some_states_add_up(order, i, index, key + 1, count, sum);
    for (uint32_t at = 0; at <= i; at++) {
        struct brute_state view;
        view_of(order, &order->after[at], index, &view);
        int64_t value = view.keys[key].value;
        bool is_in = holds(&read->where, value);
        if (some_states_add_up(order, i, index, key + 1, count + is_in, sum + (is_in ? value : 0)))
            return true;
    }
    return false;
}

/* `items_are_newest`: rows that came are the newest ones at the reader's place. */
static bool reads_what_was_committed(const struct brute_order *order, uint32_t i, size_t index,
                                     bool items_are_newest)
{
    const struct isolation_history *history = order->history;
    const struct isolation_operation *read = &history->operations[index];
    uint32_t newest = items_are_newest ? i : 0;
    if (read->kind == ISOLATION_READ || read->kind == ISOLATION_READ_LIST)
        return some_state_has(order, i, newest, index, read->key);
    if (read->kind != ISOLATION_READ_WHERE)
        return some_states_add_up(order, i, index, 0, 0, 0);
    for (uint32_t key = 0; key < history->key_count; key++)
        if (in_range(history, read, key) &&
            !some_state_has(order, i, row_of(read, key) != NULL ? newest : 0, index, key))
            return false;
    return true;
}

static bool all_read_what_was_committed(const struct brute_order *order, bool items_are_newest)
{
    const struct isolation_history *history = order->history;
    for (uint32_t i = 0; i < order->count; i++)
        for (size_t at = 0; at < history->operation_count; at++)
            if (history->operations[at].transaction == order->members[i] &&
                !is_write(&history->operations[at]) &&
                !reads_what_was_committed(order, i, at, items_are_newest))
                return false;
    return true;
}

/* --- anything goes ---------------------------------------------------------------------------- */

static bool somebody_wrote(const struct isolation_history *history, uint32_t key, int64_t value,
                           uint32_t reader)
{
    if (!history->keys[key].is_list && history->keys[key].initial == value)
        return true;
    for (size_t i = 0; i < history->operation_count; i++)
        if (is_write(&history->operations[i]) && history->operations[i].key == key &&
            history->operations[i].value == value && history->operations[i].transaction != reader)
            return true;
    return false;
}

/* The key's last own value, if there is one. */
static const struct isolation_operation *own(const struct isolation_history *history, size_t index,
                                             uint32_t key)
{
    const struct isolation_operation *found = NULL;
    for (size_t i = 0; i < index; i++)
        if (history->operations[i].transaction == history->operations[index].transaction &&
            history->operations[i].key == key && is_write(&history->operations[i]))
            found = &history->operations[i];
    return found;
}

static bool one_value_can_be(const struct isolation_history *history, size_t index, uint32_t key,
                             int64_t value)
{
    const struct isolation_operation *mine = own(history, index, key);
    return mine != NULL
               ? mine->value == value
               : somebody_wrote(history, key, value, history->operations[index].transaction);
}

static bool own_elements_end_it(const struct isolation_history *history, size_t index)
{
    const struct isolation_operation *read = &history->operations[index];
    uint32_t mine = 0, at = 0;
    for (size_t i = 0; i < history->operation_count; i++) {
        const struct isolation_operation *write = &history->operations[i];
        if (write->kind != ISOLATION_APPEND || write->key != read->key ||
            write->transaction != read->transaction)
            continue;
        for (uint32_t e = 0; i > index && e < read->element_count; e++)
            if (read->elements[e] == write->value)
                return false;
        mine += i < index;
    }
    for (size_t i = 0; i < index; i++) {
        const struct isolation_operation *write = &history->operations[i];
        if (write->kind != ISOLATION_APPEND || write->key != read->key ||
            write->transaction != read->transaction)
            continue;
        if (mine > read->element_count ||
            read->elements[read->element_count - mine + at++] != write->value)
            return false;
    }
    return true;
}

static bool read_can_be(const struct isolation_history *history, size_t index)
{
    const struct isolation_operation *read = &history->operations[index];
    if (read->kind == ISOLATION_READ)
        return one_value_can_be(history, index, read->key, read->value);
    if (read->kind == ISOLATION_READ_LIST) {
        for (uint32_t i = 0; i < read->element_count; i++)
            for (uint32_t before = 0; before < i; before++)
                if (read->elements[before] == read->elements[i])
                    return false;
        for (uint32_t i = 0; i < read->element_count; i++)
            if (!somebody_wrote(history, read->key, read->elements[i], UINT32_MAX))
                return false;
        return own_elements_end_it(history, index);
    }
    for (uint32_t key = 0; read->kind == ISOLATION_READ_WHERE && key < history->key_count; key++) {
        const struct isolation_row *row = row_of(read, key);
        const struct isolation_operation *mine = own(history, index, key);
        if (!in_range(history, read, key))
            continue;
        if (row != NULL ? !one_value_can_be(history, index, key, row->value)
                        : mine != NULL && holds(&read->where, mine->value))
            return false;
    }
    return true;
}

static bool reads_can_be(const struct brute_order *order)
{
    const struct isolation_history *history = order->history;
    for (uint32_t i = 0; i < order->count; i++)
        for (size_t at = 0; at < history->operation_count; at++)
            if (history->operations[at].transaction == order->members[i] &&
                !is_write(&history->operations[at]) && !read_can_be(history, at))
                return false;
    return true;
}

/* --- one order -------------------------------------------------------------------------------- */

static enum time time_of(enum isolation_level level)
{
    if (level == ISOLATION_LEVEL_session_snapshot || level == ISOLATION_LEVEL_session_serializable)
        return TIME_OF_SESSIONS;
    return level == ISOLATION_LEVEL_strict_snapshot || level == ISOLATION_LEVEL_strict_serializable
               ? TIME_OF_ALL
               : TIME_NOTHING;
}

static bool order_fits(struct brute_order *order, enum isolation_level level)
{
    enum time time = time_of(level);
    run_order(order);
    if (!keeps_known_order(order) || !keeps_real_time(order, time) || !lists_begin_alike(order))
        return false;
    if (level == ISOLATION_LEVEL_read_uncommitted)
        return reads_can_be(order);
    if (level == ISOLATION_LEVEL_read_committed || level == ISOLATION_LEVEL_repeatable_read)
        return all_read_what_was_committed(order, level == ISOLATION_LEVEL_repeatable_read);
    if (level == ISOLATION_LEVEL_snapshot || level == ISOLATION_LEVEL_session_snapshot ||
        level == ISOLATION_LEVEL_strict_snapshot)
        return has_snapshots(order, time);
    return is_serial(order);
}

/* --- all orders ------------------------------------------------------------------------------- */

static bool some_order_fits(struct brute_order *order, uint32_t left, enum isolation_level level)
{
    if (left == 0)
        return order_fits(order, level);
    for (uint32_t i = 0; i < order->history->transaction_count; i++) {
        if (!(left >> i & 1u))
            continue;
        order->members[order->count++] = i;
        bool found = some_order_fits(order, left & ~(1u << i), level);
        order->count--;
        if (found)
            return true;
    }
    return false;
}

bool brute_force_permits(const struct isolation_history *history, enum isolation_level level)
{
    uint32_t sure = 0, doubtful = 0;
    for (uint32_t i = 0; i < history->transaction_count; i++) {
        sure |= (uint32_t)(history->transactions[i].status == ISOLATION_COMMITTED) << i;
        doubtful |= (uint32_t)(history->transactions[i].status == ISOLATION_IN_DOUBT) << i;
    }
    /* Each part of those in doubt. */
    for (uint32_t part = doubtful;; part = (part - 1) & doubtful) {
        struct brute_order order = {.history = history};
        if (some_order_fits(&order, sure | part, level))
            return true;
        if (part == 0)
            return false;
    }
}
