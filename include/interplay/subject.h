/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bring a database into the simulated world: what is special about it, as data. The runner starts
 * each plan from the same state with it, lets disasters happen, looks at what is there, and the
 * oracles read what the database promises. Whoever reads a subject never asks for its name.
 *
 *     const struct subject interplay_subject_x = {
 *         .name = "x",
 *         .backend = &interplay_backend_x,
 *         .world = &x_world,       // NULL: it keeps nothing from plan to plan
 *         .promises = &x_promises,
 *     };
 *
 * What a plan may configure for it stands in backends/x/x_settings.def, actions of its own in
 * backends/x/x_ops.def. `settings` are always the values that the plan has chosen, in the order of
 * that file.
 *
 * Everything that a subject points to lives as long as the process. Texts that a function hands out
 * belong to the instance. The functions of a world are called outside of all tasks, but
 * process_died and power_loss, which may be called in the middle of a call, and read_content and
 * check_integrity, which a task may call while others are in the middle of theirs.
 */
#ifndef INTERPLAY_SUBJECT_H
#define INTERPLAY_SUBJECT_H

#include <interplay/backend.h>
#include <interplay/error.h>
#include <interplay/value.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SUBJECT_SETTINGS_MAX = 32,
    SUBJECT_COLUMNS = 3,
    SUBJECT_TABLES = 4,
    SUBJECT_NUMBERS = 2,
    SUBJECT_REASON_BYTES = 256,
    SUBJECT_REPORT_NUMBERS = 3,
    SUBJECT_MESSAGE_BYTES = 256,
    SUBJECT_DAMAGE_BYTES = 1024,
    SUBJECT_WORDS_BYTES = 64
};

#define SUBJECT_BLOCKED_BY_OTHERS (UINT64_C(1) << 63)

/* --- how it lives in the simulated world ------------------------------------------------------ */

/*
 * One database of this kind. Several may live in a process; while a plan runs on one, the others
 * rest. Its functions are called while the simulated world is entered in which it was opened.
 */
struct subject_instance;

/* How the database of a plan starts. */
struct subject_start {
    const int32_t *settings;
    bool is_empty;        /* without the tables of a native plan */
    bool loses_power;     /* a power loss is in the plan: what is not synced must be known */
    bool ends_server;     /* it is killed in the plan, or one of its processes */
    bool may_prepare;     /* transactions for two-phase commit: it has actions, or SQL, for that */
    uint64_t random_seed; /* of the database's own random numbers */
};

/* What is held beyond what there was before the first connection; all 0 when nothing is left. */
struct subject_resources {
    int64_t memory_bytes;
    int64_t allocations;
    int64_t open_files;
    int64_t file_locks;
    int64_t shared_memory; /* attachments */
};

/* The table of this name as a bit; 0: it is none of a native plan's. */
static inline uint32_t subject_table_named(const char *name, size_t length)
{
    bool is_table =
        length == 2 && name[0] == 't' && name[1] >= '0' && name[1] < '0' + SUBJECT_TABLES;
    return is_table ? 1u << (name[1] - '0') : 0;
}

/* A connection of the harness that looks at the whole database, and how that went. */
struct subject_look {
    const struct backend_ops *backend;
    struct backend_connection *connection;
    enum outcome outcome;                /* OUTCOME_OK as long as nothing has failed */
    char message[SUBJECT_MESSAGE_BYTES]; /* of the failure */
};

/* Takes what the database holds. A world may begin anew, should what it did so far be of no use. */
struct subject_sink {
    void (*begin)(void *context);
    void (*object)(void *context, const char *name, size_t length); /* a table or an index */
    /* A row of table number `table` of a native plan, t0 to t3: its k, v and p. */
    void (*row)(void *context, uint32_t table, const struct value columns[SUBJECT_COLUMNS]);
    /*
     * Number `index` of those beside the tables, in the order in which actions name them. NULL:
     * nobody asks.
     */
    void (*number)(void *context, uint32_t index, int64_t value);
    /*
     * Table number `table` has a further column, which is computed: v + addend. NULL: nobody asks.
     */
    void (*column)(void *context, uint32_t table, int64_t addend);
    void *context;
    uint32_t
        tables; /* a bit set: which of t0 to t3 there should be; a wrong guess costs time only */
};

/* What a database finds wrong with itself. */
struct subject_damage {
    char text[SUBJECT_DAMAGE_BYTES]; /* a finding a line; empty: it is sound */
    /* Of the first finding, for a signature: no names, no numbers. */
    char words[SUBJECT_WORDS_BYTES];
};

