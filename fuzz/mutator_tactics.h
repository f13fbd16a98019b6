/* SPDX-License-Identifier: Apache-2.0 */
/* The tactics of mutator_tactics.def, each in the file that its subject says. */
#ifndef FUZZ_MUTATOR_TACTICS_H
#define FUZZ_MUTATOR_TACTICS_H

#include <stdbool.h>

struct draft;

/* Changes the draft; false: it has nothing to work on here, and nothing was changed. */
#define TACTIC(name, weight) bool tactic_##name(struct draft *draft);
#include "mutator_tactics.def"
#undef TACTIC

#endif
