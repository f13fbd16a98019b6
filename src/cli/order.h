/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the command line of a subcommand asks for. options.def is the one table of options: the
 * struct, getopt_long's tables, the manuals and the printed commands are made from it. One struct
 * serves all subcommands; each looks at the options that it takes.
 */
#ifndef CLI_ORDER_H
#define CLI_ORDER_H

#include "base/text.h"
#include "cli/pins.h"
#include "generate/profile.h"
#include "isolation/elle.h"
#include "run/run.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLI_BUGBASE_DEFAULT "bugbase"

/* Who takes an option: bits. */
enum cli_takers {
    CLI_CONVERT = 1 << 0,
    CLI_REPLAY = 1 << 1,
    CLI_REPORT = 1 << 2,
    CLI_RUN = 1 << 3,
    CLI_SHOW = 1 << 4,
    CLI_SHRINK = 1 << 5,
    CLI_BUGS_ADD = 1 << 6,
    CLI_BUGS_PRUNE = 1 << 7,
    CLI_BUGS_LOOK = 1 << 8, /* those that have no option of their own */
    CLI_CHECK = 1 << 9,
    CLI_EXPLAIN = 1 << 10,
    CLI_REPRODUCE = 1 << 11,
    CLI_DEBUG = 1 << 12,
    CLI_BUGS_SHOW = 1 << 13,
    CLI_EXPLORE = 1 << 14,
    CLI_HELP = 1 << 15,
    CLI_COMPLETION = 1 << 16,
    CLI_BUGS_LIST = 1 << 17,
    CLI_BUGS_REPLAY = 1 << 18,
    CLI_BUGS = CLI_BUGS_ADD | CLI_BUGS_PRUNE | CLI_BUGS_LOOK | CLI_BUGS_SHOW | CLI_BUGS_LIST |
               CLI_BUGS_REPLAY,
    CLI_TDS_SERVER = 1 << 19,
    CLI_ALL = (1 << 20) - 1,
    /* Those that run plans in somebody's own database, too. */
    CLI_ON_TARGET = CLI_RUN | CLI_REPLAY | CLI_SHOW | CLI_SHRINK | CLI_REPORT | CLI_EXPLAIN,
};

/* WHEN of --color. */
enum cli_colour { CLI_COLOUR_AUTO, CLI_COLOUR_ALWAYS, CLI_COLOUR_NEVER };

/* N of --width. */
#define CLI_WIDTH_OF_TERMINAL SIZE_MAX
enum { CLI_WIDTH_MAX = 100000, CLI_JOBS_MAX = 256 };
#define CLI_LIMIT_MS_MAX (UINT64_C(1000000) * 60 * 60 * 1000)

/* An integer of any sign, if there is one. */
struct cli_amount {
    bool is_given;
    int64_t amount;
};

/* T of --reset-table. */
enum { CLI_TABLES_MAX = 32, CLI_TABLE_BYTES = 128 };
struct cli_tables {
    char names[CLI_TABLES_MAX][CLI_TABLE_BYTES];
    uint32_t count;
};

/* MODE of --reset-mode. */
struct cli_reset {
    enum subject_reset reset;
    bool is_given;
};

/* N of --seed. */
struct cli_seed {
    uint64_t number;
    bool is_given;
};

/* What an option's argument may be, and the type of its field. option_kinds.c reads them. */
#define CLI_KINDS(KIND)                                                                            \
    KIND(FLAG, bool)                                                                               \
    KIND(TEXT, const char *)                                                                       \
    KIND(OUTPUT, const char *) /* a file to write; "-": standard output (machine_output.h) */      \
    KIND(NUMBER, uint64_t)                                                                         \
    KIND(COUNT, uint32_t)     /* from 1 */                                                         \
    KIND(BIG_COUNT, uint64_t) /* from 1 */                                                         \
    KIND(JOBS, uint32_t)      /* 1 to CLI_JOBS_MAX */                                              \
    KIND(DURATION, uint64_t)  /* in milliseconds */                                                \
    KIND(LIMIT, uint64_t)     /* the same, 1 to CLI_LIMIT_MS_MAX; 0: not given */                  \
    KIND(WIDTH, size_t)       /* up to CLI_WIDTH_MAX */                                            \
    KIND(PROFILE, const char *)                                                                    \
    KIND(STEPS, uint32_t) /* this and the next three: from 1, within the profile's bounds */       \
    KIND(TASKS, uint32_t)                                                                          \
    KIND(HOT_KEYS, uint32_t)                                                                       \
    KIND(POOL_SIZE, uint32_t)                                                                      \
    KIND(RATE, struct generate_rate)                                                               \
    KIND(COLOUR, enum cli_colour)                                                                  \
    KIND(LEVEL, const struct isolation_level_info *)                                               \
    KIND(MODEL, const struct elle_model_info *)                                                    \
    KIND(AMOUNT, struct cli_amount)                                                                \
    KIND(BACKEND, const struct run_options *)                                                      \
    KIND(BESIDE, const struct cli_beside *)                                                        \
    KIND(SEED, struct cli_seed)                                                                    \
    KIND(CONFIG, struct cli_pins)   /* may be given several times */                               \
    KIND(PROPERTIES, uint32_t)      /* a bit set; several times, or by commas */                   \
    KIND(TABLES, struct cli_tables) /* likewise */                                                 \
    KIND(RESET, struct cli_reset)

struct cli_beside; /* cli.h */

#define KIND(name, type) typedef type cli_field_##name;
CLI_KINDS(KIND)
#undef KIND

struct cli_order {
#define OPTION(field, name, letter, kind, ...) cli_field_##kind field;
#include "cli/options.def"
#undef OPTION
    char **operands; /* what is no option */
    int operand_count;
    bool hides_times; /* standard output is to be the same whenever it is done again */
};

/* How the options of a kind are read and written. */
struct cli_kind_ops {
    /* False, and what is wrong in `ret_problem`, when the field cannot have this value. */
    bool (*take)(void *field, const char *word, struct text *ret_problem);
    /* Appends the option to a command if the field asks for it. NULL: none is ever repeated. */
    void (*repeat)(const void *field, const char *name, struct text *command);
};

/* One for each row of options.def. */
struct cli_option {
    const char *name;
    char letter;
    const struct cli_kind_ops *kind;
    size_t offset; /* of the field, in struct cli_order */
    const char *argument;
    enum { CLI_ONCE, CLI_REPEATED } repeated;
    enum cli_takers takers;
    const char *help;
};
extern const struct cli_option cli_options[];
extern const size_t cli_option_count;

#define KIND(name, type) extern const struct cli_kind_ops cli_kind_##name;
CLI_KINDS(KIND)
#undef KIND

/*
 * Takes the options of `taker` from the command line, whose first word is the subcommand; what is
 * not given stays in `order` as it was. False, and the usage error of `command` said, when
 * something is wrong. Ends at --help.
 */
bool cli_order_take(struct cli_order *order, const char *command, enum cli_takers taker, int argc,
                    char **argv);

/* Appends the options of `taker` that a command which does the same again needs. */
void cli_order_repeat(const struct cli_order *order, enum cli_takers taker, struct text *command);

#endif
