/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_process.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOG_END_BYTES = 300 };

/* --- where they are -------------------------------------------------------------------------- */

static bool has_program(const char *folder, const char *name)
{
    char path[POSTGRES_PATH_BYTES + 16];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, X_OK) == 0;
}

static bool take_folder(const char *folder, size_t length, char ret_folder[POSTGRES_PATH_BYTES])
{
    char candidate[POSTGRES_PATH_BYTES];
    if (length >= sizeof candidate)
        return false;
    memcpy(candidate, folder, length);
    candidate[length] = '\0';
    if (!has_program(candidate, "postgres") || !has_program(candidate, "initdb"))
        return false;
    memcpy(ret_folder, candidate, length + 1);
    return true;
}

/* Debian and Ubuntu: a folder for each major version. */
static bool find_newest(char ret_folder[POSTGRES_PATH_BYTES])
{
    static const char before[] = "/usr/lib/postgresql/";
    glob_t found;
    int newest = -1;
    if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) != 0)
        return false;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i];
        int version = atoi(path + sizeof before - 1);
        if (version > newest && take_folder(path, strlen(path), ret_folder))
            newest = version;
    }
    globfree(&found);
    return newest >= 0;
}

static bool find_in_path(char ret_folder[POSTGRES_PATH_BYTES])
{
    const char *path = getenv("PATH");
    while (path != NULL && *path != '\0') {
        size_t length = strcspn(path, ":");
        if (take_folder(path, length, ret_folder))
            return true;
        path += length + (path[length] == ':');
    }
    return false;
}

enum error_code postgres_find_programs(char ret_folder[POSTGRES_PATH_BYTES], struct error *error)
{
    const char *told = getenv("INTERPLAY_POSTGRES_BIN");
    if (told != NULL && !take_folder(told, strlen(told), ret_folder))
        return interplay_error(error, ERROR_BACKEND,
                               "INTERPLAY_POSTGRES_BIN=%s: postgres and initdb are expected there",
                               told);
    if (told != NULL || find_newest(ret_folder) || find_in_path(ret_folder))
        return ERROR_NONE;
    return interplay_error(error, ERROR_BACKEND,
                           "no PostgreSQL server is installed: scripts/install-dependencies "
                           "installs one, INTERPLAY_POSTGRES_BIN says where postgres and initdb "
                           "are");
}

enum error_code postgres_find_user(struct postgres_user *ret_user, struct error *error)
{
    if (geteuid() != 0) {
        *ret_user = (struct postgres_user){geteuid(), getegid()};
        return ERROR_NONE;
    }
    const struct passwd *entry = getpwnam("postgres");
    if (entry == NULL)
        entry = getpwnam("nobody");
    if (entry == NULL)
        return interplay_error(error, ERROR_BACKEND,
                               "PostgreSQL does not run as root, and there is no user postgres or "
                               "nobody");
    *ret_user = (struct postgres_user){entry->pw_uid, entry->pw_gid};
    return ERROR_NONE;
}

/* --- running them ---------------------------------------------------------------------------- */

static bool become(const struct postgres_user *user)
{
    if (geteuid() != 0)
        return true;
    return setgroups(1, &user->group) == 0 &&
           setresgid(user->group, user->group, user->group) == 0 &&
           setresuid(user->user, user->user, user->user) == 0;
}

/* In the new process; does not return. */
static void become_program(const struct postgres_user *user, const char *const *words,
                           const char *log, int at_end, pid_t starter)
{
    int output = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    int input = open("/dev/null", O_RDONLY);
    bool is_fine = output >= 0 && input >= 0 && dup2(input, STDIN_FILENO) >= 0 &&
                   dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0;
    is_fine = is_fine && become(user);
    /* A change of user forgets it. */
    is_fine = is_fine && prctl(PR_SET_PDEATHSIG, at_end) == 0;
    if (!is_fine || getppid() != starter || setsid() < 0)
        _exit(127);
    (void)close_range(STDERR_FILENO + 1, ~0u, 0);
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)umask(077);
    char *const environment[] = {(char[]){"LC_ALL=C"}, (char[]){"PATH=/usr/bin:/bin"}, NULL};
    (void)execve(words[0], (char *const *)(uintptr_t)words, environment);
    _exit(127);
}

pid_t postgres_start(const struct postgres_user *user, const char *const *words, const char *log,
                     int at_end)
{
    pid_t starter = getpid();
    pid_t child = fork();
    if (child == 0)
        become_program(user, words, log, at_end, starter);
    return child;
}

bool postgres_run(const struct postgres_user *user, const char *const *words, const char *log)
{
    pid_t child = postgres_start(user, words, log, SIGQUIT);
    int status = -1;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* --- what they have said --------------------------------------------------------------------- */

void postgres_read_end(const char *log, char *ret_text, size_t capacity_bytes)
{
    FILE *file = fopen(log, "r");
    *ret_text = '\0';
    if (file == NULL)
        return;
    (void)fseek(file, -LOG_END_BYTES, SEEK_END); /* a shorter one: from its beginning */
    ret_text[fread(ret_text, 1, capacity_bytes - 1, file)] = '\0';
    (void)fclose(file);
    size_t length = strlen(ret_text);
    while (length > 0 && ret_text[length - 1] == '\n')
        ret_text[--length] = '\0';
}

enum error_code postgres_fail_with_log(const char *what, const char *log, struct error *error)
{
    char end[LOG_END_BYTES + 1];
    postgres_read_end(log, end, sizeof end);
    return interplay_error(error, ERROR_BACKEND, "%s (%s): %s", what, log, end);
}

/* --- looking at them -------------------------------------------------------------------------- */

/* 'R', 'S', 'T', 'Z', ...; '\0': there is none. */
static char state_of(pid_t process)
{
    char path[64], state = '\0';
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return '\0';
    (void)!fscanf(file, "%*d (%*[^)]) %c", &state);
    (void)fclose(file);
    return state;
}

bool postgres_process_sleeps(pid_t process)
{
    return state_of(process) == 'S';
}

bool postgres_process_is_stopped(pid_t process)
{
    return state_of(process) == 'T';
}

bool postgres_process_has_ended(pid_t process)
{
    char state = state_of(process);
    return state == '\0' || state == 'Z' || state == 'X';
}

uint32_t postgres_process_children(pid_t process, pid_t ret_children[POSTGRES_CHILDREN_MAX])
{
    char path[64];
    uint32_t count = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)process, (int)process);
    FILE *file = fopen(path, "r");
    while (file != NULL && count < POSTGRES_CHILDREN_MAX &&
           fscanf(file, "%d", &ret_children[count]) == 1)
        count++;
    if (file != NULL)
        (void)fclose(file);
    return count;
}
