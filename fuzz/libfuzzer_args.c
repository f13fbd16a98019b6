/* SPDX-License-Identifier: Apache-2.0 */
/* The command line in front of libFuzzer (LLVM 14 to 19), which warns of mistakes and goes on. */
#include "libfuzzer_args.h"

#include "base/assert.h"
#include "base/file.h"
#include "replay_command.h"
#include "target.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/*
 * On OSS-Fuzz the command line is ClusterFuzz's, for the libFuzzer that it brings, which may be newer: what is
 * wrong with it is not ours to say.
 */
#ifdef INTERPLAY_EXTERNAL_ENGINE
enum { IS_STRICT = false };
#else
enum { IS_STRICT = true };
#endif

/* --- options ------------------------------------------------------------------------------------- */

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
 * Better than libFuzzer's own. A plan of 2064 bytes has 256 interactions, the most that are read.
 */
static struct {
    const char *name;
    char option[24]; /* not const: argv is not */
} defaults[] = {
    {"max_len", "-max_len=2064"},
    {"entropic", "-entropic=0"},
    {"use_counters", "-use_counters=0"},
    {"timeout", "-timeout=60"},
};

enum { DEFAULTS = sizeof defaults / sizeof defaults[0] };

/* What the options say about the rest of the command line. */
struct command_line {
    const char **inputs; /* files and folders */
    int input_count;
    bool wants_file; /* minimize or cleanse one input */
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
        line->wants_file = true;
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

/* --- files and folders --------------------------------------------------------------------------- */

enum path_kind { PATH_NOTHING, PATH_FILE, PATH_FOLDER, PATH_OTHER };

static enum path_kind kind_of(const char *path)
{
    char bare[PATH_MAX];
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') /* "file/" is not nothing, it is a file */
        length--;
    if (length >= sizeof bare)
        return PATH_NOTHING;
    memcpy(bare, path, length);
    bare[length] = '\0';
    struct stat status;
    if (stat(bare, &status) != 0)
        return PATH_NOTHING;
    if (S_ISREG(status.st_mode))
        return PATH_FILE;
    return S_ISDIR(status.st_mode) ? PATH_FOLDER : PATH_OTHER;
}

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool has_suffix(const char *text, const char *suffix)
{
    size_t length = strlen(text), wanted = strlen(suffix);
    return length >= wanted && strcmp(text + length - wanted, suffix) == 0;
}

/* Names that the engine or a person gives to inputs: nobody wants a corpus folder of that name. */
static bool looks_like_file(const char *path)
{
    static const char *const prefixes[] = {"crash-", "leak-", "oom-", "timeout-", "slow-unit-"};
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (has_prefix(name, prefixes[i]))
            return true;
    return has_suffix(name, ".bin") || has_suffix(name, ".json");
}

/* mkdir -p */
static enum error_code make_folder(const char *path, struct error *error)
{
    char part[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof part)
        return interplay_error(error, ERROR_USAGE, "%s: the name is too long",
                               file_short_path(path));
    memcpy(part, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        char kept = part[i];
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return interplay_error(error, ERROR_IO, "%s: cannot make this corpus folder: %s",
                                   file_short_path(path), strerror(errno));
        part[i] = kept;
    }
    if (kind_of(path) != PATH_FOLDER)
        return interplay_error(error, ERROR_IO, "%s: cannot make this corpus folder: %s",
                               file_short_path(path), strerror(ENOTDIR));
    return ERROR_NONE;
}

static enum error_code check_replay(const char *path, struct error *error)
{
    if (has_suffix(path, ".json"))
        return interplay_error(error, ERROR_USAGE,
                               "%s: this program reads the compact form; for JSON there is "
                               "'interplay replay', and 'interplay convert'",
                               file_short_path(path));
    struct file_content content;
    enum error_code failed = file_read(&content, path, FILE_MUST_HAVE_BYTES, error);
    if (failed == ERROR_NONE)
        file_content_clean_up(&content);
    return failed;
}

/* All inputs are files: they are replayed. */
static enum error_code check_files(const struct command_line *line, struct error *error)
{
    for (int i = 0; i < line->input_count; i++) {
        enum error_code failed = check_replay(line->inputs[i], error);
        if (failed != ERROR_NONE)
            return failed;
    }
    return ERROR_NONE;
}

static enum error_code check_folder(const struct command_line *line, int index, struct error *error)
{
    const char *path = line->inputs[index], *name = file_short_path(path);
    switch (kind_of(path)) {
    case PATH_FOLDER:
        return ERROR_NONE;
    case PATH_FILE:
        return interplay_error(
            error, ERROR_USAGE, "%s: is a file, a corpus folder is expected%s", name,
            line->input_count > 1 ? " (either all are files or all folders)" : "");
    case PATH_OTHER:
        return interplay_error(error, ERROR_USAGE, "%s: is neither a file nor a folder", name);
    case PATH_NOTHING:
        break;
    }
    if (line->wants_file || looks_like_file(path))
        return interplay_error(error, ERROR_USAGE, "%s: no such file", name);
    if (index > 0)
        return interplay_error(error, ERROR_USAGE,
                               "%s: no such folder (only the first one is made)", name);
    return make_folder(path, error);
}

static enum error_code check_inputs(const struct command_line *line, struct error *error)
{
    bool all_are_files = line->input_count > 0;
    for (int i = 0; i < line->input_count; i++)
        all_are_files = all_are_files && kind_of(line->inputs[i]) == PATH_FILE &&
                        !has_suffix(line->inputs[i], "/");
    if (all_are_files)
        return check_files(line, error);
    /* The last ones first, so that nothing is made when another one is wrong. */
    for (int i = line->input_count - 1; i >= 0; i--) {
        enum error_code failed = check_folder(line, i, error);
        if (failed != ERROR_NONE)
            return failed;
    }
    return ERROR_NONE;
}

/* --- all together -------------------------------------------------------------------------------- */

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
        if (has_prefix(argument, "--"))
            failed = interplay_error(error, ERROR_USAGE,
                                     "unknown option '%s' (--help explains; the engine's "
                                     "options have one dash)",
                                     argument);
        else if (argument[0] == '-')
            failed = check_option(line, argument, error);
        else
            line->inputs[line->input_count++] = argument;
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
    struct command_line line = {.inputs = calloc(count + 1, sizeof *line.inputs)};
    ASSERT(kept != NULL && line.inputs != NULL);
    int kept_count = 0;
    static char no_name[] = "fuzz";
    kept[kept_count++] = count > 0 ? (*argv)[0] : no_name;
    enum error_code failed = scan(*argc, *argv, &line, kept, &kept_count, error);
    if (failed == ERROR_NONE && IS_STRICT)
        failed = check_inputs(&line, error);
    if (failed != ERROR_NONE) {
        free(line.inputs);
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
    free(line.inputs);
    kept[kept_count] = NULL;
    *argc = kept_count;
    *argv = arguments = kept;
    return ERROR_NONE;
}
