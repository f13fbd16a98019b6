/* SPDX-License-Identifier: Apache-2.0 */
/* One question for all addresses of a module; what is said of each, frame by frame. */
#include "explain/code_places.h"

#include "run/crash_place.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Between the simulator and whoever watches it. */
static const char *const watching[] = {
    "course_",          "spot_",        "tell_watcher", "run_tell_crossing",
    "run_tell_watcher", "run_on_fault", NULL,
};

static bool begins_with_any(const char *name, const char *const *beginnings)
{
    for (; beginnings != NULL && *beginnings != NULL; beginnings++)
        if (strncmp(name, *beginnings, strlen(*beginnings)) == 0)
            return true;
    return false;
}

/* --- taking what is said --------------------------------------------------------------------- */

struct naming {
    const struct course_stack *const *stacks;
    size_t count;
    const char *const *passes_on;
    struct code_places *places;
    bool *is_named; /* by frame, of all stacks: it was asked about */
};

/* The innermost function of a stack may be the simulator's; what is found behind that, is not. */
static void take_place(const struct naming *naming, struct code_places *places,
                       const struct code_place *place)
{
    bool is_passed = places->count == 0 && (crash_place_passes_over(place->function) ||
                                            crash_place_passes_over(place->file) ||
                                            begins_with_any(place->function, watching) ||
                                            begins_with_any(place->function, naming->passes_on));
    if (!is_passed && places->count < CODE_PLACES_MAX)
        places->places[places->count++] = *place;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* "/folder/file.c:12 (discriminator 3)", "??:?" */
static void read_line(const char *line, struct code_place *place)
{
    const char *name = base_name(line);
    const char *colon = strrchr(name, ':');
    if (name[0] == '?' || colon == NULL)
        return;
    (void)snprintf(place->file, sizeof place->file, "%.*s", (int)(colon - name), name);
    place->line = (uint32_t)strtoul(colon + 1, NULL, 10);
}

/* --- asking for lines ------------------------------------------------------------------------ */

enum { ARGUMENTS_MAX = 4096, ADDRESS_BYTES = 20, LINE_BYTES = PATH_MAX };

/* Addresses of one module, and which stack each is of. */
struct question {
    char module[PATH_MAX];
    size_t count;
    size_t stacks[ARGUMENTS_MAX];
    char addresses[ARGUMENTS_MAX][ADDRESS_BYTES];
};

/*
 * Who knows, in the order in which they are asked: addr2line of binutils 2.40 leaves functions out
 * that clang has inlined.
 */
static const char *const programs[][7] = {
    {"llvm-symbolizer", "--output-style=GNU", "-a", "-f", "-i", "-e"},
    {"addr2line", "-a", "-f", "-i", "-e"},
};

static bool spawn(const struct question *question, const char *const *program, const int ends[2],
                  pid_t *ret_child)
{
    char *words[ARGUMENTS_MAX + 8] = {NULL};
    size_t count = 0;
    for (; program[count] != NULL; count++)
        words[count] = (char *)(uintptr_t)program[count];
    words[count++] = (char *)(uintptr_t)question->module;
    for (size_t i = 0; i < question->count; i++)
        words[count++] = (char *)(uintptr_t)question->addresses[i];
    posix_spawn_file_actions_t actions;
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    (void)posix_spawn_file_actions_addclose(&actions, ends[0]);
    (void)posix_spawn_file_actions_addclose(&actions, ends[1]);
    (void)posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int failure = posix_spawnp(ret_child, words[0], &actions, NULL, words, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return failure == 0;
}

/* NULL: nobody is there to be asked. */
static FILE *start(const struct question *question, pid_t *ret_child)
{
    int ends[2];
    if (pipe(ends) != 0)
        return NULL;
    bool is_asked = false;
    for (size_t i = 0; i < sizeof programs / sizeof programs[0] && !is_asked; i++)
        is_asked = spawn(question, programs[i], ends, ret_child);
    (void)close(ends[1]);
    FILE *answer = is_asked ? fdopen(ends[0], "r") : NULL;
    if (answer == NULL)
        (void)close(ends[0]);
    return answer;
}

/* A line with its address, then two for each function, the innermost first. */
static void read_answer(const struct naming *naming, const struct question *question, FILE *answer)
{
    char line[LINE_BYTES];
    size_t next = 0;
    struct code_places *places = NULL;
    while (fgets(line, sizeof line, answer) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "0x", 2) == 0) {
            places = next < question->count ? &naming->places[question->stacks[next++]] : NULL;
            continue;
        }
        struct code_place place = {0};
        (void)snprintf(place.function, sizeof place.function, "%.63s", line);
        if (fgets(line, sizeof line, answer) == NULL)
            return;
        line[strcspn(line, "\n")] = '\0';
        read_line(line, &place);
        if (places != NULL && place.function[0] != '?')
            take_place(naming, places, &place);
    }
}

static void ask(const struct naming *naming, const struct question *question)
{
    pid_t child;
    FILE *answer = start(question, &child);
    if (answer == NULL)
        return;
    read_answer(naming, question, answer);
    (void)fclose(answer);
    (void)waitpid(child, NULL, 0);
}

/* --- modules --------------------------------------------------------------------------------- */

/* All frames of the module that has the first one without; false: there is none. */
static bool next_question(struct naming *naming, struct question *question)
{
    size_t frame = 0;
    question->count = 0;
    question->module[0] = '\0';
    for (size_t i = 0; i < naming->count; i++)
        for (uint32_t k = 0; k < naming->stacks[i]->count; k++, frame++) {
            struct crash_module module;
            uintptr_t address = naming->stacks[i]->frames[k];
            if (naming->is_named[frame] || question->count == ARGUMENTS_MAX)
                continue;
            if (!crash_place_module(address, &module)) {
                naming->is_named[frame] = true;
                continue;
            }
            if (question->count == 0)
                memcpy(question->module, module.path, sizeof module.path);
            if (strcmp(module.path, question->module) != 0)
                continue;
            naming->is_named[frame] = true;
            question->stacks[question->count] = i;
            (void)snprintf(question->addresses[question->count++], ADDRESS_BYTES, "0x%" PRIxPTR,
                           address - module.load_address);
        }
    return question->count > 0;
}

/* --- without line numbers -------------------------------------------------------------------- */

static void name_by_symbols(const struct naming *naming, const struct course_stack *stack,
                            struct code_places *places)
{
    for (uint32_t i = 0; i < stack->count; i++) {
        struct crash_place frame = {.at = {1, {stack->frames[i]}}};
        struct code_place place = {0};
        crash_place_name(&frame, place.function, sizeof place.function);
        place.function[strcspn(place.function, "+")] = '\0';
        if (place.function[0] != '\0')
            take_place(naming, places, &place);
    }
}

/* --- all ------------------------------------------------------------------------------------- */

void code_places_name(const struct course_stack *const *stacks, size_t count,
                      const char *const *passes_on, struct code_places *ret_places)
{
    memset(ret_places, 0, count * sizeof *ret_places);
    struct question *question = calloc(1, sizeof *question);
    bool *is_named = calloc(count * COURSE_FRAMES_MAX + 1, sizeof *is_named);
    struct naming naming = {stacks, count, passes_on, ret_places, is_named};
    while (question != NULL && is_named != NULL && next_question(&naming, question))
        ask(&naming, question);
    free(is_named);
    free(question);
    for (size_t i = 0; i < count; i++)
        if (ret_places[i].count == 0)
            name_by_symbols(&naming, stacks[i], &ret_places[i]);
}
