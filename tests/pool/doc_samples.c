/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The samples of docs/pool.md, as a program that runs each of them. doc_samples_test.sh sees to it
 * that the document quotes them to the letter.
 */
#include <interplay/pool.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* --- statements ------------------------------------------------------------------------------ */

static const struct read_statement balance_by_id = {{
    .sql = "SELECT balance FROM account WHERE id = ?1",
    .parameter_count = 1,
    .column_count = 1,
    .parameters = {VALUE_INTEGER},
    .columns = {VALUE_INTEGER},
}};
static const struct write_statement change_balance = {{
    .sql = "UPDATE account SET balance = balance + ?2 WHERE id = ?1",
    .parameter_count = 2,
    .parameters = {VALUE_INTEGER, VALUE_INTEGER},
}};

static const struct write_statement insert_account = {{
    .sql = "INSERT INTO account VALUES (?1, ?2)",
    .parameter_count = 2,
    .parameters = {VALUE_INTEGER, VALUE_INTEGER},
}};
static const struct read_statement all_balances = {{
    .sql = "SELECT balance FROM account",
    .column_count = 1,
    .columns = {VALUE_INTEGER},
}};
static const struct row_sink no_rows = {.on_row = NULL};

/* --- opening and closing --------------------------------------------------------------------- */

static enum outcome open_accounts(const char *path, struct pool **ret_pool,
                                  struct pool_error *error)
{
    struct pool_options options = interplay_pool_defaults(&interplay_backend_sqlite, path);
    options.readers = 2;
    options.connection.setup = "PRAGMA foreign_keys=1; PRAGMA synchronous=normal;";
    return interplay_pool_open(ret_pool, &options, error);
}

static bool close_accounts(struct pool *pool)
{
    enum outcome outcome = interplay_pool_close(pool, POOL_CLOSE_WAIT, 5000);
    if (outcome == OUTCOME_TIMEOUT) /* somebody is slow: interrupt, and wait a little longer */
        outcome = interplay_pool_close(pool, POOL_CLOSE_INTERRUPT, 5000);
    if (outcome != OUTCOME_OK)
        return false; /* a lease was never given back; freeing the pool would be wrong */
    interplay_pool_free(pool);
    return true;
}

/* --- reading and writing --------------------------------------------------------------------- */

static bool take_integer(void *context, const struct value *columns, uint32_t count)
{
    (void)count; /* as declared: one */
    *(int64_t *)context = columns[0].integer;
    return false; /* no more rows are wanted */
}

