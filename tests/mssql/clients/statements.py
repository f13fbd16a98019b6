# SPDX-License-Identifier: Apache-2.0
"""What pymssql and python-tds (client.py) are asked of the TDS server.

Each line that is printed is a step that came to what it should; anything else is an exception.
"""

import sys
import time

from client import connect, expect, number_of, rows

table = f"of_{sys.argv[1]}"
connection, other = connect(), connect()
cursor, second = connection.cursor(), other.cursor()

cursor.execute(f"CREATE TABLE {table} (k int PRIMARY KEY, p nvarchar(max), f float, b varbinary(max))")
connection.commit()
cursor.execute(f"INSERT INTO {table} VALUES (%s, %s, %s, %s)", (1, "zwölf €", 1.5, None))
cursor.execute(f"INSERT INTO {table} VALUES (2, N'two', NULL, 0x00ff)")
expect("own rows", [(1, "zwölf €", 1.5, None), (2, "two", None, b"\x00\xff")],
       rows(cursor, f"SELECT * FROM {table} ORDER BY k"))
connection.rollback()
expect("rolled back", [(0,)], rows(cursor, f"SELECT COUNT(*) FROM {table}"))
cursor.execute(f"INSERT INTO {table} (k, p) VALUES (1, %s)", ("x" * 100000,))
connection.commit()
expect("committed", [(100000,)], rows(second, f"SELECT LEN(p) FROM {table}"))
other.commit()

expect("a key that is taken", 2627, number_of(lambda: cursor.execute(f"INSERT INTO {table} (k) VALUES (1)")))
expect("a table that is not there", 208, number_of(lambda: cursor.execute("SELECT * FROM nix")))
connection.rollback()
expect("the connection serves on", [(7,)], rows(cursor, "SELECT 7"))

cursor.execute(f"UPDATE {table} SET f = 2 WHERE k = 1")
second.execute("SET LOCK_TIMEOUT 20")
expect("a lock times out", 1222, number_of(lambda: second.execute(f"UPDATE {table} SET f = 3 WHERE k = 1")))
other.rollback()
connection.commit()

letters = "CROSS JOIN ".join(f"(SELECT 1 AS a UNION ALL SELECT {i}) AS l{i} " for i in range(2, 16))
cursor.execute(f"SELECT l2.a, REPLICATE(N'x', 500) AS p FROM {letters}")
time.sleep(0.5)  # until the server can send no more
expect("a large result", 16384, len(cursor.fetchall()))
connection.close()
other.close()
