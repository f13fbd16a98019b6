/* SPDX-License-Identifier: Apache-2.0 */
/* The tape, and the subject that writes on it. */
#include "sqlite/sqlite_tape.h"

#include "base/fault.h"
#include "sim/storage.h"
#include "sim/world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

struct sqlite_tape *sqlite_tape;

const char *const tape_method_names[TAPE_METHOD_COUNT] = {
#define METHOD(name) #name,
    TAPE_METHODS(METHOD)
#undef METHOD
};

/* By coroutine: the connection whose call it is in. */
static uint16_t connections_in_call[WORLD_COROUTINES_MAX + 1];

static uint32_t coroutine(void)
{
    return world->current == NULL ? WORLD_NOBODY : world_current_task();
}

uint16_t tape_connection(void)
{
    return connections_in_call[coroutine()];
}

void tape_enter(uint16_t connection)
{
    connections_in_call[coroutine()] = connection;
}

static uint32_t keep_text(const char *text, size_t length)
{
    struct sqlite_tape *tape = sqlite_tape;
    if (text == NULL || tape->is_full)
        return 0;
    if (length + 1 > TAPE_TEXTS_BYTES - tape->texts_bytes) {
        tape->is_full = true;
        return 0;
    }
    uint32_t at = tape->texts_bytes;
    memcpy(tape->texts + at, text, length);
    tape->texts[at + length] = '\0';
    tape->texts_bytes += (uint32_t)length + 1;
    return at;
}

void tape_put(struct tape_entry entry, const char *text, size_t length)
{
    struct sqlite_tape *tape = sqlite_tape;
    entry.text = keep_text(text, length);
    if (tape->is_full || tape->count == TAPE_ENTRIES_MAX) {
        tape->is_full = true;
        return;
    }
    entry.task = (uint8_t)(world->current == NULL ? WORLD_NOBODY : world->current->acting_for);
    entry.yields = world->yields;
    tape->entries[tape->count++] = entry;
}

/* --- the world that writes down --------------------------------------------------------------- */

static const struct subject *subject_below;
static const char *driver_below; /* NULL: the subject's own */

static const struct subject_world_ops *world_below(void)
{
    return subject_below->world;
}

static enum error_code taped_open(struct subject_instance **ret_instance, const char *setup_sql,
                                  struct error *error)
{
    (void)snprintf(sqlite_tape->setup_sql, sizeof sqlite_tape->setup_sql, "%s", setup_sql);
    return world_below()->open(ret_instance, setup_sql, error);
}

static void taped_reset(struct subject_instance *instance, const struct subject_start *start)
{
    struct sqlite_tape *tape = sqlite_tape;
    tape->is_full = false;
    tape->count = tape->connections = tape->statements = 0;
    tape->texts_bytes = 1;
    memcpy(tape->settings, start->settings, sizeof tape->settings);
    tape->is_empty = start->is_empty;
    tape->random_seed = start->random_seed;
    memset(connections_in_call, 0, sizeof connections_in_call);
    world_below()->reset(instance, start);
}

static void taped_connection(struct subject_instance *instance, struct backend_options *ret_options)
{
    world_below()->connection(instance, ret_options);
    ret_options->driver = tape_vfs(driver_below != NULL ? driver_below : ret_options->driver);
}

/* Somebody else may listen, too; he comes first. */
static void (*fate_below)(void *context, const struct storage_fate *fate);

static void put_fate(void *context, const struct storage_fate *fate)
{
    if (fate_below != NULL)
        fate_below(context, fate);
    static const uint8_t kinds[] = {
        [STORAGE_FATE_NAMED] = TAPE_NAMED,
        [STORAGE_FATE_ARRIVED] = TAPE_ARRIVED,
        [STORAGE_FATE_SIZED] = TAPE_SIZED,
        [STORAGE_FATE_GARBLED] = TAPE_GARBLED,
    };
    if (fate->kind == STORAGE_FATE_GONE)
        return; /* nobody names it */
    const char *name = fate->kind == STORAGE_FATE_NAMED ? fate->name : NULL;
    tape_put(
        (struct tape_entry){
            .kind = kinds[fate->kind], .number = fate->number, .from = fate->from, .to = fate->to},
        name, name == NULL ? 0 : strlen(name));
}

static void taped_power_loss(struct subject_instance *instance, uint64_t seed)
{
    tape_put((struct tape_entry){.kind = TAPE_LOSS, .connection = tape_connection()}, NULL, 0);
    fate_below = world->on_fate;
    world->on_fate = put_fate;
    world_below()->power_loss(instance, seed);
    world->on_fate = fate_below;
}

/* --- begin and end ---------------------------------------------------------------------------- */

static struct subject_world_ops taped_world;
static struct subject taped_subject;

const struct subject *tape_begin(const struct subject *subject, const char *driver,
                                 struct error *error)
{
    void *memory = mmap(NULL, sizeof *sqlite_tape, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        (void)interplay_error(error, ERROR_MEMORY, "no memory for a tape: %s", strerror(errno));
        return NULL;
    }
    sqlite_tape = memory;
    subject_below = subject;
    driver_below = driver;
    taped_world = *world_below();
    taped_world.open = taped_open;
    taped_world.reset = taped_reset;
    taped_world.connection = taped_connection;
    taped_world.power_loss = taped_power_loss;
    taped_subject = *subject;
    taped_subject.backend = tape_backend(subject->backend);
    taped_subject.world = &taped_world;
    return &taped_subject;
}

void tape_end(void)
{
    if (sqlite_tape != NULL)
        (void)munmap(sqlite_tape, sizeof *sqlite_tape);
    sqlite_tape = NULL;
}
