/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run written down for a report: every event with its place in time, every change of a lock, what
 * each interaction came to and what an oracle holds it against. It lies in memory that the process
 * of the plan shares with whoever waits for it (run/isolated.h), so that a database which crashes
 * leaves everything up to that moment.
 *
 * The runner asks for nothing of this unless there is a recording: fuzzing has none.
 */
#ifndef HISTORY_RECORDING_H
#define HISTORY_RECORDING_H

#include "history/explanation.h"
#include "history/trace.h"

#include <interplay/error.h>

enum {
    RECORDING_EVENTS_MAX = 1 << 16, /* what is beyond is counted, not kept; of each kind */
    RECORDING_CONTENTS_MAX = 16,
    RECORDING_FILES_MAX = 12, /* that a power loss may tell of */
};

struct recorded_event {
    struct trace_event event;
    uint64_t now_ns; /* virtual time */
    uint64_t yields; /* yield points crossed before */
};

struct recorded_lock {
    uint64_t events; /* that were before */
    struct event_lock lock;
};

/* A row that a statement wrote or removed, as the model says. */
struct recorded_write {
    uint32_t interaction;
    uint8_t table, key;
    bool is_removal;
    int64_t value; /* the row's v */
};

struct recorded_step {
    bool has_ended; /* `seen` is there */
    bool is_judged; /* `expected` is there */
    uint64_t ended; /* events before its end */
    struct observation seen;
    struct explained_result expected;
};

/* What a power loss made of a file's unsynced changes. */
struct recorded_file {
    char name[48];
    uint64_t changes, whole, torn; /* the others vanished */
    uint64_t arrived_bytes;        /* of the change that is being told of */
    uint32_t arriving;             /* its number */
    bool is_gone;                  /* the file itself is */
    bool is_garbled;               /* in part */
};

struct recorded_files {
    uint32_t count; /* more than are kept, perhaps */
    struct recorded_file kept[RECORDING_FILES_MAX];
};

/* The harness's look at the whole database, after a power loss or at the end. */
struct recorded_content {
    uint64_t events; /* that were before */
    bool is_end;
    struct recorded_files files; /* of a power loss */
    struct explained_loss loss;  /* the same, if has_expected */
    bool has_expected;           /* somebody knows what must be there */
    struct model_database expected, found;
};

struct recording {
    size_t size_bytes;
    const struct plan *judged; /* of the process that runs it, and for that one only */
    size_t step_count;
    uint64_t event_count, lock_count, write_count; /* more than are kept, perhaps */
    bool has_unclear_writes;                       /* some are not among `writes` */
    uint32_t content_count;
    bool is_blind; /* the model lost track, and from this event on nobody knows who wrote what */
    uint64_t blind_from;
    struct recorded_content contents[RECORDING_CONTENTS_MAX];
    struct recorded_files files; /* of the last power loss */
    bool is_loss_open;           /* nobody has read the database since */
    struct recorded_event events[RECORDING_EVENTS_MAX];
    struct trace_notes notes; /* of these events */
    struct recorded_lock locks[RECORDING_EVENTS_MAX];
    struct recorded_write writes[RECORDING_EVENTS_MAX];
    struct recorded_step steps[]; /* by interaction */
};

/* An empty one for a run of `plan`. Fails with ERROR_MEMORY. The caller frees it. */
enum error_code recording_new(struct recording **ret_recording, const struct plan *plan,
                              struct error *error) __attribute__((warn_unused_result));
void recording_free(struct recording *recording);

/* How many of `count` are kept. */
static inline uint64_t recording_kept(uint64_t count)
{
    return count < RECORDING_EVENTS_MAX ? count : RECORDING_EVENTS_MAX;
}

/* --- for the runner -------------------------------------------------------------------------- */

/* A run begins; `judged` is the plan as the oracles judge it, and lives as long as the run. */
void recording_begin(struct recording *recording, const struct plan *judged);

/* What a power loss makes of the files: for world->on_fate. */
struct storage_fate;
void recording_begin_loss(struct recording *recording);
void recording_read_fate(struct recording *recording, const struct storage_fate *fate);

/* Where the explanation of a call's result goes; NULL: the event is no such result. */
struct explained_result *recording_room(struct recording *recording, const struct event *event);

/* `explanation` is what an oracle says of the event before it has read it itself. */
void recording_read(struct recording *recording, const struct event *event,
                    const struct explanation *explanation);

#endif
