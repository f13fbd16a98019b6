/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL's programs, and running them: the server refuses to be root, so from root they run as
 * the user that the distribution made for it, or as nobody.
 */
#ifndef POSTGRES_POSTGRES_PROCESS_H
#define POSTGRES_POSTGRES_PROCESS_H

#include <interplay/error.h>

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { POSTGRES_PATH_BYTES = 256 };

#define POSTGRES_USER "interplay" /* of the database, not of the system */

/*
 * The folder with `initdb` and `postgres`: what INTERPLAY_POSTGRES_BIN says, the newest in
 * /usr/lib/postgresql, or where the first `postgres` of PATH is. Fails where there is none.
 */
enum error_code postgres_find_programs(char ret_folder[POSTGRES_PATH_BYTES], struct error *error)
    __attribute__((warn_unused_result));

struct postgres_user {
    uid_t user;
    gid_t group;
};

/* Whom its programs run as. */
enum error_code postgres_find_user(struct postgres_user *ret_user, struct error *error)
    __attribute__((warn_unused_result));

/*
 * Starts a program whose output goes to the end of the file `log`. It gets the signal `at_end` when
 * the process that started it ends, however that comes about. Below 0: no process was to be had.
 */
pid_t postgres_start(const struct postgres_user *user, const char *const *words, const char *log,
                     int at_end);

/* Runs one to its end; true if it was successful. */
bool postgres_run(const struct postgres_user *user, const char *const *words, const char *log);

/* The last lines of a log; empty where there is none. */
void postgres_read_end(const char *log, char *ret_text, size_t capacity_bytes);

/* ERROR_BACKEND: what, and what the log says last. */
enum error_code postgres_fail_with_log(const char *what, const char *log, struct error *error);

enum { POSTGRES_CHILDREN_MAX = 128 };

/* The processes that it has started and that are there, as many as there is room for. */
uint32_t postgres_process_children(pid_t process, pid_t ret_children[POSTGRES_CHILDREN_MAX]);

bool postgres_process_is_stopped(pid_t process);

/* It is gone, or nothing but what its parent asks for is left. */
bool postgres_process_has_ended(pid_t process);

/* It has nothing to do before something happens: a lock is free, a message comes. */
bool postgres_process_sleeps(pid_t process);

#endif
