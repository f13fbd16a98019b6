/* SPDX-License-Identifier: Apache-2.0 */
/* The counters that engines read. */
#include "run/feedback.h"

__attribute__((section("__libfuzzer_extra_counters"))) uint8_t feedback_counters[FEEDBACK_COUNTERS];
