/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Noting a crash: a handler on a stack of its own (the other one may have overflowed) and the
 * sanitizers' hooks, where there is a sanitizer.
 */
#include "run/crash_place.h"

#include "base/assert.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unwind.h>

/* One process, one place; handlers get no context. */
static struct crash_place *noted;

/* The sanitizers' own names: NULL where they are not linked in. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));
const char *__asan_get_report_description(void) __attribute__((weak));
int __asan_report_present(void) __attribute__((weak));
int __asan_get_report_access_type(void) __attribute__((weak));
size_t __asan_get_report_access_size(void) __attribute__((weak));
void *__asan_get_report_address(void) __attribute__((weak));
size_t __asan_get_alloc_stack(void *address, void **trace, size_t size, int *thread)
    __attribute__((weak));
size_t __asan_get_free_stack(void *address, void **trace, size_t size, int *thread)
    __attribute__((weak));
void __tsan_init(void) __attribute__((weak));
void __msan_init(void) __attribute__((weak));
void __ubsan_get_current_report_data(const char **ret_kind, const char **ret_message,
                                     const char **ret_file, unsigned *ret_line,
                                     unsigned *ret_column, char **ret_address)
    __attribute__((weak));

static bool has_sanitizer(void)
{
    return __sanitizer_set_death_callback != NULL;
}

/* --- frames ---------------------------------------------------------------------------------- */

/* Only its address minus one is sure to lie in the function where a frame is a caller's. */
static _Unwind_Reason_Code note_frame(struct _Unwind_Context *context, void *argument)
{
    struct crash_stack *stack = argument;
    int is_exact = 0;
    uintptr_t address = _Unwind_GetIPInfo(context, &is_exact);
    if (address == 0 || stack->frame_count == CRASH_FRAMES_MAX)
        return _URC_END_OF_STACK;
    stack->frames[stack->frame_count++] = is_exact ? address : address - 1;
    return _URC_NO_REASON;
}

static void note_frames(void)
{
    noted->at.frame_count = 0;
    (void)_Unwind_Backtrace(note_frame, &noted->at);
}

/* --- signals --------------------------------------------------------------------------------- */

/* SIGABRT is a broken invariant of the harness (isolated.c). */
static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
enum { SIGNAL_COUNT = sizeof signals / sizeof signals[0] };

static struct sigaction before[SIGNAL_COUNT];

/*
 * The instruction that crashed is tried again: a sanitizer, which was here before us, sees it, or
 * it ends the process. Handlers of whoever forked us are not meant for this process.
 */
static void step_aside(void)
{
    const struct sigaction none = {.sa_handler = SIG_DFL};
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        (void)sigaction(signals[i], has_sanitizer() ? &before[i] : &none, NULL);
}

static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)context;
    step_aside();
    noted->signal = number;
    note_frames();
    if (info->si_code <= 0) /* sent, not met */
        (void)raise(number);
}

static void watch_signals(void)
{
    static unsigned char stack[64 * 1024];
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    ASSERT(sigaltstack(&alternate, NULL) == 0 && sigemptyset(&action.sa_mask) == 0);
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        ASSERT(sigaction(signals[i], &action, &before[i]) == 0);
}

/* --- sanitizers ------------------------------------------------------------------------------ */

/* Without addresses, which differ from run to run. */
static void note_message(const char *message)
{
    size_t used = 0;
    for (const char *next = message; *next != '\0' && used + 1 < sizeof noted->message; next++) {
        noted->message[used++] = *next;
        if (next[0] == 'x' && next > message && next[-1] == '0')
            next += strspn(next + 1, "0123456789abcdefABCDEF");
    }
    noted->message[used] = '\0';
}

/* UBSan calls it for each report, in place of its own, which does nothing. */
void __ubsan_on_report(void);

void __ubsan_on_report(void)
{
    if (noted == NULL || __ubsan_get_current_report_data == NULL)
        return;
    const char *kind, *message, *file;
    unsigned line, column;
    char *address;
    __ubsan_get_current_report_data(&kind, &message, &file, &line, &column, &address);
    (void)snprintf(noted->sanitizer_kind, sizeof noted->sanitizer_kind, "ubsan/%s", kind);
    char said[CRASH_MESSAGE_BYTES];
    const char *slash = strrchr(file, '/');
    (void)snprintf(said, sizeof said, "%s (%s:%u)", message, slash == NULL ? file : slash + 1,
                   line);
    note_message(said);
    note_frames();
}

/* Addresses in the functions, not behind the calls. */
static void note_stack(struct crash_stack *stack,
                       size_t (*get)(void *address, void **trace, size_t size, int *thread))
{
    void *trace[CRASH_FRAMES_MAX];
    int thread;
    size_t count = get(__asan_get_report_address(), trace, CRASH_FRAMES_MAX, &thread);
    for (size_t i = 0; i < count && i < CRASH_FRAMES_MAX; i++)
        stack->frames[i] = (uintptr_t)trace[i];
    stack->frame_count = (uint32_t)count;
}

static void note_memory(void)
{
    size_t bytes = __asan_get_report_access_size();
    if (bytes > 0)
        (void)snprintf(noted->message, sizeof noted->message, "a %s of %zu byte%s",
                       __asan_get_report_access_type() != 0 ? "write" : "read", bytes,
                       bytes == 1 ? "" : "s");
    note_stack(&noted->allocated, __asan_get_alloc_stack);
    note_stack(&noted->freed, __asan_get_free_stack);
}

/* Of a sanitizer that does not say of what kind its report is. */
static const char *whose_report(void)
{
    return __tsan_init != NULL ? "tsan" : __msan_init != NULL ? "msan" : "asan";
}

static void on_death(void)
{
    if (noted->signal != 0 || noted->sanitizer_kind[0] != '\0')
        return;
    bool is_told = __asan_report_present != NULL && __asan_report_present() != 0;
    (void)snprintf(noted->sanitizer_kind, sizeof noted->sanitizer_kind, "%s/%s", whose_report(),
                   is_told ? __asan_get_report_description() : "report");
    note_frames();
    if (is_told)
        note_memory();
}

void crash_place_watch(struct crash_place *place)
{
    *place = (struct crash_place){0};
    noted = place;
    watch_signals();
    if (has_sanitizer())
        __sanitizer_set_death_callback(on_death);
}
