/* SPDX-License-Identifier: Apache-2.0 */
/* Queues of requests, bounded or not. */
#include "pool/mailbox.h"

#include "pool/request.h"

#include <stddef.h>

void request_queue_append(struct request_queue *queue, struct request *request)
{
    request->next = NULL;
    request->previous = queue->last;
    *(queue->last == NULL ? &queue->first : &queue->last->next) = request;
    queue->last = request;
    queue->count++;
}

void request_queue_remove(struct request_queue *queue, struct request *request)
{
    *(request->previous == NULL ? &queue->first : &request->previous->next) = request->next;
    *(request->next == NULL ? &queue->last : &request->next->previous) = request->previous;
    request->next = request->previous = NULL;
    queue->count--;
}

struct request *request_queue_take(struct request_queue *queue)
{
    struct request *request = queue->first;
    if (request != NULL)
        request_queue_remove(queue, request);
    return request;
}

bool mailbox_has_room(const struct mailbox *mailbox)
{
    return mailbox->waiting.count < mailbox->bound;
}

void mailbox_push(struct mailbox *mailbox, struct request *request)
{
    request->mailbox = mailbox;
    request_queue_append(&mailbox->waiting, request);
}
