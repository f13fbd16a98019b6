/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and files that every subcommand deals with. */
#include "cli/cli.h"

#include "base/file.h"
#include "plan/compact.h"
#include "plan/json.h"
#include "plan/protobuf.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    CLI_DOCUMENT_SIZE_MAX = 16 << 20,
    CLI_ARENA_SLACK_BYTES = 1 << 20, /* the largest compact plan is far smaller */
};

int cli_fail(const struct error *error)
{
    fprintf(stderr, "interplay: %s\n", error->message);
    return CLI_FAILED;
}

int cli_usage_error(const char *command, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "interplay: %s: ", command);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, " (interplay %s --help tells more)\n", command);
    return CLI_FAILED;
}

static bool is_known(const struct option *options, int value)
{
    while (options->name != NULL && options->val != value)
        options++;
    return options->name != NULL;
}

int cli_option_error(int result, char **argv, const struct option *options)
{
    /* getopt_long leaves in optopt: the letter, or what a known long option stands for, or 0. */
    const char letter[] = {'-', (char)optopt, '\0'};
    const char *word = argv[optind - 1];
    bool is_long = strncmp(word, "--", 2) == 0;
    if (result == ':')
        return cli_usage_error(argv[0], "option %s needs an argument", is_long ? word : letter);
    if (is_known(options, optopt))
        return cli_usage_error(argv[0], "option %s takes no argument", word);
    return cli_usage_error(argv[0], "unknown option %s", optopt == 0 ? word : letter);
}

bool cli_takes_one_file(const char *command, int argc, char **argv)
{
    if (optind == argc)
        (void)cli_usage_error(command, "the file to %s is missing", command);
    else if (optind + 1 < argc)
        (void)cli_usage_error(command, "one file at a time, but there is also %s",
                              argv[optind + 1]);
    return optind + 1 == argc;
}

int cli_finish_output(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr, "interplay: standard output: %s\n", strerror(errno));
    return CLI_FAILED;
}

/* The dot of the name's extension; NULL: it has none. */
static const char *extension_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strrchr(slash == NULL ? path : slash + 1, '.');
}

bool cli_path_beside(char ret_path[PATH_MAX], const char *path, const char *extension)
{
    const char *dot = extension_of(path);
    size_t stem = dot == NULL ? strlen(path) : (size_t)(dot - path);
    int length = snprintf(ret_path, PATH_MAX, "%.*s%s", (int)stem, path, extension);
    return length >= 0 && length < PATH_MAX;
}

enum cli_form cli_form_of(const char *path)
{
    const char *dot = extension_of(path);
    if (dot == NULL)
        return CLI_NO_EXTENSION;
    static const struct {
        const char *extension;
        enum cli_form form;
    } forms[] = {{".json", CLI_JSON},
                 {".bin", CLI_COMPACT},
                 {".pb", CLI_PROTOBUF},
                 {".sql", CLI_SQL},
                 {".spec", CLI_SPEC}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(dot, forms[i].extension) == 0)
            return forms[i].form;
    return CLI_OTHER;
}

const char cli_forms_written[] = ".json, .bin, .pb, .sql or .spec";

bool cli_form_is_written(enum cli_form form)
{
    return form != CLI_NO_EXTENSION && form != CLI_OTHER;
}

/* JSON or protobuf. */
static enum error_code load_document(struct plan *ret_plan, struct arena *ret_arena,
                                     const char *path, const struct file_content *content,
                                     enum cli_form form, struct error *error)
{
    size_t factor = form == CLI_JSON ? JSON_ARENA_FACTOR : PROTOBUF_ARENA_FACTOR;
    enum error_code code;
    if (content->size > CLI_DOCUMENT_SIZE_MAX)
        return interplay_error(error, ERROR_INPUT, "%s: larger than 16 MiB, too large for a plan",
                               file_short_path(path));
    struct arena arena;
    arena_init(&arena, content->size * factor + CLI_ARENA_SLACK_BYTES);
    if (form == CLI_JSON)
        code = json_read(ret_plan, &arena, path, content->bytes, content->size, error);
    else
        code = protobuf_read(ret_plan, &arena, path, (const uint8_t *)content->bytes, content->size,
                             error);
    if (code == ERROR_NONE)
        *ret_arena = arena;
    else
        arena_clean_up(&arena);
    return code;
}

static void load_compact(struct plan *ret_plan, struct arena *ret_arena,
                         const struct file_content *content)
{
    arena_init(ret_arena, CLI_ARENA_SLACK_BYTES);
    compact_decode(ret_plan, ret_arena, (const uint8_t *)content->bytes, content->size);
}

enum error_code cli_load_plan(struct plan *ret_plan, struct arena *ret_arena, const char *path,
                              struct error *error)
{
    enum cli_form form = cli_form_of(path);
    if (form == CLI_SQL || form == CLI_SPEC)
        return interplay_error(error, ERROR_USAGE,
                               "%s: scripts are only written, expected the plan itself: .json, "
                               ".bin, .pb, or a name without extension (compact bytes)",
                               file_short_path(path));
    if (form == CLI_OTHER)
        return interplay_error(error, ERROR_USAGE,
                               "%s: unknown kind of file, expected .json, .bin, .pb, or a name "
                               "without extension (compact bytes)",
                               file_short_path(path));
    struct file_content content;
    enum error_code code = file_read(&content, path, FILE_MUST_HAVE_BYTES, error);
    if (code != ERROR_NONE)
        return code;
    if (form == CLI_JSON || form == CLI_PROTOBUF)
        code = load_document(ret_plan, ret_arena, path, &content, form, error);
    else
        load_compact(ret_plan, ret_arena, &content);
    file_content_clean_up(&content);
    return code;
}
