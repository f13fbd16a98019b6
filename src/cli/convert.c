/* SPDX-License-Identifier: Apache-2.0 */
/* interplay convert: a plan from one form into another, by the extensions of the files. */
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/plan_files.h"

static const char about[] =
    "Turns a plan from one form into another:\n"
    "  .json          what people read and edit\n"
    "  .bin           compact bytes, what fuzzing engines mutate\n"
    "  .pb            protobuf (plan.proto of the build), for programs in other languages\n"
    "  no extension   compact bytes (a crash file or a corpus entry); only for IN\n"
    "  .sql           OUT: a script for the program sqlite3; IN: a scenario of SQL, with lines\n"
    "                 \"-- session: NAME\"\n"
    "  .spec          a specification for PostgreSQL's isolationtester; IN: one order of its "
    "steps,\n"
    "                 as FILE.spec:2, or the only one\n"
    "\n"
    "JSON is recognised by its content, whatever the name. IN may be -, standard input.\n"
    "\n"
    "The output is canonical: the same plan gives the same bytes. Comments are not kept.\n";

static enum cli_status convert(const struct cli_order *order)
{
    const char *input = order->operands[0];
    struct error error;
    struct plan plan;
    struct arena arena;
    if (order->output == NULL)
        return cli_usage_error("convert", "option -o OUT is missing");
    if (!cli_can_write("convert", order->output))
        return CLI_FAILED;
    if (cli_load_plan(&plan, &arena, input, cli_database(order->backend), &error) != ERROR_NONE)
        return cli_fail(&error);
    enum error_code code = cli_save_plan(&plan, input, order->output, &error);
    arena_clean_up(&arena);
    return code == ERROR_NONE ? CLI_OK : cli_fail(&error);
}

const struct cli_command cli_convert = {
    .name = "convert",
    .arguments = "IN -o OUT",
    .summary = "turn a plan from one form into another",
    .about = about,
    .taker = CLI_CONVERT,
    .operands = {"file", 1, 1},
    .run = convert,
};
