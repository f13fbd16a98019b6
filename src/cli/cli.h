/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the subcommands of `interplay` share. A subcommand is a function in a file of its own,
 * listed in main.c; it gets its own name as argv[0] and returns the exit status. Whatever goes
 * wrong is one line on stderr: "interplay: FILE:LINE:COLUMN: ...".
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/arena.h"
#include "base/text.h"
#include "bugbase/bugbase.h"
#include "generate/generate.h"
#include "plan/plan.h"
#include "run/run.h"
#include "shrink/shrink.h"

#include <interplay/error.h>

#include <stdbool.h>
#include <stdint.h>

#include <getopt.h>
#include <limits.h>
#include <time.h>

enum cli_status {
    CLI_OK = 0,
    CLI_FINDING = 1, /* the system under test is wrong */
    CLI_FAILED = 2,  /* the call, the input or the harness is wrong */
};

/* What a program that has the subcommands can run plans on. Lives as long as the process. */
struct cli_house {
    const char *command; /* what a shell calls to have the subcommands, quoted where need be */
    const char *target;  /* whose findings these are, wherever the program lies */
    const struct run_options *backends; /* the first one is the default */
    size_t backend_count;
};

/* The subcommand argv[1], or --help or --version; returns the exit status. */
int cli_main(int argc, char **argv, const struct cli_house *house);
void cli_set_house(const struct cli_house *house);

/* Subcommands. */
int cli_bugs(int argc, char **argv);
int cli_convert(int argc, char **argv);
int cli_replay(int argc, char **argv);
int cli_report(int argc, char **argv);
int cli_run(int argc, char **argv);
int cli_show(int argc, char **argv);
int cli_shrink(int argc, char **argv);

/* How to run on the backend of this name (NULL: the default one); NULL: there is none. */
const struct run_options *cli_backend(const char *name);

/* What random plans for it are about. */
enum generate_subject cli_subject(const struct run_options *backend);

/* What a bug base is told about who runs plans on it. */
struct bugbase_subject cli_bug_subject(const struct run_options *backend);

/* For the option --backend. False, and the usage error said, when there is none of this name. */
bool cli_takes_backend(const char *command, const char *name,
                       const struct run_options **ret_backend);

/* A line for each: name and version. */
void cli_print_backends(void);

/* "interplay COMMAND --backend NAME", as this program is called. */
void cli_describe_command(struct text *text, const char *command,
                          const struct run_options *backend);

/* The command that replays `path`. */
void cli_describe_replay(struct text *text, const char *path, const struct run_options *backend);

/* Columns of the terminal, or of a table that goes elsewhere. */
size_t cli_width(void);

/* Prints the error; returns CLI_FAILED. */
int cli_fail(const struct error *error);

/* "interplay: COMMAND: MESSAGE (interplay COMMAND --help tells more)"; returns CLI_FAILED. */
int cli_usage_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * For what getopt_long returned as '?' or ':' (with opterr = 0 and an option string that starts
 * with ':'): says which option is unknown or lacks its argument. Returns CLI_FAILED.
 */
int cli_option_error(int result, char **argv, const struct option *options);

/*
 * For subcommands that take one file: it is argv[optind]. False, and the usage error said, when there
 * is none or more than one.
 */
bool cli_takes_one_file(const char *command, int argc, char **argv);

/* Flushes stdout. A status of CLI_OK or CLI_FINDING holds only if all that was printed went out. */
int cli_finish_output(int status);

/*
 * What a file holds, by its name: ".json", ".bin", ".pb", ".sql", ".spec", or no extension at all
 * (what engines store). The scripts are only written.
 */
enum cli_form {
    CLI_JSON,
    CLI_COMPACT,
    CLI_PROTOBUF,
    CLI_SQL,
    CLI_SPEC,
    CLI_NO_EXTENSION,
    CLI_OTHER
};
enum cli_form cli_form_of(const char *path);
bool cli_form_is_written(enum cli_form form);
extern const char cli_forms_written[]; /* for "expected ..." */

/* `path` with `extension` in place of its own, if it has one; false: too long. */
bool cli_path_beside(char ret_path[PATH_MAX], const char *path, const char *extension);

/*
 * Reads the plan in `path`: JSON, protobuf, or compact bytes of any length (".bin", or a name
 * without extension like libFuzzer's crash-1f3a...). An empty file is an error. The plan lives in
 * `ret_arena`, which has room for json_write too and which the caller cleans up after success.
 */
enum error_code cli_load_plan(struct plan *ret_plan, struct arena *ret_arena, const char *path,
                              struct error *error) __attribute__((warn_unused_result));

/*
 * Writes `plan` to `path` in the form that its name asks for: a cli_form_is_written. `name` is what
 * errors and scripts call the plan.
 */
enum error_code cli_save_plan(const struct plan *plan, const char *name, const char *path,
                              struct error *error) __attribute__((warn_unused_result));

/* All of `text` is a number; a number and a unit: ms, s, m, h; a number from 1. */
bool cli_parse_number(const char *text, uint64_t *ret_number);
bool cli_parse_duration(const char *text, uint64_t *ret_duration_ms);
bool cli_parse_count(const char *text, uint32_t *ret_count);

/* How long it takes, and a line on stderr, if that is a terminal, at most twice a second. */
struct cli_progress {
    struct timespec began;
    uint64_t shown_ms;
    bool is_shown;
};
void cli_progress_begin(struct cli_progress *progress, bool is_quiet);
uint64_t cli_progress_elapsed_ms(const struct cli_progress *progress);

/* True when it is time for a new line; what was there is cleared. */
bool cli_progress_is_due(struct cli_progress *progress, uint64_t now_ms);
void cli_progress_end(const struct cli_progress *progress);

struct cli_shrink_options {
    const char *name;      /* of the plan, for the line */
    const char *signature; /* the plan must come to this one; NULL: to any */
    uint32_t rounds_max;   /* 0: no bound */
    bool is_quiet;
};

/*
 * Simplifies `plan` in place and prints the line about it. SIGINT ends it early, with the smallest
 * plan so far.
 */
enum error_code cli_shrink_plan(struct run *run, struct plan *plan,
                                const struct cli_shrink_options *options, enum shrink_end *ret_end,
                                struct error *error) __attribute__((warn_unused_result));

/* Where findings go, and whether they are made small there. */
struct cli_recorder {
    const char *base; /* the folder of a bug base; NULL: nowhere */
    const struct run_options *backend;
    bool shrinks;
    uint32_t rounds_max; /* of shrinking; 0: no bound */
};

/* Records what came of `plan`; `origin` is for people. */
enum error_code cli_record(const struct cli_recorder *recorder, const struct plan *plan,
                           const struct verdict *verdict, uint64_t trace_hash, const char *origin,
                           struct bugbase_recorded *ret_recorded, struct error *error)
    __attribute__((warn_unused_result));

/*
 * Makes `plan`, which came to `signature`, small in place and, where there is a base, stores that in the
 * entry of the signature. `name` is of the plan, for the line. `ret_end` is SHRINK_STOPPED when the user
 * wants no more.
 */
enum error_code cli_shrink_finding(const struct cli_recorder *recorder, struct run *run,
                                   struct plan *plan, const char *name, const char *signature,
                                   enum shrink_end *ret_end, struct error *error)
    __attribute__((warn_unused_result));

#endif
