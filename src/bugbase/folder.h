/* SPDX-License-Identifier: Apache-2.0 */
/* Folders, and the lock of a bug base; private to it. */
#ifndef BUGBASE_FOLDER_H
#define BUGBASE_FOLDER_H

#include <interplay/error.h>

#include <limits.h>
#include <stdbool.h>

/* In the base's folder. */
#define FOLDER_LOCK ".interplay-lock"
#define FOLDER_NEW  ".interplay-new" /* an entry that is not complete yet */
#define FOLDER_OLD  ".interplay-old" /* an entry that is being taken away */

/* "PATH: cannot DOING: what the system says"; of errno. */
enum error_code folder_fail(struct error *error, const char *path, const char *doing);

/* "FOLDER/NAME"; fails when that is too long for a path. */
enum error_code folder_path(char ret_path[PATH_MAX], const char *folder, const char *name,
                            struct error *error) __attribute__((warn_unused_result));

/*
 * Waits until nobody else changes the base; to close `ret_lock` unlocks. Only with `may_create` a
 * folder becomes a base.
 */
enum error_code folder_lock(int *ret_lock, const char *base, bool may_create, struct error *error)
    __attribute__((warn_unused_result));

/* Makes names in it durable, where the file system does that for folders. */
void folder_sync(const char *path);

/* The folder with all that is in it; it need not exist. */
enum error_code folder_remove(const char *path, struct error *error);

#endif
