/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A finding as a person reads it: what is wrong, the last events, the plan as JSON, and the command
 * that shows it again. The fuzz targets and the command line print the same.
 */
#ifndef REPORT_FINDING_H
#define REPORT_FINDING_H

#include "history/recording.h"
#include "plan/plan.h"
#include "run/run.h"

#include <stdio.h>

struct finding {
    const struct plan *plan;
    const struct run_result *result;
    const char *version;        /* what was under test */
    const char *in_force;       /* of the modes that the plan asks for; NULL or "": all of them */
    const char *replay_command; /* NULL: there is nothing to replay yet */
    /* Of a run that came to the same: what the model says is shown, too. NULL: there is none. */
    const struct recording *recording;
};

enum { FINDING_STEPS = 8, FINDING_EVENTS = 40 };

void finding_print(const struct finding *finding, FILE *out);

#endif
