/* SPDX-License-Identifier: Apache-2.0 */
/* What the two readers of scenarios share (scenario_spec.c, scenario_sql.c). */
#ifndef PLAN_SCENARIO_READER_H
#define PLAN_SCENARIO_READER_H

#include "plan/scenario.h"

struct scenario_reader {
    struct scenario *scenario;
    struct arena *arena;
    const char *name;
    const char *next, *end;
    uint32_t line;
    struct error *error;
    /* Of which the scenario's are the beginning: room for as many as the text can have. */
    struct scenario_session *sessions;
    struct scenario_step *steps;
    struct scenario_text *setups;
    struct scenario_permutation *permutations;
};

enum error_code scenario_read_spec(struct scenario_reader *reader);
enum error_code scenario_read_sql(struct scenario_reader *reader);

/* "NAME:LINE: expected ..." */
enum error_code scenario_fail(struct scenario_reader *reader, uint32_t line, const char *format,
                              ...) __attribute__((format(printf, 3, 4)));

/* The text with its statements; copied. */
struct scenario_text scenario_take_text(struct scenario_reader *reader, const char *sql,
                                        size_t length);

/* The last session has one step more. The names must live as long as the scenario. */
enum error_code scenario_add_session(struct scenario_reader *reader, const char *name,
                                     uint32_t line);
enum error_code scenario_add_step(struct scenario_reader *reader, const char *name,
                                  struct scenario_text text, uint32_t line);

void scenario_add_setup(struct scenario_reader *reader, struct scenario_text text);
void scenario_add_permutation(struct scenario_reader *reader,
                              struct scenario_permutation permutation);

/*
 * Room for one more of `count` items of so many bytes each, which are at `items`; they may move.
 */
void *scenario_make_room(struct scenario_reader *reader, void *items, uint32_t count,
                         size_t item_bytes);

/* SCENARIO_NO_STEP: there is none of this name. */
uint32_t scenario_step_named(const struct scenario *scenario, const char *name);

#endif
