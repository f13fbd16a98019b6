/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing selects of one state with each other. No model says what they must come to. */
#include "oracle/property_parts.h"

#include "base/hash.h"

static uint64_t hash_row(const struct observed_row *row)
{
    uint64_t hash = hash_word(0, (uint64_t)row->key);
    hash = hash_word(hash, (uint64_t)row->value);
    hash = hash_word(hash, (uint64_t)row->text_value);
    return hash_word(hash, (uint64_t)row->text_units);
}

struct property_part property_part_of(const struct shadow_session *session,
                                      const struct interaction *interaction,
                                      const struct observation *seen)
{
    struct property_part part = {
        .interaction = interaction,
        .call_at = session->call_at,
        .in_transaction = session->began_in_transaction,
        .number_is_null = seen->number_is_null,
        .number = seen->number,
        .rows = seen->row_count,
    };
    for (uint32_t i = 0; i < seen->rows_kept; i++)
        part.hash += hash_row(&seen->rows[i]);
    return part;
}

void property_parts_push(struct property_parts *parts, const struct property_part *part)
{
    parts->last[1] = parts->last[0];
    parts->last[0] = *part;
}

/* Both have the same property and table, and one state stands from `first` on. */
static bool are_of_one_state(const struct shadow *shadow, uint32_t task,
                             const struct property_part *first, const struct property_part *now)
{
    const struct shadow_session *session = &shadow->sessions[task];
    if (first->interaction == NULL)
        return false;
    uint32_t table = now->interaction->arguments[FIELD_table];
    bool is_same = first->interaction->arguments[FIELD_table] == table &&
                   first->interaction->arguments[FIELD_property] ==
                       now->interaction->arguments[FIELD_property];
    bool is_one_transaction = !now->in_transaction || (session->begun_at <= first->call_at &&
                                                       session->wrote_at < first->call_at);
    return is_same && first->in_transaction == now->in_transaction && is_one_transaction &&
           ((shadow->unknown | shadow->ambiguous) >> table & 1u) == 0 &&
           shadow_is_still(shadow, task, table, first->call_at);
}

static bool has_limit(const struct interaction *select)
{
    return select->arguments[FIELD_order] != ORDER_NONE && select->arguments[FIELD_limit] != 0;
}

/* --- an aggregate and its rows ---------------------------------------------------------------- */

static bool same_filter(const struct interaction *left, const struct interaction *right)
{
    return left->arguments[FIELD_filter] == right->arguments[FIELD_filter] &&
           left->arguments[FIELD_key] == right->arguments[FIELD_key] &&
           left->arguments[FIELD_span] == right->arguments[FIELD_span];
}

static bool number_of_rows(const struct observation *seen, enum plan_aggregate aggregate,
                           int64_t *ret_number)
{
    uint64_t sum = 0; /* of whatever was read: it may be too large for a number */
    int64_t minimum = INT64_MAX, maximum = INT64_MIN;
    for (uint32_t i = 0; i < seen->rows_kept; i++) {
        int64_t value = seen->rows[i].value;
        sum += (uint64_t)value;
        minimum = value < minimum ? value : minimum;
        maximum = value > maximum ? value : maximum;
    }
    *ret_number = aggregate == AGGREGATE_COUNT ? (int64_t)seen->row_count
                  : aggregate == AGGREGATE_SUM ? (int64_t)sum
                  : aggregate == AGGREGATE_MIN ? minimum
                                               : maximum;
    return aggregate == AGGREGATE_COUNT || seen->rows_kept > 0;
}

const char *property_wrong_number(const struct shadow *shadow, uint32_t task,
                                  const struct property_parts *parts,
                                  const struct property_part *now, const struct observation *seen)
{
    const struct property_part *before = &parts->last[0];
    if (!are_of_one_state(shadow, task, before, now) ||
        now->interaction->arguments[FIELD_aggregate] != AGGREGATE_ROWS ||
        before->interaction->arguments[FIELD_aggregate] == AGGREGATE_ROWS ||
        has_limit(now->interaction) || !same_filter(before->interaction, now->interaction))
        return NULL;
    enum plan_aggregate aggregate =
        (enum plan_aggregate)before->interaction->arguments[FIELD_aggregate];
    int64_t number;
    if (aggregate != AGGREGATE_COUNT && seen->rows_kept != seen->row_count)
        return NULL;
    bool is_number = number_of_rows(seen, aggregate, &number);
    if (is_number != !before->number_is_null || (is_number && number != before->number))
        return plan_field_infos[FIELD_aggregate].words[aggregate];
    return NULL;
}

/* --- a whole and its parts -------------------------------------------------------------------- */

static bool is_lower_part(const struct interaction *lower, const struct interaction *upper)
{
    uint32_t bound = upper->arguments[FIELD_key];
    if (upper->arguments[FIELD_filter] == FILTER_VALUE_FROM)
        return lower->arguments[FIELD_filter] == FILTER_VALUE_BELOW &&
               lower->arguments[FIELD_key] == bound;
    return upper->arguments[FIELD_filter] == FILTER_FROM &&
           lower->arguments[FIELD_filter] == FILTER_RANGE && lower->arguments[FIELD_key] == 0 &&
           lower->arguments[FIELD_span] + 1u == bound;
}

const char *property_wrong_sum(const struct shadow *shadow, uint32_t task,
                               const struct property_parts *parts, const struct property_part *now)
{
    const struct property_part *first = &parts->last[1], *second = &parts->last[0];
    if (now->interaction->arguments[FIELD_filter] != FILTER_ALL || has_limit(now->interaction) ||
        !are_of_one_state(shadow, task, first, now) || !are_of_one_state(shadow, task, second, now))
        return NULL;
    const struct interaction *one = first->interaction, *other = second->interaction;
    uint8_t aggregate = now->interaction->arguments[FIELD_aggregate];
    if ((!is_lower_part(one, other) && !is_lower_part(other, one)) || has_limit(one) ||
        has_limit(other) || one->arguments[FIELD_aggregate] != aggregate ||
        other->arguments[FIELD_aggregate] != aggregate)
        return NULL;
    if (aggregate == AGGREGATE_COUNT)
        return (uint64_t)first->number + (uint64_t)second->number != (uint64_t)now->number ? "count"
                                                                                           : NULL;
    if (aggregate != AGGREGATE_ROWS)
        return NULL;
    if (first->rows + second->rows != now->rows)
        return "row-count";
    return now->rows <= OBSERVED_ROWS_MAX && first->hash + second->hash != now->hash ? "rows"
                                                                                     : NULL;
}
