/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name of an entry's folder, made of its signature: "/" becomes "~". A signature that has
 * letters which a file system or a shell may not like is written as "=" and hexadecimal digits, so
 * that two signatures never have the same name. Behind it may stand "@" and the hash of a cause
 * (place.h), which no name of a signature ends in.
 */
#ifndef BUGBASE_NAME_H
#define BUGBASE_NAME_H

#include "bugbase/cause.h"
#include "oracle/verdict.h"

enum {
    BUGBASE_SIGNATURE_MAX = sizeof((struct verdict){0}.signature) - 1,
    BUGBASE_NAME_BYTES = 1 + 2 * BUGBASE_SIGNATURE_MAX + CAUSE_SUFFIX_LENGTH + 1,
};

/* `signature` has 1 to BUGBASE_SIGNATURE_MAX bytes. */
void bugbase_name(char ret_name[BUGBASE_NAME_BYTES], const char *signature);

#endif
