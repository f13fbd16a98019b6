/* SPDX-License-Identifier: Apache-2.0 */
/* The table of properties. */
#include "plan/properties.h"

#include <stddef.h>

const struct plan_property_info plan_property_infos[PROPERTY_COUNT] = {
    {NULL, NULL, PROPERTY_ANYWHERE, 0},
#define PROPERTY(name, title, where, claims, meaning) {title, meaning, PROPERTY_##where, claims},
    PLAN_PROPERTIES(PROPERTY)
#undef PROPERTY
};
