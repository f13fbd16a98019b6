/* SPDX-License-Identifier: Apache-2.0 */
/* Options: defaults, checks, copies. */
#include "pool/options.h"

#include "pool/failure.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As many as are online; statements that only read use one each. */
static uint32_t processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count < POOL_SLOTS_MAX ? (uint32_t)count : POOL_SLOTS_MAX - 1;
}

struct pool_options interplay_pool_defaults(const struct backend_ops *backend, const char *target)
{
    return (struct pool_options){
        .backend = backend,
        .connection =
            {
                .target = target,
                .busy_timeout_ms = 5000,
            },
        .readers = processors(),
        .writers = 1,
        .acquire_timeout_ms = 30000,
        .statement_cache = 256,
        .busy_retries = 3,
        .mailbox = 64,
        .stream_rows = 8,
        .mutate_stream_rows = 32,
    };
}

/* True: `*ret_copy` is a copy, or NULL for NULL. */
static bool copy_text(const char *text, char **ret_copy)
{
    *ret_copy = NULL;
    if (text == NULL)
        return true;
    size_t size_bytes = strlen(text) + 1;
    *ret_copy = malloc(size_bytes);
    if (*ret_copy == NULL)
        return false;
    memcpy(*ret_copy, text, size_bytes);
    return true;
}

static enum outcome check(const struct pool_options *options, struct pool_error *error)
{
    if (options->backend == NULL)
        return failure_set(error, OUTCOME_MISUSE, "no backend");
    if (options->readers > POOL_SLOTS_MAX || options->writers > POOL_SLOTS_MAX ||
        options->readers + options->writers > POOL_SLOTS_MAX ||
        options->readers + options->writers == 0)
        return failure_set(error, OUTCOME_MISUSE, "%u readers and %u writers: 1 to %d together",
                           options->readers, options->writers, POOL_SLOTS_MAX);
    return OUTCOME_OK;
}

enum outcome options_copy_init(struct options_copy *copy, const struct pool_options *options,
                               struct pool_error *error)
{
    enum outcome outcome = check(options, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    struct options_copy made = {.options = *options};
    struct backend_options *connection = &made.options.connection;
    if (!copy_text(connection->target, &made.target) ||
        !copy_text(connection->driver, &made.driver) ||
        !copy_text(connection->setup, &made.setup)) {
        options_copy_clean_up(&made);
        return failure_set(error, OUTCOME_NO_MEMORY, "out of memory");
    }
    connection->target = made.target;
    connection->driver = made.driver;
    connection->setup = made.setup;
    *copy = made;
    return OUTCOME_OK;
}

void options_copy_clean_up(struct options_copy *copy)
{
    free(copy->target);
    free(copy->driver);
    free(copy->setup);
}

bool options_need_gate(const struct pool_options *options)
{
    return options->writers > 1 && (options->backend->capabilities & BACKEND_ONE_WRITER) != 0;
}
