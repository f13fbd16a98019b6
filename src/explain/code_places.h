/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in the code under test a stack is: functions, files and lines by what the compiler has
 * written down of them (llvm-symbolizer or addr2line read it), innermost first. What is the
 * simulator's, or only passes a call on to it, is left out.
 */
#ifndef EXPLAIN_CODE_PLACES_H
#define EXPLAIN_CODE_PLACES_H

#include "explain/course.h"

#include <stddef.h>
#include <stdint.h>

enum { CODE_PLACES_MAX = 4 };

struct code_place {
    char function[64];
    char file[64]; /* without its folder; empty: not known */
    uint32_t line;
};

struct code_places {
    uint32_t count; /* 0: nothing is known, or nothing of it is under test */
    struct code_place places[CODE_PLACES_MAX];
};

/*
 * Names `count` stacks of a process that was forked from this one. `passes_on` is the subject's.
 * Where there is neither there are no lines, and the functions are those of the program's own
 * table of symbols.
 */
void code_places_name(const struct course_stack *const *stacks, size_t count,
                      const char *const *passes_on, struct code_places *ret_places);

#endif