/* The log that commits go to first. */
struct subject_log {
    uint64_t bytes;         /* its length; 0 without one */
    uint64_t written_bytes; /* to it and those before it, since the reset */
};

struct subject_world_ops {
    /* Before anything else; `setup_sql` makes the tables of a native plan. */
    enum error_code (*open)(struct subject_instance **ret_instance, const char *setup_sql,
                            struct error *error);
    /* Works, too, when tasks were abandoned in the middle of a call. */
    void (*close)(struct subject_instance *instance);

    /* Before each plan, all connections closed: as if nothing had ever run. */
    void (*reset)(struct subject_instance *instance, const struct subject_start *start);

    /*
     * Fills in target, driver, setup and parameters, for the plan at hand; texts live until the
     * next reset.
     */
    void (*connection)(struct subject_instance *instance, struct backend_options *ret_options);

    /* --- from here on NULL says that there is no such thing --- */

    /*
     * After reset: what a native plan begins with is there. False in somebody's own database that
     * may not be emptied (subject_target): what plans come to there nobody can say. NULL: it is.
     */
    bool (*is_set_back)(struct subject_instance *instance);

    /*
     * Of the same for a connection of the harness, what must be otherwise than for a task's: it
     * looks from a process of its own.
     */
    void (*look_connection)(struct subject_instance *instance, struct backend_options *options);

    /*
     * Transactions that were prepared, and so belong to no connection, are rolled back. True: there
     * were some. `is_over`: the plan is, and no others will come.
     */
    bool (*end_prepared)(struct subject_instance *instance, bool is_over);

    /* The process that task (or thread) `task` belongs to is gone. */
    void (*process_died)(struct subject_instance *instance, uint32_t task);
    /* All processes are gone, and of what was not synced only what `seed` draws is there. */
    void (*power_loss)(struct subject_instance *instance, uint64_t seed);

    /* Keeps the stored state as it is now, and puts it back; there if power_loss is. */
    void (*save)(struct subject_instance *instance);
    void (*restore)(struct subject_instance *instance);

    void (*resources)(struct subject_instance *instance, struct subject_resources *ret_resources);

    /* Both say in `look` whether it went well; what they return is of no use if not. */
    void (*read_content)(struct subject_instance *instance, struct subject_look *look,
                         const struct subject_sink *sink);
    void (*check_integrity)(struct subject_instance *instance, struct subject_look *look,
                            struct subject_damage *ret_damage);

    void (*look_at_log)(struct subject_instance *instance, struct subject_log *ret_log);

    /*
     * For databases that are processes of their own (sim/outside.h): those of the `count`
     * connections, at most 63, that must do something before the call of `waiting` is answered, as
     * a bit set, with SUBJECT_BLOCKED_BY_OTHERS for anybody else. 0: it will be answered anyhow, as
     * the victim of a deadlock is, or whoever was cancelled. A connection is what its line was
     * opened with (outside.connection).
     */
    uint64_t (*blockers)(struct subject_instance *instance, void *waiting, void *const *connections,
                         uint32_t count);
};

/* --- what it promises ------------------------------------------------------------------------- */

/* What of the acknowledged commits is there after a disaster: always a prefix of them. */
enum survival {
    SURVIVES_ALL,
    SURVIVES_ALL_BUT_LAST, /* the last one may be gone */
    SURVIVES_SYNCED,       /* all up to the last moment when everything was synced (report_syncs) */
    SURVIVES_UNCLAIMED,    /* no claim, about damage neither: from then on nothing is judged */
};

/* What lasts with these settings. */
struct durability_promise {
    const char *mode; /* which settings these are, for people */
    bool (*covers)(const int32_t *settings);
    enum survival power_loss, process_death;
    bool cannot_undo;   /* after a rollback, or a write that failed, nothing is claimed any more */
    const char *source; /* where the database's documentation says so */
};

/* What transactions may see of each other with these settings. */
struct isolation_promise {
    const char *mode; /* which settings these are, for people */
    bool (*covers)(const int32_t *settings);
    const char *level;  /* as interplay check calls it: "strict-serializable" */
    const char *source; /* where the database's documentation says so */
    /*
     * Each statement that only reads, of a transaction that has not written, sees one state of
     * what is committed, as a transaction of its own would at this level. NULL: nothing of that.
     */
    const char *statements;
};

/* What may have led to an outcome; a bit set. */
enum situation {
    SITUATION_IN_TRANSACTION = 1, /* one was open when the call began */
    SITUATION_CONTENDED =
        2, /* somebody else was active during the call, or had a transaction open */
    SITUATION_STORAGE_FAULT = 4, /* one struck since the connection was last idle and well */
    SITUATION_DROP = 8, /* somebody's connection was dropped: for a while its locks were nobody's */
    SITUATION_PREDICTED = 16, /* somebody else judges whether it is right */
};

