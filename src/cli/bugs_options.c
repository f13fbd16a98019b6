/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An entry that was recorded on this target with options, when it was called without any: the
 * options of a target are taken once a process, so the entry is judged by another process, which is
 * called with them.
 */
#include "cli/bugs.h"

#include "base/assert.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OPTIONS_MAX = 32, WORDS_MAX = OPTIONS_MAX + 8 };

/* What the other process is called with; the words lie in `bytes`. */
struct call {
    char bytes[512];
    char *words[WORDS_MAX];
    size_t count;
};

static void add_word(struct call *call, const char *word)
{
    call->words[call->count++] = (char *)(uintptr_t)word;
}

/* Of those that a shell would have to unquote nothing is said: a bug base may be anybody's. */
static bool take_options(struct call *call, const char *options)
{
    if (strlen(options) >= sizeof call->bytes || strpbrk(options, "'\"\\") != NULL)
        return false;
    (void)snprintf(call->bytes, sizeof call->bytes, "%s", options);
    for (char *rest = call->bytes, *word; (word = strsep(&rest, " ")) != NULL;) {
        if (*word == '\0')
            continue;
        if (strncmp(word, "--", 2) != 0 || strcmp(word, "--interplay") == 0 ||
            call->count > OPTIONS_MAX)
            return false;
        add_word(call, word);
    }
    return true;
}

const char *bugs_options_to_call_with(const char *target)
{
    const struct cli_house *house = cli_house();
    size_t length = strcspn(target, " ");
    bool is_own = house->program != NULL && strlen(house->program) == length &&
                  strncmp(house->program, target, length) == 0;
    return is_own && !house->has_options && target[length] != '\0' ? target + length : NULL;
}

/* --- the other process ------------------------------------------------------------------------ */

static _Noreturn void be_child(const struct call *call, int out)
{
    if (dup2(out, STDOUT_FILENO) >= 0)
        (void)execv("/proc/self/exe", call->words);
    fprintf(stderr, "interplay: cannot call itself: %s\n", strerror(errno));
    _exit(CLI_FAILED);
}

/* All that it printed, as far as there is room; its exit status, or -1. */
static int call_and_read(const struct call *call, char *said, size_t capacity_bytes)
{
    int ends[2];
    said[0] = '\0';
    if (pipe(ends) != 0)
        return -1;
    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        be_child(call, ends[1]);
    (void)close(ends[1]);
    FILE *out = child < 0 ? NULL : fdopen(ends[0], "r");
    size_t length = out == NULL ? 0 : fread(said, 1, capacity_bytes - 1, out);
    said[length] = '\0';
    char rest[256];
    while (out != NULL && fread(rest, 1, sizeof rest, out) > 0)
        ;
    if (out == NULL)
        (void)close(ends[0]);
    else
        (void)fclose(out);
    int status = -1;
    while (child > 0 && waitpid(child, &status, 0) < 0)
        ASSERT(errno == EINTR);
    return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* --- what it said ----------------------------------------------------------------------------- */

/* A line of `bugs replay`: false: it is none. */
static bool take_fate(struct bugs_judgement *judgement, char *line)
{
    static const char changed[] = "changed to ", still[] = "still fails", detail[] = ": ";
    size_t length = strlen(judgement->signature);
    if (strncmp(line, judgement->signature, length) != 0 ||
        strncmp(line + length, detail, sizeof detail - 1) != 0)
        return false;
    const char *fate = line + length + sizeof detail - 1;
    const char *more = "";
    if (strcmp(fate, "fixed") == 0) {
        judgement->fate = BUGS_FIXED;
    } else if (strncmp(fate, changed, sizeof changed - 1) == 0) {
        judgement->fate = BUGS_CHANGED;
        more = fate + sizeof changed - 1;
    } else if (strncmp(fate, still, sizeof still - 1) == 0) {
        judgement->fate = BUGS_STILL_FAILS;
        more = fate + sizeof still - 1;
        more += strncmp(more, detail, sizeof detail - 1) == 0 ? sizeof detail - 1 : 0;
    } else {
        return false;
    }
    (void)snprintf(judgement->detail, sizeof judgement->detail, "%s", more);
    return true;
}

enum error_code bugs_judge_with_options(const char *options, const char *base, const char *name,
                                        struct bugs_judgement *judgement, struct error *error)
{
    struct call call = {.words = {(char *)(uintptr_t)cli_house()->program}, .count = 1};
    if (!take_options(&call, options))
        return interplay_error(error, ERROR_INPUT, "%s/%s: cannot be replayed with its options%s",
                               base, name, options);
    add_word(&call, "--interplay");
    add_word(&call, "bugs");
    add_word(&call, "replay");
    add_word(&call, "--bugbase-dir");
    add_word(&call, base);
    add_word(&call, name);
    char said[2048];
    int status = call_and_read(&call, said, sizeof said);
    said[strcspn(said, "\n")] = '\0';
    if ((status == CLI_OK || status == CLI_FINDING) && take_fate(judgement, said))
        return ERROR_NONE;
    return interplay_error(error, ERROR_BACKEND, "%s/%s: no verdict with its options%s", base, name,
                           options);
}
