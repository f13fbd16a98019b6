/* SPDX-License-Identifier: Apache-2.0 */
/* Drafting, trying and moving a program's folder. */
#include "cli/program_folder.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- the folder ------------------------------------------------------------------------------- */

static bool is_empty_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return false;
    int others = 0;
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL)
        others += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    (void)closedir(folder);
    return others == 0;
}

enum error_code cli_program_folder_begin(struct cli_program_folder *ret_folder, const char *place,
                                         struct error *error)
{
    struct stat there;
    size_t length = strlen(place);
    while (length > 1 && place[length - 1] == '/')
        length--;
    if (length == 0 || length + 8 > sizeof ret_folder->draft)
        return interplay_error(error, ERROR_USAGE, "%s: no name of a folder",
                               file_short_path(place));
    if (lstat(place, &there) == 0 && !is_empty_folder(place))
        return interplay_error(error, ERROR_USAGE, "%s: exists, expected a new or an empty folder",
                               file_short_path(place));
    ret_folder->place = place;
    (void)snprintf(ret_folder->draft, sizeof ret_folder->draft, "%.*s.XXXXXX", (int)length, place);
    if (mkdtemp(ret_folder->draft) == NULL)
        return interplay_error(error, ERROR_IO, "%s: cannot be made: %s", file_short_path(place),
                               strerror(errno));
    (void)chmod(ret_folder->draft, 0755);
    return ERROR_NONE;
}

static void remove_entry(int folder, const char *name)
{
    if (unlinkat(folder, name, 0) == 0 || errno != EISDIR)
        return;
    int inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = inner < 0 ? NULL : fdopendir(inner);
    const struct dirent *entry;
    while (entries != NULL && (entry = readdir(entries)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)unlinkat(inner, entry->d_name, 0);
    if (entries != NULL)
        (void)closedir(entries);
    (void)unlinkat(folder, name, AT_REMOVEDIR);
}

/* --- processes -------------------------------------------------------------------------------- */

static void __attribute__((noreturn)) be_child(const char *folder, char *const *command, int output)
{
    int nothing = open("/dev/null", O_RDONLY);
    if (chdir(folder) == 0 && nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 &&
        dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0) {
        (void)unsetenv("MAKEFLAGS");
        (void)unsetenv("MAKELEVEL");
        execvp(command[0], command);
        (void)dprintf(STDERR_FILENO, "%s: %s\n", command[0], strerror(errno));
    }
    _exit(127);
}

/* Appends what it says to `output`. Returns its status; -2: a signal has ended it. */
static int run_command(const char *folder, char *const *command, FILE *output, int *ret_signal)
{
    int ends[2], status;
    char bytes[4096];
    ssize_t got;
    (void)fflush(NULL);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return 127;
    pid_t child = fork();
    if (child == 0)
        be_child(folder, command, ends[1]);
    (void)close(ends[1]);
    while ((got = read(ends[0], bytes, sizeof bytes)) > 0 || (got < 0 && errno == EINTR))
        (void)fwrite(bytes, 1, got > 0 ? (size_t)got : 0, output);
    (void)close(ends[0]);
    if (child < 0)
        return 127;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return 127;
    *ret_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -2;
}

/* --- trying ----------------------------------------------------------------------------------- */

/* What the library's source becomes is kept: compiling may take a minute. */
static void find_object(const char *library, char *ret_path, size_t capacity_bytes)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char folder[PATH_MAX];
    struct stat there = {0};
    ret_path[0] = '\0';
    if (cache != NULL && cache[0] != '\0')
        (void)snprintf(folder, sizeof folder, "%s/interplay", cache);
    else if (home != NULL)
        (void)snprintf(folder, sizeof folder, "%s/.cache/interplay", home);
    else
        return;
    (void)mkdir(folder, 0755);
    size_t length = strlen(folder);
    (void)snprintf(folder + length, sizeof folder - length, "/programs");
    if ((mkdir(folder, 0755) != 0 && errno != EEXIST) || access(folder, W_OK) != 0)
        return;
    (void)stat(library, &there);
    (void)snprintf(ret_path, capacity_bytes, "%.3000s/%016" PRIx64 ".o", folder,
                   hash_bytes(hash_word((uint64_t)there.st_mtime, 0), library, strlen(library)));
}

enum error_code cli_program_folder_try(const struct cli_program_folder *folder, const char *library,
                                       struct cli_program_trial *ret_trial, struct error *error)
{
    char object[PATH_MAX], with_object[PATH_MAX + 16], with_library[PATH_MAX + 16];
    *ret_trial = (struct cli_program_trial){.status = -1};
    FILE *output = open_memstream(&ret_trial->output, &ret_trial->length);
    if (output == NULL)
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    find_object(library, object, sizeof object);
    (void)snprintf(with_library, sizeof with_library, "LIBRARY=%s", library);
    (void)snprintf(with_object, sizeof with_object, "OBJECT=%s",
                   object[0] == '\0' ? "library.o" : object);
    char make[] = "make", quiet[] = "-s", finding[] = "./finding";
    char *const build[] = {make, quiet, with_library, with_object, NULL};
    char *const run[] = {finding, NULL};
    if (run_command(folder->draft, build, output, &ret_trial->signal) == 0)
        ret_trial->status = run_command(folder->draft, run, output, &ret_trial->signal);
    (void)fclose(output);
    return ERROR_NONE;
}

/* --- the end ---------------------------------------------------------------------------------- */

static bool is_made(const char *name)
{
    static const char *const sources[] = {".c", ".h", ".md", ".sql", ".py", ".json"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        size_t end = strlen(sources[i]);
        if (length > end && strcmp(name + length - end, sources[i]) == 0)
            return false;
    }
    return strcmp(name, "Makefile") != 0;
}

static void remove_entries(const char *path, bool only_made)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            (!only_made || is_made(entry->d_name)))
            remove_entry(dirfd(folder), entry->d_name);
    if (folder != NULL)
        (void)closedir(folder);
}

enum error_code cli_program_folder_finish(struct cli_program_folder *folder, struct error *error)
{
    remove_entries(folder->draft, true);
    if (rename(folder->draft, folder->place) == 0)
        return ERROR_NONE;
    (void)interplay_error(error, ERROR_IO, "%s: cannot be made: %s", file_short_path(folder->place),
                          strerror(errno));
    cli_program_folder_drop(folder);
    return ERROR_IO;
}

void cli_program_folder_drop(struct cli_program_folder *folder)
{
    remove_entries(folder->draft, false);
    (void)rmdir(folder->draft);
}
