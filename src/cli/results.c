/* SPDX-License-Identifier: Apache-2.0 */
/* From what commands know to records and results. */
#include "cli/results.h"

#include "cli/machine_output.h"

#include <inttypes.h>
#include <string.h>

static void put_begin(const struct cli_results *results, const struct cli_tested *tested)
{
    struct record record = record_begin(RECORD_begin);
    const struct run_options *backend = results->order->backend;
    record_text(&record, RECORD_begin_interplay, INTERPLAY_VERSION);
    record_text(&record, RECORD_begin_build, cli_build());
    record_text(&record, RECORD_begin_command, results->line);
    record_text(&record, RECORD_begin_target, cli_bug_subject(backend).target);
    if (tested != NULL) {
        record_text(&record, RECORD_begin_backend, cli_backend_name(backend));
        record_text(&record, RECORD_begin_tested, run_backend_version(tested->run));
        record_text(&record, RECORD_begin_seed, tested->seed);
        record_text(&record, RECORD_begin_beside, tested->beside);
    }
    record_end(&record, results->lines);
}

void cli_results_open(struct cli_results *ret_results, const struct cli_command *command,
                      const struct cli_order *order, const struct cli_tested *tested)
{
    struct text line;
    *ret_results = (struct cli_results){
        .order = order,
        .word = command->name,
        .lines = order->json ? cli_machine_output() : NULL,
        .began = cli_now(),
    };
    text_init(&line, ret_results->line, sizeof ret_results->line);
    cli_describe_command(&line, command, order);
    for (int i = 0; i < order->operand_count; i++) {
        text_append(&line, " ");
        text_append_word(&line, order->operands[i]);
    }
    if (ret_results->lines != NULL)
        put_begin(ret_results, tested);
}

void cli_results_add(struct cli_results *results, const struct result *result)
{
    if (results->order->junit != NULL || results->order->sarif != NULL)
        results_add(&results->results, result);
}

void cli_results_fail(const struct cli_results *results, const char *message)
{
    if (results->lines == NULL)
        return;
    struct record record = record_begin(RECORD_error);
    record_text(&record, RECORD_error_message, message);
    record_end(&record, results->lines);
}

static enum error_code write_files(const struct cli_results *results, enum cli_status status,
                                   struct error *error)
{
    const struct cli_order *order = results->order;
    const struct results_frame frame = {
        .command = results->word,
        .line = results->line,
        .version = INTERPLAY_VERSION,
        .seconds = cli_seconds_since(&results->began),
        .status = (int)status,
    };
    enum error_code code = ERROR_NONE;
    if (order->junit != NULL)
        code = junit_write(&results->results, &frame, order->junit, error);
    if (code == ERROR_NONE && order->sarif != NULL)
        code = sarif_write(&results->results, &frame, order->sarif, error);
    return code;
}

enum cli_status cli_results_close(struct cli_results *results, struct record *end,
                                  enum cli_status status)
{
    struct error error = {0};
    if (write_files(results, status, &error) != ERROR_NONE) {
        cli_results_fail(results, error.message);
        status = cli_fail(&error);
    }
    results_clean_up(&results->results);
    record_number(end, RECORD_end_status, (uint64_t)status);
    record_real(end, RECORD_end_seconds, cli_seconds_since(&results->began));
    if (results->lines != NULL)
        record_end(end, results->lines);
    else
        record_drop(end);
    return status;
}
