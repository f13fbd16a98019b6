/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of locks, put together to what is held in each row. */
#include "report/lock_strips.h"

#include <string.h>

void lock_strips_init(struct lock_strips *strips, const struct recording *recording,
                      const struct subject_locks *names, size_t rows_max, struct arena *arena)
{
    *strips = (struct lock_strips){.recording = recording, .names = names};
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

/*
 * Classes of what is held on shared memory: with others, for oneself, and then each lock that has a
 * purpose.
 */
static const char *const shared_classes[] = {"w1", "w2", "w3", "w4", "w5"};
enum { SHARED_CLASSES = sizeof shared_classes / sizeof shared_classes[0], SLOTS = 8 };

static const char *class_of_own(uint32_t slot)
{
    return shared_classes[slot + 2 < SHARED_CLASSES ? slot + 2 : SHARED_CLASSES - 1];
}

static bool look_at_shared(const struct subject_locks *names, const struct lock_state *state,
                           struct lock_look *ret_look, struct text *words)
{
    if (names == NULL || (state->shared | state->exclusive) == 0)
        return false;
    bool is_alone = state->exclusive >> names->own_count != 0;
    *ret_look = (struct lock_look){shared_classes[is_alone],
                                   is_alone ? names->alone_letter : names->other.letter};
    text_append_format(words, "%s locks:", names->title);
    for (uint32_t slot = 0; slot < names->own_count; slot++) {
        if (!(state->exclusive >> slot & 1u))
            continue;
        *ret_look = (struct lock_look){class_of_own(slot), names->own[slot].letter};
        text_append_format(words, " %s,", names->own[slot].name);
    }
    for (uint32_t slot = names->own_count; slot < SLOTS; slot++) {
        bool alone = state->exclusive >> slot & 1u;
        if (alone || (state->shared >> slot & 1u))
            text_append_format(words, " %s %u%s,", names->other.name, slot - names->own_count,
                               alone ? " for oneself" : "");
    }
    words->bytes[--words->length] = '\0'; /* the last comma */
    return true;
}

bool lock_strips_look(const struct lock_strips *strips, size_t row, uint32_t lane,
                      enum lock_strip strip, struct lock_look *ret_look, struct text *words)
{
    const struct lock_state *state = &strips->rows[row][lane];
    return strip == LOCK_STRIP_FILE ? look_at_file(state, ret_look, words)
                                    : look_at_shared(strips->names, state, ret_look, words);
}

static void put_key(FILE *out, const char *class, const char *letter, const char *name,
                    const char *rest)
{
    fprintf(out, "<span><i class=\"l %s\">%s</i>%s%s</span>", class, letter, name, rest);
}

void lock_strips_legend(const struct subject_locks *names, FILE *out)
{
    fputs("<p class=\"legend\">File lock: ", out);
    put_key(out, "l1", "S", "shared", "");
    put_key(out, "l2", "R", "reserved", "");
    put_key(out, "l3", "P", "pending", "");
    put_key(out, "l4", "X", "exclusive", "");
    if (names != NULL) {
        fprintf(out, " Locks of the %s: ", names->title);
        put_key(out, shared_classes[0], names->other.letter, names->other.name, "");
        put_key(out, shared_classes[1], names->alone_letter, names->other.name, " for oneself");
        for (uint32_t slot = 0; slot < names->own_count; slot++)
            put_key(out, class_of_own(slot), names->own[slot].letter, names->own[slot].name, "");
    }
    fputs(" A row shows the strongest that was held in it; hover to see all.</p>\n", out);
}
