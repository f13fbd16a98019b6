/* SPDX-License-Identifier: Apache-2.0 */
/* What `interplay run` and `interplay bugs add` do with a finding and the order's bug base. */
#include "cli/finding.h"

#include "cli/cli.h"
#include "run/isolated.h"

#include <string.h>

enum error_code cli_keep_finding(const struct cli_order *order, const struct cli_kept *kept,
                                 struct bugbase_recorded *ret_recorded, struct error *error)
{
    const struct bugbase_subject subject = cli_bug_subject(order->backend);
    const struct bugbase_finding finding = {
        .subject = &subject,
        .plan = kept->plan,
        .verdict = kept->verdict,
        .trace_hash = kept->trace_hash,
        .origin = kept->origin,
        .cause = kept->cause,
    };
    return bugbase_record(order->bugbase_dir, &finding, ret_recorded, error);
}

/* Stores the small plan, with what it comes to, unless that is something else this time. */
static enum error_code store_small(const struct cli_order *order, struct run *run,
                                   const struct plan *plan, const char *signature,
                                   const char *entry, enum shrink_end end, struct error *error)
{
    static const struct isolated_options quiet = {.is_quiet = true};
    struct isolated_result result;
    enum error_code code = isolated_run(run, plan, &quiet, &result, error);
    if (code != ERROR_NONE)
        return code;
    const struct bugbase_small small = {
        .plan = plan,
        .shrunk = end == SHRINK_MINIMAL ? BUGBASE_MINIMAL : BUGBASE_SHRUNK,
        .verdict = strcmp(result.verdict.signature, signature) == 0 ? &result.verdict : NULL,
        .trace_hash = result.trace_hash,
    };
    return bugbase_add_shrunk(order->bugbase_dir, entry, &small, error);
}

enum error_code cli_shrink_finding(const struct cli_order *order, struct run *run,
                                   struct plan *plan, const char *name, const char *signature,
                                   const char *entry, enum shrink_end *ret_end, struct error *error)
{
    enum shrink_end end;
    const struct cli_shrink_options options = {
        .name = name,
        .signature = signature,
        .rounds_max = order->shrink_max_rounds,
        .hides_time = order->hides_times,
    };
    enum error_code code = cli_shrink_plan(run, plan, &options, &end, error);
    if (code == ERROR_NONE && order->bugbase_dir != NULL)
        code = store_small(order, run, plan, signature, entry, end, error);
    if (code == ERROR_NONE)
        *ret_end = end;
    return code;
}
