/* SPDX-License-Identifier: Apache-2.0 */
/* interplay debug: gdb on a replay, stopped somewhere in it. */
#include "base/file.h"
#include "base/sanitizer.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/plan_files.h"
#include "cli/stop.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char about[] =
    "Starts gdb on the plan in FILE, stopped where --at says, on the stack of the task concerned.\n"
    "There, beside gdb's own commands:\n"
    "  info tasks    all tasks and threads: state, step, what they wait for, where they are\n"
    "  task N        looks at the stack of another one (thread N is task 8 + N); task alone:\n"
    "                back to the one that runs\n"
    "  task all bt   a command for each that has a stack\n"
    "  continue      goes on to the next event, as replay --trace prints them\n"
    "What stands after -- is gdb's: interplay debug FILE --at 6 -- -batch -ex 'info tasks'.\n";

/* The text of debug_gdb.py, in the program. */
__asm__(".pushsection .rodata\n"
        "interplay_debug_script:\n"
        ".incbin \"" DEBUG_SCRIPT "\"\n"
        "interplay_debug_script_end:\n"
        ".byte 0\n"
        ".popsection\n");
extern const char script[] __asm__("interplay_debug_script");
extern const char script_end[] __asm__("interplay_debug_script_end");

/* --- gdb's command line ---------------------------------------------------------------------- */

enum { WORDS_MAX = 256, COMMAND_LINE_BYTES = 64 * 1024 };

struct words {
    char *items[WORDS_MAX + 1];
    size_t count;
};

static void add(struct words *words, const char *word)
{
    if (words->count < WORDS_MAX)
        words->items[words->count++] = (char *)(uintptr_t)word;
}

/*
 * The words with which this program was called, up to the one that is this command: a fuzz target
 * has options of its own before it.
 */
static bool add_own_words(struct words *words, char *bytes)
{
    FILE *file = fopen("/proc/self/cmdline", "r");
    if (file == NULL)
        return false;
    size_t length = fread(bytes, 1, COMMAND_LINE_BYTES - 1, file);
    (void)fclose(file);
    bytes[length] = '\0';
    static char program[PATH_MAX];
    ssize_t program_length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (program_length <= 0)
        return false;
    add(words, program);
    for (char *word = bytes + strlen(bytes) + 1; word < bytes + length; word += strlen(word) + 1) {
        if (strcmp(word, "debug") == 0)
            return true;
        add(words, word);
    }
    return false;
}

static void add_replay(struct words *words, const struct cli_order *order)
{
    add(words, "replay");
    add(words, "--in-process");
    add(words, "--at");
    add(words, order->at);
    if (cli_has_several_backends()) {
        add(words, "--backend");
        add(words, cli_backend_name(order->backend));
    }
    add(words, "--");
    add(words, order->operands[0]);
}

/* --- the script ------------------------------------------------------------------------------ */

/* In a file that is gone with the last process that has it; -1: none. */
static int put_script(void)
{
    int file = memfd_create("interplay_debug", 0);
    size_t bytes = (size_t)(script_end - script);
    if (file >= 0 && write(file, script, bytes) == (ssize_t)bytes)
        return file;
    return -1;
}

/* LeakSanitizer cannot look for leaks in a process that a debugger has. */
static void leave_leaks(void)
{
#if SANITIZER_ADDRESS
    char options[4096];
    const char *given = getenv("ASAN_OPTIONS");
    (void)snprintf(options, sizeof options, "%s:detect_leaks=0", given == NULL ? "" : given);
    (void)setenv("ASAN_OPTIONS", options, 1);
#endif
}

static enum cli_status start_gdb(const struct cli_order *order)
{
    static char own_words[COMMAND_LINE_BYTES];
    char read_script[128];
    struct error error = {0};
    struct words words = {0};
    int file = put_script();
    (void)snprintf(read_script, sizeof read_script,
                   "python exec(compile(open('/proc/self/fd/%d').read(), 'interplay', 'exec'))",
                   file);
    add(&words, "gdb");
    add(&words, "-q");
    add(&words, "-ex");
    add(&words, read_script);
    for (int i = 1; i < order->operand_count; i++)
        add(&words, order->operands[i]);
    add(&words, "--args");
    if (file < 0 || !add_own_words(&words, own_words)) {
        (void)interplay_error(&error, ERROR_IO, "debug: cannot say how this program was started");
        return cli_fail(&error);
    }
    add_replay(&words, order);
    leave_leaks();
    if (words.count == WORDS_MAX)
        return cli_usage_error("debug", "more than %d words for gdb", WORDS_MAX);
    (void)execvp(words.items[0], words.items);
    if (errno == ENOENT)
        (void)interplay_error(&error, ERROR_USAGE,
                              "debug: gdb is not installed (on Debian: apt-get install gdb)");
    else
        (void)interplay_error(&error, ERROR_IO, "debug: gdb: %s", strerror(errno));
    return cli_fail(&error);
}

/* What gdb would find out late: whether there is such a plan, with such a step. */
static enum error_code check(const struct cli_order *order, struct error *error)
{
    struct plan plan;
    struct arena arena;
    struct stop stop;
    const char *path = order->operands[0];
    enum error_code code = cli_load_plan_to_run(&plan, &arena, path, order->backend, error);
    if (code != ERROR_NONE)
        return code;
    code = stop_at(&stop, order->at, &plan, error);
    if (code != ERROR_NONE)
        interplay_error_context(error, file_short_path(path));
    arena_clean_up(&arena);
    return code;
}

static enum cli_status debug(const struct cli_order *order)
{
    struct error error = {0};
    if (order->at == NULL)
        return cli_usage_error("debug", "option --at STEP is missing");
    if (file_is_standard(order->operands[0]))
        return cli_usage_error("debug", "standard input is gdb's: the plan must be in a file");
    if (check(order, &error) != ERROR_NONE)
        return cli_fail(&error);
    return start_gdb(order);
}

const struct cli_command cli_debug = {
    .name = "debug",
    .arguments = "FILE [-- GDB-ARGUMENT...]",
    .summary = "start gdb on a plan, stopped at a step of it",
    .about = about,
    .notes = "Exit status: gdb's; 2 where there is no gdb, or the input is bad.\n",
    .taker = CLI_DEBUG,
    .operands = {"file", 1, INT_MAX},
    .run = debug,
};
