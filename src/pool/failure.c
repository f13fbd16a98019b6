/* SPDX-License-Identifier: Apache-2.0 */
/* Details of failures, for callers who want them. */
#include "pool/failure.h"

#include <stdarg.h>
#include <stdio.h>

enum outcome failure_set(struct pool_error *error, enum outcome outcome, const char *format, ...)
{
    if (error == NULL)
        return outcome;
    error->outcome = outcome;
    error->code = 0;
    error->state[0] = '\0';
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return outcome;
}

enum outcome failure_of_database(struct pool_error *error, enum outcome outcome,
                                 const struct backend_ops *backend,
                                 struct backend_connection *database)
{
    if (error == NULL)
        return outcome;
    error->outcome = outcome;
    error->code = backend->error_code(database);
    (void)snprintf(error->state, sizeof error->state, "%s", backend->error_state(database));
    const char *message = backend->error_message(database);
    (void)snprintf(error->message, sizeof error->message, "%s", message == NULL ? "" : message);
    return outcome;
}
