/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A history in the form of Jepsen's and Elle's: operations, each an invocation or how it ended
 * (:ok, :fail, :info), of a process, whose value is what the transaction did: [:append k v],
 * [:w k v], [:r k v]. An :info, or an invocation whose end is missing, is in doubt, and what it
 * read tells nothing. Real time is the order of the file.
 */
#ifndef ISOLATION_ELLE_H
#define ISOLATION_ELLE_H

#include "isolation/edn.h"
#include "isolation/history.h"

struct elle_history {
    struct isolation_history history;
    const struct edn_value **keys;         /* as they are written, by number */
    const struct edn_value **transactions; /* their last operation */
    const struct edn_value **operations;   /* [:r k v], by number */
};

/* Of what edn_read has read. Everything lives in `arena`. */
enum error_code elle_read(const struct edn_value *all, struct arena *arena,
                          struct elle_history *ret_history, struct error *error)
    __attribute__((warn_unused_result));

#endif
