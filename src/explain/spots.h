/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in the code under test a run was at the moments that a reader asks for: where each pause
 * held a call back, and the last call into the system of the interaction in which a violation was
 * noticed, or, if that made none, of any before it was. Found by running the plan once more,
 * watched.
 */
#ifndef EXPLAIN_SPOTS_H
#define EXPLAIN_SPOTS_H

#include "explain/code_places.h"

enum { SPOT_FILE_BYTES = 64 };

struct spot {
    bool is_known;
    enum yield_point point;
    char file[SPOT_FILE_BYTES]; /* of the storage, or its end; empty: the call is about none */
    bool has_range;
    uint64_t offset, bytes;
    struct code_places code;
};

struct spots {
    size_t count;
    struct spot violated;
    size_t violated_step; /* the interaction that this was a call of */
    struct spot paused[]; /* by interaction */
};

/* `violated` is SIZE_MAX where there is none. The caller frees what was found. */
enum error_code spots_find(struct spots **ret_spots, struct run *run, const struct plan *plan,
                           size_t violated, struct error *error)
    __attribute__((warn_unused_result));
void spots_free(struct spots *spots);

/* "before it writes, FILE at 32, 24 bytes, in put_row (table.c:60), called by ..." */
void spot_say(const struct spot *spot, struct text *text);

#endif
