/* SPDX-License-Identifier: Apache-2.0 */
/* The words of failure.json, for reading and writing alike; private to the bug base. */
#ifndef BUGBASE_ENTRY_WORDS_H
#define BUGBASE_ENTRY_WORDS_H

#include "bugbase/entry.h"

extern const char *const entry_shrunk_words[BUGBASE_MINIMAL + 1];

#endif