/* What meets somebody else's lock. */
enum busy_kind { BUSY_IN_READ, BUSY_IN_WRITE, BUSY_IN_BEGIN };

struct busy_call {
    enum busy_kind kind;
    bool in_transaction; /* one was open when it began */
    bool is_after_wait;  /* the call before on this connection waited, for a lock or for whatever */
};

/* A call that failed and left its transaction open. */
struct failed_call {
    enum outcome outcome;
    bool is_write;             /* a statement that may change rows or schema */
    bool is_outermost_release; /* releases the savepoint that began the transaction */
};

/* What of others' work a statement of a transaction sees that has not written itself. */
enum subject_view {
    VIEW_OF_TRANSACTION, /* one commit, which its first read takes and which stays until its end */
    VIEW_OF_STATEMENT,   /* for each statement anew a commit that it may see */
    VIEW_UNCLAIMED,      /* nobody says: also what is not committed */
};

struct promises {
    /* In the order in which they are tried: the first one that covers the settings holds. */
    const struct durability_promise *durability;
    size_t durability_count;
    /*
     * A commit that was promised to survive all with the settings `before` still is when
     * connections go on in modes that make it `after`, of which something is claimed. NULL: never.
     */
    bool (*outlasts_modes)(const int32_t *before, const int32_t *after);

    /* Likewise; without a row that covers the settings nothing is promised. */
    const struct isolation_promise *isolation;
    size_t isolation_count;

    /* The backend calls on_commit_point, in the order of the commits. */
    bool commit_order_is_known;
    /* Who writes excludes all others, and builds on the newest commit. */
    bool one_writer;

    /*
     * Several write at a time. Who writes a row keeps others from writing it until its transaction
     * has ended. Who finds a row in his snapshot that has a newer version then fails, if the
     * snapshot is the transaction's; if it is the statement's, he looks at that version again: at
     * whether his condition holds, and what the row is made from. Whether a key is free is asked of
     * the newest version, too.
     */
    bool locks_rows;

    /*
     * Of rows, of the numbers beside the tables. The schema is seen as it is committed, and whoever
     * has written sees the newest commit and its own work, in every view.
     */
    enum subject_view rows, numbers;

    /* All connections of tasks are of one process: whose dies, all die. */
    bool is_one_process;
    /*
     * What a fault in the call of one of them came to may be told to all who have a transaction or
     * are in a call, as long as there are some.
     */
    bool shares_failures;

    /*
     * Of a transaction in which a statement has failed nothing is kept: whatever follows comes to
     * OUTCOME_ROLLED_BACK, until it is rolled back, as a whole (by COMMIT, too, which says so) or
     * to a savepoint.
     */
    bool failure_ends_transaction;

    /*
     * Who gives a table another column makes it anew, and of snapshots that are older nothing is
     * claimed from then on.
     */
    bool new_columns_break_snapshots;

    /* A connection without a transaction may be in the way of others; NULL: never. */
    bool (*idle_blocks)(const int32_t *settings);

    /* By outcome, as far as the database itself makes them: a bit set of enum situation. */
    uint32_t permits[OUTCOME_COUNT];

    /*
     * With a busy timeout, a call of this kind that meets a lock waits until that is over before it
     * comes to OUTCOME_BUSY. NULL: nothing is promised.
     */
    bool (*waits_when_busy)(const int32_t *settings, const struct busy_call *call);

    /*
     * How long the log is at most when a write begins to append to it, if nobody was active beside
     * anybody since the commit before began: a commit that finds it longer has it rewritten from
     * its beginning. 0: nothing is promised. NULL: it never is. Needs `look_at_log`.
     */
    uint64_t (*log_limit_bytes)(const int32_t *settings);

    /*
     * A failure that is known to lead to wrong results of many kinds, all of them one finding: its
     * name for the signature, or NULL. NULL itself: there are none.
     */
    const char *(*known_cause)(const struct failed_call *call);

    /*
     * The same of a transaction that wrote, or took the right to, before its connection had read
     * anything, and was then undone to the savepoint that began it. NULL: nothing goes wrong.
     */
    const char *unread_undo_cause;

    /*
     * An action of the database's own has reported these numbers: whether they say that everything
     * that was acknowledged before it began survives whatever comes. NULL: no action says so.
     */
    bool (*report_syncs)(const int64_t numbers[SUBJECT_REPORT_NUMBERS]);

