/* SPDX-License-Identifier: Apache-2.0 */
/* The command line in front of libFuzzer (LLVM 14 to 19), which warns of mistakes and goes on. */
#include "libfuzzer_args.h"

#include "base/assert.h"
#include "libfuzzer_inputs.h"
#include "replay_command.h"
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * On OSS-Fuzz the command line is ClusterFuzz's, for the libFuzzer that it brings, which may be
 * newer: what is wrong with it is not ours to say.
 */
#ifdef INTERPLAY_EXTERNAL_ENGINE
enum { IS_STRICT = false };
#else
enum { IS_STRICT = true };
#endif

/* --- options ---------------------------------------------------------------------------------- */

/* Options of libFuzzer whose value is a number. */
static const char *const number_options[] = {
    "analyze_dict",
    "cleanse_crash",
    "close_fd_mask",
    "create_missing_dirs",
    "cross_over",
    "cross_over_uniform_dist",
    "detect_leaks",
    "dump_coverage",
    "entropic",
    "entropic_feature_frequency_threshold",
    "entropic_number_of_rarest_features",
    "entropic_scale_per_exec_time",
    "error_exitcode",
    "exit_on_time",
    "experimental_len_control",
    "fork",
    "fork_corpus_groups",
    "handle_abrt",
    "handle_bus",
    "handle_fpe",
    "handle_ill",
    "handle_int",
    "handle_segv",
    "handle_term",
    "handle_trap",
    "handle_usr1",
    "handle_usr2",
    "handle_winexcept",
    "handle_xfsz",
    "help",
    "ignore_crashes",
    "ignore_ooms",
    "ignore_remaining_args",
    "ignore_timeouts",
    "jobs",
    "keep_seed",
    "len_control",
    "malloc_limit_mb",
    "max_len",
    "max_total_time",
    "merge",
    "minimize_crash",
    "minimize_crash_internal_step",
    "mutate_depth",
    "only_ascii",
    "prefer_small",
    "print_corpus_stats",
    "print_coverage",
    "print_final_stats",
    "print_full_coverage",
    "print_funcs",
    "print_pcs",
    "purge_allocator_interval",
    "reduce_depth",
    "reduce_inputs",
    "reload",
    "report_slow_units",
    "rss_limit_mb",
    "runs",
    "seed",
    "set_cover_merge",
    "shrink",
    "shuffle",
    "timeout",
    "timeout_exitcode",
    "trace_malloc",
    "use_clang_coverage",
    "use_cmp",
    "use_counters",
    "use_memmem",
    "use_value_profile",
    "verbosity",
    "workers",
};

/* And those whose value is a text. */
static const char *const text_options[] = {
    "artifact_prefix",     "collect_data_flow",  "data_flow_trace", "dict",
    "exact_artifact_path", "exit_on_item",       "exit_on_src_pos", "features_dir",
    "focus_function",      "merge_control_file", "merge_inner",     "mutation_graph_file",
    "seed_inputs",         "stop_file",
};

/*
 * Better than libFuzzer's own. A plan of 3104 bytes has 256 interactions, the most that are read.
 */
static struct {
    const char *name;
    char option[24]; /* not const: argv is not */
} defaults[] = {
    {"max_len", "-max_len=3104"},
    {"entropic", "-entropic=0"},
    {"use_counters", "-use_counters=0"},
    {"timeout", "-timeout=60"},
};

enum { DEFAULTS = sizeof defaults / sizeof defaults[0] };

/* What was said, and what the options say about the rest. */
struct command_line {
    struct libfuzzer_inputs inputs;
    bool has_own_defaults[DEFAULTS];
};

static bool is_listed(const char *name, size_t length, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(list[i]) == length && memcmp(list[i], name, length) == 0)
            return true;
    return false;
}

#define IS_LISTED(name, length, list)                                                              \
    is_listed((name), (length), (list), sizeof(list) / sizeof((list)[0]))

