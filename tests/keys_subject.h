/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A database that is a process of its own, for tests: the server of keys as a backend and a
 * subject. Reading locks nothing, writing locks one of two keys, which depends on the connection
 * and how many statements it has prepared before, until the transaction ends. A row holds how many
 * locks the server has given so far, so that it shows in a trace in which order it gave them. A
 * busy timeout of 0 waits for ever; to begin twice, or to end what never began, is no error.
 */
#ifndef TESTS_KEYS_SUBJECT_H
#define TESTS_KEYS_SUBJECT_H

#include <interplay/subject.h>

extern const struct subject keys_subject;

/* Of servers that are started from now on: see keys_server_options. */
extern uint32_t keys_subject_delay_max_us;

/* How often so far a statement waited for another one's lock until its deadline. */
extern uint32_t keys_subject_timeouts;

#endif
