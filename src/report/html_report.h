/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run as one HTML file that needs nothing beside itself: the verdict in words, lanes of the tasks
 * over time, each interaction with its SQL, what it came to and what the model says, the dependency
 * cycle where there is one, the plan. The same run makes the same bytes.
 */
#ifndef REPORT_HTML_REPORT_H
#define REPORT_HTML_REPORT_H

#include "explain/explain.h"
#include "explain/spots.h"
#include "history/recording.h"
#include "oracle/verdict.h"
#include "run/run.h"

#include <interplay/error.h>

struct html_report {
    const struct plan *plan;
    const struct recording *recording;
    const struct verdict *verdict;
    const struct run_unjudged *unjudged;
    const struct oracle_ends *ends;
    uint64_t trace_hash; /* not of a process that died */
    bool has_died;
    const char *name;                       /* of the plan */
    const char *version;                    /* what was under test */
    const char *replay_command;             /* that shows it again */
    enum dialect dialect;                   /* of what was under test */
    const struct explain_result *explained; /* NULL: nobody asked why it shows */
    const struct spots *spots;              /* NULL: nobody looked where it was */
    const char *build;                      /* of Interplay: version, compiler, sanitizers */
    const struct subject_locks *locks;      /* what its locks are called; NULL: it has none */
};

/*
 * Writes the file at once or not at all (base/file.h). Fails with ERROR_IO or ERROR_MEMORY, the
 * path named.
 */
enum error_code html_report_write(const struct html_report *report, const char *path,
                                  struct error *error) __attribute__((warn_unused_result));

#endif
