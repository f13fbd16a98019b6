/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The events of a campaign as they happen, in a file: lines like those of `replay --trace`, or,
 * where the file's name ends in .jsonl, an object a line. A process that dies leaves all lines up
 * to then.
 */
#ifndef CLI_EVENT_LOG_H
#define CLI_EVENT_LOG_H

#include "history/trace.h"

#include <interplay/error.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct log_file {
    FILE *file; /* NULL: nobody wants it */
    bool is_json;
    uint64_t index;  /* of the plan that runs */
    uint64_t now_ns; /* virtual time of the last event */
    struct trace_notes notes;
};

/* An existing file is emptied; "-" is standard output. */
enum error_code event_log_open(struct log_file *ret_log, const char *path, struct error *error)
    __attribute__((warn_unused_result));
/* False when not all could be written. */
bool event_log_close(struct log_file *log);

/* What follows is of this plan: `name` is its, for people. */
void event_log_begin(struct log_file *log, uint64_t index, const char *name);
void event_log_read(struct log_file *log, const struct plan *plan, const struct event *event);

#endif
