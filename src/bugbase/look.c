/* SPDX-License-Identifier: Apache-2.0 */
/* Looking into a bug base: its entries, and what killed processes have left in it. */
#include "bugbase/bugbase.h"
#include "bugbase/folder.h"

#include "base/file.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool bugbase_has(const char *base, const char *name)
{
    char path[PATH_MAX];
    struct stat status;
    return folder_path(path, base, name, NULL) == ERROR_NONE && stat(path, &status) == 0 &&
           S_ISDIR(status.st_mode);
}

static int is_visible(const struct dirent *item)
{
    return item->d_name[0] != '.';
}

static int compare_names(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

/* Files beside the entries are other people's. */
enum error_code bugbase_list(struct bugbase_names *ret_names, const char *base, struct error *error)
{
    struct dirent **found;
    int count = scandir(base, &found, is_visible, compare_names);
    if (count < 0 && errno == ENOENT)
        return interplay_error(error, ERROR_IO,
                               "%s: does not exist, expected the folder of a bug base",
                               file_short_path(base));
    if (count < 0)
        return folder_fail(error, base, "list");
    struct bugbase_names names = {.items = calloc((size_t)count + 1, sizeof *names.items)};
    bool is_complete = names.items != NULL;
    for (int i = 0; i < count; i++) {
        if (is_complete && bugbase_has(base, found[i]->d_name)) {
            names.items[names.count] = strdup(found[i]->d_name);
            is_complete = names.items[names.count] != NULL;
            names.count += is_complete;
        }
        free(found[i]);
    }
    free(found);
    if (is_complete)
        *ret_names = names;
    else
        bugbase_names_clean_up(&names);
    return is_complete
               ? ERROR_NONE
               : interplay_error(error, ERROR_MEMORY, "%s: out of memory", file_short_path(base));
}

void bugbase_names_clean_up(struct bugbase_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct bugbase_names){0};
}

/* What the name of an entry begins with that has `word`, or more, as its signature. */
static void name_of_word(char ret_name[BUGBASE_NAME_BYTES], const char *word)
{
    char signature[BUGBASE_SIGNATURE_MAX + 1];
    const char *suffix = cause_find_suffix(word, strlen(word));
    size_t length = suffix == NULL ? strlen(word) : (size_t)(suffix - word);
    ret_name[0] = '\0';
    if (length == 0 || length > BUGBASE_SIGNATURE_MAX)
        return;
    memcpy(signature, word, length);
    signature[length] = '\0';
    bugbase_name(ret_name, signature);
    if (suffix != NULL)
        (void)strcat(ret_name, suffix);
}

/* The first entry of a signature is named without its cause. */
static bool is_first_with_cause(const char *base, const char *item, const char *name)
{
    struct bugbase_entry entry;
    const char *suffix = cause_find_suffix(name, strlen(name));
    size_t length = strlen(item);
    if (suffix == NULL || strncmp(item, name, length) != 0 || name + length != suffix ||
        bugbase_read(&entry, base, item, NULL) != ERROR_NONE)
        return false;
    bool is_it = strcmp(entry.cause.hash, suffix + 1) == 0;
    entry_clean_up(&entry);
    return is_it;
}

enum error_code bugbase_find(size_t *ret_index, const struct bugbase_names *names, const char *base,
                             const char *word, struct error *error)
{
    char name[BUGBASE_NAME_BYTES];
    size_t length = strlen(word);
    name_of_word(name, word);
    size_t first = 0, matches = 0;
    for (size_t i = 0; i < names->count && length > 0; i++) {
        const char *item = names->items[i];
        if (strcmp(item, word) == 0 || strcmp(item, name) == 0 ||
            is_first_with_cause(base, item, name)) {
            *ret_index = i;
            return ERROR_NONE;
        }
        if (strncmp(item, word, length) != 0 &&
            (name[0] == '\0' || strncmp(item, name, strlen(name)) != 0))
            continue;
        first = matches == 0 ? i : first;
        matches++;
    }
    if (matches > 1)
        return interplay_error(
            error, ERROR_USAGE,
            "%s: '%s' is the beginning of %zu entries, %s and %s are two of them",
            file_short_path(base), word, matches, names->items[first], names->items[first + 1]);
    if (matches == 0)
        return interplay_error(error, ERROR_USAGE, "%s: there is no entry '%s'",
                               file_short_path(base), word);
    *ret_index = first;
    return ERROR_NONE;
}

