/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of locks, put together to what is held in each row. */
#include "report/lock_strips.h"

#include <string.h>

/* SQLite's numbers of the log's locks (docs: "WAL-mode File Format", 2.2). */
enum { LOG_WRITE, LOG_CHECKPOINT, LOG_RECOVERY, LOG_READ_FIRST };

void lock_strips_init(struct lock_strips *strips, const struct recording *recording,
                      size_t rows_max, struct arena *arena)
{
    *strips = (struct lock_strips){.recording = recording};
    strips->rows = arena_alloc_zeroed(arena, rows_max * sizeof *strips->rows);
}

static uint32_t lane_of(const struct event_lock *lock)
{
    return lock->holder < PLAN_TASKS_MAX ? lock->holder : LOCK_LANE_THREADS;
}

static void change(struct lock_strips *strips, const struct event_lock *lock)
{
    struct event_lock *free_file = NULL;
    for (uint32_t i = 0; i < LOCK_FILES_MAX; i++) {
        struct event_lock *file = &strips->files[i];
        if (file->handle == lock->handle) {
            *file = *lock;
            return;
        }
        bool holds = file->level != 0 || file->shared != 0 || file->exclusive != 0;
        if (free_file == NULL && !holds)
            free_file = file;
    }
    if (free_file != NULL)
        *free_file = *lock;
}

/* Adds what is held now to what the row shows. */
static void hold(const struct lock_strips *strips, struct lock_state *lanes)
{
    for (uint32_t i = 0; i < LOCK_FILES_MAX; i++) {
        const struct event_lock *file = &strips->files[i];
        struct lock_state *lane = &lanes[lane_of(file)];
        if (file->level > lane->level)
            lane->level = file->level;
        lane->shared |= file->shared;
        lane->exclusive |= file->exclusive;
    }
}

void lock_strips_add_row(struct lock_strips *strips, uint64_t last)
{
    const struct recording *recording = strips->recording;
    struct lock_state *lanes = strips->rows[strips->row_count++];
    hold(strips, lanes);
    for (; strips->next < recording_kept(recording->lock_count) &&
           recording->locks[strips->next].events <= last;
         strips->next++) {
        change(strips, &recording->locks[strips->next].lock);
        hold(strips, lanes);
    }
    if (recording->events[last].event.kind == TRACE_power_loss)
        memset(strips->files, 0, sizeof strips->files);
}

bool lock_strips_same(const struct lock_strips *strips, size_t row, size_t other, uint32_t lane,
                      enum lock_strip strip)
{
    const struct lock_state *left = &strips->rows[row][lane], *right = &strips->rows[other][lane];
    if (strip == LOCK_STRIP_FILE)
        return left->level == right->level;
    return left->shared == right->shared && left->exclusive == right->exclusive;
}

static bool look_at_file(const struct lock_state *state, struct lock_look *ret_look,
                         struct text *words)
{
    static const struct lock_look looks[] = {
        {"", ""}, {"l1", "S"}, {"l2", "R"}, {"l3", "P"}, {"l4", "X"}};
    static const char *const names[] = {"none", "SHARED", "RESERVED", "PENDING", "EXCLUSIVE"};
    *ret_look = looks[state->level];
    text_append_format(words, "file lock %s", names[state->level]);
    return state->level != 0;
}

static bool look_at_log(const struct lock_state *state, struct lock_look *ret_look,
                        struct text *words)
{
    static const struct {
        uint8_t slot;
        const char *name;
        struct lock_look look;
    } strongest_last[] = {
        {LOG_WRITE, "write", {"w3", "w"}},
        {LOG_CHECKPOINT, "checkpoint", {"w4", "c"}},
        {LOG_RECOVERY, "recovery", {"w5", "v"}},
    };
    *ret_look = state->exclusive >> LOG_READ_FIRST != 0 ? (struct lock_look){"w2", "m"}
                                                        : (struct lock_look){"w1", "r"};
    text_append(words, "log locks:");
    for (int i = 0; i < 3; i++) {
        if (!(state->exclusive >> strongest_last[i].slot & 1u))
            continue;
        *ret_look = strongest_last[i].look;
        text_append_format(words, " %s,", strongest_last[i].name);
    }
    for (int slot = LOG_READ_FIRST; slot < 8; slot++) {
        if (state->exclusive >> slot & 1u)
            text_append_format(words, " read mark %d for oneself,", slot - LOG_READ_FIRST);
        else if (state->shared >> slot & 1u)
            text_append_format(words, " read mark %d,", slot - LOG_READ_FIRST);
    }
    words->bytes[--words->length] = '\0'; /* the last comma */
    return state->shared != 0 || state->exclusive != 0;
}

bool lock_strips_look(const struct lock_strips *strips, size_t row, uint32_t lane,
                      enum lock_strip strip, struct lock_look *ret_look, struct text *words)
{
    const struct lock_state *state = &strips->rows[row][lane];
    return strip == LOCK_STRIP_FILE ? look_at_file(state, ret_look, words)
                                    : look_at_log(state, ret_look, words);
}