    /*
     * What is promised with these settings in place of all this; NULL, and if it returns NULL:
     * this. Not asked again of what it returns.
     */
    const struct promises *(*instead)(const int32_t *settings);
};

/* --- statements of a person's own ------------------------------------------------------------- */

/* What a statement is there for, as actions of plans are. */
enum subject_transaction {
    SUBJECT_NO_TRANSACTION, /* something else, or who knows */
    SUBJECT_BEGIN_DEFERRED,
    SUBJECT_BEGIN_IMMEDIATE,
    SUBJECT_BEGIN_EXCLUSIVE,
    SUBJECT_COMMIT,
    SUBJECT_ROLLBACK,
    SUBJECT_SAVEPOINT,
    SUBJECT_RELEASE,
    SUBJECT_ROLLBACK_TO,
    SUBJECT_TRANSACTION_COUNT
};

/* --- what its locks are called ---------------------------------------------------------------- */

struct subject_lock {
    const char *name, *letter;
};

/* Of the locks on memory that connections share (sim/storage.h has eight), for people. */
struct subject_locks {
    const char *title;              /* what they are locks of */
    const struct subject_lock *own; /* the first ones, each for a purpose, the strongest last */
    uint32_t own_count;
    struct subject_lock other; /* what the others are, numbered from 0: held with others, ... */
    const char *alone_letter;  /* ... or for oneself */
};

/* --- a finding without the harness ------------------------------------------------------------ */

/* A step of the plan: whose it is, how many yield points were crossed before it, and what it is. */
struct subject_step {
    uint32_t task;
    uint64_t yields;
    const char *words;
};

struct subject_row {
    uint32_t table; /* number of a table of a native plan */
    uint32_t column_count;
    struct value columns[SUBJECT_COLUMNS + 1]; /* k, v, p, and the further one where there is one */
};

/* The tables of a native plan, as they were found, or as they must be. */
struct subject_content {
    bool is_known;
    uint32_t tables;                 /* a bit set: those that there are */
    uint8_t indexes[SUBJECT_TABLES]; /* by table a bit set: 1 on v, 2 on p */
    const struct subject_row *rows;  /* by table, by key */
    size_t row_count;
    int64_t numbers[SUBJECT_NUMBERS]; /* beside the tables; 0 where nobody asked */
};

/* What the step in which the finding was noticed must have come to. */
struct subject_answer {
    bool is_known;
    enum outcome outcome;
    int64_t changes;
    bool has_number; /* one row of one column, instead of `rows` */
    int64_t number;
    const struct subject_row *rows;
    size_t row_count;
};

struct subject_finding {
    const char *name, *signature, *report, *version, *replay_command; /* for people */
    const struct subject_step *steps;
    size_t step_count;
    size_t noticed;                         /* a step; SIZE_MAX: in the look at the end */
    bool is_noticed_in_look;                /* at the whole database, after a disaster before it */
    struct subject_content found, expected; /* of that look */
    struct subject_answer right;
};

/* What has become of a program. */
struct subject_program {
    char reason[SUBJECT_REASON_BYTES]; /* why there can be none; empty: it is written */
    bool is_plain;                     /* statements one after the other, and nothing else */
};

/*
 * Writes programs that show a finding on the database as everybody has it: source text of which
 * `make` makes a program "finding" in its folder. That one says on standard output what it does and
 * sees, and ends with status 0 when the wrong result came, 1 when the right one did, 2 when it
 * could not ask, 3 when it was something else.
 */
struct subject_program_ops {
    /*
     * `subject`, which may be a decorated one, as one that writes down what a run asks of it, in
     * this process or a child. `driver` is what connections are to have in place of the subject's
     * own; NULL: that. Returns NULL when it fails.
     */
    const struct subject *(*begin)(const struct subject *subject, const char *driver,
                                   struct error *error);
    void (*end)(void);
    /* The program for the run since `begin`, into an empty folder. */
    enum error_code (*write)(const struct subject_finding *finding, const char *folder,
                             struct subject_program *ret_program, struct error *error);
    /* The library that programs use if not told: what `make` gets as LIBRARY; empty: the system's.
     */
    const char *(*library)(void);
};

/* --- somebody's own database ------------------------------------------------------------------ */

enum subject_reset {
    SUBJECT_TRUNCATE,
    SUBJECT_DELETE,
    SUBJECT_RECREATE, /* drop it, and make it as it was */
};

