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
    struct crash_place *place = argument;
    int is_exact = 0;
    uintptr_t address = _Unwind_GetIPInfo(context, &is_exact);
    if (address == 0 || place->frame_count == CRASH_FRAMES_MAX)
        return _URC_END_OF_STACK;
    place->frames[place->frame_count++] = is_exact ? address : address - 1;
    return _URC_NO_REASON;
}

static void note_frames(void)
{
    noted->frame_count = 0;
    (void)_Unwind_Backtrace(note_frame, noted);
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
    note_frames();
}

static void on_death(void)
{
    if (noted->signal != 0 || noted->sanitizer_kind[0] != '\0')
        return;
    bool is_told = __asan_report_present != NULL && __asan_report_present() != 0;
    (void)snprintf(noted->sanitizer_kind, sizeof noted->sanitizer_kind, "asan/%s",
                   is_told ? __asan_get_report_description() : "report");
    note_frames();
}

void crash_place_watch(struct crash_place *place)
{
    *place = (struct crash_place){0};
    noted = place;
    watch_signals();
    if (has_sanitizer())
        __sanitizer_set_death_callback(on_death);
}
