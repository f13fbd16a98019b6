/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interplay reproduce: writes a program that shows a finding without Interplay, on the library as
 * everybody has it, and tries it before it is handed out.
 */
#include "base/file.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/program_facts.h"
#include "cli/program_folder.h"
#include "cli/recorded_run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char about[] =
    "Writes a program that shows the finding of FILE (JSON, or compact bytes like a crash file)\n"
    "without Interplay: in C on the database's public API, with a README and a Makefile; where\n"
    "plain statements are enough, as these, too. Before it is handed out it is built and run\n"
    "against the library as everybody has it, without our instrumentation, on real files; what\n"
    "it saw is printed and stands in the README.\n";

static const char notes[] = "Exit status: 0 the program shows the wrong result, 1 it does not, or "
                            "there can be none (which\n"
                            "is said, with the reason where it is known), 2 bad input. There is a "
                            "folder wherever there is\n"
                            "a program, also if it shows nothing; never a part of one.\n";

/* Bytes of its output that are repeated on the terminal and in the README: the end of it. */
enum { SHOWN_BYTES = 3000 };

struct trial_words {
    int status;
    const char *words;
};

static const char *words_for(int status)
{
    static const struct trial_words words[] = {
        {0, "the wrong result came"},
        {1, "the right result came: this library does not have the finding"},
        {2, "it could not ask (see its output)"},
        {3, "something else came, neither what was wrong nor what is known to be right"},
        {-1, "it could not be built (see the output of make)"},
        {-2, "a signal ended it"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i].status == status)
            return words[i].words;
    return "it ended with an unknown status";
}

/* Of a crash that a sanitizer saw any signal of one will do: the library has none. */
static bool is_that_crash(const char *signature, int number)
{
    static const char by_signal[] = "crash/signal/SIG";
    size_t length = strlen(by_signal);
    const char *name = sigabbrev_np(number);
    if (name == NULL || strncmp(signature, "crash/", strlen("crash/")) != 0)
        return false;
    if (strncmp(signature, by_signal, length) != 0)
        return number == SIGSEGV || number == SIGBUS || number == SIGABRT || number == SIGFPE ||
               number == SIGILL;
    return strncmp(signature + length, name, strlen(name)) == 0;
}

static bool shows(const struct subject_finding *finding, const struct cli_program_trial *trial)
{
    return trial->status == 0 ||
           (trial->status == -2 && is_that_crash(finding->signature, trial->signal));
}

static const char *end_of(const struct cli_program_trial *trial)
{
    if (trial->length <= SHOWN_BYTES)
        return trial->output;
    const char *end = trial->output + trial->length - SHOWN_BYTES;
    const char *line = strchr(end, '\n');
    return line == NULL ? end : line + 1;
}

/* Appends to the README what came of trying. */
static enum error_code write_down(const struct cli_program_folder *folder,
                                  const struct cli_program_trial *trial, const char *library,
                                  struct error *error)
{
    char path[PATH_MAX + 16];
    (void)snprintf(path, sizeof path, "%s/README.md", folder->draft);
    FILE *out = fopen(path, "a");
    if (out == NULL)
        return interplay_error(error, ERROR_IO, "%s: cannot be written", file_short_path(path));
    fprintf(out, "\n## What it saw\n\nTried with %s: %s.\n\n```\n%s%s```\n",
            library[0] == '\0' ? "the system's library" : library, words_for(trial->status),
            trial->length > SHOWN_BYTES ? "...\n" : "", end_of(trial));
    if (fclose(out) != 0)
        return interplay_error(error, ERROR_IO, "%s: cannot be written", file_short_path(path));
    return ERROR_NONE;
}

static const char *library_of(const struct cli_order *order,
                              const struct subject_program_ops *programs)
{
    if (order->library == NULL)
        return programs->library();
    return strcmp(order->library, "system") == 0 ? "" : order->library;
}

