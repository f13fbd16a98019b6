/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run has asked SQLite for, and what came: calls of its API by connection, the calls into
 * the VFS in the midst of them, faults, and what a power loss left. Programs that show a finding
 * without us are made of it (sqlite_program.h).
 *
 * The same order of calls, below the harness's clients and pools: whoever repeats it asks for
 * nothing else, whatever stood between a task and its connection. Who is held back in the middle of
 * a call shows as the entries of others between two of its own.
 *
 * The tape lies in memory that processes share: the run is in a process of its own, and a crash
 * leaves what came before it. One at a time in a process. Nothing of this is called by a run that
 * is not recorded.
 */
#ifndef SQLITE_SQLITE_TAPE_H
#define SQLITE_SQLITE_TAPE_H

#include <interplay/subject.h>

#include <stdbool.h>
#include <stdint.h>

enum tape_kind {
    /* Calls; each has a TAPE_END of the same connection, unless the process died in it. */
    TAPE_CONNECT, /* text: statements of its setup; number: busy timeout; other: autocheckpoint */
    TAPE_DISCONNECT,
    TAPE_PREPARE, /* text: SQL */
    TAPE_BIND,    /* number: which parameter; text: the value as SQL */
    TAPE_STEP,
    TAPE_RESET,
    TAPE_FINALIZE,
    TAPE_CANCEL, /* by somebody else, at any time */
    TAPE_END,    /* number: code; text: of a step the row, or the error */
    /* In the midst of a call. */
    TAPE_VFS, /* a call into the VFS begins; number: enum tape_method */
    TAPE_VFS_END,
    TAPE_COMMIT, /* the commit hook */
    TAPE_FAULT,  /* number: enum fault_kind; other: the n-th allocation of the call, or 0 */
    /* A power loss. */
    TAPE_LOSS,
    TAPE_NAMED,   /* a file that is there after it; text: name; number: which of that name */
    TAPE_ARRIVED, /* of its change number `number` the bytes from `from` to `to` of the file */
    TAPE_SIZED,   /* its size became `to` */
    TAPE_GARBLED, /* its bytes from `from` to `to` are anything */
    /* The harness looks at the database: from here on the next entry is after that. */
    TAPE_LOOK,
};

/* As the yield points that they are, but for what counts: a method of a VFS or of a file. */
#define TAPE_METHODS(METHOD)                                                                       \
    METHOD(xOpen)                                                                                  \
    METHOD(xDelete)                                                                                \
    METHOD(xAccess)                                                                                \
    METHOD(xSleep)                                                                                 \
    METHOD(xClose)                                                                                 \
    METHOD(xRead)                                                                                  \
    METHOD(xWrite)                                                                                 \
    METHOD(xTruncate)                                                                              \
    METHOD(xSync)                                                                                  \
    METHOD(xFileSize)                                                                              \
    METHOD(xLock)                                                                                  \
    METHOD(xUnlock)                                                                                \
    METHOD(xCheckReservedLock)                                                                     \
    METHOD(xFileControl)                                                                           \
    METHOD(xShmMap)                                                                                \
    METHOD(xShmLock)                                                                               \
    METHOD(xShmUnlock) /* xShmLock with SQLITE_SHM_UNLOCK */                                       \
    METHOD(xShmBarrier)                                                                            \
    METHOD(xShmUnmap)                                                                              \
    METHOD(xFetch)                                                                                 \
    METHOD(xUnfetch)

enum tape_method {
#define METHOD(name) TAPE_##name,
    TAPE_METHODS(METHOD)
#undef METHOD
        TAPE_METHOD_COUNT
};
extern const char *const tape_method_names[TAPE_METHOD_COUNT];

struct tape_entry {
    uint8_t kind;        /* enum tape_kind */
    uint8_t task;        /* whose work it is; above the tasks: nobody's in particular */
    uint16_t connection; /* counted from 1 */
    uint16_t statement;  /* counted from 1, over all connections; 0: none */
    bool in_transaction; /* of the connection, at TAPE_END */
    uint32_t text;       /* its place in `texts`; 0: none */
    uint32_t changes;    /* of rows, at TAPE_END of a step that ended */
    int64_t number, other;
    uint64_t from, to;
    uint64_t yields; /* yield points that the run had crossed */
};

enum { TAPE_ENTRIES_MAX = 1 << 18, TAPE_TEXTS_BYTES = 16 << 20, TAPE_SQL_BYTES = 1 << 17 };

struct sqlite_tape {
    bool is_full; /* what came after it is not here */
    uint32_t count;
    uint32_t texts_bytes;
    uint32_t connections, statements; /* numbers given out */
    char setup_sql[4096];             /* what made the prepared database */
    int32_t settings[SUBJECT_SETTINGS_MAX];
    bool is_empty; /* no prepared database */
    uint64_t random_seed;
    struct tape_entry entries[TAPE_ENTRIES_MAX];
    char texts[TAPE_TEXTS_BYTES];
};

/* The tape under way; NULL: nothing is recorded. */
extern struct sqlite_tape *sqlite_tape;

static inline const char *tape_text(const struct sqlite_tape *tape, const struct tape_entry *entry)
{
    return tape->texts + entry->text;
}

/* --- for those who write it ------------------------------------------------------------------- */

/* Copies `entry`, with task and yields of now, and `text` (NULL: none). */
void tape_put(struct tape_entry entry, const char *text, size_t length);

/* The connection whose call the running coroutine is in; 0: none that is recorded. */
uint16_t tape_connection(void);
/* It begins a call of it; 0: has ended it. */
void tape_enter(uint16_t connection);

/* `backend` as one that writes down its calls; the name of the VFS that does so, over `driver`. */
const struct backend_ops *tape_backend(const struct backend_ops *backend);
const char *tape_vfs(const char *driver);

/* See struct subject_program_ops. */
const struct subject *tape_begin(const struct subject *subject, const char *driver,
                                 struct error *error);
void tape_end(void);

#endif
