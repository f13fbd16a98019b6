/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a finding belongs in a bug base: the first entry of a signature is named after it, further
 * ones after it and their cause, "SIGNATURE@HASH"; private to the bug base.
 */
#ifndef BUGBASE_PLACE_H
#define BUGBASE_PLACE_H

#include "bugbase/bugbase.h"

struct bugbase_place {
    char name[BUGBASE_NAME_BYTES];
    bool is_taken;   /* there is this entry, and it is the finding's */
    bool asks_cause; /* there are entries of the signature, and each has a cause */
};

/* `cause` may be NULL, or unknown: then it is that of the first entry with the signature. */
enum error_code place_find(struct bugbase_place *ret_place, const char *base, const char *signature,
                           const struct cause *cause, struct error *error)
    __attribute__((warn_unused_result));

#endif
