/* SPDX-License-Identifier: Apache-2.0 */
/* Changing a bug base: under its lock, and so that each moment is a good one to be killed. */
#include "bugbase/bugbase.h"
#include "bugbase/folder.h"
#include "bugbase/place.h"

#include "base/file.h"
#include "plan/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum error_code bugbase_create(const char *base, struct error *error)
{
    struct stat status;
    if (mkdir(base, 0777) != 0 && errno != EEXIST)
        return folder_fail(error, base, "make the folder");
    if (stat(base, &status) == 0 && !S_ISDIR(status.st_mode))
        return interplay_error(error, ERROR_USAGE,
                               "%s: is a file, expected the folder of a bug base",
                               file_short_path(base));
    /* Makes the file that tells a base from any other folder. */
    int lock;
    enum error_code code = folder_lock(&lock, base, true, error);
    if (code == ERROR_NONE)
        (void)close(lock);
    return code;
}

/* --- a finding ------------------------------------------------------------------------------- */

/* With what it was recorded on. */
static enum error_code save_plan(const struct plan *plan, const struct bugbase_subject *subject,
                                 const char *name, const char *path, struct error *error)
{
    const struct plan_origin origin = {subject->target, subject->backend};
    struct plan told = *plan;
    told.origin = &origin;
    return json_save(&told, name, path, error);
}

static enum error_code fill_entry(const char *folder, const struct bugbase_finding *finding,
                                  struct error *error)
{
    char path[PATH_MAX];
    enum error_code code = folder_path(path, folder, "plan.json", error);
    if (code == ERROR_NONE)
        code = save_plan(finding->plan, finding->subject, finding->origin, path, error);
    if (code == ERROR_NONE)
        code = entry_create(folder, finding, error);
    return code;
}

/*
 * Locked. Whoever held the lock before is done or dead: what is there under this name is nobody's.
 */
static enum error_code make_entry(const char *base, const char *folder,
                                  const struct bugbase_finding *finding, struct error *error)
{
    char half[PATH_MAX];
    enum error_code code = folder_path(half, base, FOLDER_NEW, error);
    if (code == ERROR_NONE)
        code = folder_remove(half, error);
    if (code != ERROR_NONE)
        return code;
    if (mkdir(half, 0777) != 0)
        return folder_fail(error, half, "make the folder");
    code = fill_entry(half, finding, error);
    if (code == ERROR_NONE && rename(half, folder) != 0)
        code = folder_fail(error, folder, "make the folder");
    if (code == ERROR_NONE)
        folder_sync(base);
    else
        (void)folder_remove(half, NULL);
    return code;
}

static enum error_code count_entry(const char *folder, const struct bugbase_finding *finding,
                                   struct bugbase_recorded *ret_recorded, struct error *error)
{
    struct bugbase_entry entry;
    enum error_code code = entry_read(&entry, folder, error);
    if (code != ERROR_NONE)
        return code;
    code = entry_count(&entry, folder, finding, error);
    if (code == ERROR_NONE)
        *ret_recorded = (struct bugbase_recorded){.is_new = false, .shrunk = entry.shrunk};
    entry_clean_up(&entry);
    return code;
}

/* Locked. */
static enum error_code record(const char *base, const struct bugbase_finding *finding,
                              struct bugbase_recorded *ret_recorded, struct error *error)
{
    struct bugbase_place place;
    struct bugbase_recorded recorded = {.is_new = true};
    char folder[PATH_MAX];
    enum error_code code =
        place_find(&place, base, finding->verdict->signature, finding->cause, error);
    if (code == ERROR_NONE)
        code = folder_path(folder, base, place.name, error);
    if (code != ERROR_NONE)
        return code;
    code = place.is_taken ? count_entry(folder, finding, &recorded, error)
                          : make_entry(base, folder, finding, error);
    memcpy(recorded.name, place.name, sizeof recorded.name);
    if (code == ERROR_NONE)
        *ret_recorded = recorded;
    return code;
}

enum error_code bugbase_record(const char *base, const struct bugbase_finding *finding,
                               struct bugbase_recorded *ret_recorded, struct error *error)
{
    int lock;
    enum error_code code = folder_lock(&lock, base, true, error);
    if (code != ERROR_NONE)
        return code;
    code = record(base, finding, ret_recorded, error);
    (void)close(lock);
    return code;
}

/* The plan first: an entry that says that it has one has one. */
static enum error_code store_shrunk(const char *folder, const struct bugbase_small *small,
                                    struct error *error)
{
    struct bugbase_entry entry;
    struct cause cause;
    char path[PATH_MAX];
    enum error_code code = entry_read(&entry, folder, error);
    if (code != ERROR_NONE)
        return code;
    if (entry.shrunk == BUGBASE_NOT_SHRUNK) {
        code = folder_path(path, folder, "shrunk_plan.json", error);
        if (code == ERROR_NONE)
            code = save_plan(small->plan, &entry.subject, entry.signature, path, error);
        if (small->shrunk == BUGBASE_MINIMAL)
            cause_of_plan(&cause, small->plan);
        if (code == ERROR_NONE)
            code = entry_set_shrunk(&entry, folder, small,
                                    small->shrunk == BUGBASE_MINIMAL ? &cause : NULL, error);
    }
    entry_clean_up(&entry);
    return code;
}

enum error_code bugbase_add_shrunk(const char *base, const char *name,
                                   const struct bugbase_small *small, struct error *error)
{
    char folder[PATH_MAX];
    int lock;
    enum error_code code = folder_path(folder, base, name, error);
    if (code == ERROR_NONE)
        code = folder_lock(&lock, base, false, error);
    if (code != ERROR_NONE)
        return code;
    if (bugbase_has(base, name))
        code = store_shrunk(folder, small, error);
    (void)close(lock);
    return code;
}

/* --- taking away ----------------------------------------------------------------------------- */

enum error_code bugbase_remove(const char *base, const char *name, struct error *error)
{
    char folder[PATH_MAX], half[PATH_MAX];
    int lock;
    enum error_code code = folder_path(folder, base, name, error);
    if (code == ERROR_NONE)
        code = folder_path(half, base, FOLDER_OLD, error);
    if (code == ERROR_NONE)
        code = folder_lock(&lock, base, false, error);
    if (code != ERROR_NONE)
        return code;
    code = folder_remove(half, error);
    if (code == ERROR_NONE && rename(folder, half) != 0)
        code = folder_fail(error, folder, "remove");
    if (code == ERROR_NONE) {
        folder_sync(base);
        code = folder_remove(half, error);
    }
    (void)close(lock);
    return code;
}
