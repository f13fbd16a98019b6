/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks through the candidates of one crash. Whoever comes back for the next one has not crashed.
 */
#include "minimize.h"

#include "base/assert.h"
#include "target.h"
#include "trim.h"

#include <string.h>

static struct trim trim; /* of the crash, once somebody has asked */

size_t minimize_next(uint8_t *bytes, size_t size, size_t max_size)
{
    if (trim.steps == NULL) {
        target_keep_signature_of(bytes, size);
        trim_begin(&trim, bytes, size, target_subject(0).database, 0, SIZE_MAX);
        ASSERT(trim.steps != NULL);
    }
    if (!trim_next(&trim, max_size))
        return 0;
    trim_answer(&trim, false);
    memcpy(bytes, trim.tried, trim.tried_size);
    return trim.tried_size;
}
