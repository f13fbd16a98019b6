/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/through.h"

#include <stddef.h>

enum { TARGET_BYTES = 512 };

/* As long as the order. */
static struct {
    struct subject subject;
    struct run_options options;
    struct cli_house house;
    char target[TARGET_BYTES];
} through;

static bool use(struct cli_order *order, struct error *error)
{
    through.subject = *order->backend->subject;
    through.options = *order->backend;
    through.options.subject = &through.subject;
    if (through.subject.through(order->through, &through.subject, error) != ERROR_NONE) {
        interplay_error_context(error, "--through");
        return false;
    }
    order->backend = &through.options;
    return true;
}

/* What is recorded from now on was found with it, and is to be run with it. */
static void note_in_house(const char *what)
{
    struct text target;
    text_init(&target, through.target, sizeof through.target);
    text_append_format(&target, "%s --through=", cli_house()->target);
    text_append_word(&target, what);
    through.house = *cli_house();
    through.house.target = through.target;
    through.house.has_options = true;
    cli_set_house(&through.house);
}

bool cli_through_take(struct cli_order *order, const char *command)
{
    struct error error = {0};
    if (order->through == NULL)
        return true;
    if (order->backend->subject->through == NULL) {
        (void)cli_usage_error(command, "--through: nothing stands between clients and %s",
                              order->backend->subject->name);
        return false;
    }
    if (!use(order, &error)) {
        (void)cli_fail(&error);
        return false;
    }
    note_in_house(order->through);
    return true;
}