static enum outcome balance_of(struct pool *pool, int64_t id, int64_t *ret_balance,
                               struct pool_error *error)
{
    const struct value parameters[] = {value_integer(id)};
    const struct row_sink sink = {.on_row = take_integer, .context = ret_balance};
    struct reader *reader;
    enum outcome outcome = interplay_pool_reader(pool, POOL_DEFAULT_TIMEOUT, &reader, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = interplay_reader_query(reader, &balance_by_id, parameters, sink, error);
    (void)interplay_reader_return(reader);
    return outcome;
}

static enum outcome balance_at_once(struct pool *pool, int64_t id, int64_t *ret_balance,
                                    struct pool_error *error)
{
    const struct value parameters[] = {value_integer(id)};
    const struct row_sink sink = {.on_row = take_integer, .context = ret_balance};
    return interplay_pool_query(pool, &balance_by_id, parameters, sink, error);
}

static enum outcome create_table(struct pool *pool, struct pool_error *error)
{
    struct writer *writer;
    enum outcome outcome = interplay_pool_writer(pool, POOL_DEFAULT_TIMEOUT, &writer, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = interplay_writer_execute_sql(
        writer,
        "CREATE TABLE account(id INTEGER PRIMARY KEY, balance NOT NULL CHECK (balance >= 0))", NULL,
        0, no_rows, NULL, error);
    (void)interplay_writer_return(writer);
    return outcome;
}

/* --- transactions and batches ---------------------------------------------------------------- */

static enum outcome change(struct write_txn *txn, int64_t id, int64_t amount,
                           struct pool_error *error)
{
    const struct value parameters[] = {value_integer(id), value_integer(amount)};
    return interplay_write_txn_execute(txn, &change_balance, parameters, no_rows, NULL, error);
}

static enum outcome transfer(struct pool *pool, int64_t from, int64_t to, int64_t amount,
                             struct pool_error *error)
{
    struct writer *writer;
    enum outcome outcome = interplay_pool_writer(pool, POOL_DEFAULT_TIMEOUT, &writer, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    struct write_txn *txn;
    outcome = interplay_writer_begin(writer, &txn, error);
    if (outcome == OUTCOME_OK) {
        outcome = change(txn, to, amount, error);
        if (outcome == OUTCOME_OK)
            outcome = change(txn, from, -amount, error);
        if (outcome == OUTCOME_OK)
            outcome = interplay_write_txn_commit(txn, error);
    }
    (void)interplay_writer_return(writer); /* rolls back what was not committed */
    return outcome;
}

static enum outcome open_two_accounts(struct writer *writer, struct pool_error *error)
{
    const struct value first[] = {value_integer(1), value_integer(100)};
    const struct value second[] = {value_integer(2), value_integer(50)};
    const struct batch_item items[] = {{&insert_account, first}, {&insert_account, second}};
    int64_t changes;
    return interplay_writer_execute_batch(writer, items, 2, &changes, error);
}

/* --- cancelling ------------------------------------------------------------------------------ */

struct search {
    struct reader *reader;
    enum outcome outcome;
    atomic_bool has_ended;
};

/* One thread works, ... */
static void *search_thread(void *argument)
{
    static const char *const endless =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
    struct search *search = argument;
    search->outcome = interplay_reader_query_sql(search->reader, endless, NULL, 0, no_rows, NULL);
    atomic_store(&search->has_ended, true);
    return NULL;
}

/* ... another one has lost its patience. What has not begun yet is not hit, so it asks again. */
static void stop_search(struct search *search)
{
    while (!atomic_load(&search->has_ended)) {
        interplay_reader_cancel(search->reader);
        (void)usleep(1000);
    }
}

/* --- actors ---------------------------------------------------------------------------------- */

static enum outcome ask_actor(struct actor_pool *actors, int64_t id, int64_t *ret_balance,
                              struct pool_error *error)
{
    const struct value parameters[] = {value_integer(id)};
    struct request *request;
    enum outcome outcome =
        interplay_actors_query(actors, &balance_by_id, parameters, NULL, &request, error);
    if (outcome != OUTCOME_OK)
        return outcome; /* nothing was sent, nothing is to be dropped */
    outcome = interplay_request_wait(request, POOL_NO_TIMEOUT, error);
    if (outcome == OUTCOME_OK && interplay_request_row_count(request) > 0)
        *ret_balance = interplay_request_row(request, 0, NULL)->integer;
    interplay_request_drop(request);
    return outcome;
}

struct event_loop {
    int wake_fd; /* the writing end of a pipe that the loop polls */
};

/* Short, takes no lock, does not call the pool: the loop's own thread looks at the request. */
static void wake_loop(void *context, struct request *request)
{
    const struct event_loop *loop = context;
    (void)!write(loop->wake_fd, &request, sizeof request);
}

static enum outcome send_to_loop(struct actor_pool *actors, struct event_loop *loop,
                                 struct request **ret_request, struct pool_error *error)
{
    const struct request_options options = {.on_done = wake_loop, .context = loop};
    return interplay_actors_query(actors, &all_balances, NULL, &options, ret_request, error);
}

static enum outcome sum_balances(struct actor_pool *actors, int64_t *ret_sum,
                                 struct pool_error *error)
{
    struct stream *stream;
    enum outcome outcome =
        interplay_actors_stream(actors, &all_balances, NULL, NULL, &stream, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    int64_t sum = 0;
    const struct value *row;
    uint32_t columns;
    while ((outcome = interplay_stream_next(stream, POOL_NO_TIMEOUT, &row, &columns, error)) ==
           OUTCOME_ROW)
        sum += row[0].integer;
    interplay_stream_drop(stream);
    if (outcome == OUTCOME_OK)
        *ret_sum = sum;
    return outcome;
}

/* Of something that was sent in a transaction: waits for it and drops it. */
static enum outcome finish(struct request *request, struct pool_error *error)
{
    enum outcome outcome = interplay_request_wait(request, POOL_NO_TIMEOUT, error);
    interplay_request_drop(request);
    return outcome;
}

static enum outcome deposit(struct actor_pool *actors, int64_t id, int64_t amount,
                            struct pool_error *error)
{
    const struct value parameters[] = {value_integer(id), value_integer(amount)};
    struct actor_write_txn *txn;
    struct request *begin, *request;
    enum outcome outcome = interplay_actors_begin_write(actors, NULL, &txn, &begin, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    /* Sent behind the begin, without waiting for it. */
    outcome =
        interplay_actor_write_txn_execute(txn, &change_balance, parameters, NULL, &request, error);
    if (outcome == OUTCOME_OK)
        outcome = finish(request, error);
    /* Only now: a commit that was sent blindly would commit what did not fail. */
    if (outcome == OUTCOME_OK)
        outcome = interplay_actor_write_txn_commit(txn, NULL, &request, error);
    if (outcome == OUTCOME_OK)
        outcome = finish(request, error);
    interplay_request_drop(begin);
    interplay_actor_write_txn_drop(txn); /* rolls back what was not committed */
    return outcome;
}

struct payment {
    int64_t from, to, amount;
};

/* On the actor's thread. What fails in the middle leaves the transaction open: rolled back. */
static enum outcome pay(void *context, struct writer *writer, struct pool_error *error)
{
    const struct payment *payment = context;
    struct write_txn *txn;
    enum outcome outcome = interplay_writer_begin(writer, &txn, error);
    if (outcome == OUTCOME_OK)
        outcome = change(txn, payment->to, payment->amount, error);
    if (outcome == OUTCOME_OK)
        outcome = change(txn, payment->from, -payment->amount, error);
    return outcome == OUTCOME_OK ? interplay_write_txn_commit(txn, error) : outcome;
}

static enum outcome pay_on_actor(struct actor_pool *actors, struct payment *payment,
                                 struct pool_error *error)
{
    struct request *request;
    enum outcome outcome =
        interplay_actors_with_writer(actors, pay, payment, NULL, &request, error);
    return outcome == OUTCOME_OK ? finish(request, error) : outcome;
}

/* --- looking, and several pools -------------------------------------------------------------- */

static uint32_t leases_out(struct pool *pool)
{
    struct pool_view view;
    uint32_t count = 0;
    interplay_pool_inspect(pool, &view);
    for (uint32_t i = 0; i < view.slot_count; i++)
        count += view.slots[i].owner != NULL;
    return count;
}

struct pools {
    struct pool *interactive; /* many short calls, which give up soon */
    struct pool *analytical;  /* few long ones, which may wait */
};

static enum outcome open_pools(const char *path, struct pools *ret_pools, struct pool_error *error)
{
    struct pool_options fast = interplay_pool_defaults(&interplay_backend_sqlite, path);
    fast.readers = 8;
    fast.acquire_timeout_ms = 200;
    fast.connection.busy_timeout_ms = 200;
    struct pool_options slow = interplay_pool_defaults(&interplay_backend_sqlite, path);
    slow.readers = 2;
    slow.writers = 0; /* writes go through the other one: no busy between the two */
    slow.acquire_timeout_ms = 60000;
    struct pools pools;
    enum outcome outcome = interplay_pool_open(&pools.interactive, &fast, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = interplay_pool_open(&pools.analytical, &slow, error);
    if (outcome == OUTCOME_OK)
        *ret_pools = pools;
    else if (close_accounts(pools.interactive))
        pools.interactive = NULL;
    return outcome;
}

/* --- running them ---------------------------------------------------------------------------- */

static void expect(bool is_true, const char *what)
{
    if (is_true)
        return;
    fprintf(stderr, "doc_samples: not true: %s\n", what);
    exit(1);
}
#define EXPECT(condition) expect(condition, #condition)

static void check_synchronous(struct pool *pool)
{
    int64_t balance = 0;
    struct pool_error error;
    EXPECT(transfer(pool, 1, 2, 30, &error) == OUTCOME_OK);
    EXPECT(balance_of(pool, 1, &balance, &error) == OUTCOME_OK && balance == 70);
    EXPECT(balance_at_once(pool, 2, &balance, &error) == OUTCOME_OK && balance == 80);
    /* The second update breaks the constraint, the first one is undone. */
    EXPECT(transfer(pool, 1, 2, 71, &error) == OUTCOME_CONSTRAINT);
    EXPECT(error.outcome == OUTCOME_CONSTRAINT && error.message[0] != '\0');
    EXPECT(balance_of(pool, 2, &balance, &error) == OUTCOME_OK && balance == 80);
    EXPECT(leases_out(pool) == 0);
}

static void check_cancel(struct pool *pool)
{
    struct search search = {.outcome = OUTCOME_OK};
    pthread_t thread;
    EXPECT(interplay_pool_reader(pool, 0, &search.reader, NULL) == OUTCOME_OK);
    EXPECT(leases_out(pool) == 1);
    EXPECT(pthread_create(&thread, NULL, search_thread, &search) == 0);
    stop_search(&search);
    EXPECT(pthread_join(thread, NULL) == 0);
    EXPECT(search.outcome == OUTCOME_INTERRUPTED);
    EXPECT(interplay_reader_return(search.reader) == OUTCOME_OK);
}

static void check_callback(struct actor_pool *actors)
{
    int ends[2];
    struct request *sent = NULL, *told = NULL;
    EXPECT(pipe(ends) == 0);
    struct event_loop loop = {.wake_fd = ends[1]};
    EXPECT(send_to_loop(actors, &loop, &sent, NULL) == OUTCOME_OK);
    EXPECT(read(ends[0], &told, sizeof told) == (ssize_t)sizeof told && told == sent);
    EXPECT(interplay_request_wait(told, 0, NULL) == OUTCOME_OK);
    EXPECT(interplay_request_row_count(told) == 2);
    interplay_request_drop(told);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void check_actors(const char *path)
{
    const struct pool_options options = interplay_pool_defaults(&interplay_backend_sqlite, path);
    struct actor_pool *actors = NULL;
    int64_t balance = 0, sum = 0;
    EXPECT(interplay_actors_open(&actors, &options, NULL) == OUTCOME_OK);
    EXPECT(ask_actor(actors, 2, &balance, NULL) == OUTCOME_OK && balance == 80);
    EXPECT(deposit(actors, 2, -81, NULL) == OUTCOME_CONSTRAINT);
    EXPECT(deposit(actors, 2, 20, NULL) == OUTCOME_OK);
    EXPECT(sum_balances(actors, &sum, NULL) == OUTCOME_OK && sum == 170);
    struct payment payment = {2, 1, 200}, back = {1, 2, 200};
    EXPECT(pay_on_actor(actors, &payment, NULL) == OUTCOME_CONSTRAINT);
    payment.amount = back.amount = 20;
    EXPECT(pay_on_actor(actors, &payment, NULL) == OUTCOME_OK);
    EXPECT(pay_on_actor(actors, &back, NULL) == OUTCOME_OK);
    EXPECT(sum_balances(actors, &sum, NULL) == OUTCOME_OK && sum == 170);
    check_callback(actors);
    EXPECT(interplay_actors_close(actors, POOL_CLOSE_WAIT, 5000) == OUTCOME_OK);
    interplay_actors_free(actors);
}

static void check_pools(const char *path)
{
    struct pools pools = {NULL, NULL};
    int64_t balance = 0;
    struct writer *writer = NULL;
    EXPECT(open_pools(path, &pools, NULL) == OUTCOME_OK);
    EXPECT(balance_of(pools.analytical, 2, &balance, NULL) == OUTCOME_OK && balance == 100);
    EXPECT(interplay_pool_writer(pools.analytical, 0, &writer, NULL) == OUTCOME_MISUSE);
    EXPECT(close_accounts(pools.analytical) && close_accounts(pools.interactive));
}

static void run(const char *path)
{
    struct pool *pool = NULL;
    struct writer *writer = NULL;
    EXPECT(open_accounts(path, &pool, NULL) == OUTCOME_OK);
    EXPECT(create_table(pool, NULL) == OUTCOME_OK);
    EXPECT(interplay_pool_writer(pool, 0, &writer, NULL) == OUTCOME_OK);
    EXPECT(open_two_accounts(writer, NULL) == OUTCOME_OK);
    EXPECT(open_two_accounts(writer, NULL) == OUTCOME_CONSTRAINT);
    EXPECT(interplay_writer_return(writer) == OUTCOME_OK);
    check_synchronous(pool);
    check_cancel(pool);
    check_actors(path);
    check_pools(path);
    EXPECT(close_accounts(pool));
}

int main(void)
{
    char folder[] = "/tmp/interplay-samples-XXXXXX", path[64];
    EXPECT(mkdtemp(folder) != NULL);
    (void)snprintf(path, sizeof path, "%s/db", folder);
    run(path);
    /* The last connection that was closed has removed the log. */
    EXPECT(unlink(path) == 0 && rmdir(folder) == 0);
    return 0;
}
