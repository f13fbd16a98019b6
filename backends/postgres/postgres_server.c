/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_server.h"

#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READY_LIMIT_MS = 60 * 1000, STOP_LIMIT_MS = 10 * 1000, CRASH_LIMIT_MS = 30 * 1000 };
#define ROOM_BYTES (UINT64_C(512) << 20) /* that shared memory must have */

static const char settings[] = "listen_addresses=''\n"
                               "fsync=off\n"
                               "synchronous_commit=off\n"
                               "full_page_writes=off\n"
                               "wal_level=minimal\n"
                               "max_wal_senders=0\n"
                               "max_wal_size=64MB\n"
                               "shared_buffers=8MB\n"
                               "max_connections=50\n"
                               "max_prepared_transactions=20\n"
                               "autovacuum=off\n"
                               "jit=off\n"
                               "track_counts=off\n"
                               "track_activities=on\n"
                               "max_worker_processes=0\n"
                               "max_parallel_workers_per_gather=0\n"
                               "checkpoint_timeout=1d\n"
                               "bgwriter_lru_maxpages=0\n"
                               "update_process_title=off\n"
                               "restart_after_crash=off\n"
                               "log_min_messages=log\n"
                               "log_checkpoints=off\n"
                               "lock_timeout=0\n"
                               "deadlock_timeout=1ms\n"
                               "timezone=UTC\n";

/* Process-wide: at most one. */
static struct postgres_server server;
static int owner_file = -1;

/* --- folders --------------------------------------------------------------------------------- */

struct places {
    struct postgres_user user;
    char programs[POSTGRES_PATH_BYTES];
    char base[POSTGRES_PATH_BYTES];     /* of all servers of this user */
    char prepared[POSTGRES_PATH_BYTES]; /* a data folder that nobody has used */
    char log[POSTGRES_PATH_BYTES];      /* of what is done there */
};

static void join(char ret_path[POSTGRES_PATH_BYTES], const char *folder, const char *name)
{
    char path[2 * POSTGRES_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)snprintf(ret_path, POSTGRES_PATH_BYTES, "%.*s", POSTGRES_PATH_BYTES - 1, path);
}

static const char *root_folder(void)
{
    struct statvfs memory;
    bool has_room = access("/dev/shm", W_OK) == 0 && statvfs("/dev/shm", &memory) == 0 &&
                    (uint64_t)memory.f_bavail * memory.f_frsize >= ROOM_BYTES;
    const char *temporary = getenv("TMPDIR");
    return has_room ? "/dev/shm" : temporary != NULL ? temporary : "/tmp";
}

static enum error_code make_folder(const char *path, const struct postgres_user *user,
                                   struct error *error)
{
    struct stat there;
    if (mkdir(path, 0711) == 0 && geteuid() == 0 && user != NULL &&
        chown(path, user->user, user->group) != 0)
        return interplay_error(error, ERROR_IO, "%s: %s", path, strerror(errno));
    if (stat(path, &there) != 0 || !S_ISDIR(there.st_mode))
        return interplay_error(error, ERROR_IO, "%s: a folder for PostgreSQL cannot be made: %s",
                               path, strerror(errno));
    if (there.st_uid != geteuid() && (user == NULL || there.st_uid != user->user))
        return interplay_error(error, ERROR_IO, "%s belongs to somebody else", path);
    return ERROR_NONE;
}

/* "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)" is 15.18. */
static void name_version(const struct places *places, char ret_name[32])
{
    char command[POSTGRES_PATH_BYTES + 32];
    (void)snprintf(command, sizeof command, "'%s/postgres' --version", places->programs);
    FILE *output = popen(command, "r");
    (void)snprintf(ret_name, 32, "unknown");
    if (output != NULL) {
        (void)!fscanf(output, "%*s %*s %31[0-9a-z.]", ret_name);
        (void)pclose(output);
    }
}

static enum error_code find_places(struct places *places, struct error *error)
{
    enum error_code code = postgres_find_programs(places->programs, error);
    if (code == ERROR_NONE)
        code = postgres_find_user(&places->user, error);
    if (code != ERROR_NONE)
        return code;
    char version[32], name[64];
    (void)snprintf(name, sizeof name, "interplay-postgres-%u", (unsigned)geteuid());
    join(places->base, root_folder(), name);
    join(places->log, places->base, "log");
    name_version(places, version);
    (void)snprintf(name, sizeof name, "prepared-%s", version);
    join(places->prepared, places->base, name);
    return make_folder(places->base, NULL, error);
}

