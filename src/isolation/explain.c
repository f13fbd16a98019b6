/* SPDX-License-Identifier: Apache-2.0 */
#include "isolation/explain.h"

struct teller {
    const struct isolation_history *history;
    const struct isolation_names *names;
    struct text *text;
};

static void tell_transaction(const struct teller *teller, uint32_t transaction)
{
    teller->names->transaction(teller->names->context, transaction, teller->text);
}

static void tell_key(const struct teller *teller, uint32_t key)
{
    teller->names->key(teller->names->context, key, teller->text);
}

static void tell_place(const struct teller *teller, size_t operation)
{
    text_append(teller->text, " (");
    teller->names->place(teller->names->context, operation, teller->text);
    text_append(teller->text, ")");
}

/* Of an edge that an operation of `edge->to` or `edge->from` makes: who did it. */
static uint32_t doer_of(const struct isolation_edge *edge)
{
    return edge->kind == ISOLATION_RW ? edge->from : edge->to;
}

static const char *verb_of(const struct teller *teller, const struct isolation_edge *edge)
{
    if (edge->kind == ISOLATION_WW)
        return " overwrote ";
    if (edge->kind == ISOLATION_RT)
        return " began";
    size_t read = edge->kind == ISOLATION_RW ? edge->from_operation : edge->to_operation;
    uint8_t kind = teller->history->operations[read].kind;
    return kind == ISOLATION_COUNT ? " counted " : kind == ISOLATION_SUM ? " summed " : " read ";
}

/* What follows on who did it and the verb. */
static void tell_object(const struct teller *teller, const struct isolation_edge *edge)
{
    if (edge->kind == ISOLATION_RT) {
        text_append(teller->text, " after ");
        tell_transaction(teller, edge->from);
        text_append(teller->text, " had ended");
        return;
    }
    tell_key(teller, edge->key);
    if (edge->kind == ISOLATION_RW) {
        text_append(teller->text, " as it was before ");
        tell_transaction(teller, edge->to);
        tell_place(teller, edge->from_operation);
        return;
    }
    text_append(teller->text, edge->kind == ISOLATION_WR ? " as " : ", which ");
    tell_transaction(teller, edge->from);
    text_append(teller->text, edge->kind == ISOLATION_WR ? " left it" : " had written");
    tell_place(teller, edge->to_operation);
}

void isolation_explain_edge(const struct isolation_history *history,
                            const struct isolation_edge *edge, const struct isolation_names *names,
                            struct text *text)
{
    const struct teller teller = {history, names, text};
    tell_transaction(&teller, doer_of(edge));
    text_append(text, verb_of(&teller, edge));
    tell_object(&teller, edge);
}

/* Who is told of already is not named again, nor what was done, where it is the same. */
static void tell_cycle(const struct teller *teller, const struct isolation_finding *finding)
{
    const struct isolation_edge *before = NULL;
    for (uint32_t i = 0; i < finding->length; i++) {
        const struct isolation_edge *edge = &finding->cycle[i];
        bool same_doer = before != NULL && doer_of(before) == doer_of(edge);
        if (before != NULL)
            text_append(teller->text, same_doer ? " and" : "; ");
        if (!same_doer)
            tell_transaction(teller, doer_of(edge));
        bool same_verb = same_doer && verb_of(teller, before) == verb_of(teller, edge);
        text_append(teller->text, same_verb ? " " : verb_of(teller, edge));
        tell_object(teller, edge);
        before = edge;
    }
}

/* --- what is wrong without a cycle ------------------------------------------------------------ */

static void tell_read(const struct teller *teller, size_t operation)
{
    const struct isolation_operation *read = &teller->history->operations[operation];
    tell_transaction(teller, read->transaction);
    text_append(teller->text, " read ");
    if (read->kind == ISOLATION_READ || read->kind == ISOLATION_READ_LIST)
        tell_key(teller, read->key);
    else
        text_append(teller->text, "a range");
}

static void tell_single(const struct teller *teller, const struct isolation_finding *finding)
{
    if (finding->operation == SIZE_MAX) {
        text_append(teller->text, "a count or a sum fits nothing that anybody has committed");
        return;
    }
    if (finding->anomaly == ISOLATION_ANOMALY_cyclic_versions) {
        text_append(teller->text, "no order of the versions of ");
        tell_key(teller, teller->history->operations[finding->operation].key);
        text_append(teller->text, " is the one in which it was written and read");
        tell_place(teller, finding->operation);
        return;
    }
    tell_read(teller, finding->operation);
    bool has_writer = finding->writer != UINT32_MAX;
    if (finding->anomaly == ISOLATION_ANOMALY_aborted_read && has_writer) {
        text_append(teller->text, " as ");
        tell_transaction(teller, finding->writer);
        text_append(teller->text, " left it, which was rolled back");
    } else if (finding->anomaly == ISOLATION_ANOMALY_intermediate_read && has_writer) {
        text_append(teller->text, " as ");
        tell_transaction(teller, finding->writer);
        text_append(teller->text, " had it before writing it again");
    } else if (finding->anomaly == ISOLATION_ANOMALY_own_write) {
        text_append(teller->text, " without its own work");
    } else if (finding->anomaly == ISOLATION_ANOMALY_order) {
        text_append(teller->text, " in an order that fits no other read of it");
    } else {
        text_append(teller->text, ", and nobody has written what came");
    }
    tell_place(teller, finding->operation);
}

/* --- the sentence ----------------------------------------------------------------------------- */

static void tell_word(struct text *text, const char *word)
{
    for (; *word != '\0'; word++)
        text_append_bytes(text, *word == '-' ? " " : word, 1);
}

void isolation_explain(const struct isolation_history *history,
                       const struct isolation_finding *finding, const char *level,
                       const struct isolation_names *names, struct text *text)
{
    const struct teller teller = {history, names, text};
    if (finding->length > 0)
        tell_cycle(&teller, finding);
    else
        tell_single(&teller, finding);
    text_append(text, ": ");
    tell_word(text, isolation_anomalies[finding->anomaly].word);
    text_append(text, ", which ");
    text_append(text, level);
    text_append(text, " forbids");
}

void isolation_explain_cycle(const struct isolation_history *history,
                             const struct isolation_finding *finding,
                             const struct isolation_names *names, struct text *text)
{
    for (uint32_t i = 0; i < finding->length; i++) {
        const struct isolation_edge *edge = &finding->cycle[i];
        text_append_format(text, "%s  %s  ", i == 0 ? "" : "\n",
                           isolation_dependency_names[edge->kind]);
        isolation_explain_edge(history, edge, names, text);
    }
}