static bool is_number(const char *text)
{
    if (*text == '-')
        text++;
    return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static bool minimizes;

bool libfuzzer_args_minimizes(void)
{
    return minimizes;
}

static void note_option(struct command_line *line, const char *name, size_t length,
                        const char *value)
{
    for (size_t i = 0; i < DEFAULTS; i++)
        if (strlen(defaults[i].name) == length && memcmp(defaults[i].name, name, length) == 0)
            line->has_own_defaults[i] = true;
    static const char *const for_one_file[] = {"minimize_crash", "cleanse_crash"};
    if (IS_LISTED(name, length, for_one_file) && strcmp(value, "0") != 0)
        line->inputs.wants_file = true;
    if (IS_LISTED(name, length, ((const char *const[]){"minimize_crash_internal_step"})))
        minimizes = strcmp(value, "0") != 0;
    if (IS_LISTED(name, length, ((const char *const[]){"artifact_prefix"})))
        replay_command_set_artifact(value, NULL);
    if (IS_LISTED(name, length, ((const char *const[]){"exact_artifact_path"})))
        replay_command_set_artifact(NULL, value);
}

/* `option` begins with one dash. */
static enum error_code check_option(struct command_line *line, const char *option,
                                    struct error *error)
{
    const char *name = option + 1;
    size_t length = strcspn(name, "=");
    bool number = IS_LISTED(name, length, number_options);
    if (!number && !IS_LISTED(name, length, text_options))
        return interplay_error(error, ERROR_USAGE, "unknown option '%s' (-help=1 lists all)",
                               option);
    if (name[length] == '\0')
        return interplay_error(error, ERROR_USAGE, "option '%s' needs a value: %s=%s", option,
                               option, number ? "N" : "TEXT");
    const char *value = name + length + 1;
    if (number && !is_number(value))
        return interplay_error(error, ERROR_USAGE, "option '%s' needs a number", option);
    note_option(line, name, length, value);
    return ERROR_NONE;
}

/* --- all together ----------------------------------------------------------------------------- */

static _Noreturn void print_help(const char *program)
{
    printf(
        "Usage: %s [OPTION]... [CORPUS-FOLDER [MORE-FOLDERS]...]\n"
        "       %s [OPTION]... FILE...\n"
        "       %s [OPTION OF THE TARGET]... --interplay COMMAND [ARGUMENT]...\n"
        "\n"
        "Fuzzes until something breaks or an option says stop, or replays files. New inputs go to\n"
        "the first folder, which is made if it does not exist; what crashed goes to ./crash-*\n"
        "(-artifact_prefix=). --interplay does what the command interplay does (replay, shrink, "
        "...),\n"
        "on what this target tests. Common options:\n"
        "  -max_total_time=SECONDS  stop after that time\n"
        "  -runs=N                  stop after so many plans\n"
        "  -seed=N                  repeat a run\n"
        "  -fork=N                  use N processes\n"
        "  -help=1                  all options of the engine, libFuzzer\n",
        program, program, program);
    target_print_options();
    exit(0);
}

static enum error_code scan(int argc, char **argv, struct command_line *line, char **ret_kept,
                            int *ret_kept_count, struct error *error)
{
    for (int i = 1; i < argc; i++) {
        char *argument = argv[i];
        enum error_code failed = ERROR_NONE;
        if (strcmp(argument, "--help") == 0)
            print_help(argv[0]);
        ret_kept[(*ret_kept_count)++] = argument;
        if (target_take_option(argument, error)) {
            if (error->code != ERROR_NONE)
                return error->code;
            continue; /* kept for the processes that the engine starts; it ignores "--" itself */
        }
        if (strncmp(argument, "--", 2) == 0)
            failed = interplay_error(error, ERROR_USAGE,
                                     "unknown option '%s' (--help explains; the engine's "
                                     "options have one dash)",
                                     argument);
        else if (argument[0] == '-')
            failed = check_option(line, argument, error);
        else
            line->inputs.paths[line->inputs.count++] = argument;
        if (failed != ERROR_NONE && IS_STRICT)
            return failed;
        *error = (struct error){0};
        if (strcmp(argument, "-ignore_remaining_args=1") == 0)
            while (++i < argc)
                ret_kept[(*ret_kept_count)++] = argv[i];
    }
    return ERROR_NONE;
}

static char **arguments; /* what main() goes on with, so that it stays reachable */

enum error_code libfuzzer_args_prepare(int *argc, char ***argv, struct error *error)
{
    size_t count = (size_t)*argc;
    char **kept = calloc(count + DEFAULTS + 2, sizeof *kept);
    struct command_line line = {.inputs.paths = calloc(count + 1, sizeof *line.inputs.paths)};
    ASSERT(kept != NULL && line.inputs.paths != NULL);
    int kept_count = 0;
    static char no_name[] = "fuzz";
    kept[kept_count++] = count > 0 ? (*argv)[0] : no_name;
    enum error_code failed = scan(*argc, *argv, &line, kept, &kept_count, error);
    if (failed == ERROR_NONE && IS_STRICT)
        failed = libfuzzer_inputs_check(&line.inputs, error);
    if (failed != ERROR_NONE) {
        free(line.inputs.paths);
        free(kept);
        return failed;
    }
    /* In front, so that -ignore_remaining_args does not hide them. */
    for (size_t i = 0; i < DEFAULTS; i++) {
        if (line.has_own_defaults[i])
            continue;
        memmove(kept + 2, kept + 1, (size_t)(kept_count - 1) * sizeof *kept);
        kept[1] = defaults[i].option;
        kept_count++;
    }
    free(line.inputs.paths);
    kept[kept_count] = NULL;
    *argc = kept_count;
    *argv = arguments = kept;
    return ERROR_NONE;
}
