/* SPDX-License-Identifier: Apache-2.0 */
/* Integrity, resources, progress. */
#include "oracle/state.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/*
 * "row 5 missing from index i0v" -> "row-missing-from-index": letters only, up to the first line's
 * end.
 */
static void signature_words(const char *finding, char *words, size_t bytes)
{
    size_t length = 0;
    const char *next = finding;
    while (*next != '\0' && *next != '\n') {
        const char *end = next;
        bool letters = true;
        for (; *end != '\0' && *end != '\n' && *end != ' '; end++)
            letters &= isalpha((unsigned char)*end) != 0 || *end == ':';
        size_t word = (size_t)(end - next);
        if (letters && word > 0 && length + word + 2 < bytes) {
            if (length > 0)
                words[length++] = '-';
            for (; next < end; next++)
                if (*next != ':')
                    words[length++] = (char)tolower((unsigned char)*next);
        }
        next = *end == ' ' ? end + 1 : end;
    }
    words[length] = '\0';
}

void integrity_judge(const char *findings, size_t interaction, struct verdict *verdict)
{
    if (strcmp(findings, "ok") == 0)
        return;
    char words[64], signature[96];
    const char *first = findings;
    if (strncmp(first, "*** in database", 15) == 0 && strchr(first, '\n') != NULL)
        first = strchr(first, '\n') + 1; /* a heading */
    signature_words(first, words, sizeof words);
    (void)snprintf(signature, sizeof signature, "integrity/%s", words);
    verdict_violation(verdict, interaction, signature, "the database is damaged: %s", findings);
}

void resources_judge(const struct resources_left *left, struct verdict *verdict)
{
    const struct {
        const char *name;
        int64_t count;
    } kinds[] = {
        {"connections", left->connections}, {"open-files", left->open_files},
        {"file-locks", left->file_locks},   {"shared-memory", left->shared_memory},
        {"threads", left->threads},         {"locks", left->locks},
        {"allocations", left->allocations}, {"memory", left->memory_bytes},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].count == 0)
            continue;
        char signature[96];
        (void)snprintf(signature, sizeof signature, "resources/%s", kinds[i].name);
        verdict_violation(verdict, SIZE_MAX, signature,
                          "after every connection was closed, something is left: %s %lld",
                          kinds[i].name, (long long)kinds[i].count);
        return;
    }
}

void misuse_judge(const char *what, struct verdict *verdict)
{
    char words[64], signature[96];
    signature_words(what, words, sizeof words);
    (void)snprintf(signature, sizeof signature, "misuse/%s", words);
    verdict_violation(verdict, SIZE_MAX, signature, "POSIX does not define what happened: %s",
                      what);
}

void progress_deadlock(const char *who, bool is_signal, size_t interaction, struct verdict *verdict)
{
    verdict_violation(verdict, interaction, is_signal ? "deadlock/signal" : "deadlock/mutex",
                      "nobody can go on, and no timer is pending: %s", who);
}

void progress_exhausted(const char *action, const char *where, uint64_t yields, size_t interaction,
                        struct verdict *verdict)
{
    char signature[96];
    (void)snprintf(signature, sizeof signature, "progress/%s", action);
    verdict_violation(verdict, interaction, signature,
                      "no progress: %llu yield points were crossed, the last one was %s in a %s",
                      (unsigned long long)yields, where, action);
}