static bool remove_all(const char *path)
{
    static const struct postgres_user myself = {0};
    const struct postgres_user self = {geteuid(), getegid()};
    const char *const words[] = {"/bin/rm", "-rf", path, NULL};
    return postgres_run(geteuid() == 0 ? &myself : &self, words, "/dev/null");
}

/* --- the data folder that others are copies of ------------------------------------------------ */

/* At the end of the file; it is made if it is not there. */
static bool append_settings(const char *folder, const char *name)
{
    char path[POSTGRES_PATH_BYTES];
    join(path, folder, name);
    FILE *file = fopen(path, "a");
    bool is_fine = file != NULL && fputs(settings, file) >= 0;
    return file != NULL && fclose(file) == 0 && is_fine;
}

static const char settings_noted[] = "settings-are-there";

static bool is_prepared(const struct places *places)
{
    char path[POSTGRES_PATH_BYTES];
    join(path, places->prepared, settings_noted);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    char found[sizeof settings] = "";
    size_t length = fread(found, 1, sizeof found - 1, file);
    (void)fclose(file);
    return length == sizeof settings - 1 && memcmp(found, settings, length) == 0;
}

static enum error_code prepare(const struct places *places, struct error *error)
{
    if (is_prepared(places))
        return ERROR_NONE;
    char initdb[POSTGRES_PATH_BYTES], data[POSTGRES_PATH_BYTES];
    join(initdb, places->programs, "initdb");
    join(data, places->prepared, "data");
    (void)remove_all(places->prepared);
    enum error_code code = make_folder(places->prepared, &places->user, error);
    if (code != ERROR_NONE)
        return code;
    const char *const words[] = {initdb,        "-D",        data,
                                 "-A",          "trust",     "-U",
                                 POSTGRES_USER, "--no-sync", "--no-instructions",
                                 "-E",          "UTF8",      "--locale=C",
                                 NULL};
    if (!postgres_run(&places->user, words, places->log))
        return postgres_fail_with_log("initdb failed", places->log, error);
    if (!append_settings(data, "postgresql.conf") ||
        !append_settings(places->prepared, settings_noted))
        return interplay_error(error, ERROR_IO, "%s: %s", data, strerror(errno));
    return ERROR_NONE;
}

/* --- what killed processes have left ---------------------------------------------------------- */

static pid_t postmaster_of(const char *folder)
{
    char path[POSTGRES_PATH_BYTES];
    join(path, folder, "data/postmaster.pid");
    FILE *file = fopen(path, "r");
    int process = 0;
    if (file != NULL) {
        if (fscanf(file, "%d", &process) != 1)
            process = 0;
        (void)fclose(file);
    }
    return process;
}

/* A process of that number may be another one by now. */
static bool is_server_of(pid_t process, const char *folder)
{
    char path[64], there[PATH_MAX], expected[POSTGRES_PATH_BYTES];
    (void)snprintf(path, sizeof path, "/proc/%d/cwd", (int)process);
    join(expected, folder, "data");
    ssize_t length = readlink(path, there, sizeof there);
    return length == (ssize_t)strlen(expected) && memcmp(there, expected, (size_t)length) == 0;
}

static void sweep_one(const char *folder)
{
    char path[POSTGRES_PATH_BYTES];
    join(path, folder, "owner");
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) != 0) {
        (void)close(file);
        return;
    }
    pid_t process = postmaster_of(folder);
    if (process > 0 && is_server_of(process, folder))
        (void)kill(process, SIGKILL);
    (void)remove_all(folder);
    if (file >= 0)
        (void)close(file);
}

static void sweep(const struct places *places)
{
    DIR *folder = opendir(places->base);
    const struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        char path[POSTGRES_PATH_BYTES];
        join(path, places->base, entry->d_name);
        if (strncmp(entry->d_name, "server-", 7) == 0)
            sweep_one(path);
    }
    if (folder != NULL)
        (void)closedir(folder);
}

/* --- starting and stopping -------------------------------------------------------------------- */

static void sleep_ms(unsigned duration_ms)
{
    (void)usleep(duration_ms * 1000);
}

static bool says_ready(const char *folder)
{
    char path[POSTGRES_PATH_BYTES], line[64];
    join(path, folder, "data/postmaster.pid");
    FILE *file = fopen(path, "r");
    bool is_ready = false;
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        is_ready |= strncmp(line, "ready", 5) == 0;
    if (file != NULL)
        (void)fclose(file);
    return is_ready;
}

