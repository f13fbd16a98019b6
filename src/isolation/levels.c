/* SPDX-License-Identifier: Apache-2.0 */
#include "isolation/judge.h"

#include <string.h>

const struct isolation_level_info isolation_levels[ISOLATION_LEVEL_COUNT] = {
#define LEVEL(name, words, forbids) {#name, words, forbids},
#include "isolation/levels.def"
#undef LEVEL
};

const struct isolation_anomaly_info isolation_anomalies[ISOLATION_ANOMALY_COUNT] = {
    {"none", "nothing is wrong"},
#define ANOMALY(name, word, meaning) {word, meaning},
#include "isolation/anomalies.def"
#undef ANOMALY
};

/* `words`, with hyphens for spaces. */
static bool is_called(const char *words, const char *name)
{
    for (; *words != '\0' && (*words == *name || (*words == ' ' && *name == '-')); words++)
        name++;
    return *words == '\0' && *name == '\0';
}

const struct isolation_level_info *isolation_level_named(const char *name)
{
    static const struct {
        const char *elle, *ours;
    } aliases[] = {
        {"strong-session-serializable", "session-serializable"},
        {"strong-session-snapshot-isolation", "session-snapshot-isolation"},
        {"strong-serializable", "strict-serializable"},
        {"strong-snapshot-isolation", "strict-snapshot-isolation"},
    };
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(name, aliases[i].elle) == 0)
            name = aliases[i].ours;
    for (uint32_t level = 0; level < ISOLATION_LEVEL_COUNT; level++)
        if (is_called(isolation_levels[level].words, name))
            return &isolation_levels[level];
    return NULL;
}
