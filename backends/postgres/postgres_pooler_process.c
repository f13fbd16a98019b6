/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_pooler_process.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    READY_LIMIT_MS = 30 * 1000,
    ARGUMENTS_MAX = 16,
    EXPANDED_BYTES = 1024,
    CONTENT_INDENT = 4,
};

/* --- texts of its file ------------------------------------------------------------------------ */

static bool begins(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

/* LINE[,LINE]... as lines. */
static void append_more(const char *more, struct text *text)
{
    for (; *more != '\0'; more++)
        text_append_bytes(text, *more == ',' ? "\n" : more, 1);
}

/* Of "{word}..." what it stands for; false: of nothing. */
static bool append_meaning(const struct postgres_pooler_process *process, const char *word,
                           struct text *text)
{
    const struct postgres_pooler *pooler = process->pooler;
    const struct {
        const char *word, *meaning;
    } meanings[] = {
        {"{folder}", process->folder},    {"{server}", process->server->folder},
        {"{sessions}", pooler->sessions}, {"{mode}", pooler->mode == NULL ? "" : pooler->mode},
        {"{user}", POSTGRES_USER},
    };
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (!begins(word, meanings[i].word))
            continue;
        text_append(text, meanings[i].meaning);
        return true;
    }
    if (begins(word, "{port}"))
        text_append_number(text, process->port);
    else if (begins(word, "{more}"))
        append_more(pooler->more, text);
    else
        return false;
    return true;
}

/* The next `length` bytes. */
static void expand(const struct postgres_pooler_process *process, const char *next, size_t length,
                   struct text *text)
{
    const char *end = next + length;
    while (next < end) {
        if (*next == '{' && append_meaning(process, next, text))
            next += strcspn(next, "}") + 1;
        else
            text_append_bytes(text, next++, 1);
    }
}

/* --- its folder ------------------------------------------------------------------------------- */

static bool write_content(const struct postgres_pooler_process *process, const char *next,
                          FILE *file)
{
    bool is_fine = true;
    while (*next != '\0' && is_fine) {
        char bytes[EXPANDED_BYTES];
        struct text line;
        size_t blanks = strspn(next, " "), length = strcspn(next, "\n");
        size_t indent = blanks < CONTENT_INDENT ? blanks : CONTENT_INDENT;
        text_init(&line, bytes, sizeof bytes);
        expand(process, next + indent, length - indent, &line);
        is_fine = !line.truncated && fprintf(file, "%s\n", bytes) > 0;
        next += length + (next[length] == '\n');
    }
    return is_fine;
}

static enum error_code write_file(const struct postgres_pooler_process *process,
                                  const struct postgres_pooler_file *content, struct error *error)
{
    char path[2 * POSTGRES_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", process->folder, content->name);
    FILE *file = fopen(path, "w");
    bool is_fine = file != NULL && write_content(process, content->content, file);
    if (file != NULL && fclose(file) == 0 && is_fine)
        return ERROR_NONE;
    return interplay_error(error, ERROR_IO, "%s: %s", path, strerror(errno));
}

static enum error_code make_folder(struct postgres_pooler_process *process, uint32_t number,
                                   struct error *error)
{
    char path[2 * POSTGRES_PATH_BYTES];
    int length =
        snprintf(path, sizeof path, "%s/pooler-%u", process->server->folder, (unsigned)number);
    if (length >= POSTGRES_PATH_BYTES)
        return interplay_error(error, ERROR_IO, "%s: too long", path);
    memcpy(process->folder, path, (size_t)length + 1);
    bool is_there = mkdir(path, 0711) == 0 || errno == EEXIST;
    bool is_owned =
        is_there && (geteuid() != 0 || chown(path, process->user.user, process->user.group) == 0);
    return is_owned ? ERROR_NONE
                    : interplay_error(error, ERROR_IO, "%s: %s", path, strerror(errno));
}

/* --- where it listens ------------------------------------------------------------------------- */

union address {
    struct sockaddr any;
    struct sockaddr_un local;
    struct sockaddr_in internet;
};

static bool is_folder(const char *host)
{
    return *host == '/';
}

static socklen_t make_address(const struct postgres_pooler_process *process, union address *address)
{
    memset(address, 0, sizeof *address);
    if (!is_folder(process->host)) {
        address->internet =
            (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)process->port)};
        (void)inet_pton(AF_INET, process->host, &address->internet.sin_addr);
        return sizeof address->internet;
    }
    address->local.sun_family = AF_UNIX;
    (void)snprintf(address->local.sun_path, sizeof address->local.sun_path, "%.80s/.s.PGSQL.%d",
                   process->host, process->port);
    return sizeof address->local;
}

/* One that nobody has now. */
static int find_port(const struct postgres_pooler_process *process)
{
    union address address;
    socklen_t length = make_address(process, &address);
    int there = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_found = there >= 0 && bind(there, &address.any, length) == 0 &&
                    getsockname(there, &address.any, &length) == 0;
    if (there >= 0)
        (void)close(there);
    return is_found ? ntohs(address.internet.sin_port) : 0;
}

static void choose_address(struct postgres_pooler_process *process)
{
    const struct postgres_pooler *pooler = process->pooler;
    struct text host;
    text_init(&host, process->host, sizeof process->host);
    expand(process, pooler->host, strlen(pooler->host), &host);
    process->port = atoi(pooler->port);
    if (process->port == 0)
        process->port = find_port(process);
}

static bool accepts(const struct postgres_pooler_process *process)
{
    union address address;
    socklen_t length = make_address(process, &address);
    int there = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_accepted = there >= 0 && connect(there, &address.any, length) == 0;
    if (there >= 0)
        (void)close(there);
    return is_accepted;
}