/* Where plans are to run in place of a database of the harness's, and what they may do there. */
struct subject_target {
    const char *text; /* as the database's own programs take it; "": as its environment says */
    const char *host, *port, *user, *password, *database; /* more than `text` says; NULL: nothing */
    const char *const *tables;                            /* that may be emptied before each plan */
    size_t table_count;
    enum subject_reset reset;
    bool runs_native_plans; /* else perhaps */
};

struct subject_target_ops {
    /*
     * Whatever is opened from now on, in this process and those that it forks, is there; once a
     * process. `ret_shown` is a text that says the same without a password. Fails, and has changed
     * nothing there, when it cannot be reached, or plans would touch what they may not.
     */
    enum error_code (*use)(const struct subject_target *target, char *ret_shown,
                           size_t capacity_bytes, struct error *error);
};

/* --- what stands between ---------------------------------------------------------------------- */

/* A program between clients and the database (a pooler), which has a documentation. */
struct subject_between {
    /*
     * What a connection is set up to is its own as long as it lives. Otherwise pools, which set
     * theirs up, are not put in front.
     */
    bool takes_setup;
    /* It has so many sessions of the database: no pool that may want more is put in front. */
    uint32_t sessions;
    /* False: the documentation says that this is not supported. It is passed over. */
    bool (*supports)(const char *sql);
    /* Likewise: sets back what is not supported, of what the plan has chosen. */
    void (*settings)(int32_t settings[SUBJECT_SETTINGS_MAX]);
};

/* --- the subject ------------------------------------------------------------------------------ */

struct subject {
    const char *name;
    const struct backend_ops *backend;
    const struct subject_world_ops *world; /* NULL: it keeps nothing */
    const struct promises *promises;       /* NULL: none, so that little can be judged */
    const struct subject_locks *locks;     /* NULL: connections share no memory */
    /*
     * How the names of those of its functions begin that only pass a call on to the system, the
     * last one NULL: whoever is told where something happens wants to know who called them. NULL:
     * there are none.
     */
    const char *const *passes_on;
    /* What pools choose by themselves, whatever the plan says; NULL: nothing. */
    void (*settings_of_pool)(int32_t settings[SUBJECT_SETTINGS_MAX]);
    /*
     * Where tasks do not keep connections for themselves, sets back what makes no sense for them;
     * NULL: nothing.
     */
    void (*settings_of_no_pool)(int32_t settings[SUBJECT_SETTINGS_MAX]);
    /*
     * What a connection says of its modes (struct backend_told), into the settings that the plan
     * has chosen; false where it says nothing that is known. NULL: it never does.
     */
    bool (*settings_of_modes)(const char *modes, int32_t settings[SUBJECT_SETTINGS_MAX]);
    /*
     * Which of them the text is, if it is one that the database surely takes for a statement of
     * that kind, and for nothing else besides; `ret_name` is the savepoint's, alike for all names
     * that the database takes for the same. NULL: nobody knows of any.
     */
    enum subject_transaction (*transaction_of)(const char *sql, char ret_name[SUBJECT_WORDS_BYTES]);
    const struct subject_program_ops *programs; /* NULL: none are written */
    const struct subject_target_ops *targets;   /* NULL: plans run on the harness's own only */
    const struct subject_between *between;      /* NULL: nothing */
    /*
     * Puts the program that `what` names between clients and the database, as it has been told to
     * be set up: `subject`, a copy of this one, becomes one with it. Once a process; lives as long.
     * Fails when it is not installed, or nobody knows it. NULL: there are none.
     */
    enum error_code (*through)(const char *what, struct subject *subject, struct error *error);
    /*
     * With these settings all that connections have in common is storage of the simulated world,
     * and what a call locks, writes, cuts, syncs or deletes there is in its footprint
     * (sim/footprint.h). Returns the facts of it that two who read one after the other leave
     * behind alike, whoever is first; 0, as NULL: something else is shared, or not all is in it.
     */
    uint64_t (*readers_footprint)(const int32_t *settings);
};

/* The promise that holds with these settings; NULL: there is none. */
static inline const struct durability_promise *promised_durability(const struct promises *promises,
                                                                   const int32_t *settings)
{
    for (size_t i = 0; promises != NULL && i < promises->durability_count; i++)
        if (promises->durability[i].covers(settings))
            return &promises->durability[i];
    return NULL;
}

/* Likewise the level; NULL: none. */
static inline const struct isolation_promise *promised_isolation(const struct promises *promises,
                                                                 const int32_t *settings)
{
    for (size_t i = 0; i < promises->isolation_count; i++)
        if (promises->isolation[i].covers(settings))
            return &promises->isolation[i];
    return NULL;
}

#endif
