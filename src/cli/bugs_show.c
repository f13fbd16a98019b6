/* SPDX-License-Identifier: Apache-2.0 */
/* interplay bugs show: one entry of a bug base, as a person wants to read it. */
#include "cli/bugs.h"
#include "cli/explain_plan.h"
#include "cli/machine_output.h"
#include "cli/terminal.h"
#include "report/plan_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_sighting(const char *title, const struct bugbase_sighting *seen)
{
    printf("%s %s, version %s: %s\n", title, seen->time, seen->backend_version, seen->origin);
}

/* The command of this program where it is what the plan was found on; else what stands there. */
static void print_command(const struct bugbase_entry *entry, const char *path)
{
    const struct cli_order order = {.backend = bugs_backend_of(entry)};
    char bytes[8192];
    struct text command;
    text_init(&command, bytes, sizeof bytes);
    if (order.backend != NULL)
        cli_describe_command(&command, &cli_replay, &order);
    else
        text_append_format(&command, "%s replay", entry->subject.command);
    printf("\n%s %s\n", command.bytes, path);
}

/* Only the program that it was found on can run it. */
static enum error_code print_explained(const struct bugbase_entry *entry, const struct plan *plan,
                                       const char *path, struct error *error)
{
    const struct run_options *backend = bugs_backend_of(entry);
    struct run *run;
    if (backend == NULL) {
        printf("\nnot explained: that is for %s\n", entry->subject.target);
        return ERROR_NONE;
    }
    enum error_code code = run_open(&run, backend, error);
    if (code != ERROR_NONE)
        return code;
    code = cli_print_explained(run, plan, path, false, error);
    run_close(run);
    return code;
}

static void print_text(const struct bugbase_entry *entry, const struct plan *plan, const char *path,
                       const struct bugs_same_cause *same)
{
    static const char *const small[] = {
        [BUGBASE_NOT_SHRUNK] = "not made small",
        [BUGBASE_SHRUNK] = "made small, not 1-minimal",
        [BUGBASE_MINIMAL] = "made small, 1-minimal",
    };
    printf("signature: %s\n", entry->signature);
    if (cause_is_known(&entry->cause))
        printf("cause:     %s (%s)\n", entry->cause.words, entry->cause.hash);
    for (size_t i = 0; i < same->count; i++)
        printf("same cause: %s\n", same->signatures[i]);
    printf("seen:      %" PRIu64 "x\n", entry->times_seen);
    print_sighting("first:    ", &entry->first);
    print_sighting("last:     ", &entry->last);
    printf("tested:    %s, backend %s\n", entry->subject.target, entry->subject.backend);
    const char *whose = entry->tells_small ? "the plan below" : "the plan that was found first";
    if (entry->interaction == SIZE_MAX)
        printf("noticed:   after the last interaction of %s\n", whose);
    else
        printf("noticed:   at interaction %zu of %s\n", entry->interaction, whose);
    printf("trace:     %s\n\n%s\n\n", entry->trace_hash, entry->report);
    printf("%s, %zu interactions, %s:\n\n", path, plan->interaction_count, small[entry->shrunk]);
    plan_table_print(plan, cli_width(), stdout);
    print_command(entry, path);
}

static enum error_code print_entry(const struct cli_order *order, const char *base,
                                   const char *name, const struct bugbase_entry *entry,
                                   struct error *error)
{
    struct plan plan;
    struct arena arena;
    char path[PATH_MAX];
    struct bugs_same_cause same;
    enum error_code code = bugs_load_smallest(&plan, &arena, path, base, name, entry, error);
    if (code != ERROR_NONE)
        return code;
    bugs_find_same_cause(&same, base, name, &entry->cause);
    if (order->json)
        bugs_put_entry(cli_machine_output(), &(struct bugs_told){name, path, entry, &plan}, &same);
    if (order->markdown)
        code = bugs_print_markdown(entry, &plan, path, error);
    else
        print_text(entry, &plan, path, &same);
    bugs_same_cause_clean_up(&same);
    if (order->explain && !order->markdown)
        code = print_explained(entry, &plan, path, error);
    arena_clean_up(&arena);
    return code;
}

static enum error_code find_and_print(const struct cli_order *order, struct error *error)
{
    const char *base = order->bugbase_dir;
    struct bugbase_names names;
    struct bugbase_entry entry;
    size_t index;
    enum error_code code = bugbase_list(&names, base, error);
    if (code != ERROR_NONE)
        return code;
    code = bugbase_find(&index, &names, base, order->operands[0], error);
    if (code == ERROR_NONE)
        code = bugbase_read(&entry, base, names.items[index], error);
    if (code == ERROR_NONE) {
        code = print_entry(order, base, names.items[index], &entry, error);
        entry_clean_up(&entry);
    }
    bugbase_names_clean_up(&names);
    return code;
}

static enum cli_status show(const struct cli_order *order)
{
    struct error error = {0};
    struct cli_results results;
    enum cli_status status = CLI_OK;
    if (order->operand_count != 1)
        return cli_usage_error("bugs show", "expected one signature, found %d",
                               order->operand_count);
    cli_results_open(&results, &bugs_show, order, NULL);
    if (find_and_print(order, &error) != ERROR_NONE) {
        status = cli_fail(&error);
        cli_results_fail(&results, error.message);
    }
    struct record end = record_begin(RECORD_end);
    return cli_finish_output(cli_results_close(&results, &end, status));
}

const struct cli_command bugs_show = {
    .name = "bugs show",
    .arguments = "SIGNATURE",
    .summary = "print an entry: what is wrong, the smallest plan, how to replay it",
    .about =
        "Prints the entry: what is wrong, when and how often it was seen, the smallest plan as a\n"
        "table (interplay show --help explains it), and the command that replays it; with\n"
        "--explain why it shows (interplay explain --help). SIGNATURE may be cut short where it "
        "stays the only one.\n"
        "With --markdown it is the text of an issue to file: versions, promise, steps, what it\n"
        "needs; and, where somebody has put them into the entry's folder, matrix.txt (what\n"
        "scripts/bisect printed) and reproducer/ (what interplay reproduce wrote).\n",
    .taker = CLI_BUGS_SHOW,
    .defaults = {.bugbase_dir = CLI_BUGBASE_DEFAULT},
    .operands = {"signature", 0, INT_MAX},
    .run = show,
};
