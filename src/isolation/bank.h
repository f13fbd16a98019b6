/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jepsen's bank: transfers move money between accounts, and each read of all balances must come to
 * the same total. Balances are not unique, so nobody can tell whose work a read saw, and no
 * dependencies follow; what follows is that a read which adds up to something else has seen a
 * transfer in part, or that an update was lost.
 */
#ifndef ISOLATION_BANK_H
#define ISOLATION_BANK_H

#include "isolation/edn.h"

#include <stdbool.h>

struct bank_rules {
    bool has_total; /* or else the first read tells it */
    int64_t total;
    bool allows_negative;
};

enum bank_fault { BANK_FINE, BANK_UNKNOWN_ACCOUNT, BANK_NO_BALANCE, BANK_TOTAL, BANK_NEGATIVE };

/* Of the first read that is wrong. */
struct bank_finding {
    enum bank_fault fault;
    uint32_t reads, wrong; /* how many there are, and are wrong */
    int64_t total;         /* that is right */
    const struct edn_value *operation, *account;
    uint32_t number; /* of the operation, from 0 */
    int64_t seen;    /* another total, or a balance below zero */
};

/* Of what edn_read has read. */
enum error_code bank_check(const struct edn_value *all, const struct bank_rules *rules,
                           struct bank_finding *ret_finding, struct error *error)
    __attribute__((warn_unused_result));

#endif
