/* SPDX-License-Identifier: Apache-2.0 */
/* README.md: what goes wrong, how to see it, and what is in the folder. */
#include "sqlite/sqlite_program.h"

#include <inttypes.h>

static void put_files(const struct program_script *script, FILE *out)
{
    fputs("| file | holds |\n| --- | --- |\n"
          "| `finding.c` | a function for each connection, its statements in order |\n"
          "| `clients.h` | clients that take turns, and the comparison with what is expected |\n",
          out);
    if (script->has_events || script->has_losses)
        fputs("| `vfs.h` | a VFS above the system's own: holds a client back, fails a call |\n",
              out);
    if (script->has_losses)
        fputs("| `power.h` | puts together what a power loss leaves of the files |\n", out);
    if (script->has_failed_allocations)
        fputs("| `memory.h` | lets one allocation fail |\n", out);
    if (script->is_plain)
        fputs("| `finding.sql` | the same for the program `sqlite3` |\n"
              "| `finding.py` | the same for Python's module `sqlite3` |\n",
              out);
}

static void put_turns(const struct program_script *script, FILE *out)
{
    if (script->has_events)
        fputs(
            "\nClients run one at a time, in numbered turns. `hold_before(xLock, 2, 7)` holds the "
            "client back before the second\n`xLock` of its next call, until turn 7; `fail_at` and "
            "its like make a call fail. Busy handlers and retries do not really sleep.\n",
            out);
    if (script->has_losses)
        fputs("\nAt `lose_power_at`, all connections die. The files go on in a new folder as they "
              "were synced, plus those unsynced\nbytes that the table says arrived: the size of a "
              "sector, which bytes are garbage, and the order are what a device may do.\nRandom "
              "bytes of the VFS are fixed, so that the log has the same bytes in each run of a "
              "version.\n",
              out);
}

void program_write_readme(const struct program_script *script, FILE *out)
{
    const struct subject_finding *finding = script->finding;
    fprintf(out, "# %s\n\nSeen in %s (simulated), plan `%s`:\n\n", finding->signature,
            finding->version, finding->name);
    fprintf(out, "```\n%s\n```\n\n", finding->report);
    fputs("## Run it\n\n    make run                            # with the system's SQLite\n"
          "    make run LIBRARY=/path/to/sqlite    # a folder with sqlite3.c and sqlite3.h\n",
          out);
    if (script->is_plain)
        fputs("    python3 finding.py                  # with the SQLite of Python\n"
              "    rm -f finding.db*; sqlite3 < finding.sql\n",
              out);
    fputs(
        "\n| exit status of `finding` | means |\n| --- | --- |\n"
        "| 0 | the wrong result came |\n"
        "| 1 | the right one came: the finding is not in this SQLite |\n"
        "| 2 | it could not ask |\n"
        "| 3 | something else came, neither what was wrong nor what is known to be right: another "
        "version may make other calls than the places in `finding.c` name |\n\n",
        out);
    put_files(script, out);
    put_turns(script, out);
    fprintf(out, "\nIt uses SQLite's public API only. Interplay shows the same by `%s`.\n",
            finding->replay_command);
}
