/* SPDX-License-Identifier: Apache-2.0 */
/* interplay check: whether an isolation level permits a history that somebody else recorded. */
#include "base/file.h"
#include "cli/command.h"
#include "cli/plan_files.h"
#include "isolation/elle.h"
#include "isolation/explain.h"

#include <stdio.h>

enum { SHOWN_BYTES = 72 };            /* of an operation */
#define ARENA_BYTES ((size_t)1 << 30) /* of address space */

static const char about[] =
    "Says whether an isolation level permits the history in FILE, and if not, which reads and\n"
    "writes show it: the shortest cycle of dependencies between transactions. Histories are\n"
    "those of Jepsen and Elle, in EDN or JSON: of lists that are appended to ([:append k v],\n"
    "[:r k [v ...]]) and of registers whose written values are unique ([:w k v], [:r k v]).\n"
    "- is standard input.\n";

static const char notes[] =
    "Levels: read-uncommitted, read-committed, repeatable-read (PL-2.99), snapshot-isolation,\n"
    "serializable; session-... and strict-... for the order of time within a session, or of all.\n"
    "Exit status: 0 permitted, 1 not, 2 the history cannot be read, or leaves so much open that\n"
    "nothing can be said.\n";

/* --- names ------------------------------------------------------------------------------------ */

/* As Jepsen counts operations: their :index, or else their place. */
static void name_transaction(const void *context, uint32_t transaction, struct text *text)
{
    const struct elle_history *elle = context;
    const struct edn_value *index = edn_get(elle->transactions[transaction], "index");
    if (index != NULL && index->kind == EDN_INTEGER)
        text_append_format(text, "operation %lld", (long long)index->integer);
    else
        text_append_format(text, "transaction %u", transaction);
}

static void name_key(const void *context, uint32_t key, struct text *text)
{
    const struct elle_history *elle = context;
    text_append_bytes(text, elle->keys[key]->text, elle->keys[key]->length);
}

static void name_place(const void *context, size_t operation, struct text *text)
{
    const struct edn_value *written = ((const struct elle_history *)context)->operations[operation];
    if (written->length <= SHOWN_BYTES) {
        text_append_bytes(text, written->text, written->length);
        return;
    }
    text_append_bytes(text, written->text, SHOWN_BYTES);
    text_append(text, "...");
}

/* --- the verdict ------------------------------------------------------------------------------ */

static void print_cycle(const struct elle_history *elle, const struct isolation_finding *finding,
                        const struct isolation_names *names)
{
    for (uint32_t i = 0; i < finding->length; i++) {
        char bytes[512];
        struct text text;
        text_init(&text, bytes, sizeof bytes);
        isolation_explain_edge(&elle->history, &finding->cycle[i], names, &text);
        printf("  %s  %s\n", isolation_dependency_names[finding->cycle[i].kind], text.bytes);
    }
}

static enum cli_status judge(const struct elle_history *elle, const struct cli_order *order,
                             struct arena *arena)
{
    const char *path = order->operands[0];
    struct isolation_finding finding;
    bool permitted =
        isolation_judge(&elle->history, order->level->forbids, order->effort, arena, &finding);
    if (finding.is_bounded) {
        struct error error;
        (void)interplay_error(&error, ERROR_INPUT,
                              "%s: the history leaves more open than %u tries settle, or has more "
                              "than %d transactions: nothing can be said",
                              path, order->effort, ISOLATION_TRANSACTIONS_MAX);
        return cli_fail(&error);
    }
    if (permitted) {
        printf("%s: ok, %s\n", path, order->level->words);
        return cli_finish_output(CLI_OK);
    }
    const struct isolation_names names = {name_transaction, name_key, name_place, elle};
    char bytes[4096];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    isolation_explain(&elle->history, &finding, order->level->words, &names, &text);
    printf("%s: violation isolation/%s\n%s\n", path, isolation_anomalies[finding.anomaly].word,
           text.bytes);
    print_cycle(elle, &finding, &names);
    return cli_finish_output(CLI_FINDING);
}

static enum cli_status check_content(const struct file_content *content,
                                     const struct cli_order *order, struct arena *arena)
{
    struct edn_value all;
    struct elle_history elle;
    struct error error;
    if (edn_read(content->bytes, content->size, arena, &all, &error) == ERROR_NONE &&
        elle_read(&all, arena, &elle, &error) == ERROR_NONE)
        return judge(&elle, order, arena);
    interplay_error_context(&error, order->operands[0]);
    return cli_fail(&error);
}

static enum cli_status check(const struct cli_order *order)
{
    struct cli_order whole = *order;
    const char *path = order->operands[0];
    struct file_content content;
    struct error error;
    if (whole.level == NULL)
        whole.level = &isolation_levels[ISOLATION_LEVEL_strict_serializable];
    if (file_read(&content, cli_is_stdin(path) ? "/dev/stdin" : path, FILE_MAY_BE_EMPTY, &error) !=
        ERROR_NONE)
        return cli_fail(&error);
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    enum cli_status status = check_content(&content, &whole, &arena);
    arena_clean_up(&arena);
    file_content_clean_up(&content);
    return status;
}

const struct cli_command cli_check = {
    .name = "check",
    .arguments = "FILE",
    .summary = "hold a recorded history against an isolation level",
    .about = about,
    .notes = notes,
    .taker = CLI_CHECK,
    .defaults = {.effort = ISOLATION_EFFORT},
    .operands = {"history", 1, 1},
    .run = check,
};
