/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A history in the form of Jepsen's and Elle's: operations, each an invocation or how it ended
 * (:ok, :fail, :info), of a process, whose value is what the transaction did: [:append k v],
 * [:w k v], [:r k v]. An :info, or an invocation whose end is missing, is in doubt, and what it
 * read tells nothing. Real time is the order of the file.
 *
 * Other models of Jepsen are transactions in other words: a set is a register for each element,
 * written once, and a read of it a read of them all.
 */
#ifndef ISOLATION_ELLE_H
#define ISOLATION_ELLE_H

#include "isolation/edn.h"
#include "isolation/judge.h"

enum elle_model {
#define MODEL(name, word, shape, steps, level, about) ELLE_MODEL_##name,
#include "isolation/models.def"
#undef MODEL
    ELLE_MODEL_COUNT,
};

/* What the value of an operation is. */
enum elle_shape {
    ELLE_STEPS,   /* [[:r k v] ...] */
    ELLE_SET,     /* an element, or those that were read */
    ELLE_SUBKEYS, /* [k element], or [k [the last element ... the first one]] that were read */
    ELLE_BANK,    /* {account balance}: bank.h */
};

struct elle_model_info {
    const char *word;
    enum elle_shape shape;
    const char *steps, *about;
    enum isolation_level level;
};
extern const struct elle_model_info elle_models[ELLE_MODEL_COUNT];

/* "rw-register"; NULL: there is no such model. */
const struct elle_model_info *elle_model_named(const char *word);

struct elle_history {
    struct isolation_history history;
    const struct edn_value **keys; /* as they are written, by number */
    /* Their last operation; NULL: of somebody whom the history does not have. */
    const struct edn_value **transactions;
    const struct edn_value **operations; /* [:r k v], by number; NULL as above */
};

struct elle_options {
    const struct elle_model_info *model;
    bool is_incomplete; /* what nobody in it wrote, somebody else did; or else that is wrong */
};

/* Of what edn_read has read; not of a bank. Everything lives in `arena`. */
enum error_code elle_read(const struct edn_value *all, const struct elle_options *options,
                          struct arena *arena, struct elle_history *ret_history,
                          struct error *error) __attribute__((warn_unused_result));

#endif
