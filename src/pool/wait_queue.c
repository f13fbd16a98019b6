/* SPDX-License-Identifier: Apache-2.0 */
/* A line of waiters; each has a condition variable of its own, on its stack. */
#include "pool/wait_queue.h"

#include "pool/deadline.h"

enum answer { ANSWER_NONE, ANSWER_GRANTED, ANSWER_REFUSED };

struct waiter {
    struct waiter *previous, *next;
    pthread_cond_t answered;
    enum answer answer;
    void *grant;
};

static void append(struct wait_queue *queue, struct waiter *waiter)
{
    waiter->previous = queue->last;
    if (queue->last != NULL)
        queue->last->next = waiter;
    else
        queue->first = waiter;
    queue->last = waiter;
    queue->count++;
}

static void take_out(struct wait_queue *queue, struct waiter *waiter)
{
    if (waiter->previous != NULL)
        waiter->previous->next = waiter->next;
    else
        queue->first = waiter->next;
    if (waiter->next != NULL)
        waiter->next->previous = waiter->previous;
    else
        queue->last = waiter->previous;
    queue->count--;
}

/* Who answers takes the waiter out of the line: after that it may be gone at any moment. */
static void answer_first(struct wait_queue *queue, enum answer answer, void *grant)
{
    struct waiter *waiter = queue->first;
    take_out(queue, waiter);
    waiter->answer = answer;
    waiter->grant = grant;
    (void)pthread_cond_signal(&waiter->answered);
}

enum outcome wait_queue_wait(struct wait_queue *queue, pthread_mutex_t *mutex, uint32_t timeout_ms,
                             void **ret_grant)
{
    if (timeout_ms == 0)
        return OUTCOME_TIMEOUT;
    struct waiter waiter = {.answer = ANSWER_NONE};
    if (!deadline_condition_init(&waiter.answered))
        return OUTCOME_NO_MEMORY;
    struct deadline deadline = deadline_after(timeout_ms);
    append(queue, &waiter);
    bool is_in_time = true;
    while (waiter.answer == ANSWER_NONE && is_in_time)
        is_in_time = deadline_wait(&deadline, &waiter.answered, mutex);
    if (waiter.answer == ANSWER_NONE)
        take_out(queue, &waiter);
    (void)pthread_cond_destroy(&waiter.answered);
    switch (waiter.answer) {
    case ANSWER_NONE:
        return OUTCOME_TIMEOUT;
    case ANSWER_GRANTED:
        *ret_grant = waiter.grant;
        return OUTCOME_OK;
    case ANSWER_REFUSED:
        return OUTCOME_CLOSED;
    }
    return OUTCOME_OTHER;
}

bool wait_queue_grant(struct wait_queue *queue, void *grant)
{
    if (queue->first == NULL)
        return false;
    answer_first(queue, ANSWER_GRANTED, grant);
    return true;
}

void wait_queue_refuse_all(struct wait_queue *queue)
{
    while (queue->first != NULL)
        answer_first(queue, ANSWER_REFUSED, NULL);
}
