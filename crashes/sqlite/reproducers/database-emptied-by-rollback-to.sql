-- A database loses all its content, in plain SQL. Run it with SQLite's shell in an empty folder:
--     sqlite3 < database-emptied-by-rollback-to.sql
.open a.db
CREATE TABLE t0(k INTEGER PRIMARY KEY, v);
INSERT INTO t0 VALUES(1, 'a'), (2, 'b');

-- A new connection. Each statement succeeds.
.open a.db
SAVEPOINT s;
PRAGMA user_version=5;
ROLLBACK TO s;
RELEASE s;

-- Another new connection.
.open a.db
PRAGMA integrity_check;             -- expected: ok
SELECT count(*) FROM sqlite_master; -- expected: 1
SELECT count(*) FROM t0;            -- expected: 2
