/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the fault kinds. */
#include "base/fault.h"

const struct fault_info fault_infos[FAULT_KIND_COUNT] = {
    [FAULT_NONE] = {"none", FAULT_ANYWHERE, "nothing goes wrong"},
#define FAULT(number, name, place, meaning) [number] = {#name, FAULT_##place, meaning},
#include "base/faults.def"
#undef FAULT
};
