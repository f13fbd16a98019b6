/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What code built with -fsanitize-coverage calls, doing nothing: for programs that link such code
 * (SQLite) but no fuzzing engine. All are weak, so that a sanitizer runtime that has them wins.
 */
#include <stdint.h>

#define STUB(name, ...)                                                                            \
    void name(__VA_ARGS__);                                                                        \
    __attribute__((weak)) void name(__VA_ARGS__)                                                   \
    {                                                                                              \
    }

/* clang-format off */
STUB(__sanitizer_cov_8bit_counters_init, uint8_t *start __attribute__((unused)),
     uint8_t *stop __attribute__((unused)))
STUB(__sanitizer_cov_pcs_init, const uintptr_t *start __attribute__((unused)),
     const uintptr_t *stop __attribute__((unused)))
STUB(__sanitizer_cov_trace_pc_indir, uintptr_t callee __attribute__((unused)))
STUB(__sanitizer_cov_trace_switch, uint64_t value __attribute__((unused)),
     uint64_t *cases __attribute__((unused)))
STUB(__sanitizer_cov_trace_div4, uint32_t value __attribute__((unused)))
STUB(__sanitizer_cov_trace_div8, uint64_t value __attribute__((unused)))
STUB(__sanitizer_cov_trace_gep, uintptr_t index __attribute__((unused)))

#define COMPARE_STUBS(name, type)                                                                  \
    STUB(__sanitizer_cov_trace_##name, type a __attribute__((unused)),                             \
         type b __attribute__((unused)))
COMPARE_STUBS(cmp1, uint8_t)
COMPARE_STUBS(cmp2, uint16_t)
COMPARE_STUBS(cmp4, uint32_t)
COMPARE_STUBS(cmp8, uint64_t)
COMPARE_STUBS(const_cmp1, uint8_t)
COMPARE_STUBS(const_cmp2, uint16_t)
COMPARE_STUBS(const_cmp4, uint32_t)
COMPARE_STUBS(const_cmp8, uint64_t)
/* clang-format on */

/* Written by code built with -fsanitize-coverage=stack-depth (part of fuzzer-no-link). */
extern __thread uintptr_t __sancov_lowest_stack;
__attribute__((weak)) __thread uintptr_t __sancov_lowest_stack;
