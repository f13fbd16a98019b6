/* SPDX-License-Identifier: Apache-2.0 */
/* interplay bugs list, known: a line for each entry of a bug base. */
#include "cli/bugs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct listing {
    const char *base;
    struct cli_results results; /* of `bugs list`; else all zero */
    uint64_t listed, failed;
};

typedef enum error_code look_fn(struct listing *listing, const char *name,
                                const struct bugbase_entry *entry, struct error *error);

/* Each is a violation, of whatever it was found on. */
static void tell(struct listing *listing, const struct bugs_told *told)
{
    char command[8192];
    struct text text;
    const struct bugbase_entry *entry = told->entry;
    bool has_cause = cause_is_known(&entry->cause);
    text_init(&text, command, sizeof command);
    text_append_format(&text, "%s replay %s", entry->subject.command, told->path);
    const struct result result = {
        .kind = RESULT_VIOLATION,
        .name = told->name,
        .path = told->path,
        .signature = entry->signature,
        .cause = has_cause ? entry->cause.hash : NULL,
        .message = entry->report,
        .replay = command,
    };
    cli_results_add(&listing->results, &result);
    if (listing->results.lines != NULL)
        bugs_put_entry(listing->results.lines, told, NULL);
}

static enum error_code print_line(struct listing *listing, const char *name,
                                  const struct bugbase_entry *entry, struct error *error)
{
    const char *base = listing->base;
    struct plan plan;
    struct arena arena;
    char path[PATH_MAX];
    enum error_code code = bugs_load_smallest(&plan, &arena, path, base, name, entry, error);
    if (code != ERROR_NONE)
        return code;
    printf("%-40s %6" PRIu64 "x, %3zu interactions, last %s, %s %s", entry->signature,
           entry->times_seen, plan.interaction_count, entry->last.time, entry->subject.backend,
           entry->last.backend_version);
    if (cause_is_known(&entry->cause))
        printf(", cause %s: %s", entry->cause.hash, entry->cause.words);
    puts("");
    tell(listing, &(struct bugs_told){name, path, entry, &plan});
    listing->listed++;
    arena_clean_up(&arena);
    return ERROR_NONE;
}

static enum error_code print_signature(struct listing *listing, const char *name,
                                       const struct bugbase_entry *entry, struct error *error)
{
    (void)listing;
    (void)name;
    (void)error;
    if (cause_is_known(&entry->cause))
        printf("%s@%s # %s\n", entry->signature, entry->cause.hash, entry->cause.words);
    else
        puts(entry->signature);
    return ERROR_NONE;
}

static enum error_code look_at(look_fn *look, struct listing *listing, const char *name)
{
    struct error error = {0};
    struct bugbase_entry entry;
    enum error_code code = bugbase_read(&entry, listing->base, name, &error);
    if (code == ERROR_NONE) {
        code = look(listing, name, &entry, &error);
        entry_clean_up(&entry);
    }
    if (code == ERROR_NONE || bugs_is_gone(listing->base, name))
        return ERROR_NONE;
    (void)cli_fail(&error);
    cli_results_fail(&listing->results, error.message);
    listing->failed++;
    return code;
}

/* --- entries of one cause together ------------------------------------------------------------ */

/* Of each entry the hash of its cause; "" where it has none, or cannot be read. */
static void read_hashes(char (*hashes)[CAUSE_HASH_DIGITS + 1], const char *base,
                        const struct bugbase_names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        struct bugbase_entry entry;
        if (bugbase_read(&entry, base, names->items[i], NULL) != ERROR_NONE)
            continue;
        memcpy(hashes[i], entry.cause.hash, sizeof hashes[i]);
        entry_clean_up(&entry);
    }
}

/* An entry, and below it, set off, those with its cause that have not been printed yet. */
static void print_together(size_t first, char (*hashes)[CAUSE_HASH_DIGITS + 1], bool *is_printed,
                           struct listing *listing, const struct bugbase_names *names)
{
    for (size_t i = first; i < names->count; i++) {
        bool is_alike = hashes[first][0] != '\0' && strcmp(hashes[first], hashes[i]) == 0;
        if (is_printed[i] || (i != first && !is_alike))
            continue;
        is_printed[i] = true;
        fputs(i == first ? "" : "  ", stdout);
        (void)look_at(print_line, listing, names->items[i]);
    }
}

static enum cli_status list_entries(struct listing *listing, const struct bugbase_names *names)
{
    char(*hashes)[CAUSE_HASH_DIGITS + 1] = calloc(names->count + 1, sizeof *hashes);
    bool *is_printed = calloc(names->count + 1, sizeof *is_printed);
    bool has_memory = hashes != NULL && is_printed != NULL;
    if (has_memory)
        read_hashes(hashes, listing->base, names);
    for (size_t i = 0; i < names->count && has_memory; i++)
        if (!is_printed[i])
            print_together(i, hashes, is_printed, listing, names);
    free(hashes);
    free(is_printed);
    return has_memory && listing->failed == 0 ? CLI_OK : CLI_FAILED;
}

static enum cli_status list(const struct cli_order *order)
{
    struct error error = {0};
    struct bugbase_names names;
    struct listing listing = {.base = order->bugbase_dir};
    enum cli_status status = CLI_FAILED;
    cli_results_open(&listing.results, &bugs_list, order, NULL);
    if (bugbase_list(&names, listing.base, &error) == ERROR_NONE) {
        status = list_entries(&listing, &names);
        bugbase_names_clean_up(&names);
    } else {
        (void)cli_fail(&error);
        cli_results_fail(&listing.results, error.message);
    }
    struct record end = record_begin(RECORD_end);
    record_number(&end, RECORD_end_plans, listing.listed);
    record_number(&end, RECORD_end_failed, listing.failed);
    return cli_finish_output(cli_results_close(&listing.results, &end, status));
}

static enum cli_status known(const struct cli_order *order)
{
    struct error error = {0};
    struct bugbase_names names;
    struct listing listing = {.base = order->bugbase_dir};
    if (bugbase_list(&names, listing.base, &error) != ERROR_NONE)
        return cli_fail(&error);
    for (size_t i = 0; i < names.count; i++)
        (void)look_at(print_signature, &listing, names.items[i]);
    bugbase_names_clean_up(&names);
    return cli_finish_output(listing.failed == 0 ? CLI_OK : CLI_FAILED);
}

const struct cli_command bugs_list = {
    .name = "bugs list",
    .summary = "print a line for each entry",
    .about =
        "Prints a line for each entry, in the order of their names, and those with the same cause\n"
        "below the first, set off: signature, how often it was\n"
        "seen, interactions of the smallest plan, when it was seen last, on which version, and\n"
        "the cause where the plan was made small: what who does in which order, what is set.\n",
    .notes = "Exit status: 0, or 2 when an entry cannot be read (the others are still listed).\n",
    .taker = CLI_BUGS_LIST,
    .defaults = {.bugbase_dir = CLI_BUGBASE_DEFAULT},
    .operands = {"argument", 0, 0},
    .run = list,
};

const struct cli_command bugs_known = {
    .name = "bugs known",
    .summary = "print the signatures, as a list for --known-findings",
    .about =
        "Prints the signature of each entry, one a line: a list for --known-findings. Where the\n"
        "entry was made small, \"@\" and a hash of the cause follow, and the cause in words.\n",
    .notes = "Exit status: 0, or 2 when an entry cannot be read (the others are still printed).\n",
    .taker = CLI_BUGS_LOOK,
    .defaults = {.bugbase_dir = CLI_BUGBASE_DEFAULT},
    .operands = {"argument", 0, 0},
    .run = known,
};
