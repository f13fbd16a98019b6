/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a level permits a history, by trying everything: all orders of the transactions, and in
 * each all snapshots. It knows no dependencies and no graphs; it runs the transactions.
 */
#ifndef TESTS_ISOLATION_BRUTE_FORCE_H
#define TESTS_ISOLATION_BRUTE_FORCE_H

#include "isolation/judge.h"

enum { BRUTE_TRANSACTIONS_MAX = 6, BRUTE_KEYS_MAX = 4, BRUTE_ELEMENTS_MAX = 32 };

bool brute_force_permits(const struct isolation_history *history, enum isolation_level level);

#endif
