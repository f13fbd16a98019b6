/* SPDX-License-Identifier: Apache-2.0 */
/* What the system does with folders and locks, with its errors in words. */
#include "bugbase/folder.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum error_code folder_fail(struct error *error, const char *path, const char *doing)
{
    return interplay_error(error, ERROR_IO, "%s: cannot %s: %s", file_short_path(path), doing,
                           strerror(errno));
}

enum error_code folder_path(char ret_path[PATH_MAX], const char *folder, const char *name,
                            struct error *error)
{
    int length = snprintf(ret_path, PATH_MAX, "%s/%s", folder, name);
    if (length >= 0 && length < PATH_MAX)
        return ERROR_NONE;
    return interplay_error(error, ERROR_USAGE, "%s: the path is too long", file_short_path(folder));
}

enum error_code folder_lock(int *ret_lock, const char *base, bool may_create, struct error *error)
{
    char path[PATH_MAX];
    enum error_code code = folder_path(path, base, FOLDER_LOCK, error);
    if (code != ERROR_NONE)
        return code;
    int lock = open(path, O_RDWR | O_CLOEXEC | (may_create ? O_CREAT : 0), 0666);
    if (lock < 0 && errno == ENOENT)
        return interplay_error(error, ERROR_IO, "%s: is no bug base: there is no %s in it",
                               file_short_path(base), FOLDER_LOCK);
    if (lock < 0)
        return folder_fail(error, path, "open");
    while (flock(lock, LOCK_EX) != 0) {
        if (errno == EINTR)
            continue;
        code = folder_fail(error, path, "lock");
        (void)close(lock);
        return code;
    }
    *ret_lock = lock;
    return ERROR_NONE;
}

void folder_sync(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    (void)fsync(descriptor);
    (void)close(descriptor);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

enum error_code folder_remove(const char *path, struct error *error)
{
    enum { DESCRIPTORS = 8 };
    if (nftw(path, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return ERROR_NONE;
    return folder_fail(error, path, "remove");
}
