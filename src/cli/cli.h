/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the subcommands of `interplay` share. Whatever goes wrong is one line on stderr:
 * "interplay: FILE:LINE:COLUMN: ...". How a subcommand is made: command.h.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/text.h"
#include "bugbase/bugbase.h"
#include "generate/generate.h"
#include "run/run.h"

#include <interplay/error.h>

#include <stdbool.h>
#include <stddef.h>

enum cli_status {
    CLI_OK = 0,
    CLI_FINDING = 1, /* the system under test is wrong */
    CLI_FAILED = 2,  /* the call, the input or the harness is wrong */
};

struct cli_command;

/* What plans can run on beside a backend, for --differential-backend. */
struct cli_beside {
    const char *name;
    const struct run_options *options;
};

/* What a program that has the subcommands can run plans on. Lives as long as the process. */
struct cli_house {
    const char *command; /* what a shell calls to have the subcommands, quoted where need be */
    const char *target;  /* whose findings these are, wherever the program lies */
    /* The name of the fuzz target, without options, and whether it has any; NULL: it is none. */
    const char *program;
    bool has_options;
    const struct run_options *backends; /* the first one is the default */
    size_t backend_count;
    const struct cli_beside *beside; /* those, in the order of --differential's choice */
    size_t beside_count;
    const struct cli_command *own_command; /* a subcommand that only this program has, or NULL */
};

/* The subcommand argv[1], or --help or --version; returns the exit status. */
int cli_main(int argc, char **argv, const struct cli_house *house);
void cli_set_house(const struct cli_house *house);
const struct cli_house *cli_house(void);

/*
 * How to run on the backend of this name, or on another version of one (NULL: the default one);
 * NULL: there is none.
 */
const struct run_options *cli_backend(const char *name);

/* The name that cli_backend knows it by: two versions of a database have two. */
const char *cli_backend_name(const struct run_options *backend);

/* "this or that" */
void cli_name_backends(struct text *text);
bool cli_has_several_backends(void);

/* What runs beside by this name; NULL: there is none. */
const struct cli_beside *cli_beside(const char *name);
void cli_name_beside(struct text *text);

/* Another one of the same database, for --differential; NULL: there is none. */
const struct cli_beside *cli_beside_of(const struct run_options *backend);

/* A line for each: name and version. */
void cli_print_backends(void);

/* What random plans for it are about. */
enum plan_database cli_database(const struct run_options *backend);
struct generate_subject cli_subject(const struct run_options *backend);

/* What a bug base is told about who runs plans on it. */
struct bugbase_subject cli_bug_subject(const struct run_options *backend);

/* "0.1.0, GNU 12.2.0, Debug, sanitizers: none, engine: standalone" */
const char *cli_build(void);

/* What a shell calls to have the subcommands: "interplay". */
const char *cli_program(void);

/* Prints the error; returns CLI_FAILED. */
enum cli_status cli_fail(const struct error *error);

/*
 * "interplay: COMMAND: MESSAGE (interplay COMMAND --help tells more)"; `command` is empty where
 * there is none. Returns CLI_FAILED.
 */
enum cli_status cli_usage_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Flushes stdout. A status of CLI_OK or CLI_FINDING holds only if all that was printed went out. */
enum cli_status cli_finish_output(enum cli_status status);

#endif
