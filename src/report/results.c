/* SPDX-License-Identifier: Apache-2.0 */
/* A list of results that owns its texts. */
#include "report/results.h"

#include "base/assert.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 16 };

static const char *copy(const char *text)
{
    char *copied = text == NULL ? NULL : strdup(text);
    ASSERT(text == NULL || copied != NULL);
    return copied;
}

void results_add(struct results *results, const struct result *result)
{
    if (results->count == results->capacity) {
        results->capacity = results->capacity == 0 ? FIRST_CAPACITY : 2 * results->capacity;
        results->items = realloc(results->items, results->capacity * sizeof *result);
        ASSERT(results->items != NULL);
    }
    results->items[results->count++] = (struct result){
        .kind = result->kind,
        .name = copy(result->name),
        .path = copy(result->path),
        .signature = copy(result->signature),
        .cause = copy(result->cause),
        .message = copy(result->message),
        .replay = copy(result->replay),
        .seconds = result->seconds,
    };
}

void results_clean_up(struct results *results)
{
    for (size_t i = 0; i < results->count; i++) {
        const struct result *result = &results->items[i];
        const char *texts[] = {result->name,  result->path,    result->signature,
                               result->cause, result->message, result->replay};
        for (size_t text = 0; text < sizeof texts / sizeof texts[0]; text++)
            free((void *)(uintptr_t)texts[text]);
    }
    free(results->items);
    *results = (struct results){0};
}
