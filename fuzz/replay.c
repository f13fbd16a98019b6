/* SPDX-License-Identifier: Apache-2.0 */
/* Files to replay: all are found and looked at before the first one runs. */
#include "replay.h"

#include "base/assert.h"
#include "base/file.h"
#include "input_form.h"
#include "replay_command.h"
#include "target.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct path_list {
    char **paths;
    size_t count, capacity;
};

static void list_add(struct path_list *list, const char *path)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 64 : 2 * list->capacity;
        list->paths = realloc(list->paths, list->capacity * sizeof *list->paths);
        ASSERT(list->paths != NULL);
    }
    list->paths[list->count] = strdup(path);
    ASSERT(list->paths[list->count] != NULL);
    list->count++;
}

static void list_clean_up(struct path_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->paths[i]);
    free(list->paths);
}

static int compare_paths(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* All files below `folder`, sorted. */
static enum error_code add_folder(struct path_list *list, const char *folder, struct error *error)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    if (count < 0)
        return interplay_error(error, ERROR_IO, "%s: cannot read this folder: %s",
                               file_short_path(folder), strerror(errno));
    enum error_code failed = ERROR_NONE;
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];
        struct stat status;
        bool is_child = entries[i]->d_name[0] != '.';
        int length = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        free(entries[i]);
        if (failed != ERROR_NONE || !is_child)
            continue;
        if (length >= PATH_MAX || stat(path, &status) != 0)
            failed = interplay_error(error, ERROR_IO, "%s: cannot be read", file_short_path(path));
        else if (S_ISDIR(status.st_mode))
            failed = add_folder(list, path, error);
        else
            list_add(list, path);
    }
    free(entries);
    return failed;
}

static enum error_code add_path(struct path_list *list, const char *path, struct error *error)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return interplay_error(error, ERROR_IO, "%s: %s", file_short_path(path),
                               errno == ENOENT ? "no such file or folder" : strerror(errno));
    if (!S_ISDIR(status.st_mode)) {
        list_add(list, path);
        return input_check_form(path, error);
    }
    size_t before = list->count;
    enum error_code failed = add_folder(list, path, error);
    if (failed == ERROR_NONE && list->count == before)
        return interplay_error(error, ERROR_INPUT, "%s: has no file to replay",
                               file_short_path(path));
    return failed;
}

/* Whatever is wrong with the input is said before anything runs. */
static enum error_code check_files(const struct path_list *list, struct error *error)
{
    for (size_t i = 0; i < list->count; i++) {
        struct file_content content;
        enum error_code failed = file_read(&content, list->paths[i], FILE_MUST_HAVE_BYTES, error);
        if (failed != ERROR_NONE)
            return failed;
        file_content_clean_up(&content);
    }
    return ERROR_NONE;
}

static enum error_code replay(const char *path, size_t *unjudged, struct error *error)
{
    struct file_content content;
    enum error_code failed = file_read(&content, path, FILE_MUST_HAVE_BYTES, error);
    if (failed != ERROR_NONE)
        return failed;
    replay_command_set_input(path);
    struct target_result result = target_run((const uint8_t *)content.bytes, content.size);
    printf("%s: %s trace=%016" PRIx64 "\n", path, result.is_judged ? "ok" : "not judged",
           result.trace_hash);
    *unjudged += !result.is_judged;
    file_content_clean_up(&content);
    return ERROR_NONE;
}

static void print_help(const char *program)
{
    printf("Usage: %s [OPTION]... FILE-OR-FOLDER...\n"
           "       %s [OPTION]... --interplay COMMAND [ARGUMENT]...\n"
           "\n"
           "Replays files with inputs of this target. (In a build for AFL++, afl-fuzz fuzzes it.)\n"
           "Aborts at the first violation; exit status 2 when a file cannot be read, or meets a\n"
           "limit of the harness.\n"
           "--interplay does what the command interplay does (replay, shrink, ...), on what this\n"
           "target tests.\n",
           program, program);
    target_print_options();
}

static enum error_code read_arguments(int argc, char **argv, struct path_list *list,
                                      struct error *error)
{
    for (int i = 1; i < argc; i++) {
        enum error_code failed = ERROR_NONE;
        if (strcmp(argv[i], "--help") == 0) {
            print_help(argv[0]);
            exit(0);
        }
        if (target_take_option(argv[i], error))
            failed = error->code;
        else if (argv[i][0] == '-')
            failed = interplay_error(error, ERROR_USAGE, "unknown option '%s' (--help explains)",
                                     argv[i]);
        else
            failed = add_path(list, argv[i], error);
        if (failed != ERROR_NONE)
            return failed;
    }
    if (list->count == 0)
        return interplay_error(error, ERROR_USAGE,
                               "nothing to replay: give files or folders (--help explains)");
    qsort(list->paths, list->count, sizeof *list->paths, compare_paths);
    return ERROR_NONE;
}

int replay_main(int argc, char **argv)
{
    struct error error = {0};
    struct path_list list = {0};
    size_t unjudged = 0;
    if (read_arguments(argc, argv, &list, &error) != ERROR_NONE ||
        check_files(&list, &error) != ERROR_NONE || target_open(argv[0], &error) != ERROR_NONE)
        target_fail(&error);
    target_print_version();
    for (size_t i = 0; i < list.count; i++)
        if (replay(list.paths[i], &unjudged, &error) != ERROR_NONE)
            target_fail(&error);
    if (unjudged > 0)
        printf("%zu replayed, %zu not judged\n", list.count, unjudged);
    else
        printf("%zu replayed, all ok\n", list.count);
    list_clean_up(&list);
    return unjudged > 0 ? 2 : 0;
}
