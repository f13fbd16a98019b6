/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping and printing events. */
#include "run/trace.h"

#include "base/hash.h"
#include "plan/describe.h"
#include "sim/world.h"

void trace_begin(struct trace *trace, const struct plan *plan)
{
    trace->plan = plan;
    trace->hash = 0;
    trace->count = 0;
}

void trace_add(struct trace *trace, enum trace_kind kind, uint32_t task, uint32_t detail,
               size_t interaction, int64_t value)
{
    struct trace_event event = {
        .kind = (uint8_t)kind,
        .task = (uint8_t)task,
        .detail = (uint16_t)detail,
        .interaction = (uint32_t)interaction,
        .value = value,
    };
    uint64_t head = (uint64_t)event.kind | (uint64_t)event.task << 8 |
                    (uint64_t)event.detail << 16 | (uint64_t)event.interaction << 32;
    trace->hash = hash_word(hash_word(trace->hash, head), (uint64_t)value);
    if (trace->count < TRACE_EVENTS_MAX)
        trace->events[trace->count] = event;
    trace->count++;
}

static uint64_t observation_hash(const struct observation *seen)
{
    uint64_t hash = hash_word((uint64_t)seen->outcome, (uint64_t)seen->in_transaction);
    hash = hash_word(hash, (uint64_t)seen->changes);
    hash = hash_word(hash, seen->row_count);
    hash = hash_word(hash, (uint64_t)(seen->number_is_null ? -1 : seen->number));
    hash = hash_word(hash, (uint64_t)seen->error_code);
    for (int i = 0; i < 3; i++)
        hash = hash_word(hash, (uint64_t)seen->checkpoint[i]);
    for (uint32_t i = 0; i < seen->rows_kept; i++) {
        const struct observed_row *row = &seen->rows[i];
        hash = hash_word(hash, (uint64_t)row->key);
        hash = hash_word(hash, (uint64_t)row->value);
        hash = hash_word(hash, (uint64_t)row->text_value);
        hash = hash_word(hash, (uint64_t)row->text_units << 1 | row->intact);
    }
    return hash;
}

void trace_return(struct trace *trace, uint32_t task, size_t interaction,
                  const struct observation *seen, int64_t number)
{
    trace_add(trace, TRACE_RETURN, task, (uint32_t)seen->outcome, interaction, number);
    trace->hash = hash_word(trace->hash, observation_hash(seen));
}

static void print_event(const struct trace *trace, const struct trace_event *event, FILE *file)
{
    char buffer[256];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    switch ((enum trace_kind)event->kind) {
    case TRACE_INVOKE:
        plan_describe(&trace->plan->interactions[event->interaction], &text);
        fprintf(file, "%5u  task %u  > %s\n", event->interaction, event->task, buffer);
        return;
    case TRACE_RETURN:
        fprintf(file, "%5u  task %u  < %s (%lld)\n", event->interaction, event->task,
                interplay_outcome_names[event->detail], (long long)event->value);
        return;
    case TRACE_COMMIT_POINT:
        fprintf(file, "%5u  task %u  * commit point\n", event->interaction, event->task);
        return;
    case TRACE_PARK:
        fprintf(file, "%5u  task %u  | held back before %s\n", event->interaction, event->task,
                yield_point_names[event->detail]);
        return;
    case TRACE_WAIT:
        fprintf(file, "%5u  task %u  . waits for task %lld\n", event->interaction, event->task,
                (long long)event->value);
        return;
    case TRACE_SLEEP:
        fprintf(file, "%5u  task %u  . sleeps until %.3f ms\n", event->interaction, event->task,
                (double)event->value / 1e6);
        return;
    case TRACE_CONTINUE:
        fprintf(file, "%5u  task %u  | goes on\n", event->interaction, event->task);
        return;
    case TRACE_FAULT:
        fprintf(file, "%5u  task %u  ! %s\n", event->interaction, event->task,
                fault_infos[event->detail].name);
        return;
    case TRACE_POWER_LOSS:
        fprintf(file, "%5u  all     ! the power is gone\n", event->interaction);
        return;
    case TRACE_RECOVERED:
        fprintf(file, "%5u  checker * recovered a copy and read it\n", event->interaction);
        return;
    case TRACE_DISCONNECT:
        fprintf(file, "%5u  task %u  x disconnected (%s)\n", event->interaction, event->task,
                interplay_outcome_names[event->detail]);
        return;
    case TRACE_END:
        fprintf(file, "  end  %lld yield points crossed\n", (long long)event->value);
        return;
    }
}

void trace_print_tail(const struct trace *trace, size_t count, FILE *file)
{
    uint64_t kept = trace->count < TRACE_EVENTS_MAX ? trace->count : TRACE_EVENTS_MAX;
    uint64_t first = kept > count ? kept - count : 0;
    if (first > 0)
        fprintf(file, "  ...  (%llu events before)\n", (unsigned long long)first);
    for (uint64_t i = first; i < kept; i++)
        print_event(trace, &trace->events[i], file);
    if (trace->count > kept)
        fprintf(file, "  ...  (%llu events more)\n", (unsigned long long)(trace->count - kept));
}

void trace_print(const struct trace *trace, FILE *file)
{
    trace_print_tail(trace, TRACE_EVENTS_MAX, file);
}
