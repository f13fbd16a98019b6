/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pool of one's own that does what the plan asks: its journal and begin modes, transactions that
 * a savepoint begins, statements beside an open stream, prepared statements that are kept. With a
 * mistake planted in it, it must be found wrong.
 */
#ifndef PLAIN_POOL_PLAIN_POOL_H
#define PLAIN_POOL_PLAIN_POOL_H

#include <interplay/stack.h>

/* MISTAKE(name, signatures: how those may begin that it is found with, meaning) */
#define PLAIN_MISTAKES(MISTAKE)                                                                    \
    MISTAKE(none, "", "none: the pool as it should be")                                            \
    MISTAKE(begin, "snapshot", "begins deferred, whatever it was asked for")                       \
    MISTAKE(upgrade, "snapshot", "begins anew when a deferred transaction may not write any more") \
    MISTAKE(commit, "snapshot", "says ok when COMMIT came to busy")                                \
    MISTAKE(savepoint, "pool/handed-out-in-transaction",                                           \
            "takes back a transaction that a savepoint began by ROLLBACK TO, without RELEASE")     \
    MISTAKE(stream, "snapshot",                                                                    \
            "ends an open stream when another statement runs, and says nothing")                   \
    MISTAKE(rows, "snapshot", "runs an insert that failed once more, and keeps what works of it")  \
    MISTAKE(columns, "expectation", "keeps the columns that a cached statement had at first")      \
    MISTAKE(names, "snapshot", "keeps the names of columns that a cached statement had at first")  \
    MISTAKE(closed, "misuse/use-of-a-connection-after-its-disconnect",                             \
            "forgets that it has closed a connection")                                             \
    MISTAKE(closed_twice, "misuse/second-disconnect-of-a-connection",                              \
            "closes its connections twice when it is closed")                                      \
    MISTAKE(finalized, "misuse/use-of-a-statement-after-its-finalize",                             \
            "asks a stream that has come to its end for more")                                     \
    MISTAKE(finalized_twice, "misuse/second-finalize-of-a-statement",                              \
            "finalizes a stream that has come to its end, and when it is closed")                  \
    MISTAKE(spin, "timeout/", "looks for a free connection without ever waiting")

enum plain_mistake {
#define MISTAKE(name, signatures, meaning) PLAIN_##name,
    PLAIN_MISTAKES(MISTAKE)
#undef MISTAKE
};

extern enum plain_mistake plain_pool_mistake;
extern const struct stack_ops plain_pool;

#endif
