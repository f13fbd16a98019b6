/* SPDX-License-Identifier: Apache-2.0 */
/* Reports a broken invariant of the harness and aborts. */
#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void assert_failed(const char *expression, const char *file, int line)
{
    fprintf(stderr, "interplay: internal error: %s:%d: %s does not hold\n", file, line, expression);
    abort();
}
