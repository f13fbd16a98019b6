/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_cancel.h"

#include <time.h>

enum { TRIES = 5, BETWEEN_TRIES_NS = 10 * 1000 * 1000, SECOND_NS = 1000 * 1000 * 1000 };

bool postgres_cancel_init(struct postgres_cancel *cancel, PGconn *pg)
{
    *cancel = (struct postgres_cancel){.request = PQgetCancel(pg)};
    bool has_mutex = cancel->request != NULL && pthread_mutex_init(&cancel->mutex, NULL) == 0;
    if (has_mutex && pthread_cond_init(&cancel->changed, NULL) == 0)
        return true;
    if (has_mutex)
        (void)pthread_mutex_destroy(&cancel->mutex);
    PQfreeCancel(cancel->request);
    return false;
}

void postgres_cancel_clean_up(struct postgres_cancel *cancel)
{
    (void)pthread_cond_destroy(&cancel->changed);
    (void)pthread_mutex_destroy(&cancel->mutex);
    PQfreeCancel(cancel->request);
}

static void wake(struct postgres_cancel *cancel)
{
    (void)pthread_mutex_lock(&cancel->mutex);
    (void)pthread_cond_broadcast(&cancel->changed);
    (void)pthread_mutex_unlock(&cancel->mutex);
}

static bool is_unanswered(const struct postgres_cancel *cancel)
{
    return atomic_load(&cancel->is_sent) && !atomic_load(&cancel->is_answered);
}

/* For the answer, but not long. */
static void await_answer(struct postgres_cancel *cancel)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += BETWEEN_TRIES_NS;
    until.tv_sec += until.tv_nsec / SECOND_NS;
    until.tv_nsec %= SECOND_NS;
    (void)pthread_mutex_lock(&cancel->mutex);
    int code = 0;
    while (is_unanswered(cancel) && code == 0)
        code = pthread_cond_timedwait(&cancel->changed, &cancel->mutex, &until);
    (void)pthread_mutex_unlock(&cancel->mutex);
}

void postgres_cancel_ask(struct postgres_cancel *cancel)
{
    char error[256];
    atomic_fetch_add(&cancel->under_way, 1);
    atomic_store(&cancel->is_asked, true);
    bool is_needed = atomic_load(&cancel->is_sent);
    for (int i = 0; i < TRIES && is_needed; i++) {
        (void)PQcancel(cancel->request, error, (int)sizeof error);
        await_answer(cancel);
        is_needed = is_unanswered(cancel);
    }
    (void)pthread_mutex_lock(&cancel->mutex);
    atomic_fetch_sub(&cancel->under_way, 1);
    (void)pthread_cond_broadcast(&cancel->changed);
    (void)pthread_mutex_unlock(&cancel->mutex);
}

void postgres_cancel_forget(struct postgres_cancel *cancel)
{
    atomic_store(&cancel->is_asked, false);
}

bool postgres_cancel_begin(struct postgres_cancel *cancel)
{
    atomic_store(&cancel->is_answered, false);
    atomic_store(&cancel->is_sent, true);
    if (!atomic_load(&cancel->is_asked))
        return true;
    postgres_cancel_end(cancel);
    return false;
}

void postgres_cancel_answered(struct postgres_cancel *cancel)
{
    atomic_store(&cancel->is_answered, true);
    if (atomic_load(&cancel->under_way) > 0)
        wake(cancel);
}

void postgres_cancel_end(struct postgres_cancel *cancel)
{
    atomic_store(&cancel->is_sent, false);
    if (atomic_load(&cancel->under_way) == 0)
        return;
    (void)pthread_mutex_lock(&cancel->mutex);
    (void)pthread_cond_broadcast(&cancel->changed);
    while (atomic_load(&cancel->under_way) > 0)
        (void)pthread_cond_wait(&cancel->changed, &cancel->mutex);
    (void)pthread_mutex_unlock(&cancel->mutex);
}
