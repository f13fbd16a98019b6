/* SPDX-License-Identifier: Apache-2.0 */
/* Steps, contents and what was expected, out of a recording. */
#include "cli/program_facts.h"

#include "base/file.h"
#include "cli/command.h"
#include "model/text.h"
#include "plan/describe.h"

#include <string.h>

/* Address space; what is kept is small. */
static const size_t arena_bytes = (size_t)256 << 20;

enum { WORDS_BYTES = 200 };

_Static_assert((int)PLAN_TABLES <= (int)SUBJECT_TABLES && (int)PLAN_NUMBERS <= (int)SUBJECT_NUMBERS,
               "a content has room for what the model has");

static void find_steps(struct cli_program_facts *facts, const struct cli_recorded_run *recorded)
{
    const struct plan *plan = &recorded->plan;
    const struct recording *recording = recorded->recording;
    struct subject_step *steps =
        ARENA_ARRAY(&facts->arena, struct subject_step, plan->interaction_count + 1);
    for (size_t i = 0; i < plan->interaction_count; i++) {
        char *words = ARENA_ARRAY(&facts->arena, char, WORDS_BYTES);
        struct text text;
        text_init(&text, words, WORDS_BYTES);
        plan_describe(&plan->interactions[i], &text);
        steps[i] = (struct subject_step){plan->interactions[i].task, UINT64_MAX, words};
    }
    for (uint64_t i = 0; i < recording_kept(recording->event_count); i++) {
        const struct recorded_event *event = &recording->events[i];
        if (event->event.kind == TRACE_invoke)
            steps[event->event.interaction].yields = event->yields;
    }
    facts->finding.steps = steps;
    facts->finding.step_count = plan->interaction_count;
}

/* --- rows ------------------------------------------------------------------------------------- */

static struct value text_of(struct arena *arena, int64_t number, int64_t units)
{
    if (number == MODEL_TEXT_NULL || model_text_is_list(number)) /* its content is not kept */
        return (struct value){.kind = VALUE_NULL};
    char digits[PLAN_PAYLOAD_UNIT_BYTES];
    size_t length = (size_t)units * PLAN_PAYLOAD_UNIT_BYTES;
    char *bytes = ARENA_ARRAY(arena, char, length + 1);
    plan_digits(number, digits);
    for (int64_t i = 0; i < units; i++)
        memcpy(bytes + (size_t)i * PLAN_PAYLOAD_UNIT_BYTES, digits, PLAN_PAYLOAD_UNIT_BYTES);
    return value_text(bytes, length);
}

static struct subject_row row_of(struct arena *arena, uint32_t table,
                                 const struct observed_row *row)
{
    return (struct subject_row){
        .table = table,
        .column_count = SUBJECT_COLUMNS + (row->addend != 0),
        .columns = {value_integer(row->key), value_integer(row->value),
                    text_of(arena, row->text_value, row->text_units),
                    value_integer(observed_row_x(row))},
    };
}

static void find_content(struct arena *arena, const struct model_database *database,
                         struct subject_content *ret_content)
{
    struct subject_row *rows = ARENA_ARRAY(arena, struct subject_row, PLAN_TABLES * PLAN_KEYS);
    *ret_content = (struct subject_content){.is_known = true, .rows = rows};
    for (uint32_t i = 0; i < PLAN_NUMBERS; i++)
        ret_content->numbers[i] = database->numbers[i];
    for (uint32_t table = 0; table < PLAN_TABLES; table++) {
        const struct model_table *from = &database->tables[table];
        ret_content->tables |= (uint32_t)from->exists << table;
        ret_content->indexes[table] = from->indexes;
        for (uint32_t rest = from->present; rest != 0; rest &= rest - 1) {
            uint32_t key = (uint32_t)__builtin_ctz(rest);
            ret_content->is_known &= !model_text_is_list(from->text_value[key]);
            const struct observed_row row = {
                .key = key,
                .value = from->value[key],
                .text_value = from->text_value[key],
                .text_units = from->text_units[key],
                .intact = true,
                .addend = from->addend,
            };
            rows[ret_content->row_count++] = row_of(arena, table, &row);
        }
    }
}

/* --- what was wrong --------------------------------------------------------------------------- */

static bool begins(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* The last one of its kind: nobody looks after a power loss any more once there is a violation. */
static void find_look(struct cli_program_facts *facts, const struct recording *recording)
{
    struct subject_finding *finding = &facts->finding;
    const struct recorded_content *content = NULL;
    for (uint32_t i = 0; i < recording->content_count; i++)
        if (recording->contents[i].is_end != finding->is_noticed_in_look)
            content = &recording->contents[i];
    if (content == NULL || begins(finding->signature, "integrity/"))
        return;
    find_content(&facts->arena, &content->found, &finding->found);
    if (content->has_expected)
        find_content(&facts->arena, &content->expected, &finding->expected);
}

static void find_answer(struct cli_program_facts *facts, const struct cli_recorded_run *recorded)
{
    size_t noticed = facts->finding.noticed;
    if (noticed >= recorded->recording->step_count)
        return;
    const struct recorded_step *step = &recorded->recording->steps[noticed];
    if (!step->is_judged || step->expected.count == 0)
        return;
    const struct observation *expected = &step->expected.predictions[0].expected;
    const struct interaction *interaction = &recorded->plan.interactions[noticed];
    bool has_number = interaction->arguments[FIELD_aggregate] != AGGREGATE_ROWS ||
                      plan_action_infos[interaction->action].effect == EFFECT_READ_NUMBER;
    bool is_look = interaction->action == ACTION_look; /* a matter of several statements */
    if (is_look || (has_number && expected->number_is_null))
        return;
    struct subject_row *rows =
        ARENA_ARRAY(&facts->arena, struct subject_row, expected->rows_kept + 1);
    bool is_known = true;
    for (uint32_t i = 0; i < expected->rows_kept; i++) {
        rows[i] = row_of(&facts->arena, interaction->arguments[FIELD_table], &expected->rows[i]);
        is_known &= !model_text_is_list(expected->rows[i].text_value);
    }
    facts->finding.right = (struct subject_answer){
        .is_known = is_known,
        .outcome = expected->outcome,
        .changes = expected->changes,
        .has_number = has_number,
        .number = expected->number,
        .rows = rows,
        .row_count = expected->rows_kept,
    };
}

void cli_program_facts_find(struct cli_program_facts *ret_facts,
                            const struct cli_recorded_run *recorded, const char *path,
                            const struct run_options *backend)
{
    const struct verdict *verdict = &recorded->result.verdict;
    bool is_look =
        begins(verdict->signature, "integrity/") || begins(verdict->signature, "durability/");
    *ret_facts = (struct cli_program_facts){
        .finding =
            {
                .name = file_short_path(path),
                .signature = verdict->signature,
                .report = verdict->report,
                .version = recorded->version,
                .replay_command = ret_facts->replay_command,
                .noticed = verdict->interaction,
                .is_noticed_in_look = is_look && verdict->interaction != SIZE_MAX,
            },
    };
    arena_init(&ret_facts->arena, arena_bytes);
    struct text text;
    text_init(&text, ret_facts->replay_command, sizeof ret_facts->replay_command);
    cli_describe_replay(&text, path, &(struct cli_order){.backend = backend});
    find_steps(ret_facts, recorded);
    find_look(ret_facts, recorded->recording);
    find_answer(ret_facts, recorded);
}

void cli_program_facts_clean_up(struct cli_program_facts *facts)
{
    arena_clean_up(&facts->arena);
}
