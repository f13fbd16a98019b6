# SPDX-License-Identifier: Apache-2.0
"""What scripts of pymssql and python-tds have in common: the module argv[1] speaks DB-API 2 to the TDS server on the port argv[2]."""

import importlib
import sys

module = importlib.import_module(sys.argv[1])
port = int(sys.argv[2])


def connect():
    place = {"server": "127.0.0.1"} if module.__name__ == "pymssql" else {"dsn": "127.0.0.1"}
    return module.connect(**place, port=port, user="sa", password="x", database="interplay", autocommit=False,
                          login_timeout=120)


def expect(what, wanted, found):
    if wanted != found:
        sys.exit(f"{what}: expected {wanted!r}, found {found!r}")
    print(what)


def rows(cursor, sql, *values):
    cursor.execute(sql, *values)
    return [tuple(row) for row in cursor.fetchall()]


def number_of(action):
    """The number of the error that it raises."""
    try:
        action()
    except module.Error as error:
        return getattr(error, "number", None) or error.args[0]
    return None