enum error_code bugbase_read(struct bugbase_entry *ret_entry, const char *base, const char *name,
                             struct error *error)
{
    char folder[PATH_MAX];
    enum error_code code = folder_path(folder, base, name, error);
    return code == ERROR_NONE ? entry_read(ret_entry, folder, error) : code;
}

enum error_code bugbase_plan_path(char ret_path[PATH_MAX], const char *base, const char *name,
                                  enum bugbase_plan plan, struct error *error)
{
    char folder[PATH_MAX];
    enum error_code code = folder_path(folder, base, name, error);
    if (code != ERROR_NONE)
        return code;
    return folder_path(ret_path, folder,
                       plan == BUGBASE_PLAN_SHRUNK ? "shrunk_plan.json" : "plan.json", error);
}

/* --- left-overs ------------------------------------------------------------------------------ */

struct tidy {
    bool is_dry;
    bugbase_tidy_fn *tell;
    void *context;
    struct error *error;
};

static enum error_code take_away(const struct tidy *tidy, const char *folder, const char *name)
{
    char path[PATH_MAX];
    enum error_code code = folder_path(path, folder, name, tidy->error);
    if (code != ERROR_NONE || access(path, F_OK) != 0)
        return code;
    tidy->tell(tidy->context, path);
    return tidy->is_dry ? ERROR_NONE : folder_remove(path, tidy->error);
}

/* What file_write had not renamed yet: "failure.json.PID-N.tmp". */
static int is_temporary(const struct dirent *item)
{
    const char *name = item->d_name;
    size_t length = strlen(name);
    return (strncmp(name, "failure.json.", 13) == 0 ||
            strncmp(name, "shrunk_plan.json.", 17) == 0) &&
           strcmp(name + length - 4, ".tmp") == 0;
}

static enum error_code tidy_entry(const struct tidy *tidy, const char *base, const char *name)
{
    char folder[PATH_MAX];
    struct bugbase_entry entry;
    enum error_code code = folder_path(folder, base, name, tidy->error);
    if (code != ERROR_NONE)
        return code;
    struct dirent **found;
    int count = scandir(folder, &found, is_temporary, compare_names);
    if (count < 0)
        return folder_fail(tidy->error, folder, "list");
    for (int i = 0; i < count; i++) {
        if (code == ERROR_NONE)
            code = take_away(tidy, folder, found[i]->d_name);
        free(found[i]);
    }
    free(found);
    /*
     * Who was killed between the small plan and the note of it; malformed entries are left alone.
     */
    if (code != ERROR_NONE || entry_read(&entry, folder, NULL) != ERROR_NONE)
        return code;
    if (entry.shrunk == BUGBASE_NOT_SHRUNK)
        code = take_away(tidy, folder, "shrunk_plan.json");
    entry_clean_up(&entry);
    return code;
}

enum error_code bugbase_tidy(const char *base, bool is_dry, bugbase_tidy_fn *tell, void *context,
                             struct error *error)
{
    const struct tidy tidy = {is_dry, tell, context, error};
    struct bugbase_names names = {0};
    int lock;
    enum error_code code = folder_lock(&lock, base, false, error);
    if (code != ERROR_NONE)
        return code;
    code = take_away(&tidy, base, FOLDER_NEW);
    if (code == ERROR_NONE)
        code = take_away(&tidy, base, FOLDER_OLD);
    if (code == ERROR_NONE)
        code = bugbase_list(&names, base, error);
    for (size_t i = 0; i < names.count && code == ERROR_NONE; i++)
        code = tidy_entry(&tidy, base, names.items[i]);
    bugbase_names_clean_up(&names);
    (void)close(lock);
    return code;
}
