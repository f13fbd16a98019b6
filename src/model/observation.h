/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came back from the system under test for one interaction: the runner fills it in, the
 * oracles read it. Rows are kept in the plan's own terms (key, value, whose text), not as bytes.
 */
#ifndef MODEL_OBSERVATION_H
#define MODEL_OBSERVATION_H

#include "plan/plan.h"

#include <interplay/stack.h>
#include <interplay/subject.h>

struct observed_row {
    int64_t key;
    int64_t value;
    int64_t text_value; /* the value that the text repeats, or as model/text.h says */
    int64_t text_units; /* how often it is repeated, or how long the list is */
    bool intact;        /* the text is what some interaction could have written */
    int64_t addend;     /* of column x: what it holds beyond v; 0: none came, or nothing beyond */
};

/* What column x holds, whatever numbers came. */
static inline int64_t observed_row_x(const struct observed_row *row)
{
    return (int64_t)((uint64_t)row->value + (uint64_t)row->addend);
}

static inline void observed_row_set_x(struct observed_row *row, int64_t x)
{
    row->addend = (int64_t)((uint64_t)x - (uint64_t)row->value);
}

static inline bool observed_row_equal(const struct observed_row *left,
                                      const struct observed_row *right)
{
    return left->key == right->key && left->value == right->value &&
           left->text_value == right->text_value && left->text_units == right->text_units &&
           left->intact == right->intact && left->addend == right->addend;
}

/*
 * True for outcomes that come from the circumstances (locks, faults), not from statement and data.
 */
static inline bool outcome_is_failure(enum outcome outcome)
{
    return outcome != OUTCOME_OK && outcome != OUTCOME_CONSTRAINT && outcome != OUTCOME_SQL_ERROR;
}

/* It says for certain that nothing was done; who hears it may well do it again. */
static inline bool outcome_denies(enum outcome outcome)
{
    return outcome == OUTCOME_ROLLED_BACK || outcome == OUTCOME_SQL_ERROR ||
           outcome == OUTCOME_CONSTRAINT || outcome == OUTCOME_BUSY ||
           outcome == OUTCOME_BUSY_SNAPSHOT || outcome == OUTCOME_DEADLOCK;
}

enum { OBSERVED_ELEMENTS_MAX = 1024 };

/* Texts that came and do not repeat one value: what stands in them, one after the other. */
struct observed_lists {
    uint32_t count, element_count;
    struct observed_list {
        uint8_t table, key;
        uint16_t first, count; /* in `elements` */
    } lists[PLAN_TABLES * PLAN_KEYS];
    int32_t elements[OBSERVED_ELEMENTS_MAX];
};

enum { OBSERVED_ROWS_MAX = PLAN_KEYS + 8 }; /* more rows than keys is a finding already */

struct model_database;

struct observation {
    enum outcome outcome;
    const struct model_database *looked; /* of a look: what there is; as long as the run */
    struct observed_lists *lists;        /* of the rows, likewise; NULL: the plan has no appends */
    bool in_transaction;                 /* of the connection, after the call */
    int64_t changes;                     /* of a write that succeeded */
    uint64_t row_count;                  /* rows that came, kept or not */
    uint32_t rows_kept;  /* in `rows`: of a select of rows, at most OBSERVED_ROWS_MAX */
    int column_count;    /* of the rows, if there are any or not; 0 or below: unknown */
    bool has_names;      /* `column_names` are known */
    bool number_is_null; /* of an aggregate */
    int64_t number;      /* of an aggregate, or one beside the tables */
    /* Of those that the plan expects, as a text: so much of it came so far; or another row did. */
    uint32_t rows_matched;
    bool rows_differ;
    int64_t report[SUBJECT_REPORT_NUMBERS]; /* of an action of the database's own */
    int error_code;                         /* the database's own; so is its state */
    char error_state[BACKEND_STATE_BYTES];
    char error_message[128];
    struct observed_row rows[OBSERVED_ROWS_MAX];
    char column_names[STACK_NAMES_BYTES]; /* "k,v,p" */
    char row_text[128]; /* of the plan's own SQL, if rows came: the first ones, for people */
};

#endif
