/* SPDX-License-Identifier: Apache-2.0 */
/* interplay bugs list, known: a line for each entry of a bug base. */
#include "cli/bugs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum error_code look_fn(const char *base, const char *name,
                                const struct bugbase_entry *entry, struct error *error);

static enum error_code print_line(const char *base, const char *name,
                                  const struct bugbase_entry *entry, struct error *error)
{
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
    arena_clean_up(&arena);
    return ERROR_NONE;
}

static enum error_code print_signature(const char *base, const char *name,
                                       const struct bugbase_entry *entry, struct error *error)
{
    (void)base;
    (void)name;
    (void)error;
    if (cause_is_known(&entry->cause))
        printf("%s@%s # %s\n", entry->signature, entry->cause.hash, entry->cause.words);
    else
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

static enum cli_status look_at_all(look_fn *look, const char *base)
{
    struct error error = {0};
    struct bugbase_names names;
    enum cli_status status = CLI_OK;
    if (bugbase_list(&names, base, &error) != ERROR_NONE)
        return cli_fail(&error);
    for (size_t i = 0; i < names.count; i++)
        if (look_at(look, base, names.items[i]) != ERROR_NONE)
            status = CLI_FAILED;
    bugbase_names_clean_up(&names);
    return cli_finish_output(status);
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
static bool print_together(size_t first, char (*hashes)[CAUSE_HASH_DIGITS + 1], bool *is_printed,
                           const char *base, const struct bugbase_names *names)
{
    bool is_ok = true;
    for (size_t i = first; i < names->count; i++) {
        bool is_alike = hashes[first][0] != '\0' && strcmp(hashes[first], hashes[i]) == 0;
        if (is_printed[i] || (i != first && !is_alike))
            continue;
        is_printed[i] = true;
        fputs(i == first ? "" : "  ", stdout);
        is_ok &= look_at(print_line, base, names->items[i]) == ERROR_NONE;
    }
    return is_ok;
}

static enum cli_status list(const struct cli_order *order)
{
    struct error error = {0};
    struct bugbase_names names;
    const char *base = order->bugbase_dir;
    if (bugbase_list(&names, base, &error) != ERROR_NONE)
        return cli_fail(&error);
    char(*hashes)[CAUSE_HASH_DIGITS + 1] = calloc(names.count + 1, sizeof *hashes);
    bool *is_printed = calloc(names.count + 1, sizeof *is_printed);
    enum cli_status status = hashes == NULL || is_printed == NULL ? CLI_FAILED : CLI_OK;
    if (status == CLI_OK)
        read_hashes(hashes, base, &names);
    for (size_t i = 0; i < names.count && hashes != NULL && is_printed != NULL; i++)
        if (!is_printed[i] && !print_together(i, hashes, is_printed, base, &names))
            status = CLI_FAILED;
    free(hashes);
    free(is_printed);
    bugbase_names_clean_up(&names);
    return cli_finish_output(status);
}

static enum cli_status known(const struct cli_order *order)
{
    return look_at_all(print_signature, order->bugbase_dir);
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
    .taker = CLI_BUGS_LOOK,
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
