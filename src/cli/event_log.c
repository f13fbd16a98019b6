/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of events, for people or for programs. */
#include "cli/event_log.h"

#include "base/file.h"
#include "cli/machine_output.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const char *const event_names[] = {
#define TRACED(name, meaning) #name,
#include "history/events.def"
};

enum error_code event_log_open(struct log_file *ret_log, const char *path, struct error *error)
{
    const char *dot = strrchr(path, '.');
    FILE *file =
        file_is_standard(path) ? fdopen(dup(fileno(cli_machine_output())), "w") : fopen(path, "we");
    if (file == NULL)
        return interplay_error(error, ERROR_IO, "%s: cannot be written: %s", file_short_path(path),
                               strerror(errno));
    (void)setvbuf(file, NULL, _IOLBF, BUFSIZ);
    *ret_log = (struct log_file){
        .file = file,
        .is_json = dot != NULL && strcasecmp(dot, ".jsonl") == 0,
    };
    json_object_seed(1);
    return ERROR_NONE;
}

bool event_log_close(struct log_file *log)
{
    bool is_whole = log->file == NULL || !ferror(log->file);
    if (log->file != NULL && fclose(log->file) != 0)
        is_whole = false;
    log->file = NULL;
    return is_whole;
}

void event_log_begin(struct log_file *log, uint64_t index, const char *name)
{
    log->index = index;
    log->now_ns = 0;
    if (log->file != NULL && !log->is_json)
        fprintf(log->file, "# %s\n", name);
}

/* In the words of a trace, which a database may have a part in. */
static void write_object(const struct log_file *log, const struct plan *plan,
                         const struct trace_event *event, const struct trace_note *note)
{
    char said[256];
    struct text text;
    text_init(&text, said, sizeof said);
    trace_describe(plan, event, note, &text);
    json_t *object =
        json_pack("{s:I, s:s, s:I, s:s, s:o}", "plan", (json_int_t)log->index, "event",
                  event_names[event->kind], "interaction", (json_int_t)event->interaction, "who",
                  trace_who(event->task).text, "text", json_stringn_nocheck(said, strlen(said)));
    char *line = object == NULL ? NULL : json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
    if (line != NULL)
        fprintf(log->file, "%s\n", line);
    free(line);
    json_decref(object);
}

void event_log_read(struct log_file *log, const struct plan *plan, const struct event *event)
{
    if (log->file == NULL || event->kind >= TRACE_KIND_COUNT)
        return;
    const struct trace_event kept = trace_event_of(event);
    log->notes.count = 0;
    trace_notes_read(&log->notes, plan, 0, event);
    const struct trace_note *note = trace_notes_find(&log->notes, 0);
    if (log->is_json) {
        write_object(log, plan, &kept, note);
        return;
    }
    trace_print_time(kept.now_ns, &log->now_ns, log->file);
    trace_print_event(plan, &kept, note, log->file);
}
