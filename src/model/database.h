/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shadow database: one state of the tables of a native plan, as dense arrays over the small key
 * domain, so that a committed version is one copy and a query is a walk over bits. No SQL here: it
 * says what each interaction must do, from the meaning of the action alone.
 */
#ifndef MODEL_DATABASE_H
#define MODEL_DATABASE_H

#include "model/observation.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stdint.h>

enum { MODEL_COLUMNS = 3 }; /* k, v and p; x, where there is one, comes after them */

struct model_table {
    bool exists;
    uint8_t indexes;  /* bit set of enum plan_column */
    uint16_t addend;  /* of column x, which is v + addend; 0: there is none */
    uint32_t present; /* bit set of keys */
    int32_t value[PLAN_KEYS];
    int32_t text_value[PLAN_KEYS]; /* -1: NULL */
    uint16_t text_units[PLAN_KEYS];
};

/* Not of rows: the table, its indexes and its columns. */
static inline bool model_schema_equal(const struct model_table *left,
                                      const struct model_table *right)
{
    return left->exists == right->exists && left->indexes == right->indexes &&
           left->addend == right->addend;
}

/* The same row, or none in both. */
static inline bool model_row_equal(const struct model_table *left, const struct model_table *right,
                                   uint32_t key)
{
    bool is_there = left->present >> key & 1u;
    if (is_there != (right->present >> key & 1u))
        return false;
    return !is_there || (left->value[key] == right->value[key] &&
                         left->text_value[key] == right->text_value[key] &&
                         left->text_units[key] == right->text_units[key]);
}

struct model_database {
    struct model_table tables[PLAN_TABLES];
    int32_t numbers[PLAN_NUMBERS]; /* beside the tables */
};

/* The prepared database that every native plan starts from. */
void model_database_init(struct model_database *database);

/* What an interaction must come to in a given state. */
struct prediction {
    enum outcome outcome; /* OUTCOME_OK, OUTCOME_CONSTRAINT or OUTCOME_SQL_ERROR */
    int64_t changes;      /* rows that a write with OUTCOME_OK changes */
};

/* True for the actions that change the state (EFFECT_ROWS, EFFECT_SCHEMA, EFFECT_NUMBER). */
bool model_is_write(enum plan_action action);

/* True for those of them that change the schema; they report no number of changed rows. */
bool model_is_schema_change(enum plan_action action);

/* Applies a write of step `step`; `database` stays as it is unless the prediction is OUTCOME_OK. */
struct prediction model_apply(struct model_database *database,
                              const struct interaction *interaction, int64_t step);

/* True when `seen` is what a read must return in this state, its error included. */
bool model_read_matches(const struct model_database *database,
                        const struct interaction *interaction, const struct observation *seen);

/* The rows that the filter of a select, update or delete takes, as a bit set of keys. */
uint32_t model_filter_rows(const struct model_table *table, const struct interaction *interaction);

/* What column x adds to v in the rows of a read; 0: they have no such column. */
uint16_t model_addend_seen(const struct model_table *table, const struct interaction *interaction);

/* How many columns the rows have of what asks for all there are; 0: it asks for some by name. */
int model_column_count(const struct model_table *table, const struct interaction *interaction);

/* Their names, as an observation has them; NULL: it asks for some by name. */
const char *model_column_names(const struct model_table *table,
                               const struct interaction *interaction);

/*
 * True unless it is known how many columns came, with rows or without, or what they are called, and
 * that is not what there is in this state.
 */
bool model_columns_match(const struct model_database *database,
                         const struct interaction *interaction, const struct observation *seen);

/*
 * True when the rows that an update has returned, all or some, are among those that it found in
 * state `before`, as they are in state `after`, in any order and each once.
 */
bool model_returned_match(const struct model_database *before, const struct model_database *after,
                          const struct interaction *interaction, const struct observation *seen);

/*
 * What an interaction must come to in this state, as it would be observed: of a select its rows, in
 * their order where it asks for one, else by key; of a write the changed rows. Everything that is
 * not predicted is 0. (predict.c)
 */
void model_predict(const struct model_database *database, const struct interaction *interaction,
                   int64_t step, struct observation *ret_predicted);

/* Of an update that returns rows: those, by key, beside what model_predict says. */
void model_predict_returned(const struct model_database *database,
                            const struct interaction *interaction, int64_t step,
                            struct observation *predicted);

/*
 * The order that a select asks for; by key where it asks for none, and then no result need keep it.
 */
bool model_stands_before(enum plan_order order, const struct observed_row *row,
                         const struct observed_row *other);

/* An aggregate over the `taken` rows; false: it is NULL, and nothing is returned. */
bool model_number(const struct model_table *table, enum plan_aggregate aggregate, uint32_t taken,
                  int64_t *ret_number);

/* Equal tables, rows and indexes. */
bool model_database_equal(const struct model_database *left, const struct model_database *right);

/* The first one between two states. Both texts are empty when they are equal. */
struct model_difference {
    char kind[32];  /* for a signature, without values: "t0/missing-row" */
    char text[256]; /* for people: "t0 k=3: v=64 expected, v=32 found" */
};

void model_database_difference(const struct model_database *expected,
                               const struct model_database *found,
                               struct model_difference *ret_difference);

#endif
