/* SPDX-License-Identifier: Apache-2.0 */
/* An entry of a bug base, for programs. */
#include "cli/bugs.h"

#include "plan/json.h"

#include <stdlib.h>
#include <string.h>

static const size_t arena_bytes = (size_t)1 << 30; /* address space */

static void put_sightings(const struct record *record, const struct bugbase_entry *entry)
{
    record_text(record, RECORD_entry_first_time, entry->first.time);
    record_text(record, RECORD_entry_first_tested, entry->first.backend_version);
    record_text(record, RECORD_entry_first_origin, entry->first.origin);
    record_text(record, RECORD_entry_last_time, entry->last.time);
    record_text(record, RECORD_entry_last_tested, entry->last.backend_version);
    record_text(record, RECORD_entry_last_origin, entry->last.origin);
    record_number(record, RECORD_entry_times_seen, entry->times_seen);
}

static void put_subject(const struct record *record, const struct bugbase_subject *subject)
{
    record_text(record, RECORD_entry_target, subject->target);
    record_text(record, RECORD_entry_backend, subject->backend);
    record_text(record, RECORD_entry_interplay, subject->interplay_version);
}

static void put_plan(const struct record *record, const struct plan *plan)
{
    struct arena arena;
    char *text;
    size_t length;
    arena_init(&arena, arena_bytes);
    if (json_write(plan, &arena, &text, &length) == ERROR_NONE)
        record_object(record, RECORD_entry_plan, text, length);
    arena_clean_up(&arena);
}

void bugs_put_entry(FILE *lines, const struct bugs_told *told, const struct bugs_same_cause *same)
{
    static const char *const shrunk[] = {
        [BUGBASE_NOT_SHRUNK] = "no",
        [BUGBASE_SHRUNK] = "yes",
        [BUGBASE_MINIMAL] = "minimal",
    };
    const struct bugbase_entry *entry = told->entry;
    struct record record = record_begin(RECORD_entry);
    record_text(&record, RECORD_entry_name, told->name);
    record_text(&record, RECORD_entry_signature, entry->signature);
    if (cause_is_known(&entry->cause)) {
        record_text(&record, RECORD_entry_cause, entry->cause.words);
        record_text(&record, RECORD_entry_cause_hash, entry->cause.hash);
    }
    record_text(&record, RECORD_entry_report, entry->report);
    if (entry->interaction != SIZE_MAX)
        record_number(&record, RECORD_entry_interaction, entry->interaction);
    record_text(&record, RECORD_entry_trace, entry->trace_hash);
    put_sightings(&record, entry);
    put_subject(&record, &entry->subject);
    record_text(&record, RECORD_entry_shrunk, shrunk[entry->shrunk]);
    record_text(&record, RECORD_entry_file, told->path);
    record_number(&record, RECORD_entry_interactions, told->plan->interaction_count);
    if (same != NULL) {
        record_texts(&record, RECORD_entry_same_cause, (const char *const *)same->signatures,
                     same->count);
        put_plan(&record, told->plan);
    }
    record_end(&record, lines);
}

void bugs_find_same_cause(struct bugs_same_cause *ret_same, const char *base, const char *name,
                          const struct cause *cause)
{
    struct bugbase_names names;
    *ret_same = (struct bugs_same_cause){0};
    if (!cause_is_known(cause) || bugbase_list(&names, base, NULL) != ERROR_NONE)
        return;
    ret_same->signatures = calloc(names.count + 1, sizeof *ret_same->signatures);
    for (size_t i = 0; i < names.count && ret_same->signatures != NULL; i++) {
        struct bugbase_entry other;
        if (strcmp(names.items[i], name) == 0 ||
            bugbase_read(&other, base, names.items[i], NULL) != ERROR_NONE)
            continue;
        char *signature =
            strcmp(other.cause.hash, cause->hash) == 0 ? strdup(other.signature) : NULL;
        if (signature != NULL)
            ret_same->signatures[ret_same->count++] = signature;
        entry_clean_up(&other);
    }
    bugbase_names_clean_up(&names);
}

void bugs_same_cause_clean_up(struct bugs_same_cause *same)
{
    for (size_t i = 0; i < same->count; i++)
        free(same->signatures[i]);
    free(same->signatures);
}
