/* SPDX-License-Identifier: Apache-2.0 */
/* From a request to a statement, and from its outcome to a reply. */
#include "calls.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BODY_BYTES = 512, STATUS_HUNG_UP = 499 };

/* --- replies ---------------------------------------------------------------------------------- */

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *body)
{
    union {
        const char *in;
        void *out;
    } bytes = {.in = body}; /* copied: MHD_RESPMEM_MUST_COPY */
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(body), bytes.out, MHD_RESPMEM_MUST_COPY);
    if (response == NULL)
        return MHD_NO;
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static unsigned status_of(enum outcome outcome)
{
    if (outcome == OUTCOME_OK)
        return MHD_HTTP_OK;
    if (outcome == OUTCOME_INTERRUPTED)
        return STATUS_HUNG_UP;
    if (outcome == OUTCOME_CONSTRAINT)
        return MHD_HTTP_CONFLICT;
    return outcome == OUTCOME_BUSY || outcome == OUTCOME_TIMEOUT || outcome == OUTCOME_CLOSED
               ? MHD_HTTP_SERVICE_UNAVAILABLE
               : MHD_HTTP_INTERNAL_SERVER_ERROR;
}

/* A line a row, numbers with a space between them. */
static void write_rows(struct request *request, char body[BODY_BYTES])
{
    size_t length = 0;
    body[0] = '\0';
    for (uint64_t i = 0; i < interplay_request_row_count(request); i++) {
        uint32_t columns = 0;
        const struct value *row = interplay_request_row(request, i, &columns);
        for (uint32_t column = 0; column < columns && length < BODY_BYTES; column++)
            length += (size_t)snprintf(body + length, BODY_BYTES - length, "%" PRId64 "%c",
                                       row[column].integer, column + 1 < columns ? ' ' : '\n');
    }
}

/* The statement has ended: who has one goes on only then. */
static enum outcome take_end(struct call *call, char body[BODY_BYTES])
{
    struct service *service = call->service;
    struct pool_error error = {.outcome = OUTCOME_OK};
    enum outcome outcome = interplay_request_wait(call->request, 0, &error);
    if (outcome == OUTCOME_OK)
        write_rows(call->request, body);
    else
        (void)snprintf(body, BODY_BYTES, "%s\n", error.message);
    service->cancelled += call->is_gone && outcome == OUTCOME_INTERRUPTED;
    service->left += outcome == OUTCOME_TIMEOUT;
    interplay_request_drop(call->request);
    call->request = NULL;
    return outcome;
}

static enum MHD_Result answer(struct call *call)
{
    char body[BODY_BYTES];
    enum outcome outcome = take_end(call, body);
    if (call->is_gone)
        return MHD_NO; /* nobody reads it */
    call->service->replied++;
    return reply(call->connection, status_of(outcome), body);
}

/* --- statements ------------------------------------------------------------------------------- */

/* On an actor's thread, or on the one that cancels: short, and without a lock. */
static void tell_end(void *context, struct request *request)
{
    struct call *call = context;
    (void)request;
    (void)!write(call->service->wake[1], &call, sizeof call);
}

static bool take_parameter(const struct call *call, struct value *ret_value)
{
    const char *name = call->route->parameter;
    if (name == NULL)
        return true;
    const char *text = MHD_lookup_connection_value(call->connection, MHD_GET_ARGUMENT_KIND, name);
    char *end = NULL;
    if (text == NULL)
        return false;
    *ret_value = value_integer(strtoll(text, &end, 10));
    return *text != '\0' && *end == '\0';
}

static enum outcome send_statement(struct call *call, const struct value *parameter,
                                   struct pool_error *error)
{
    const struct request_options options = {.on_done = tell_end, .context = call};
    struct actor_pool *pool = call->service->pool;
    return call->route->writes ? interplay_actors_execute(pool, &call->route->write, parameter,
                                                          &options, &call->request, error)
                               : interplay_actors_query(pool, &call->route->read, parameter,
                                                        &options, &call->request, error);
}

static void suspend(struct call *call)
{
    struct service *service = call->service;
    call->is_suspended = true;
    call->next = service->suspended;
    if (call->next != NULL)
        call->next->previous = call;
    service->suspended = call;
    MHD_suspend_connection(call->connection);
}

static void resume(struct call *call)
{
    *(call->previous != NULL ? &call->previous->next : &call->service->suspended) = call->next;
    if (call->next != NULL)
        call->next->previous = call->previous;
    call->next = call->previous = NULL;
    call->is_suspended = false;
    MHD_resume_connection(call->connection);
}

static enum MHD_Result refuse(const struct call *call, unsigned status, const char *body)
{
    call->service->refused++;
    return reply(call->connection, status, body);
}

static enum MHD_Result start(struct call *call)
{
    struct value parameter = {.kind = VALUE_NULL};
    struct pool_error error = {.outcome = OUTCOME_OK};
    if (call->route == NULL)
        return refuse(call, MHD_HTTP_NOT_FOUND, "nothing there\n");
    if (!take_parameter(call, &parameter))
        return refuse(call, MHD_HTTP_BAD_REQUEST, "a number is missing\n");
    enum outcome outcome = send_statement(call, &parameter, &error);
    if (outcome != OUTCOME_OK)
        return refuse(call, status_of(outcome), "the database cannot be asked now\n");
    suspend(call);
    return MHD_YES;
}

/* --- for the server --------------------------------------------------------------------------- */

static struct call *call_new(struct service *service, struct MHD_Connection *connection,
                             const char *method, const char *url)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct call *call = calloc(1, sizeof *call);
    if (call == NULL)
        return NULL;
    *call = (struct call){
        .service = service,
        .connection = connection,
        .route = route_find(method, url),
        .socket = info->connect_fd,
    };
    return call;
}

enum MHD_Result calls_handle(void *context, struct MHD_Connection *connection, const char *url,
                             const char *method, const char *version, const char *upload_data,
                             size_t *upload_data_size, void **call)
{
    (void)version;
    (void)upload_data;
    struct call *here = *call;
    if (here == NULL) { /* the head has come; a body may follow */
        *call = call_new(context, connection, method, url);
        return *call != NULL ? MHD_YES : MHD_NO;
    }
    if (*upload_data_size > 0) { /* nothing here takes one */
        *upload_data_size = 0;
        return MHD_YES;
    }
    return here->request != NULL ? answer(here) : start(here);
}

void calls_completed(void *context, struct MHD_Connection *connection, void **call,
                     enum MHD_RequestTerminationCode reason)
{
    char body[BODY_BYTES];
    struct call *here = *call;
    (void)context;
    (void)connection;
    (void)reason;
    if (here == NULL)
        return;
    if (here->request != NULL) /* the server saw that its client is gone, and asked for no reply */
        (void)take_end(here, body);
    free(here);
    *call = NULL;
}

void call_hang_up(struct call *call)
{
    call->is_gone = true;
    call->service->hung_up++;
    interplay_request_cancel(call->request);
}

void calls_wake_up(struct service *service)
{
    struct call *call;
    while (read(service->wake[0], &call, sizeof call) == (ssize_t)sizeof call)
        resume(call);
}
