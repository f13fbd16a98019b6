/* SPDX-License-Identifier: Apache-2.0 */
/* Watching a run, each yield point of it. */
#include "explain/course.h"

#include "base/assert.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unwind.h>

enum error_code course_new(struct course **ret_course, size_t interactions, struct error *error)
{
    size_t size = sizeof(struct course) + interactions * sizeof(struct course_counts);
    struct course *course =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (course == MAP_FAILED)
        return interplay_error(error, ERROR_MEMORY, "no shared memory: %s", strerror(errno));
    course->size_bytes = size;
    course->interaction_count = interactions;
    *ret_course = course;
    return ERROR_NONE;
}

void course_free(struct course *course)
{
    if (course != NULL)
        ASSERT(munmap(course, course->size_bytes) == 0);
}

/* --- in the process of the plan -------------------------------------------------------------- */

/* Only its address minus one is sure to lie in the function where a frame is a caller's. */
static _Unwind_Reason_Code course_add_frame(struct _Unwind_Context *context, void *argument)
{
    struct course_stack *stack = argument;
    int is_exact = 0;
    uintptr_t address = _Unwind_GetIPInfo(context, &is_exact);
    if (address == 0 || stack->count == COURSE_FRAMES_MAX)
        return _URC_END_OF_STACK;
    stack->frames[stack->count++] = is_exact ? address : address - 1;
    return _URC_NO_REASON;
}

void course_take_stack(struct course_stack *ret_stack)
{
    ret_stack->count = 0;
    (void)_Unwind_Backtrace(course_add_frame, ret_stack);
}

static void course_keep_stack(const struct course *course, struct course_stack *stack)
{
    stack->count = 0;
    if (course->has_stacks)
        course_take_stack(stack);
}

void course_count(struct course_counts *counts, enum yield_point at)
{
    uint64_t point = UINT64_C(1) << at;
    counts->of[PAUSE_ANY]++;
    counts->of[PAUSE_STORAGE] += (point & yield_points_storage) != 0;
    counts->of[PAUSE_LOCK] += (point & yield_points_lock) != 0;
    counts->of[PAUSE_WRITE] += (point & yield_points_write) != 0;
}

static void course_on_crossing(void *context, const struct run_crossing *crossed)
{
    struct course *course = context;
    uint64_t point = UINT64_C(1) << crossed->point;
    struct course_counts *counts = &course->counts[crossed->interaction];
    course_count(counts, crossed->point);
    if (course->points == COURSE_SHARED_POINTS &&
        (point & (yield_points_storage | yield_points_lock)) == 0)
        return;
    if (course->count++ >= COURSE_CROSSINGS_MAX)
        return;
    struct course_crossing *crossing = &course->crossings[course->count - 1];
    crossing->interaction = crossed->interaction;
    crossing->point = crossed->point;
    crossing->counts = *counts;
    course_keep_stack(course, &crossing->stack);
}

static void course_on_fault(void *context, uint32_t interaction, enum fault_kind kind)
{
    struct course *course = context;
    if (course->fault_count == COURSE_FAULTS_MAX)
        return;
    struct course_fault *fault = &course->faults[course->fault_count++];
    fault->interaction = interaction;
    fault->kind = kind;
    course_keep_stack(course, &fault->stack);
}

/* --- in ours --------------------------------------------------------------------------------- */

enum error_code course_run(struct course *course, struct run *run, const struct plan *plan,
                           enum course_points points, bool has_stacks,
                           struct isolated_result *ret_result, struct error *error)
{
    static const struct isolated_options quiet = {.is_quiet = true};
    const struct run_watcher watcher = {
        .on_crossing = course_on_crossing, .on_fault = course_on_fault, .context = course};
    ASSERT(plan->interaction_count <= course->interaction_count);
    course->points = points;
    course->has_stacks = has_stacks;
    course->count = 0;
    course->fault_count = 0;
    memset(course->counts, 0, course->interaction_count * sizeof *course->counts);
    run_watch(run, &watcher);
    enum error_code code = isolated_run(run, plan, &quiet, ret_result, error);
    run_watch(run, NULL);
    return code;
}