static bool has_ended(pid_t process)
{
    return waitpid(process, NULL, WNOHANG) != 0;
}

static enum error_code await_ready(const char *log, struct error *error)
{
    for (int waited_ms = 0; !says_ready(server.folder); waited_ms += 2) {
        if (has_ended(server.process) || waited_ms > READY_LIMIT_MS) {
            server.process = 0;
            return postgres_fail_with_log("the PostgreSQL server does not start", log, error);
        }
        sleep_ms(2);
    }
    return ERROR_NONE;
}

/* Only who has started it; the writer that is stopped does not end by being asked to. */
static void stop_server(void)
{
    if (server.process <= 0 || server.owner != getpid())
        return;
    (void)kill(server.process, SIGQUIT);
    if (server.writer > 0)
        (void)kill(server.writer, SIGKILL);
    server.writer = 0;
    for (int waited_ms = 0; !has_ended(server.process) && waited_ms < STOP_LIMIT_MS; waited_ms++)
        sleep_ms(1);
    server.process = 0;
    (void)remove_all(server.folder);
    (void)close(owner_file);
    owner_file = -1;
}

static enum error_code make_server_folder(const struct places *places, struct error *error)
{
    char name[POSTGRES_PATH_BYTES], data[POSTGRES_PATH_BYTES], prepared[POSTGRES_PATH_BYTES];
    join(name, places->base, "server-XXXXXX");
    if (mkdtemp(name) == NULL || chmod(name, 0711) != 0)
        return interplay_error(error, ERROR_IO, "%s: %s", name, strerror(errno));
    join(data, name, "owner");
    owner_file = open(data, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (owner_file < 0 || flock(owner_file, LOCK_EX | LOCK_NB) != 0)
        return interplay_error(error, ERROR_IO, "%s: %s", data, strerror(errno));
    if (geteuid() == 0 && chown(name, places->user.user, places->user.group) != 0)
        return interplay_error(error, ERROR_IO, "%s: %s", name, strerror(errno));
    join(prepared, places->prepared, "data");
    const char *const words[] = {"/bin/cp", "-a", prepared, name, NULL};
    if (!postgres_run(&places->user, words, places->log))
        return postgres_fail_with_log("the folder of the PostgreSQL server cannot be made",
                                      places->log, error);
    memcpy(server.folder, name, sizeof name);
    return ERROR_NONE;
}

static enum error_code launch(const struct places *places, struct error *error)
{
    char postgres[POSTGRES_PATH_BYTES], data[POSTGRES_PATH_BYTES], log[POSTGRES_PATH_BYTES];
    join(postgres, places->programs, "postgres");
    join(data, server.folder, "data");
    join(log, server.folder, "log");
    const char *const usual[] = {postgres, "-D", data, "-k", server.folder, NULL};
    /* What is set back before a plan must survive, and pages must be whole. */
    const char *const mortal[] = {postgres,
                                  "-D",
                                  data,
                                  "-k",
                                  server.folder,
                                  "-c",
                                  "restart_after_crash=on",
                                  "-c",
                                  "synchronous_commit=on",
                                  "-c",
                                  "full_page_writes=on",
                                  NULL};
    server.owner = getpid();
    server.process = postgres_start(&places->user, server.is_mortal ? mortal : usual, log, SIGQUIT);
    if (server.process < 0)
        return interplay_error(error, ERROR_MEMORY, "no process for the PostgreSQL server: %s",
                               strerror(errno));
    return await_ready(log, error);
}

/* One at a time: what another one has just made must not be swept away. */
static enum error_code start_server(struct error *error)
{
    struct places places;
    enum error_code code = find_places(&places, error);
    if (code != ERROR_NONE)
        return code;
    char path[POSTGRES_PATH_BYTES];
    join(path, places.base, "lock");
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0 || flock(lock, LOCK_EX) != 0)
        return interplay_error(error, ERROR_IO, "%s: %s", path, strerror(errno));
    sweep(&places);
    code = prepare(&places, error);
    if (code == ERROR_NONE)
        code = make_server_folder(&places, error);
    (void)close(lock);
    return code == ERROR_NONE ? launch(&places, error) : code;
}

static bool is_alive(void)
{
    if (server.process <= 0)
        return false;
    if (server.owner == getpid())
        return !has_ended(server.process);
    return kill(server.process, 0) == 0 || errno == EPERM;
}

/* In a process that was forked that of its parent is not killed. */
static bool is_fit(bool is_mortal)
{
    return is_alive() && (!is_mortal || (server.is_mortal && server.owner == getpid()));
}

