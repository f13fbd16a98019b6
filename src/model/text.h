/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row's text as the model keeps it: the value that it repeats, and how many units of 8 digits it
 * is long. Where values were appended (ACTION_append) it is a list, whose value is a hash of all
 * that is in it, so that a state stays a small copy. Elements are unique, and whoever compares two
 * lists compares all of them, but for one chance in 2^31 to overlook a difference.
 */
#ifndef MODEL_TEXT_H
#define MODEL_TEXT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    MODEL_TEXT_NULL = -1,
    MODEL_TEXT_TORN = -2, /* that no interaction can have written */
    MODEL_TEXT_LIST = -3, /* the largest value of a list */
};

static inline bool model_text_is_list(int64_t text_value)
{
    return text_value <= MODEL_TEXT_LIST;
}

static inline int32_t model_text_mix(int32_t hash, int32_t number)
{
    uint64_t mixed = ((uint64_t)(uint32_t)hash << 32 | (uint32_t)number) * 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 29) * 0xbf58476d1ce4e5b9u;
    int32_t list = (int32_t)(-(int64_t)(mixed >> 33) - 1);
    return list > MODEL_TEXT_LIST ? MODEL_TEXT_LIST : list;
}

/* The value of a text of `units` after one more; 0 units: there was none. */
static inline int32_t model_text_append(int32_t text_value, uint32_t units, int32_t element)
{
    if (units == 0 || element == text_value)
        return element;
    return model_text_mix(
        model_text_is_list(text_value) ? text_value : model_text_mix(text_value, (int32_t)units),
        element);
}

#endif
