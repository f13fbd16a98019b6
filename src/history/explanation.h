/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an oracle holds an event against, for people and for whoever wants to know beforehand: of a
 * call's result the commits that it may have seen and what the model says of it on them; of a look
 * at the database what must be there.
 */
#ifndef HISTORY_EXPLANATION_H
#define HISTORY_EXPLANATION_H

#include "model/database.h"

enum { EXPLAINED_PREDICTIONS_MAX = 4 };
#define NO_POSITION UINT32_MAX /* instead of a commit's place in the order */

struct explained_prediction {
    uint32_t position; /* commit that it is made on; NO_POSITION: it does not matter */
    struct observation expected;
};

struct explained_result {
    bool is_own;       /* with what the transaction wrote itself, on commit `from` */
    bool agrees;       /* the result is what the first prediction says */
    uint32_t from, to; /* commits that the call may see */
    /*
     * The newest one that agrees; where none does, the different ones, newest first, as far as
     * there is room. 0: nothing is predicted (the call failed, or its result is nobody's claim).
     */
    uint32_t count;
    struct explained_prediction predictions[EXPLAINED_PREDICTIONS_MAX];
};

/* A look after a power loss: commits by their place in the order, from 1; 0 is the beginning. */
struct explained_loss {
    uint32_t newest;       /* that there was */
    uint32_t acknowledged; /* everything up to here was */
    uint32_t promised;     /* everything up to here must be there */
    uint32_t survived;     /* what was found is this one; NO_POSITION: it is none of them */
};

struct explanation {
    struct explained_result *result; /* to be filled in, of a call's end; NULL: nobody asks */
    bool is_known;                   /* somebody knows what must be, and has filled this in: */
    const struct model_database *write_base; /* a write was done on it; NULL: that is not clear */
    /*
     * Of a look: what must be there; after a power loss the commit that is, or the newest that was
     * acknowledged.
     */
    const struct model_database *content;
    struct explained_loss loss;
};

#endif
