/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What went wrong in the harness or in its input, for a person to read.
 *
 * An error of the system under test is data (an outcome), never one of these: a `struct error`
 * means that the harness could not go on (bad input, no memory, a backend that does not start), and
 * ends a command with exit status 2. The caller owns the struct; nothing in it is allocated.
 */
#ifndef INTERPLAY_ERROR_H
#define INTERPLAY_ERROR_H

#include <stdbool.h>

enum error_code {
    ERROR_NONE = 0,
    ERROR_USAGE,   /* an option, a path or a combination of them makes no sense */
    ERROR_INPUT,   /* a file's content is not what its kind demands */
    ERROR_IO,      /* the operating system refused a file or folder */
    ERROR_MEMORY,  /* out of memory */
    ERROR_BACKEND, /* the database under test could not be brought up */
};

struct error {
    enum error_code code;
    char message[512]; /* one line without newline: place, what is wrong, what was expected */
};

/* Fills `error` (may be NULL) printf-style and returns `code`, so that failing is one statement. */
enum error_code interplay_error(struct error *error, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "CONTEXT: " before the message; each layer does it at most once. */
void interplay_error_context(struct error *error, const char *context);

#endif
