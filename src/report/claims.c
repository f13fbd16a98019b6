/* SPDX-License-Identifier: Apache-2.0 */
/* The claims of the oracles, and of what ends a process, by the beginnings of signatures. */
#include "report/claims.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const struct {
    const char *signatures, *claim;
} claims[] = {
#define ORACLE(name, signatures, needs, claim) {signatures, claim},
#include "oracle/oracles.def"
#undef ORACLE
    {"crash/", "no call of the tested code crashes the process"},
    {"timeout/", "each call of the tested code ends"},
};

static bool begins_with_one_of(const char *signature, const char *prefixes)
{
    while (*prefixes != '\0') {
        size_t length = strcspn(prefixes, ",");
        if (strncmp(signature, prefixes, length) == 0)
            return true;
        prefixes += length;
        prefixes += strspn(prefixes, ", ");
    }
    return false;
}

void claims_of(const char *signature, claims_fn *tell, void *context)
{
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++)
        if (begins_with_one_of(signature, claims[i].signatures))
            tell(context, claims[i].claim);
}
