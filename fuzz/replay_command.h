/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command that runs an input again, printed with a finding: where the input will be when the
 * process is gone, and which program knows how to run it.
 */
#ifndef FUZZ_REPLAY_COMMAND_H
#define FUZZ_REPLAY_COMMAND_H

#include "base/text.h"

#include <stddef.h>
#include <stdint.h>

struct replay_command_parts {
    const char *program; /* argv[0] of this one */
    const char *options; /* of the target, as given, each with a space before it */
    const char *backend; /* of `interplay`, which can run the input as well; NULL: it cannot */
};

/*
 * Where the engine will store an input that crashes: a prefix for a name of its own, or the whole
 * name, or NULL.
 */
void replay_command_set_artifact(const char *prefix, const char *exact_path);

/* The file that is about to be replayed; NULL: inputs come from the engine. */
void replay_command_set_input(const char *path);

/* `interplay` where it can and lies beside this program, else this program. */
void replay_command_write(struct text *command, const struct replay_command_parts *parts,
                          const uint8_t *bytes, size_t size);

#endif
