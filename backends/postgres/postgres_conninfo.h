/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connection strings: what a person gave, as a URI or in keywords, with what options say beside
 * it, written anew in keywords (the manual, "Connection Strings").
 */
#ifndef POSTGRES_POSTGRES_CONNINFO_H
#define POSTGRES_POSTGRES_CONNINFO_H

#include "base/text.h"

#include <interplay/subject.h>

#include <libpq-fe.h>

/* With what `target` says; PQconninfoFree is the caller's. */
enum error_code postgres_conninfo_read(const struct subject_target *target,
                                       PQconninfoOption **ret_words, struct error *error)
    __attribute__((warn_unused_result));

/* Those that were given, but for passwords. */
void postgres_conninfo_show(const PQconninfoOption *words, struct text *text);

/* All that were given, as connections of the harness are to have them. */
void postgres_conninfo_write(const PQconninfoOption *words, struct text *text);

/* A password is among them. */
bool postgres_conninfo_has_password(const PQconninfoOption *words);

#endif
