/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canaries that let transactions see what they must not: reads are answered by another
 * connection, and who writes on an old snapshot is let through. The snapshot oracle would see each
 * of them first; the promise that there is one writer, without which it has no say, is taken away,
 * so that what is proved is the oracle of isolation on a real database.
 */
#include "decorator.h"

#include <string.h>

/* --- what is promised ------------------------------------------------------------------------- */

static const struct promises *promises_of_subject;

static const struct promises *without_one_writer(struct promises *copy, const struct promises *from)
{
    *copy = *from;
    copy->one_writer = false;
    return copy;
}

static const struct promises *instead(const int32_t *settings)
{
    static struct promises copy;
    const struct promises *now =
        promises_of_subject->instead != NULL ? promises_of_subject->instead(settings) : NULL;
    return without_one_writer(&copy, now != NULL ? now : promises_of_subject);
}

static struct backend_ops *judge_by_isolation(struct fuzz_setup *setup)
{
    static struct promises copy;
    promises_of_subject = setup->subject.promises;
    setup->subject.promises = without_one_writer(&copy, promises_of_subject);
    copy.instead = instead;
    return canary_decorate(setup);
}

/* --- statements ------------------------------------------------------------------------------- */

/* A bit set of the tables of a native plan that the text names. */
static uint32_t tables_in(const char *sql)
{
    uint32_t tables = 0;
    for (const char *next = strstr(sql, " t"); next != NULL; next = strstr(next + 1, " t"))
        if (next[2] >= '0' && next[2] <= '3')
            tables |= 1u << (next[2] - '0');
    return tables;
}

static bool is_read(const char *sql)
{
    return strncmp(sql, "SELECT", 6) == 0;
}

static bool is_write(const char *sql)
{
    return strncmp(sql, "INSERT", 6) == 0 || strncmp(sql, "UPDATE", 6) == 0 ||
           strncmp(sql, "DELETE", 6) == 0;
}

/* Steps, and keeps account of what the transaction read and whether it wrote. */
static enum outcome tracking_step(struct backend_statement *statement)
{
    struct canary_statement *here = canary_statement(statement);
    struct canary_session *session = here == NULL ? NULL : canary_session(here->connection);
    if (session == NULL)
        return honest->step(statement);
    if (!honest->in_transaction(here->connection)) {
        session->has_written = false;
        session->tables_read = 0;
    }
    enum outcome outcome = honest->step(statement);
    if (is_read(here->sql))
        session->tables_read |= tables_in(here->sql);
    session->has_written |= is_write(here->sql) && outcome == OUTCOME_OK;
    return outcome;
}

/* --- reads that somebody else answers --------------------------------------------------------- */

static bool only_reads(const struct canary_session *session, const char *sql)
{
    return session != NULL && is_read(sql) && !session->has_written &&
           honest->in_transaction(session->connection);
}

/* What is committed now, whatever the transaction's snapshot is; if nothing keeps it from there. */
static struct backend_connection *newest(struct canary_session *session)
{
    if (session->helper == NULL &&
        honest->connect(&session->helper, &session->options) != OUTCOME_OK)
        session->helper = NULL;
    bool can_read = session->helper != NULL &&
                    canary_execute(session->helper, "SELECT 1 FROM sqlite_schema") == OUTCOME_OK;
    return can_read ? session->helper : session->connection;
}

static struct backend_connection *all_at_newest(struct backend_connection *connection,
                                                const char *sql)
{
    struct canary_session *session = canary_session(connection);
    return only_reads(session, sql) ? newest(session) : connection;
}

void canary_install_moving_snapshot(struct fuzz_setup *setup)
{
    judge_by_isolation(setup)->step = tracking_step;
    canary_answering = all_at_newest;
}

static struct backend_connection *t1_at_newest(struct backend_connection *connection,
                                               const char *sql)
{
    struct canary_session *session = canary_session(connection);
    return only_reads(session, sql) && tables_in(sql) == 1u << 1 ? newest(session) : connection;
}

void canary_install_fractured_read(struct fuzz_setup *setup)
{
    judge_by_isolation(setup)->step = tracking_step;
    canary_answering = t1_at_newest;
}

static struct backend_connection *ranges_at_newest(struct backend_connection *connection,
                                                   const char *sql)
{
    struct canary_session *session = canary_session(connection);
    bool is_key = strstr(sql, " WHERE k=") != NULL;
    return only_reads(session, sql) && !is_key ? newest(session) : connection;
}

void canary_install_unrepeatable_range(struct fuzz_setup *setup)
{
    judge_by_isolation(setup)->step = tracking_step;
    canary_answering = ranges_at_newest;
}

/* One that is in the middle of a transaction that wrote, and not in the middle of a statement. */
static struct backend_connection *who_writes(struct backend_connection *connection, const char *sql)
{
    const struct canary_session *reader = canary_session(connection);
    if (reader == NULL || !is_read(sql) || reader->has_written)
        return connection;
    for (size_t i = 0; i < CANARY_SESSIONS_MAX; i++) {
        const struct canary_session *other = &canary_memory.sessions[i];
        if (other->connection != NULL && other != reader && other->has_written &&
            other->statements == 0 && honest->in_transaction(other->connection))
            return other->connection;
    }
    return connection;
}

void canary_install_dirty_read(struct fuzz_setup *setup)
{
    judge_by_isolation(setup)->step = tracking_step;
    canary_answering = who_writes;
}

/* --- writes that are let through -------------------------------------------------------------- */

/* On the newest commit, in a transaction that has read an older one. */
static enum outcome write_on_newest(struct backend_statement *statement, bool of_what_it_read)
{
    enum outcome outcome = tracking_step(statement);
    struct canary_statement *here = canary_statement(statement);
    if (outcome != OUTCOME_BUSY_SNAPSHOT || here == NULL || !is_write(here->sql) ||
        honest->parameter_count(statement) > 0)
        return outcome;
    struct canary_session *session = canary_session(here->connection);
    uint32_t tables_read = session == NULL ? 0 : session->tables_read;
    if (((tables_read & tables_in(here->sql)) != 0) != of_what_it_read)
        return outcome;
    honest->reset(statement);
    if (canary_execute(here->connection, "ROLLBACK") != OUTCOME_OK ||
        canary_execute(here->connection, "BEGIN") != OUTCOME_OK)
        return outcome;
    outcome = honest->step(statement);
    if (session != NULL)
        session->has_written = outcome == OUTCOME_OK;
    return outcome;
}

static enum outcome lost_update_step(struct backend_statement *statement)
{
    return write_on_newest(statement, true);
}

void canary_install_lost_update(struct fuzz_setup *setup)
{
    judge_by_isolation(setup)->step = lost_update_step;
}

static enum outcome write_skew_step(struct backend_statement *statement)
{
    return write_on_newest(statement, false);
}

void canary_install_write_skew(struct fuzz_setup *setup)
{
    judge_by_isolation(setup)->step = write_skew_step;
}
