/* SPDX-License-Identifier: Apache-2.0 */
#include "isolation/bank.h"

#include <string.h>

struct teller {
    const struct bank_rules *rules;
    struct bank_finding *finding;
    const struct edn_value *accounts; /* the first read's balances */
    struct error *error;
};

static bool is_called(const struct edn_value *value, const char *word)
{
    return value != NULL && value->kind == EDN_WORD && value->length == strlen(word) &&
           memcmp(value->text, word, value->length) == 0;
}

static bool fail(struct teller *teller, const struct edn_value *where, const char *expected)
{
    (void)interplay_error(teller->error, ERROR_INPUT, "line %u: expected %s", where->line,
                          expected);
    return false;
}

static bool has_account(const struct edn_value *balances, const struct edn_value *account)
{
    for (uint32_t i = 0; i < balances->count; i += 2)
        if (balances->items[i].length == account->length &&
            memcmp(balances->items[i].text, account->text, account->length) == 0)
            return true;
    return false;
}

/* False: one of them is no number, and that was told. */
static bool add_up(struct teller *teller, const struct edn_value *balances, int64_t *ret_total)
{
    *ret_total = 0;
    for (uint32_t i = 0; i < balances->count; i += 2) {
        const struct edn_value *balance = &balances->items[i + 1];
        if (balance->kind == EDN_NIL)
            continue;
        if (balance->kind != EDN_INTEGER ||
            __builtin_add_overflow(*ret_total, balance->integer, ret_total))
            return fail(teller, balance, "a balance, an integer; all of them make one of 64 bits");
    }
    return true;
}

static enum bank_fault fault_of(struct teller *teller, const struct edn_value *balances,
                                int64_t total, const struct edn_value **ret_account)
{
    for (uint32_t i = 0; i < balances->count; i += 2) {
        *ret_account = &balances->items[i];
        if (!has_account(teller->accounts, *ret_account))
            return BANK_UNKNOWN_ACCOUNT;
        if (balances->items[i + 1].kind == EDN_NIL)
            return BANK_NO_BALANCE;
    }
    if (total != teller->finding->total)
        return BANK_TOTAL;
    for (uint32_t i = 0; i < balances->count && !teller->rules->allows_negative; i += 2) {
        *ret_account = &balances->items[i];
        if (balances->items[i + 1].integer < 0)
            return BANK_NEGATIVE;
    }
    return BANK_FINE;
}

static void report(struct bank_finding *finding, enum bank_fault fault, uint32_t number,
                   const struct edn_value *operation, const struct edn_value *account,
                   int64_t total)
{
    if (finding->wrong++ > 0)
        return;
    finding->fault = fault;
    finding->operation = operation;
    finding->number = number;
    finding->account = account;
    finding->seen = fault == BANK_NEGATIVE ? account[1].integer : total;
}

static bool look_at(struct teller *teller, const struct edn_value *operation, uint32_t number)
{
    const struct edn_value *balances = edn_get(operation, "value");
    int64_t total;
    if (balances == NULL || balances->kind != EDN_MAP)
        return fail(teller, operation, "the balances that were read: {0 10, 1 20}");
    if (!add_up(teller, balances, &total))
        return false;
    if (teller->finding->reads++ == 0) {
        teller->accounts = balances;
        teller->finding->total = teller->rules->has_total ? teller->rules->total : total;
    }
    const struct edn_value *account = NULL;
    enum bank_fault fault = fault_of(teller, balances, total, &account);
    if (fault != BANK_FINE)
        report(teller->finding, fault, number, operation, account, total);
    return true;
}

enum error_code bank_check(const struct edn_value *all, const struct bank_rules *rules,
                           struct bank_finding *ret_finding, struct error *error)
{
    *ret_finding = (struct bank_finding){.total = rules->total};
    struct teller teller = {.rules = rules, .finding = ret_finding, .error = error};
    const struct edn_value *operations = edn_all(all);
    for (uint32_t i = 0; i < operations->count; i++) {
        const struct edn_value *operation = &operations->items[i];
        if (operation->kind != EDN_MAP || edn_get(operation, "type") == NULL) {
            (void)fail(&teller, operation, "an operation: {:type :ok, :f :read, :value {0 10}}");
            return ERROR_INPUT;
        }
        if (is_called(edn_get(operation, "type"), "ok") &&
            is_called(edn_get(operation, "f"), "read") && !look_at(&teller, operation, i))
            return ERROR_INPUT;
    }
    return ERROR_NONE;
}
