/* SPDX-License-Identifier: Apache-2.0 */
/* interplay bugs list, show, known: looking into a bug base. */
#include "base/file.h"
#include "cli/bugs.h"
#include "report/plan_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char list_help[] =
    "Usage: interplay bugs list [--bugbase-dir DIR]\n"
    "\n"
    "Prints a line for each entry, in the order of their names: signature, how often it was seen,\n"
    "interactions of the smallest plan, when it was seen last, on which version.\n"
    "\n"
    "Exit status: 0, or 2 when an entry cannot be read (the others are still listed).\n";

static const char known_help[] =
    "Usage: interplay bugs known [--bugbase-dir DIR]\n"
    "\n"
    "Prints the signature of each entry, one a line: a list for --known-findings.\n"
    "\n"
    "Exit status: 0, or 2 when an entry cannot be read (the others are still printed).\n";

static const char show_help[] =
    "Usage: interplay bugs show [--bugbase-dir DIR] SIGNATURE\n"
    "\n"
    "Prints the entry: what is wrong, when and how often it was seen, the smallest plan as a "
    "table\n"
    "(interplay show --help explains it), and the command that replays it. SIGNATURE may be cut\n"
    "short where it stays the only one.\n";

/* Where the smallest plan of the entry is; loads it. */
static enum error_code load_smallest(struct plan *ret_plan, struct arena *ret_arena,
                                     char ret_path[PATH_MAX], const char *base, const char *name,
                                     const struct bugbase_entry *entry, struct error *error)
{
    enum bugbase_plan which =
        entry->shrunk == BUGBASE_NOT_SHRUNK ? BUGBASE_PLAN_FOUND : BUGBASE_PLAN_SHRUNK;
    enum error_code code = bugbase_plan_path(ret_path, base, name, which, error);
    if (code != ERROR_NONE)
        return code;
    return cli_load_plan(ret_plan, ret_arena, ret_path, error);
}

typedef enum error_code look_fn(const char *base, const char *name,
                                const struct bugbase_entry *entry, struct error *error);

static enum error_code print_line(const char *base, const char *name,
                                  const struct bugbase_entry *entry, struct error *error)
{
    struct plan plan;
    struct arena arena;
    char path[PATH_MAX];
    enum error_code code = load_smallest(&plan, &arena, path, base, name, entry, error);
    if (code != ERROR_NONE)
        return code;
    printf("%-40s %6" PRIu64 "x, %3zu interactions, last %s, %s %s\n", entry->signature,
           entry->times_seen, plan.interaction_count, entry->last.time, entry->subject.backend,
           entry->last.backend_version);
    arena_clean_up(&arena);
    return ERROR_NONE;
}

static enum error_code print_signature(const char *base, const char *name,
                                       const struct bugbase_entry *entry, struct error *error)
{
    (void)base;
    (void)name;
    (void)error;
    puts(entry->signature);
    return ERROR_NONE;
}

static enum error_code look_at(look_fn *look, const char *base, const char *name)
{
    struct error error = {0};
    struct bugbase_entry entry;
    enum error_code code = bugbase_read(&entry, base, name, &error);
    if (code == ERROR_NONE) {
        code = look(base, name, &entry, &error);
        entry_clean_up(&entry);
    }
    if (code != ERROR_NONE && bugs_is_gone(base, name))
        return ERROR_NONE;
    if (code != ERROR_NONE)
        (void)cli_fail(&error);
    return code;
}

static int look_at_all(look_fn *look, int argc, char **argv, const char *help)
{
    const char *base;
    int status = CLI_OK;
    if (!bugs_take_base(argc, argv, help, &base, &status))
        return status;
    if (optind < argc)
        return cli_usage_error(argv[0], "takes no argument, but there is %s", argv[optind]);
    struct error error = {0};
    struct bugbase_names names;
    if (bugbase_list(&names, base, &error) != ERROR_NONE)
        return cli_fail(&error);
    for (size_t i = 0; i < names.count; i++)
        if (look_at(look, base, names.items[i]) != ERROR_NONE)
            status = CLI_FAILED;
    bugbase_names_clean_up(&names);
    return cli_finish_output(status);
}

int bugs_list(int argc, char **argv)
{
    return look_at_all(print_line, argc, argv, list_help);
}

int bugs_known(int argc, char **argv)
{
    return look_at_all(print_signature, argc, argv, known_help);
}

/* --- one entry ------------------------------------------------------------------------------- */

static void print_sighting(const char *title, const struct bugbase_sighting *seen)
{
    printf("%s %s, version %s: %s\n", title, seen->time, seen->backend_version, seen->origin);
}

/* The command of this program where it is what the plan was found on; else what stands there. */
static void print_command(const struct bugbase_entry *entry, const char *path)
{
    const struct run_options *backend = cli_backend(entry->subject.backend);
    char bytes[8192];
    struct text command;
    text_init(&command, bytes, sizeof bytes);
    if (backend != NULL && strcmp(entry->subject.target, cli_bug_subject(backend).target) == 0)
        cli_describe_command(&command, "replay", backend);
    else
        text_append_format(&command, "%s replay", entry->subject.command);
    printf("\n%s %s\n", command.bytes, path);
}

static enum error_code print_entry(const char *base, const char *name,
                                   const struct bugbase_entry *entry, struct error *error)
{
    static const char *const small[] = {
        [BUGBASE_NOT_SHRUNK] = "not made small",
        [BUGBASE_SHRUNK] = "made small, not 1-minimal",
        [BUGBASE_MINIMAL] = "made small, 1-minimal",
    };
    struct plan plan;
    struct arena arena;
    char path[PATH_MAX];
    enum error_code code = load_smallest(&plan, &arena, path, base, name, entry, error);
    if (code != ERROR_NONE)
        return code;
    printf("signature: %s\n", entry->signature);
    printf("seen:      %" PRIu64 "x\n", entry->times_seen);
    print_sighting("first:    ", &entry->first);
    print_sighting("last:     ", &entry->last);
    printf("tested:    %s, backend %s\n", entry->subject.target, entry->subject.backend);
    if (entry->interaction == SIZE_MAX)
        printf("noticed:   after the last interaction of the plan that was found first\n");
    else
        printf("noticed:   at interaction %zu of the plan that was found first\n",
               entry->interaction);
    printf("trace:     %s\n\n%s\n\n", entry->trace_hash, entry->report);
    printf("%s, %zu interactions, %s:\n\n", path, plan.interaction_count, small[entry->shrunk]);
    plan_table_print(&plan, cli_width(), stdout);
    print_command(entry, path);
    arena_clean_up(&arena);
    return ERROR_NONE;
}

int bugs_show(int argc, char **argv)
{
    const char *base;
    int status;
    if (!bugs_take_base(argc, argv, show_help, &base, &status))
        return status;
    if (optind + 1 != argc)
        return cli_usage_error(argv[0], "expected one signature, found %d", argc - optind);
    struct error error = {0};
    struct bugbase_names names;
    struct bugbase_entry entry;
    size_t index;
    if (bugbase_list(&names, base, &error) != ERROR_NONE)
        return cli_fail(&error);
    enum error_code code = bugbase_find(&index, &names, base, argv[optind], &error);
    if (code == ERROR_NONE)
        code = bugbase_read(&entry, base, names.items[index], &error);
    if (code == ERROR_NONE) {
        code = print_entry(base, names.items[index], &entry, &error);
        entry_clean_up(&entry);
    }
    bugbase_names_clean_up(&names);
    return code == ERROR_NONE ? cli_finish_output(CLI_OK) : cli_fail(&error);
}
