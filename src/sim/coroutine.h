/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Coroutines: functions with a stack of their own that hand control back and forth with the stack
 * that resumed them. Every switch is announced to AddressSanitizer. Stacks are reserved once and
 * used again; a guard page lies below each. Context switches are libboost-context's (its C ABI).
 */
#ifndef SIM_COROUTINE_H
#define SIM_COROUTINE_H

#include <stddef.h>

/* Measured need of the hungriest backend, under ASan and UBSan: 1.06 MB. */
enum { COROUTINE_STACK_BYTES = 2 * 1024 * 1024 };

struct coroutine {
    void (*body)(void *argument);
    void *argument;
    void *context;        /* where the coroutine goes on */
    void *return_context; /* where the resumer goes on */
    unsigned char *stack; /* lowest usable address */
    void *own_fake_stack, *resumer_fake_stack;
    const void *resumer_stack;
    size_t resumer_stack_bytes;
};

/*
 * Maps the stack; `body` starts at the first resume and must never return. Aborts if the system
 * refuses memory.
 */
void coroutine_init(struct coroutine *coroutine, void (*body)(void *argument), void *argument);

/* Frees the stack, whatever is on it: call it only when nothing there owns anything. */
void coroutine_clean_up(struct coroutine *coroutine);

/* Runs the coroutine until it suspends. Called from any stack but its own. */
void coroutine_resume(struct coroutine *coroutine);

/* Goes back to the resumer. Called on the coroutine's own stack. */
void coroutine_suspend(struct coroutine *coroutine);

#endif