static enum error_code try_it(const struct cli_order *order, struct cli_program_folder *folder,
                              const struct subject_finding *finding, bool *ret_shows,
                              struct error *error)
{
    struct cli_program_trial trial = {0};
    char absolute[PATH_MAX];
    const char *library = library_of(order, order->backend->subject->programs);
    if (library[0] != '\0' && realpath(library, absolute) == NULL)
        return interplay_error(error, ERROR_USAGE, "--library %s: there is no such file or folder",
                               file_short_path(library));
    library = library[0] == '\0' ? "" : absolute;
    enum error_code code = cli_program_folder_try(folder, library, &trial, error);
    if (code == ERROR_NONE)
        code = write_down(folder, &trial, library, error);
    if (code == ERROR_NONE) {
        *ret_shows = shows(finding, &trial);
        printf("%s%s: %s, %s: %s\n", end_of(&trial), finding->name, finding->signature,
               folder->place, words_for(trial.status));
    }
    free(trial.output);
    return code;
}

/* With the folder begun: writes, tries, and says what came. */
static enum error_code fill(const struct cli_order *order, struct cli_program_folder *folder,
                            const struct subject_finding *finding, bool *ret_shows,
                            bool *ret_is_written, struct error *error)
{
    struct subject_program program;
    const struct subject_program_ops *programs = order->backend->subject->programs;
    enum error_code code = programs->write(finding, folder->draft, &program, error);
    if (code != ERROR_NONE)
        return code;
    *ret_is_written = program.reason[0] == '\0';
    if (*ret_is_written)
        return try_it(order, folder, finding, ret_shows, error);
    printf("%s: %s: there is no program for it: %s\n", finding->name, finding->signature,
           program.reason);
    return ERROR_NONE;
}

static enum error_code write_program(const struct cli_order *order,
                                     const struct cli_recorded_run *recorded, bool *ret_shows,
                                     struct error *error)
{
    struct cli_program_facts facts;
    struct cli_program_folder folder;
    bool is_written = false;
    const char *path = order->operands[0];
    if (recorded->result.verdict.kind != VERDICT_VIOLATION)
        return interplay_error(error, ERROR_INPUT, "%s: comes to ok, expected a finding",
                               file_short_path(path));
    enum error_code code = cli_program_folder_begin(&folder, order->output_dir, error);
    if (code != ERROR_NONE)
        return code;
    cli_program_facts_find(&facts, recorded, path, order->backend);
    code = fill(order, &folder, &facts.finding, ret_shows, &is_written, error);
    cli_program_facts_clean_up(&facts);
    if (code == ERROR_NONE && is_written)
        return cli_program_folder_finish(&folder, error);
    cli_program_folder_drop(&folder);
    return code;
}

static enum cli_status reproduce(const struct cli_order *order)
{
    struct error error = {0};
    struct cli_recorded_run recorded;
    bool is_shown = false;
    struct run_options options = *order->backend;
    const struct subject_program_ops *programs = options.subject->programs;
    if (order->output_dir == NULL)
        return cli_usage_error("reproduce", "option -o DIR is missing");
    if (programs == NULL)
        return cli_usage_error("reproduce", "no programs are written for %s",
                               options.subject->name);
    options.subject = programs->begin(options.subject, options.driver, &error);
    options.driver = NULL;
    if (options.subject == NULL)
        return cli_fail(&error);
    enum error_code code = cli_record_run(&recorded, order->operands[0], &options, &error);
    if (code == ERROR_NONE) {
        code = write_program(order, &recorded, &is_shown, &error);
        cli_recorded_run_clean_up(&recorded);
    }
    programs->end();
    if (code != ERROR_NONE)
        return cli_fail(&error);
    return cli_finish_output(is_shown ? CLI_OK : CLI_FINDING);
}

const struct cli_command cli_reproduce = {
    .name = "reproduce",
    .arguments = "FILE -o DIR",
    .summary = "write a program that shows a finding without Interplay, and try it",
    .about = about,
    .notes = notes,
    .taker = CLI_REPRODUCE,
    .operands = {"file", 1, 1},
    .run = reproduce,
};
