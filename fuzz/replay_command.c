/* SPDX-License-Identifier: Apache-2.0 */
/* Paths are those of the engine's options, which are read before any input. */
#include "replay_command.h"

#include "artifact.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *artifact_prefix, *artifact_path, *input_path;

void replay_command_set_artifact(const char *prefix, const char *exact_path)
{
    if (prefix != NULL)
        artifact_prefix = prefix;
    if (exact_path != NULL)
        artifact_path = exact_path;
}

void replay_command_set_input(const char *path)
{
    input_path = path;
}

static void append_input(struct text *command, const uint8_t *bytes, size_t size)
{
    char name[ARTIFACT_NAME_BYTES], path[PATH_MAX];
    if (input_path != NULL || artifact_path != NULL) {
        text_append_word(command, input_path != NULL ? input_path : artifact_path);
        return;
    }
    artifact_name(name, bytes, size);
    (void)snprintf(path, sizeof path, "%s%s", artifact_prefix == NULL ? "" : artifact_prefix, name);
    text_append_word(command, path);
}

void replay_command_write(struct text *command, const struct replay_command_parts *parts,
                          const uint8_t *bytes, size_t size)
{
    char sibling[PATH_MAX];
    const char *slash = strrchr(parts->program, '/');
    int folder = slash == NULL ? 0 : (int)(slash - parts->program) + 1;
    int length = snprintf(sibling, sizeof sibling, "%.*sinterplay", folder, parts->program);
    if (parts->backend != NULL && length < PATH_MAX && access(sibling, X_OK) == 0) {
        text_append_word(command, sibling);
        text_append_format(command, " replay --backend %s ", parts->backend);
    } else {
        text_append_word(command, parts->program);
        text_append(command, parts->options);
        text_append(command, " ");
    }
    append_input(command, bytes, size);
}
