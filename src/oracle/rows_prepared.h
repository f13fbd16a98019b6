/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions that were prepared, for the oracle of rows: by name, what each has done, whatever
 * has become of the session that prepared it. It must be there until somebody has ended it. Of two
 * calls at a time that are to end the same one, who was told that it is done has done it.
 */
#ifndef ORACLE_ROWS_PREPARED_H
#define ORACLE_ROWS_PREPARED_H

#include "oracle/rows_state.h"
#include "oracle/verdict.h"

struct rows_prepared {
    const struct rows_work *work; /* NULL: there is none of that name */
    uint32_t in_calls;            /* that are under way and about the name */
    bool prepares;                /* one of them is to prepare it */
    bool is_contended;            /* some of them have met */
};

/* An action of one of the three effects that are about them. */
bool rows_is_of_prepared(const struct interaction *interaction);

static inline uint32_t rows_name_of(const struct interaction *interaction)
{
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    return interaction->arguments[info->number_of] % PLAN_PREPARED;
}

/* False: who has the name after this call, and others under way, nobody can tell. */
bool rows_prepared_call(struct rows_prepared *prepared, const struct interaction *interaction);

/*
 * The call has ended so. `work`: of the transaction that was to be prepared; `may_refuse`: it was
 * no moment for such a call.
 */
void rows_prepared_result(struct rows_prepared *prepared, const struct interaction *interaction,
                          size_t step, enum outcome outcome, const struct rows_work *work,
                          bool may_refuse, struct verdict *verdict);

#endif
