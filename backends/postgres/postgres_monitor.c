/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_monitor.h"

#include "sim/world.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { SILENCE_MS = 20 };

/* They are for people, and nobody of ours reads standard error. */
static void ignore_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

/* --- connections ----------------------------------------------------------------------------- */

/* Its socket is none of the world's, and no fault strikes it; returns what is to be put back. */
static struct net *leave_network(void)
{
    struct net *net = world->net;
    world->net = NULL;
    return net;
}

enum error_code postgres_monitor_fail(const PGconn *pg, const char *context, struct error *error)
{
    const char *said = PQerrorMessage(pg);
    return interplay_error(error, ERROR_BACKEND, "%s%.*s", context, (int)strcspn(said, "\n"), said);
}

enum error_code postgres_monitor_open(struct postgres_monitor *monitor, const char *target,
                                      struct error *error)
{
    struct net *net = leave_network();
    PGconn *pg = PQconnectdb(target);
    world->net = net;
    if (PQstatus(pg) == CONNECTION_OK) {
        (void)PQsetNoticeReceiver(pg, ignore_notice, NULL);
        *monitor = (struct postgres_monitor){.pg = pg};
        return ERROR_NONE;
    }
    enum error_code code = postgres_monitor_fail(pg, "PostgreSQL cannot be reached: ", error);
    PQfinish(pg);
    return code;
}

void postgres_monitor_close(struct postgres_monitor *monitor)
{
    PQfinish(monitor->pg);
    monitor->pg = NULL;
}

void postgres_monitor_leave(struct postgres_monitor *monitor)
{
    int ends[2];
    if (monitor->pg == NULL || pipe(ends) != 0)
        return;
    (void)dup2(ends[1], PQsocket(monitor->pg)); /* good-byes do not reach the server */
    (void)close(ends[0]);
    (void)close(ends[1]);
    postgres_monitor_close(monitor);
}

/* --- questions ------------------------------------------------------------------------------- */

static void await_answer(struct postgres_monitor *monitor)
{
    while (PQconsumeInput(monitor->pg) == 1 && PQisBusy(monitor->pg) == 1) {
        struct pollfd polled = {.fd = PQsocket(monitor->pg), .events = POLLIN};
        if (poll(&polled, 1, SILENCE_MS) == 0 && monitor->on_silence != NULL)
            monitor->on_silence(monitor->context);
    }
}

/* The last result of what was sent, and whether all of them went well. */
static PGresult *take_results(struct postgres_monitor *monitor, bool was_sent, bool *ret_is_fine)
{
    PGresult *last = NULL, *result;
    *ret_is_fine = was_sent;
    while (was_sent) {
        await_answer(monitor);
        if ((result = PQgetResult(monitor->pg)) == NULL)
            break;
        ExecStatusType status = PQresultStatus(result);
        *ret_is_fine &= status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
        PQclear(last);
        last = result;
    }
    return last;
}

static PGresult *rows_of(struct postgres_monitor *monitor, bool was_sent)
{
    bool is_fine;
    PGresult *result = take_results(monitor, was_sent, &is_fine);
    if (is_fine)
        return result;
    PQclear(result);
    return NULL;
}

bool postgres_monitor_run(struct postgres_monitor *monitor, const char *sql)
{
    bool is_fine;
    struct net *net = leave_network();
    PQclear(take_results(monitor, PQsendQuery(monitor->pg, sql) == 1, &is_fine));
    world->net = net;
    return is_fine;
}

PGresult *postgres_monitor_ask(struct postgres_monitor *monitor, const char *sql,
                               const char *parameter)
{
    const char *const values[] = {parameter};
    struct net *net = leave_network();
    PGresult *rows = rows_of(monitor, PQsendQueryParams(monitor->pg, sql, parameter != NULL, NULL,
                                                        values, NULL, NULL, 0) == 1);
    world->net = net;
    return rows;
}

bool postgres_monitor_prepare(struct postgres_monitor *monitor, const char *name, const char *sql)
{
    bool is_fine;
    struct net *net = leave_network();
    PQclear(take_results(monitor, PQsendPrepare(monitor->pg, name, sql, 0, NULL) == 1, &is_fine));
    world->net = net;
    return is_fine;
}

PGresult *postgres_monitor_ask_prepared(struct postgres_monitor *monitor, const char *name,
                                        const char *parameter)
{
    const char *const values[] = {parameter};
    struct net *net = leave_network();
    PGresult *rows = rows_of(monitor, PQsendQueryPrepared(monitor->pg, name, parameter != NULL,
                                                          values, NULL, NULL, 0) == 1);
    world->net = net;
    return rows;
}
