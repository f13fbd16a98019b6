/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files in, whole files out. Reading says in one line why a file cannot be read; writing
 * replaces a file at once or not at all, so that a process that is killed leaves the old content or
 * the new one.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <interplay/error.h>

#include <stddef.h>

enum file_empty { FILE_MAY_BE_EMPTY, FILE_MUST_HAVE_BYTES };

/* On the heap, followed by a zero byte that `size` does not count. Owned by who read it. */
struct file_content {
    char *bytes;
    size_t size;
};

/*
 * Reads all of `path`, which may be a pipe; "-" is standard input. Fails with ERROR_IO when it does
 * not exist, is a folder or cannot be read, with ERROR_INPUT when it is larger than 1 GiB, or empty
 * though it must not be.
 */
enum error_code file_read(struct file_content *ret_content, const char *path, enum file_empty empty,
                          struct error *error) __attribute__((warn_unused_result));
void file_content_clean_up(struct file_content *content);

/*
 * For whoever works for long before he writes: fails where `path` is a folder, or a new file for
 * which there is no folder, or none that may be written to. What else goes wrong is said later.
 */
enum error_code file_check_output(const char *path, struct error *error)
    __attribute__((warn_unused_result));

/*
 * Puts `size` bytes at `path`: written to a file beside it, synced, renamed. An existing file keeps
 * its permissions; a symbolic link keeps pointing to what it points to. Refuses what exists and is
 * no regular file. On failure no trace is left. "-" is standard output, where nothing can be taken
 * back.
 */
enum error_code file_write(const char *path, const void *bytes, size_t size, struct error *error)
    __attribute__((warn_unused_result));

/* "-" */
bool file_is_standard(const char *path);

/* What "-" is from now on: a descriptor, which stays its owner's. */
void file_set_standard_output(int descriptor);

/* `path`, or its end when it is too long for an error message. */
const char *file_short_path(const char *path);

#endif
