/* SPDX-License-Identifier: Apache-2.0 */
/* Calls without a checkout: each takes a reader or a writer for itself. */
#include <interplay/pool.h>

static enum outcome give_back_reader(struct reader *reader, enum outcome outcome)
{
    (void)interplay_reader_return(reader);
    return outcome;
}

static enum outcome give_back_writer(struct writer *writer, enum outcome outcome)
{
    (void)interplay_writer_return(writer);
    return outcome;
}

enum outcome interplay_pool_query(struct pool *pool, const struct read_statement *statement,
                                  const struct value *parameters, struct row_sink rows,
                                  struct pool_error *error)
{
    struct reader *reader;
    enum outcome outcome = interplay_pool_reader(pool, POOL_DEFAULT_TIMEOUT, &reader, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = interplay_reader_query(reader, statement, parameters, rows, error);
    return give_back_reader(reader, outcome);
}

enum outcome interplay_pool_query_sql(struct pool *pool, const char *sql,
                                      const struct value *parameters, uint32_t count,
                                      struct row_sink rows, struct pool_error *error)
{
    struct reader *reader;
    enum outcome outcome = interplay_pool_reader(pool, POOL_DEFAULT_TIMEOUT, &reader, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = interplay_reader_query_sql(reader, sql, parameters, count, rows, error);
    return give_back_reader(reader, outcome);
}

enum outcome interplay_pool_execute(struct pool *pool, const struct write_statement *statement,
                                    const struct value *parameters, struct row_sink rows,
                                    int64_t *ret_changes, struct pool_error *error)
{
    struct writer *writer;
    enum outcome outcome = interplay_pool_writer(pool, POOL_DEFAULT_TIMEOUT, &writer, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = interplay_writer_execute(writer, statement, parameters, rows, ret_changes, error);
    return give_back_writer(writer, outcome);
}

enum outcome interplay_pool_execute_sql(struct pool *pool, const char *sql,
                                        const struct value *parameters, uint32_t count,
                                        struct row_sink rows, int64_t *ret_changes,
                                        struct pool_error *error)
{
    struct writer *writer;
    enum outcome outcome = interplay_pool_writer(pool, POOL_DEFAULT_TIMEOUT, &writer, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome =
        interplay_writer_execute_sql(writer, sql, parameters, count, rows, ret_changes, error);
    return give_back_writer(writer, outcome);
}

enum outcome interplay_pool_execute_batch(struct pool *pool, const struct batch_item *items,
                                          size_t count, int64_t *ret_changes,
                                          struct pool_error *error)
{
    struct writer *writer;
    enum outcome outcome = interplay_pool_writer(pool, POOL_DEFAULT_TIMEOUT, &writer, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = interplay_writer_execute_batch(writer, items, count, ret_changes, error);
    return give_back_writer(writer, outcome);
}
