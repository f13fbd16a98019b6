/* SPDX-License-Identifier: Apache-2.0 */
/* interplay convert: a plan from one form into another, by the extensions of the files. */
#include "base/file.h"
#include "cli/cli.h"

#include <stdio.h>

static const char help[] =
    "Usage: interplay convert IN -o OUT\n"
    "\n"
    "Turns a plan from one form into another:\n"
    "  .json          what people read and edit\n"
    "  .bin           compact bytes, what fuzzing engines mutate\n"
    "  .pb            protobuf (proto/plan.proto), for programs in other languages\n"
    "  no extension   compact bytes (a crash file or a corpus entry); only for IN\n"
    "  .sql           a script for the program sqlite3; only for OUT\n"
    "  .spec          a specification for PostgreSQL's isolationtester; only for OUT\n"
    "\n"
    "The output is canonical: the same plan gives the same bytes. Comments are not kept.\n"
    "\n"
    "Options:\n"
    "  -o, --output OUT   where to write; an existing file is replaced at once\n"
    "  -h, --help         print this\n";

static int convert(const char *input, const char *output)
{
    enum cli_form form = cli_form_of(output);
    struct error error;
    struct plan plan;
    struct arena arena;
    if (!cli_form_is_written(form))
        return cli_usage_error("convert", "%s: unknown kind of file, expected %s",
                               file_short_path(output), cli_forms_written);
    if (cli_load_plan(&plan, &arena, input, &error) != ERROR_NONE)
        return cli_fail(&error);
    enum error_code code = cli_save_plan(&plan, input, output, &error);
    arena_clean_up(&arena);
    return code == ERROR_NONE ? CLI_OK : cli_fail(&error);
}

int cli_convert(int argc, char **argv)
{
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *output = NULL;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":o:h", options, NULL)) != -1) {
        switch (option) {
        case 'o':
            output = optarg;
            break;
        case 'h':
            fputs(help, stdout);
            return cli_finish_output(CLI_OK);
        default:
            return cli_option_error(option, argv, options);
        }
    }
    if (!cli_takes_one_file("convert", argc, argv))
        return CLI_FAILED;
    if (output == NULL)
        return cli_usage_error("convert", "option -o OUT is missing");
    return convert(argv[optind], output);
}
