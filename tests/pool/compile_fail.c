/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must not compile, one case each, by the macro CASE; without it everything here is right and
 * must compile. tests/pool/compile_fail.sh goes through them.
 */
#include <interplay/pool.h>

#ifndef CASE
#define CASE 0
#endif

static const struct read_statement reads = {{.sql = "SELECT 1", .column_count = 1}};
static const struct write_statement writes = {{.sql = "DELETE FROM t"}};
static const struct row_sink no_rows = {.on_row = NULL};

enum outcome use(struct reader *reader, struct writer *writer, struct read_txn *read_txn,
                 struct write_txn *write_txn);

enum outcome use(struct reader *reader, struct writer *writer, struct read_txn *read_txn,
                 struct write_txn *write_txn)
{
    enum outcome outcome = interplay_reader_query(reader, &reads, NULL, no_rows, NULL);
    outcome = interplay_writer_query(writer, &reads, NULL, no_rows, NULL);
    outcome = interplay_writer_execute(writer, &writes, NULL, no_rows, NULL, NULL);
    outcome = interplay_read_txn_query(read_txn, &reads, NULL, no_rows, NULL);
    outcome = interplay_write_txn_query(write_txn, &reads, NULL, no_rows, NULL);
    outcome = interplay_write_txn_execute(write_txn, &writes, NULL, no_rows, NULL, NULL);
#if CASE == 1 /* a writing statement through a reader */
    outcome = interplay_reader_query(reader, &writes, NULL, no_rows, NULL);
#elif CASE == 2  /* writing through a reader */
    outcome = interplay_writer_execute(reader, &writes, NULL, no_rows, NULL, NULL);
#elif CASE == 3  /* a writing statement in a read transaction */
    outcome = interplay_read_txn_query(read_txn, &writes, NULL, no_rows, NULL);
#elif CASE == 4  /* writing through a read transaction */
    outcome = interplay_write_txn_execute(read_txn, &writes, NULL, no_rows, NULL, NULL);
#elif CASE == 5  /* a reading statement where one that writes is expected */
    outcome = interplay_writer_execute(writer, &reads, NULL, no_rows, NULL, NULL);
#elif CASE == 6  /* the same in a transaction */
    outcome = interplay_write_txn_execute(write_txn, &reads, NULL, no_rows, NULL, NULL);
#elif CASE == 7  /* a writing statement as a query of a writer */
    outcome = interplay_writer_query(writer, &writes, NULL, no_rows, NULL);
#elif CASE == 8  /* a write transaction on a reader */
    outcome = interplay_writer_begin(reader, &write_txn, NULL);
#elif CASE == 9  /* text that writes through a reader */
    outcome = interplay_writer_execute_sql(reader, "DELETE FROM t", NULL, 0, no_rows, NULL, NULL);
#elif CASE == 10 /* text that writes in a read transaction */
    outcome = interplay_write_txn_execute_sql(read_txn, "DELETE", NULL, 0, no_rows, NULL, NULL);
#elif CASE == 11 /* committing a read transaction as if it had written */
    outcome = interplay_write_txn_commit(read_txn, NULL);
#elif CASE == 12 /* a reading statement in a batch */
    const struct batch_item item = {&reads, NULL};
    outcome = interplay_writer_execute_batch(writer, &item, 1, NULL, NULL);
#elif CASE == 13 /* giving a reader back as a writer */
    outcome = interplay_writer_return(reader);
#elif CASE == 14 /* an outcome that nobody looks at */
    interplay_writer_execute(writer, &writes, NULL, no_rows, NULL, NULL);
#elif CASE == 15 /* a bare statement, neither reading nor writing by its type */
    outcome = interplay_reader_query(reader, &reads.statement, NULL, no_rows, NULL);
#elif CASE != 0
#error "no such case"
#endif
    return outcome;
}