/* --- the program ------------------------------------------------------------------------------ */

/* Debian has servers' programs where users do not look. */
enum error_code postgres_pooler_find(const struct postgres_pooler *pooler,
                                     char ret_program[POSTGRES_PATH_BYTES], struct error *error)
{
    char places[4096];
    const char *path = getenv("PATH");
    (void)snprintf(places, sizeof places, "%s:/usr/local/sbin:/usr/sbin", path == NULL ? "" : path);
    bool has_path = strchr(pooler->program, '/') != NULL;
    for (const char *next = places; *next != '\0';) {
        int length = (int)strcspn(next, ":");
        (void)snprintf(ret_program, POSTGRES_PATH_BYTES, "%.*s%s%s", has_path ? 0 : length, next,
                       has_path ? "" : "/", pooler->program);
        if (access(ret_program, X_OK) == 0)
            return ERROR_NONE;
        next += length + (next[length] == ':');
    }
    return interplay_error(error, ERROR_BACKEND,
                           "%s: no program %s is installed (scripts/install-dependencies installs "
                           "those that it can)",
                           pooler->name, pooler->program);
}

void postgres_pooler_ask_version(const struct postgres_pooler *pooler, char *ret_version,
                                 size_t capacity_bytes)
{
    char program[POSTGRES_PATH_BYTES], command[2 * POSTGRES_PATH_BYTES];
    *ret_version = '\0';
    if (pooler->version == NULL || postgres_pooler_find(pooler, program, NULL) != ERROR_NONE)
        return;
    (void)snprintf(command, sizeof command, "'%s' %s 2>/dev/null", program, pooler->version);
    FILE *output = popen(command, "r");
    if (output == NULL)
        return;
    if (fgets(ret_version, (int)capacity_bytes, output) != NULL)
        ret_version[strcspn(ret_version, "\n")] = '\0';
    (void)pclose(output);
}

static pid_t launch(const struct postgres_pooler_process *process, const char *log)
{
    char bytes[EXPANDED_BYTES];
    const char *words[ARGUMENTS_MAX + 2] = {process->program};
    const char *arguments = process->pooler->arguments;
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    if (arguments != NULL)
        expand(process, arguments, strlen(arguments), &text);
    char *rest = NULL;
    size_t count = 1;
    for (char *word = strtok_r(bytes, " ", &rest); word != NULL && count <= ARGUMENTS_MAX;
         word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    return postgres_start(&process->user, words, log, SIGKILL);
}

/* --- starting and stopping -------------------------------------------------------------------- */

static void name_log(const struct postgres_pooler_process *process,
                     char ret_log[2 * POSTGRES_PATH_BYTES])
{
    (void)snprintf(ret_log, (size_t)2 * POSTGRES_PATH_BYTES, "%s/log", process->folder);
}

enum error_code postgres_pooler_open(struct postgres_pooler_process *process,
                                     const struct postgres_pooler *pooler,
                                     const struct postgres_server *server, uint32_t number,
                                     struct error *error)
{
    *process = (struct postgres_pooler_process){.pooler = pooler, .server = server};
    enum error_code code = postgres_pooler_find(pooler, process->program, error);
    if (code == ERROR_NONE)
        code = postgres_find_user(&process->user, error);
    if (code == ERROR_NONE)
        code = make_folder(process, number, error);
    if (code != ERROR_NONE)
        return code;
    choose_address(process);
    for (size_t i = 0; i < pooler->file_count && code == ERROR_NONE; i++)
        code = write_file(process, &pooler->files[i], error);
    return code;
}

static bool has_ended(struct postgres_pooler_process *process)
{
    if (process->process > 0 && waitpid(process->process, NULL, WNOHANG) != 0)
        process->process = 0;
    return process->process <= 0;
}

/* What the last one has left of its socket would be taken for it. */
static void clear_address(const struct postgres_pooler_process *process)
{
    union address address;
    (void)make_address(process, &address);
    if (is_folder(process->host))
        (void)unlink(address.local.sun_path);
}

enum error_code postgres_pooler_start(struct postgres_pooler_process *process, struct error *error)
{
    char log[2 * POSTGRES_PATH_BYTES];
    postgres_pooler_stop(process);
    clear_address(process);
    name_log(process, log);
    (void)unlink(log);
    process->owner = getpid();
    process->process = launch(process, log);
    for (int waited = 0; process->process > 0 && !accepts(process); waited++) {
        if (has_ended(process) || waited / 2 > READY_LIMIT_MS) {
            postgres_pooler_stop(process);
            return postgres_fail_with_log("the pooler does not start", log, error);
        }
        (void)usleep(500);
    }
    return process->process > 0 ? ERROR_NONE
                                : interplay_error(error, ERROR_MEMORY, "no process for the pooler");
}

void postgres_pooler_stop(struct postgres_pooler_process *process)
{
    if (process->process > 0 && process->owner == getpid()) {
        (void)kill(process->process, SIGKILL);
        (void)waitpid(process->process, NULL, 0);
    }
    process->process = 0;
}

bool postgres_pooler_has_ended(struct postgres_pooler_process *process, char *ret_text,
                               size_t capacity_bytes)
{
    char log[2 * POSTGRES_PATH_BYTES];
    bool was_there = process->process > 0 && process->owner == getpid();
    if (!was_there || !has_ended(process))
        return false;
    name_log(process, log);
    postgres_read_end(log, ret_text, capacity_bytes);
    return true;
}
