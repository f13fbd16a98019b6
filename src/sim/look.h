/* SPDX-License-Identifier: Apache-2.0 */
/* What worlds need to look at a whole database by SQL, on a connection of the harness. */
#ifndef SIM_LOOK_H
#define SIM_LOOK_H

#include <interplay/subject.h>

/* The outcome, and the message of a failure, are in `look`; NULL: it failed. */
struct backend_statement *look_prepare(struct subject_look *look, const char *sql);

/* True while there are rows; false at once where something has failed before. */
bool look_step(struct subject_look *look, struct backend_statement *statement);

void look_finalize(struct subject_look *look, struct backend_statement *statement);

/* Gives a row to the sink: k, v and p are in the columns 1 to 3. */
void look_take_row(const struct subject_look *look, struct backend_statement *statement,
                   const struct subject_sink *sink, uint32_t table);

/*
 * Reads it all by `read`, which is told of which tables to read the rows, and returns those that
 * there are. A wrong guess fails or shows in what is returned, and is put right.
 */
typedef uint32_t look_reader(struct subject_look *look, uint32_t tables,
                             const struct subject_sink *sink);
void look_guess_and_read(struct subject_look *look, const struct subject_sink *sink,
                         look_reader *read);

#endif
