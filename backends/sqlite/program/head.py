import os, sqlite3, sys, tempfile

SHOWN, NOT_SHOWN, SOMETHING_ELSE = 0, 1, 3
connections, verdict = {}, [SOMETHING_ELSE]
folder = tempfile.TemporaryDirectory(dir='.')
database = os.path.join(folder.name, 'finding.db')

def value(v):
    if v is None: return 'NULL'
    text = '%.15g' % v if isinstance(v, float) else str(v)
    return text if len(text) <= 24 else '%s...(%d bytes)' % (text[:16], len(text))

def compared(result):  # Python has no commit hook; texts of errors differ between versions
    return result.split(' -- ')[0].replace('; committed', '')

def connect(number, pragmas, busy_timeout_ms, autocheckpoint):
    c = connections[number] = sqlite3.connect(database, busy_timeout_ms / 1000, isolation_level=None, cached_statements=0)
    if autocheckpoint != 1000: c.execute('PRAGMA wal_autocheckpoint=%d' % autocheckpoint)
    if pragmas: c.executescript(pragmas)

def run(number, sql, seen, shows_sql=True):
    c = connections[number]
    before = c.total_changes
    try:
        cursor = c.execute(sql)
        result = 'ok' + ''.join('; row ' + '|'.join(map(value, row)) for row in cursor)
        if c.total_changes != before: result += '; %d changed' % (c.total_changes - before)
        message = ''
    except sqlite3.Error as error:
        told = seen[len('error '):].split(';')[0].split(' ')[0]  # Python before 3.11 does not tell the code
        result = 'error %s' % getattr(error, 'sqlite_errorcode', told)
        message = ' -- %s' % error
    if c.in_transaction: result += '; in a transaction'
    print('client %d: %s\n    %s%s' % (number, sql, result, message))
    if compared(result) != compared(seen): print('    (in the simulation: %s)' % seen)
    return result

def close(number):
    connections.pop(number).close()

def look():
    c = sqlite3.connect(database, isolation_level=None)
    try:
        text = c.execute('PRAGMA integrity_check(1)').fetchone()[0]
        if text != 'ok': return 'damaged -- ' + text
        result = 'sound'
        for number in ('user_version', 'application_id'):
            there = c.execute('PRAGMA ' + number).fetchone()[0]
            if there: result += '; %s %d' % (number, there)
        for (table,) in c.execute("SELECT name FROM sqlite_master WHERE type='table' "
                                  'ORDER BY name').fetchall():
            result += '; table ' + table
            for (index,) in c.execute("SELECT name FROM sqlite_master WHERE type='index' "
                                      'AND sql IS NOT NULL AND tbl_name=? ORDER BY name', (table,)):
                result += ', index ' + index
            for row in c.execute('SELECT * FROM "%s" ORDER BY 1' % table):
                result += '; row ' + '|'.join(map(value, row))
        return result
    except sqlite3.Error as error:
        return 'damaged -- %s' % error

def judge(result, seen, right):
    print('\ncame:  %s\nright: %s\n' % (result, right or '(see above)'))
    is_right = right and compared(result).replace('; in a transaction', '') == right
    if right == 'sound' and result.startswith('sound'): is_right = True
    verdict[0] = (NOT_SHOWN if is_right else
                  SHOWN if compared(result) == compared(seen) else SOMETHING_ELSE)

print('SQLite', sqlite3.sqlite_version)
