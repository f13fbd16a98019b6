/* The fuzz target: which pool, on which database. */
#include "generated/subjects.h"

#include <interplay/fuzz.h>
#include <interplay/stack.h>

extern const struct stack_ops mini_stack;

const struct fuzz_target interplay_fuzz_target = {
    .name = "fuzz_mini_pool",
    .subject = &interplay_subject_memory,
    .stack = &mini_stack,
};
