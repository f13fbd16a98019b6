/* SPDX-License-Identifier: Apache-2.0 */
/* Reading whole files, and writing them through a temporary file and a rename. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_SHORT_PATH_BYTES = 120,
    FILE_FIRST_BUFFER_BYTES = 1 << 16,
    FILE_SIZE_MAX = 1 << 30,
    FILE_TEMPORARY_TRIES = 1000,
};

static int standard_output = STDOUT_FILENO;

void file_set_standard_output(int descriptor)
{
    standard_output = descriptor;
}

bool file_is_standard(const char *path)
{
    return strcmp(path, "-") == 0;
}

const char *file_short_path(const char *path)
{
    size_t length = strlen(path);
    return length <= FILE_SHORT_PATH_BYTES ? path : path + (length - FILE_SHORT_PATH_BYTES);
}

/* "PATH: what the system says", in the words of a person where the system's are dark. */
static enum error_code fail_errno(struct error *error, const char *path, const char *doing)
{
    int number = errno;
    const char *name = file_short_path(path);
    if (number == ENOENT)
        return interplay_error(error, ERROR_IO, "%s: does not exist", name);
    if (number == EISDIR)
        return interplay_error(error, ERROR_IO, "%s: is a folder, expected a file", name);
    if (number == ENOMEM)
        return interplay_error(error, ERROR_MEMORY, "%s: out of memory", name);
    return interplay_error(error, ERROR_IO, "%s: cannot %s: %s", name, doing, strerror(number));
}

/* Reads up to `size` bytes; less only at the end of the file. -1 on failure. */
static ssize_t read_fully(int descriptor, char *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t here = read(descriptor, bytes + done, size - done);
        if (here < 0 && errno == EINTR)
            continue;
        if (here < 0)
            return -1;
        if (here == 0)
            break;
        done += (size_t)here;
    }
    return (ssize_t)done;
}

static enum error_code read_all(struct file_content *ret_content, int descriptor, const char *path,
                                struct error *error)
{
    size_t capacity = FILE_FIRST_BUFFER_BYTES;
    size_t size = 0;
    char *bytes = NULL;
    for (;;) {
        char *grown = realloc(bytes, capacity);
        if (grown == NULL) {
            errno = ENOMEM;
            break;
        }
        bytes = grown;
        size_t room = capacity - 1 - size;
        ssize_t here = read_fully(descriptor, bytes + size, room);
        if (here < 0)
            break;
        size += (size_t)here;
        if (size > FILE_SIZE_MAX) {
            free(bytes);
            return interplay_error(error, ERROR_INPUT, "%s: larger than 1 GiB",
                                   file_short_path(path));
        }
        if ((size_t)here < room) {
            bytes[size] = '\0';
            *ret_content = (struct file_content){bytes, size};
            return ERROR_NONE;
        }
        capacity *= 2;
    }
    enum error_code code = fail_errno(error, path, "read");
    free(bytes);
    return code;
}

enum error_code file_read(struct file_content *ret_content, const char *path, enum file_empty empty,
                          struct error *error)
{
    int descriptor = file_is_standard(path) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                            : open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail_errno(error, path, "open");
    struct file_content content = {0};
    enum error_code code = read_all(&content, descriptor, path, error);
    (void)close(descriptor);
    if (code != ERROR_NONE)
        return code;
    if (content.size == 0 && empty == FILE_MUST_HAVE_BYTES) {
        file_content_clean_up(&content);
        return interplay_error(error, ERROR_INPUT, "%s: is empty", file_short_path(path));
    }
    *ret_content = content;
    return ERROR_NONE;
}

void file_content_clean_up(struct file_content *content)
{
    free(content->bytes);
    *content = (struct file_content){0};
}

static bool write_fully(int descriptor, const char *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t here = write(descriptor, bytes + done, size - done);
        if (here < 0 && errno == EINTR)
            continue;
        if (here < 0)
            return false;
        done += (size_t)here;
    }
    return true;
}

/* A new file beside `path`; its name goes to `ret_name`. -1 with errno on failure. */
static int create_beside(const char *path, char ret_name[PATH_MAX])
{
    for (int attempt = 0; attempt < FILE_TEMPORARY_TRIES; attempt++) {
        int length = snprintf(ret_name, PATH_MAX, "%s.%ld-%d.tmp", path, (long)getpid(), attempt);
        if (length < 0 || length >= PATH_MAX) {
            errno = ENAMETOOLONG;
            return -1;
        }
        int descriptor = open(ret_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor >= 0 || errno != EEXIST)
            return descriptor;
    }
    return -1;
}

/*
 * Makes the new name durable. Some file systems refuse it for folders: then there is nothing to be
 * done.
 */
static void sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    if (length >= sizeof folder)
        return;
    memcpy(folder, path, length);
    folder[length] = '\0';
    int descriptor = open(length == 0 ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    (void)fsync(descriptor);
    (void)close(descriptor);
}

static bool write_and_rename(int descriptor, const char *temporary, const char *path,
                             const struct stat *existing, const void *bytes, size_t size)
{
    bool done = existing == NULL || fchmod(descriptor, existing->st_mode & 07777) == 0;
    done = done && write_fully(descriptor, bytes, size) && fsync(descriptor) == 0;
    int number = errno;
    if (close(descriptor) != 0 && done) {
        done = false;
        number = errno;
    }
    if (done && rename(temporary, path) == 0)
        return true;
    if (done)
        number = errno;
    (void)unlink(temporary);
    errno = number;
    return false;
}

static enum error_code fail_without_folder(struct error *error, const char *path)
{
    return interplay_error(error, ERROR_IO, "%s: cannot write: its folder does not exist",
                           file_short_path(path));
}

enum error_code file_check_output(const char *path, struct error *error)
{
    char folder[PATH_MAX];
    struct stat existing;
    if (file_is_standard(path))
        return ERROR_NONE;
    if (stat(path, &existing) == 0) {
        errno = EISDIR;
        return S_ISDIR(existing.st_mode) ? fail_errno(error, path, "write") : ERROR_NONE;
    }
    const char *slash = strrchr(path, '/');
    int length = slash == NULL || slash == path ? 1 : (int)(slash - path);
    (void)snprintf(folder, sizeof folder, "%.*s", length, slash == NULL ? "." : path);
    if (access(folder, W_OK | X_OK) == 0)
        return ERROR_NONE;
    return errno == ENOENT ? fail_without_folder(error, path) : fail_errno(error, path, "write");
}

enum error_code file_write(const char *path, const void *bytes, size_t size, struct error *error)
{
    char resolved[PATH_MAX];
    struct stat existing;
    const char *target = path;
    if (file_is_standard(path))
        return write_fully(standard_output, bytes, size) ? ERROR_NONE
                                                         : fail_errno(error, path, "write");
    bool exists = stat(path, &existing) == 0;
    if (exists) {
        if (S_ISDIR(existing.st_mode))
            errno = EISDIR;
        if (S_ISDIR(existing.st_mode) || realpath(path, resolved) == NULL)
            return fail_errno(error, path, "write");
        if (!S_ISREG(existing.st_mode))
            return interplay_error(error, ERROR_IO, "%s: is not a regular file",
                                   file_short_path(path));
        target = resolved;
    }
    char temporary[PATH_MAX];
    int descriptor = create_beside(target, temporary);
    if (descriptor < 0 && errno == ENOENT)
        return fail_without_folder(error, path);
    if (descriptor < 0 ||
        !write_and_rename(descriptor, temporary, target, exists ? &existing : NULL, bytes, size))
        return fail_errno(error, path, "write");
    sync_folder_of(target);
    return ERROR_NONE;
}
