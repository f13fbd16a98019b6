/* SPDX-License-Identifier: Apache-2.0 */
/* Files to replay or folders of corpora: libFuzzer takes whatever it is given. */
#include "libfuzzer_inputs.h"

#include "base/file.h"
#include "input_form.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum path_kind { PATH_NOTHING, PATH_FILE, PATH_FOLDER, PATH_OTHER };

static enum path_kind kind_of(const char *path)
{
    char bare[PATH_MAX];
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') /* "file/" is not nothing, it is a file */
        length--;
    if (length >= sizeof bare)
        return PATH_NOTHING;
    memcpy(bare, path, length);
    bare[length] = '\0';
    struct stat status;
    if (stat(bare, &status) != 0)
        return PATH_NOTHING;
    if (S_ISREG(status.st_mode))
        return PATH_FILE;
    return S_ISDIR(status.st_mode) ? PATH_FOLDER : PATH_OTHER;
}

static bool has_suffix(const char *text, const char *suffix)
{
    size_t length = strlen(text), wanted = strlen(suffix);
    return length >= wanted && strcmp(text + length - wanted, suffix) == 0;
}

/* Names that the engine or a person gives to inputs: nobody wants a corpus folder of that name. */
static bool looks_like_file(const char *path)
{
    static const char *const prefixes[] = {"crash-", "leak-", "oom-", "timeout-", "slow-unit-"};
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return has_suffix(name, ".bin") || has_suffix(name, ".json");
}

/* mkdir -p */
static enum error_code make_folder(const char *path, struct error *error)
{
    char part[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof part)
        return interplay_error(error, ERROR_USAGE, "%s: the name is too long",
                               file_short_path(path));
    memcpy(part, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        char kept = part[i];
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return interplay_error(error, ERROR_IO, "%s: cannot make this corpus folder: %s",
                                   file_short_path(path), strerror(errno));
        part[i] = kept;
    }
    if (kind_of(path) != PATH_FOLDER)
        return interplay_error(error, ERROR_IO, "%s: cannot make this corpus folder: %s",
                               file_short_path(path), strerror(ENOTDIR));
    return ERROR_NONE;
}

static enum error_code check_replay(const char *path, struct error *error)
{
    struct file_content content;
    enum error_code failed = input_check_form(path, error);
    if (failed == ERROR_NONE)
        failed = file_read(&content, path, FILE_MUST_HAVE_BYTES, error);
    if (failed == ERROR_NONE)
        file_content_clean_up(&content);
    return failed;
}

/* All inputs are files: they are replayed. */
static enum error_code check_files(const struct libfuzzer_inputs *inputs, struct error *error)
{
    for (int i = 0; i < inputs->count; i++) {
        enum error_code failed = check_replay(inputs->paths[i], error);
        if (failed != ERROR_NONE)
            return failed;
    }
    return ERROR_NONE;
}

static enum error_code check_folder(const struct libfuzzer_inputs *inputs, int index,
                                    struct error *error)
{
    const char *path = inputs->paths[index], *name = file_short_path(path);
    switch (kind_of(path)) {
    case PATH_FOLDER:
        return ERROR_NONE;
    case PATH_FILE:
        return interplay_error(error, ERROR_USAGE, "%s: is a file, a corpus folder is expected%s",
                               name,
                               inputs->count > 1 ? " (either all are files or all folders)" : "");
    case PATH_OTHER:
        return interplay_error(error, ERROR_USAGE, "%s: is neither a file nor a folder", name);
    case PATH_NOTHING:
        break;
    }
    if (inputs->wants_file || looks_like_file(path))
        return interplay_error(error, ERROR_USAGE, "%s: no such file", name);
    if (index > 0)
        return interplay_error(error, ERROR_USAGE,
                               "%s: no such folder (only the first one is made)", name);
    return make_folder(path, error);
}

enum error_code libfuzzer_inputs_check(const struct libfuzzer_inputs *inputs, struct error *error)
{
    bool all_are_files = inputs->count > 0;
    for (int i = 0; i < inputs->count; i++)
        all_are_files = all_are_files && kind_of(inputs->paths[i]) == PATH_FILE &&
                        !has_suffix(inputs->paths[i], "/");
    if (all_are_files)
        return check_files(inputs, error);
    /* The last ones first, so that nothing is made when another one is wrong. */
    for (int i = inputs->count - 1; i >= 0; i--) {
        enum error_code failed = check_folder(inputs, i, error);
        if (failed != ERROR_NONE)
            return failed;
    }
    return ERROR_NONE;
}
