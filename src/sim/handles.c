/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/handles.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

static struct handle *take_oldest(struct handles *handles)
{
    struct handle *handle = handles->oldest;
    handles->oldest = handle->next;
    handles->kept--;
    return handle;
}

struct handle *handles_take(struct handles *handles, size_t size_bytes)
{
    bool is_known = handles->kept >= HANDLES_KEPT;
    struct handle *handle = is_known ? take_oldest(handles) : malloc(size_bytes);
    ASSERT(handle != NULL);
    memset(handle, 0, size_bytes);
    handle->is_open = true;
    handle->next = handles->open;
    if (handle->next != NULL)
        handle->next->previous = handle;
    handles->open = handle;
    return handle;
}

void handles_give(struct handles *handles, struct handle *handle)
{
    *(handle->previous == NULL ? &handles->open : &handle->previous->next) = handle->next;
    if (handle->next != NULL)
        handle->next->previous = handle->previous;
    handle->is_open = false;
    handle->next = NULL;
    *(handles->kept == 0 ? &handles->oldest : &handles->newest->next) = handle;
    handles->newest = handle;
    handles->kept++;
}

void handles_free(struct handles *handles)
{
    ASSERT(handles->open == NULL);
    while (handles->kept > 0)
        free(take_oldest(handles));
}
