/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What plans came to, collected for the files that other people's tools read: JUnit's XML and
 * SARIF. All texts are copied. There is no way to go on without memory: they assert.
 */
#ifndef REPORT_RESULTS_H
#define REPORT_RESULTS_H

#include <interplay/error.h>

#include <stddef.h>

enum result_kind {
    RESULT_OK,
    RESULT_VIOLATION,
    RESULT_KNOWN,   /* a violation that is passed over */
    RESULT_SKIPPED, /* not run */
    RESULT_FAILED,  /* could not be run, or was not judged */
};

struct result {
    enum result_kind kind;
    const char *name;      /* for people: of its file, or which plan of which seed */
    const char *path;      /* of its plan; NULL: there is no file */
    const char *signature; /* NULL: nothing is wrong */
    const char *cause;     /* the hash of its cause; NULL: not known */
    const char *message;   /* what is wrong, or why it was not run; NULL: nothing to say */
    const char *replay;    /* the command that shows it again; NULL: none */
    double seconds;
};

/* All zero: none yet. */
struct results {
    struct result *items;
    size_t count, capacity;
};
void results_add(struct results *results, const struct result *result);
void results_clean_up(struct results *results);

/* What they are results of. */
struct results_frame {
    const char *command; /* "replay" */
    const char *line;    /* the command that does the same again */
    const char *version; /* of Interplay */
    double seconds;
    int status;
};

/* Replace the file at once ("-": standard output). */
enum error_code junit_write(const struct results *results, const struct results_frame *frame,
                            const char *path, struct error *error)
    __attribute__((warn_unused_result));
enum error_code sarif_write(const struct results *results, const struct results_frame *frame,
                            const char *path, struct error *error)
    __attribute__((warn_unused_result));

#endif
