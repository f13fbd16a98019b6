/* SPDX-License-Identifier: Apache-2.0 */
/* failure.json and config.json of an entry, written. */
#include "bugbase/entry.h"
#include "bugbase/entry_words.h"
#include "bugbase/folder.h"

#include "base/file.h"
#include "plan/json_parse.h"
#include "plan/json_text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *const entry_shrunk_words[] = {
    [BUGBASE_NOT_SHRUNK] = "no",
    [BUGBASE_SHRUNK] = "yes, not 1-minimal",
    [BUGBASE_MINIMAL] = "yes, 1-minimal",
};

/* Takes over `object`. */
static enum error_code save(json_t *object, const char *folder, const char *name,
                            struct error *error)
{
    char path[PATH_MAX];
    enum error_code code = folder_path(path, folder, name, error);
    char *text = json_dumps(object, JSON_INDENT(2));
    json_decref(object);
    if (code == ERROR_NONE && text == NULL)
        code = interplay_error(error, ERROR_MEMORY, "%s: out of memory", file_short_path(path));
    if (code == ERROR_NONE) {
        size_t length = strlen(text);
        text[length] = '\n'; /* in place of the zero, which nobody needs any more */
        code = file_write(path, text, length + 1, error);
    }
    free(text);
    return code;
}

static json_t *new_sighting(const struct bugbase_finding *finding)
{
    char now[sizeof "2026-01-01T00:00:00Z"] = "";
    time_t seconds = time(NULL);
    struct tm parts;
    if (gmtime_r(&seconds, &parts) != NULL)
        (void)strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return json_pack("{s:s, s:o, s:o}", "time", now, "backend_version",
                     json_text(finding->subject->backend_version), "origin",
                     json_text(finding->origin));
}

/*
 * All settings of the database, whatever their value, so that a person need not know the defaults.
 */
static json_t *new_plan_config(const struct plan *plan)
{
    json_t *object = json_object();
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        const struct plan_config_value *value = &info->values[plan->config.choice[field]];
        if (!plan_has_setting(plan, field))
            continue;
        (void)json_object_set_new(object, info->name,
                                  info->is_word ? json_string(value->name)
                                                : json_integer(value->number));
    }
    return object;
}

static json_t *new_config(const struct bugbase_finding *finding)
{
    const struct bugbase_subject *subject = finding->subject;
    return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "version", BUGBASE_VERSION, "target",
                     json_text(subject->target), "command", json_text(subject->command), "backend",
                     json_text(subject->backend), "backend_version",
                     json_text(subject->backend_version), "interplay_version",
                     json_text(subject->interplay_version), "plan", new_plan_config(finding->plan));
}

/* What a plan came to, as keys of `object`, which may be NULL; false: out of memory. */
static bool put_outcome(json_t *object, const struct plan *plan, const struct verdict *verdict,
                        uint64_t trace_hash)
{
    bool is_at_end = verdict->interaction >= plan->interaction_count;
    json_t *interaction = is_at_end ? json_null() : json_integer((json_int_t)verdict->interaction);
    json_t *trace = json_sprintf("%016" PRIx64, trace_hash);
    /* Each call takes its value, whatever comes of it. */
    int failed = json_object_set_new(object, "report", json_text(verdict->report));
    failed |= json_object_set_new(object, "interaction", interaction);
    failed |= json_object_set_new(object, "trace_hash", trace);
    return failed == 0;
}

static json_t *new_failure(const struct bugbase_finding *finding)
{
    const struct verdict *verdict = finding->verdict;
    json_t *failure = json_pack("{s:i, s:o}", "version", BUGBASE_VERSION, "signature",
                                json_text(verdict->signature));
    json_t *seen = json_pack("{s:i, s:o, s:o, s:s}", "times_seen", 1, "first_seen",
                             new_sighting(finding), "last_seen", new_sighting(finding), "shrunk",
                             entry_shrunk_words[BUGBASE_NOT_SHRUNK]);
    if (!put_outcome(failure, finding->plan, verdict, finding->trace_hash) ||
        json_object_update(failure, seen) != 0) {
        json_decref(failure);
        failure = NULL;
    }
    json_decref(seen);
    return failure;
}

static enum error_code fail_memory(const char *folder, struct error *error)
{
    return interplay_error(error, ERROR_MEMORY, "%s: out of memory", file_short_path(folder));
}

enum error_code entry_create(const char *folder, const struct bugbase_finding *finding,
                             struct error *error)
{
    json_object_seed(JSON_HASH_SEED);
    json_t *config = new_config(finding);
    json_t *failure = new_failure(finding);
    enum error_code code;
    if (config == NULL || failure == NULL) {
        json_decref(config);
        json_decref(failure);
        return fail_memory(folder, error);
    }
    code = save(config, folder, "config.json", error);
    if (code != ERROR_NONE) {
        json_decref(failure);
        return code;
    }
    return save(failure, folder, "failure.json", error);
}

enum error_code entry_count(struct bugbase_entry *entry, const char *folder,
                            const struct bugbase_finding *finding, struct error *error)
{
    json_int_t times = (json_int_t)entry->times_seen + 1;
    if (json_object_set_new(entry->failure, "times_seen", json_integer(times)) != 0 ||
        json_object_set_new(entry->failure, "last_seen", new_sighting(finding)) != 0)
        return fail_memory(folder, error);
    return save(json_incref(entry->failure), folder, "failure.json", error);
}

/* What the small plan came to stands in an object of its own. */
static bool put_small(json_t *failure, const struct bugbase_small *small)
{
    json_t *object = json_object();
    bool is_put = put_outcome(object, small->plan, small->verdict, small->trace_hash);
    return json_object_set_new(failure, "small", object) == 0 && is_put;
}

enum error_code entry_set_shrunk(struct bugbase_entry *entry, const char *folder,
                                 const struct bugbase_small *small, const struct cause *cause,
                                 struct error *error)
{
    json_t *object = entry->failure;
    const char *shrunk = entry_shrunk_words[small->shrunk];
    if (json_object_set_new(object, "shrunk", json_string(shrunk)) != 0 ||
        (small->verdict != NULL && !put_small(object, small)) ||
        (cause != NULL && json_object_set_new(object, "cause", json_string(cause->words)) != 0))
        return fail_memory(folder, error);
    return save(json_incref(object), folder, "failure.json", error);
}
