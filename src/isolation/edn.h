/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EDN (Extensible Data Notation), the notation of Jepsen's and Elle's histories, as far as those
 * need it: nil, integers, words, vectors and lists, maps; other tagged and quoted things are words.
 * JSON reads the same way, as a colon between a name and its value is white space here.
 */
#ifndef ISOLATION_EDN_H
#define ISOLATION_EDN_H

#include "base/arena.h"

#include <interplay/error.h>

#include <stddef.h>
#include <stdint.h>

enum edn_kind { EDN_NIL, EDN_INTEGER, EDN_WORD, EDN_SEQUENCE, EDN_MAP };

struct edn_value {
    enum edn_kind kind;
    uint32_t line;    /* from 1 */
    const char *text; /* as it is written, of a word without quotes and colon */
    size_t length;
    int64_t integer;
    uint32_t count; /* of a sequence; of a map: names and values */
    struct edn_value *items;
};

/*
 * All values in `bytes`, as one sequence. They live in `arena` and point into `bytes`. On failure
 * (ERROR_INPUT) the message names the line, and what was expected.
 */
enum error_code edn_read(const char *bytes, size_t size, struct arena *arena,
                         struct edn_value *ret_all, struct error *error)
    __attribute__((warn_unused_result));

/* What stands in brackets around everything, if one sequence is all there is; or else `all`. */
const struct edn_value *edn_all(const struct edn_value *all);

/* The value of `name` in a map; NULL: there is none. */
const struct edn_value *edn_get(const struct edn_value *map, const char *name);

#endif
