/* SPDX-License-Identifier: Apache-2.0 */
/* interplay check: whether an isolation level permits a history that somebody else recorded. */
#include "base/file.h"
#include "cli/command.h"
#include "isolation/bank.h"
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
    "Models other than any, list-append, rw-register and long-fork: set, set-full and comments\n"
    "(elements that are added, and reads of all of them), sequential (keys written in their\n"
    "order and read in the other one), bank (balances that make the same total in each read).\n"
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
    const struct edn_value *operation = elle->transactions[transaction];
    const struct edn_value *index = operation == NULL ? NULL : edn_get(operation, "index");
    if (operation == NULL)
        text_append(text, "somebody who is not in the history");
    else if (index != NULL && index->kind == EDN_INTEGER)
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
    if (written == NULL) {
        text_append(text, "which it does not show");
        return;
    }
    if (written->length <= SHOWN_BYTES) {
        text_append_bytes(text, written->text, written->length);
        return;
    }
    text_append_bytes(text, written->text, SHOWN_BYTES);
    text_append(text, "...");
}

/* --- the verdict ------------------------------------------------------------------------------ */

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
    text_init(&text, bytes, sizeof bytes);
    isolation_explain_cycle(&elle->history, &finding, &names, &text);
    if (finding.length > 0)
        printf("%s\n", text.bytes);
    return cli_finish_output(CLI_FINDING);
}

/* --- banks ------------------------------------------------------------------------------------ */

static void print_fault(const char *path, const struct bank_finding *finding)
{
    const char *word[] = {[BANK_UNKNOWN_ACCOUNT] = "unknown-account",
                          [BANK_NO_BALANCE] = "no-balance",
                          [BANK_TOTAL] = "wrong-total",
                          [BANK_NEGATIVE] = "negative-balance"};
    const struct edn_value *index = edn_get(finding->operation, "index");
    printf("%s: violation bank/%s\noperation %lld read ", path, word[finding->fault],
           index != NULL && index->kind == EDN_INTEGER ? (long long)index->integer
                                                       : (long long)finding->number);
    if (finding->fault == BANK_TOTAL)
        printf("balances that make %lld, not %lld", (long long)finding->seen,
               (long long)finding->total);
    else
        printf("account %.*s", (int)finding->account->length, finding->account->text);
    if (finding->fault == BANK_UNKNOWN_ACCOUNT)
        printf(", which the first read has not");
    else if (finding->fault == BANK_NO_BALANCE)
        printf(" without a balance");
    else if (finding->fault == BANK_NEGATIVE)
        printf(" with a balance of %lld", (long long)finding->seen);
    printf(" (%u of %u reads are wrong)\n", finding->wrong, finding->reads);
}

static enum cli_status check_bank(const struct edn_value *all, const struct cli_order *order,
                                  struct error *error)
{
    const struct bank_rules rules = {order->total_amount.is_given, order->total_amount.amount,
                                     order->allow_negative_balances};
    struct bank_finding finding;
    if (bank_check(all, &rules, &finding, error) != ERROR_NONE) {
        interplay_error_context(error, order->operands[0]);
        return cli_fail(error);
    }
    if (finding.fault == BANK_FINE)
        printf("%s: ok, %u reads of balances that make %lld\n", order->operands[0], finding.reads,
               (long long)finding.total);
    else
        print_fault(order->operands[0], &finding);
    return cli_finish_output(finding.fault == BANK_FINE ? CLI_OK : CLI_FINDING);
}

/* --- one file --------------------------------------------------------------------------------- */

static enum cli_status check_content(const struct file_content *content,
                                     const struct cli_order *order, struct arena *arena)
{
    struct edn_value all;
    struct elle_history elle;
    struct error error;
    const struct elle_options options = {order->model, order->incomplete};
    bool is_read = edn_read(content->bytes, content->size, arena, &all, &error) == ERROR_NONE;
    if (is_read && order->model->shape == ELLE_BANK)
        return check_bank(&all, order, &error);
    if (!is_read || elle_read(&all, &options, arena, &elle, &error) != ERROR_NONE) {
        interplay_error_context(&error, order->operands[0]);
        return cli_fail(&error);
    }
    elle.history.key_orders = (order->linearizable_keys ? ISOLATION_KEYS_LINEARIZABLE : 0u) |
                              (order->sequential_keys ? ISOLATION_KEYS_SEQUENTIAL : 0u) |
                              (order->wfr_keys ? ISOLATION_KEYS_FOLLOW_READS : 0u);
    return judge(&elle, order, arena);
}

/* When the queries of one read came is not in the history, only that one followed the other. */
static bool asks_too_much(const struct cli_order *order)
{
    if (order->model->shape != ELLE_SUBKEYS)
        return false;
    return order->linearizable_keys || (order->level->forbids & ISOLATION_REAL_TIME) != 0;
}

static enum cli_status check(const struct cli_order *order)
{
    struct cli_order whole = *order;
    const char *path = order->operands[0];
    struct file_content content;
    struct error error;
    if (whole.model == NULL)
        whole.model = &elle_models[ELLE_MODEL_any];
    if (whole.level == NULL)
        whole.level = &isolation_levels[whole.model->level];
    if (asks_too_much(&whole))
        return cli_usage_error("check", "--model sequential tells nothing of real time: "
                                        "expected a level without strict-");
    if (file_read(&content, file_is_standard(path) ? "/dev/stdin" : path, FILE_MAY_BE_EMPTY,
                  &error) != ERROR_NONE)
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