enum error_code postgres_server_take(bool is_mortal, const struct postgres_server **ret_server,
                                     struct error *error)
{
    static bool is_registered;
    if (!is_fit(is_mortal)) {
        stop_server();
        server = (struct postgres_server){.is_mortal = is_mortal};
        enum error_code code = start_server(error);
        if (code != ERROR_NONE)
            return code;
        if (!is_registered)
            is_registered = atexit(stop_server) == 0;
    }
    *ret_server = &server;
    return ERROR_NONE;
}

void postgres_server_give_up(void)
{
    if (server.process > 0 && server.owner == getpid())
        (void)kill(server.process, SIGQUIT);
    for (int waited_ms = 0; is_alive() && waited_ms < STOP_LIMIT_MS; waited_ms++)
        sleep_ms(1);
}

/* --- crashes ---------------------------------------------------------------------------------- */

void postgres_server_stop_writer(pid_t writer)
{
    server.writer = kill(writer, SIGSTOP) == 0 ? writer : 0;
}

void postgres_server_nudge_writer(void)
{
    if (server.writer <= 0)
        return;
    (void)kill(server.writer, SIGCONT);
    sleep_ms(2);
    (void)kill(server.writer, SIGSTOP);
}

/* Who is stopped does not end by being asked to, and must do nothing else before: he is killed. */
static bool await_ends(const pid_t *processes, uint32_t count)
{
    int waited_ms = 0;
    for (uint32_t i = 0; i < count; i++)
        for (; !postgres_process_has_ended(processes[i]); waited_ms++) {
            if (waited_ms > CRASH_LIMIT_MS)
                return false;
            if (postgres_process_is_stopped(processes[i]))
                (void)kill(processes[i], SIGKILL);
            sleep_ms(1);
        }
    return true;
}

/* The postmaster is stopped first, so that it makes no further ones. */
static enum error_code kill_server(struct error *error)
{
    struct places places;
    pid_t children[POSTGRES_CHILDREN_MAX];
    enum error_code code = find_places(&places, error);
    if (code != ERROR_NONE)
        return code;
    (void)kill(server.process, SIGSTOP);
    uint32_t count = postgres_process_children(server.process, children);
    (void)kill(server.process, SIGKILL);
    for (uint32_t i = 0; i < count; i++)
        (void)kill(children[i], SIGKILL);
    (void)waitpid(server.process, NULL, 0);
    server.process = 0;
    if (!await_ends(children, count))
        return interplay_error(error, ERROR_BACKEND, "a killed PostgreSQL server does not end");
    char said[POSTGRES_PATH_BYTES];
    join(said, server.folder, "data/postmaster.pid");
    (void)unlink(said); /* it says that the server is ready */
    return launch(&places, error);
}

/* All that are there go. */
static enum error_code kill_session(pid_t session, struct error *error)
{
    pid_t children[POSTGRES_CHILDREN_MAX];
    uint32_t count = postgres_process_children(server.process, children);
    (void)kill(session, SIGKILL);
    if (!await_ends(children, count))
        return interplay_error(error, ERROR_BACKEND,
                               "the sessions of a PostgreSQL server that has crashed do not end");
    return ERROR_NONE;
}

enum error_code postgres_server_crash(pid_t session, struct error *error)
{
    enum error_code code = session == 0 ? kill_server(error) : kill_session(session, error);
    server.writer = 0;
    return code;
}

/* --- its log --------------------------------------------------------------------------------- */

/* Not that we have killed it. */
static bool tells_of_crash(const char *line)
{
    bool by_signal = strstr(line, "was terminated by signal") != NULL;
    bool was_killed = server.is_mortal && strstr(line, "by signal 9") != NULL;
    return (by_signal && !was_killed) || strstr(line, "PANIC:") != NULL;
}

bool postgres_server_crashed(char *ret_text, size_t capacity_bytes)
{
    char path[POSTGRES_PATH_BYTES], line[512];
    join(path, server.folder, "log");
    FILE *file = fopen(path, "r");
    struct text text;
    text_init(&text, ret_text, capacity_bytes);
    if (file == NULL)
        return false;
    (void)fseek(file, server.log_read, SEEK_SET);
    while (fgets(line, sizeof line, file) != NULL)
        if (text.length > 0 || tells_of_crash(line))
            text_append(&text, line);
    server.log_read = ftell(file);
    (void)fclose(file);
    return text.length > 0;
}
