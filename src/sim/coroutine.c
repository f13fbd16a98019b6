/* SPDX-License-Identifier: Apache-2.0 */
/* Stack switches through libboost-context, announced to AddressSanitizer. */
#include "sim/coroutine.h"

#include "base/assert.h"
#include "base/sanitizer.h"

#include <sys/mman.h>

/* The C ABI of libboost-context (boost/context/detail/fcontext.hpp, Boost 1.61 and newer). */
struct transfer {
    void *context;
    void *data;
};
extern struct transfer jump_fcontext(void *to, void *data);
extern void *make_fcontext(void *stack_top, size_t stack_bytes, void (*entry)(struct transfer));

enum { GUARD_BYTES = 4096 };

static void announce_leave(void **save_fake_stack, const void *bottom, size_t size_bytes)
{
#if SANITIZER_ADDRESS
    __sanitizer_start_switch_fiber(save_fake_stack, bottom, size_bytes);
#else
    (void)save_fake_stack;
    (void)bottom;
    (void)size_bytes;
#endif
}

static void announce_arrival(void *fake_stack, const void **bottom_old, size_t *size_old)
{
#if SANITIZER_ADDRESS
    __sanitizer_finish_switch_fiber(fake_stack, bottom_old, size_old);
#else
    (void)fake_stack;
    (void)bottom_old;
    (void)size_old;
#endif
}

static void enter(struct transfer transfer)
{
    struct coroutine *coroutine = transfer.data;
    coroutine->return_context = transfer.context;
    announce_arrival(NULL, &coroutine->resumer_stack, &coroutine->resumer_stack_bytes);
    coroutine->body(coroutine->argument);
    assert_failed("a coroutine's body never returns", __FILE__, __LINE__);
}

void coroutine_init(struct coroutine *coroutine, void (*body)(void *argument), void *argument)
{
    unsigned char *memory = mmap(NULL, COROUTINE_STACK_BYTES + GUARD_BYTES, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    ASSERT(memory != MAP_FAILED);
    ASSERT(mprotect(memory, GUARD_BYTES, PROT_NONE) == 0);
    unsigned char *stack = memory + GUARD_BYTES;
    *coroutine = (struct coroutine){
        .body = body,
        .argument = argument,
        .stack = stack,
        .context = make_fcontext(stack + COROUTINE_STACK_BYTES, COROUTINE_STACK_BYTES, enter),
    };
}

void coroutine_clean_up(struct coroutine *coroutine)
{
    if (coroutine->stack == NULL)
        return;
    sanitizer_unpoison(coroutine->stack, COROUTINE_STACK_BYTES);
    ASSERT(munmap(coroutine->stack - GUARD_BYTES, COROUTINE_STACK_BYTES + GUARD_BYTES) == 0);
    *coroutine = (struct coroutine){0};
}

void coroutine_resume(struct coroutine *coroutine)
{
    void *fake_stack = NULL;
    announce_leave(&fake_stack, coroutine->stack, COROUTINE_STACK_BYTES);
    struct transfer back = jump_fcontext(coroutine->context, coroutine);
    announce_arrival(fake_stack, NULL, NULL);
    coroutine->context = back.context;
}

void coroutine_suspend(struct coroutine *coroutine)
{
    announce_leave(&coroutine->own_fake_stack, coroutine->resumer_stack,
                   coroutine->resumer_stack_bytes);
    struct transfer again = jump_fcontext(coroutine->return_context, NULL);
    announce_arrival(coroutine->own_fake_stack, &coroutine->resumer_stack,
                     &coroutine->resumer_stack_bytes);
    coroutine->return_context = again.context;
}
