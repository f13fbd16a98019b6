# SPDX-License-Identifier: Apache-2.0
"""Prints what a reader comes to beside a writer that has not committed, in the table stock(k, v): the value, or an error's number.
"""

from client import connect, number_of, rows

writer, reader = connect(), connect()
writer.cursor().execute("UPDATE stock SET v = 2 WHERE k = 1")
cursor = reader.cursor()
cursor.execute("SET LOCK_TIMEOUT 100")
found = []
error = number_of(lambda: found.extend(rows(cursor, "SELECT v FROM stock WHERE k = 1")))
print(f"reads {found[0][0]}" if error is None else f"error {error}")
