/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/column_names.h"

#include <string.h>

void stack_join_names(const char *const *names, uint32_t count, char ret_joined[STACK_NAMES_BYTES])
{
    size_t used = 0;
    ret_joined[0] = '\0';
    for (uint32_t i = 0; i < count; i++) {
        size_t length = names[i] == NULL ? STACK_NAMES_BYTES : strlen(names[i]);
        if (used + 1 + length >= STACK_NAMES_BYTES) {
            ret_joined[0] = '\0';
            return;
        }
        if (i > 0)
            ret_joined[used++] = ',';
        memcpy(ret_joined + used, names[i], length + 1);
        used += length;
    }
}

void interplay_stack_take_names(const struct backend_ops *backend,
                                struct backend_statement *statement, const struct stack_call *call,
                                struct stack_reply *reply)
{
    const char *names[STACK_NAMES_BYTES / 2]; /* a comma each: more do not fit */
    if (!call->wants_names || backend->column_name == NULL)
        return;
    int count = backend->column_count(statement);
    if (count < 0 || count > (int)(sizeof names / sizeof names[0]))
        return;
    for (int i = 0; i < count; i++)
        names[i] = backend->column_name(statement, i);
    stack_join_names(names, (uint32_t)count, reply->column_names);
}
