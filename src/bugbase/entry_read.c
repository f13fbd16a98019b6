/* SPDX-License-Identifier: Apache-2.0 */
/*
 * failure.json and config.json of an entry, read; people edit such files, so each field is checked.
 */
#include "bugbase/entry.h"
#include "bugbase/entry_words.h"
#include "bugbase/folder.h"
#include "bugbase/name.h"

#include "base/file.h"
#include "plan/json_node.h"
#include "plan/json_parse.h"

#include <jansson.h>
#include <string.h>

static enum error_code read_text(const struct json_node *object, const char *key,
                                 const char **ret_text)
{
    struct json_node member = json_node_member(object, key);
    return json_node_text(&member, ret_text);
}

static enum error_code check_version(const struct json_node *root)
{
    enum error_code code = json_node_need_object(root);
    if (code != ERROR_NONE)
        return code;
    uint32_t version;
    struct json_node member = json_node_member(root, "version");
    return json_node_integer(&member, BUGBASE_VERSION, BUGBASE_VERSION, &version);
}

/* The name of the folder is made of the signature: both must be the same. */
static enum error_code read_signature(struct bugbase_entry *entry, const struct json_node *root,
                                      const char *folder)
{
    struct json_node member = json_node_member(root, "signature");
    enum error_code code = json_node_text(&member, &entry->signature);
    if (code != ERROR_NONE)
        return code;
    size_t length = strlen(entry->signature);
    if (length == 0 || length > BUGBASE_SIGNATURE_MAX)
        return json_node_expected(&member, "a signature");
    char name[BUGBASE_NAME_BYTES];
    bugbase_name(name, entry->signature);
    const char *slash = strrchr(folder, '/'), *base = slash == NULL ? folder : slash + 1;
    const char *suffix = cause_find_suffix(base, strlen(base));
    size_t name_length = suffix == NULL ? strlen(base) : (size_t)(suffix - base);
    if (strncmp(name, base, name_length) != 0 || name[name_length] != '\0')
        return json_node_expected(&member, "the signature that its folder is named after");
    return ERROR_NONE;
}

static enum error_code read_trace_hash(struct bugbase_entry *entry, const struct json_node *root)
{
    enum { DIGITS = 16 };
    struct json_node member = json_node_member(root, "trace_hash");
    enum error_code code = json_node_text(&member, &entry->trace_hash);
    if (code == ERROR_NONE && (strlen(entry->trace_hash) != DIGITS ||
                               strspn(entry->trace_hash, "0123456789abcdef") != DIGITS))
        code = json_node_expected(&member, "16 hexadecimal digits");
    return code;
}

static enum error_code read_interaction(struct bugbase_entry *entry, const struct json_node *root)
{
    struct json_node member = json_node_member(root, "interaction");
    uint32_t interaction;
    entry->interaction = SIZE_MAX;
    if (!json_node_is_present(&member))
        return ERROR_NONE;
    enum error_code code = json_node_integer(&member, 0, UINT32_MAX, &interaction);
    if (code == ERROR_NONE)
        entry->interaction = interaction;
    return code;
}

/* What a plan came to. */
static enum error_code read_outcome(struct bugbase_entry *entry, const struct json_node *object)
{
    enum error_code code = read_text(object, "report", &entry->report);
    if (code == ERROR_NONE)
        code = read_interaction(entry, object);
    if (code == ERROR_NONE)
        code = read_trace_hash(entry, object);
    return code;
}

/* Of the small plan; entries of old have none, and those that nobody made small. */
static enum error_code read_small(struct bugbase_entry *entry, const struct json_node *root)
{
    struct json_node small = json_node_member(root, "small");
    entry->tells_small = json_node_is_present(&small);
    if (!entry->tells_small)
        return ERROR_NONE;
    enum error_code code = json_node_need_object(&small);
    return code == ERROR_NONE ? read_outcome(entry, &small) : code;
}

static enum error_code read_times_seen(struct bugbase_entry *entry, const struct json_node *root)
{
    struct json_node member = json_node_member(root, "times_seen");
    if (!json_is_integer(member.value) || json_integer_value(member.value) < 1)
        return json_node_expected(&member, "an integer from 1");
    entry->times_seen = (uint64_t)json_integer_value(member.value);
    return ERROR_NONE;
}

static enum error_code read_sighting(struct bugbase_sighting *sighting,
                                     const struct json_node *root, const char *key)
{
    struct json_node member = json_node_member(root, key);
    enum error_code code = json_node_need_object(&member);
    if (code == ERROR_NONE)
        code = read_text(&member, "time", &sighting->time);
    if (code == ERROR_NONE)
        code = read_text(&member, "backend_version", &sighting->backend_version);
    if (code == ERROR_NONE)
        code = read_text(&member, "origin", &sighting->origin);
    return code;
}

static const char *shrunk_word(const void *context, size_t index)
{
    return ((const char *const *)context)[index];
}

static enum error_code read_shrunk(struct bugbase_entry *entry, const struct json_node *root)
{
    struct json_node member = json_node_member(root, "shrunk");
    size_t index;
    enum error_code code =
        json_node_word(&member, shrunk_word, entry_shrunk_words, BUGBASE_MINIMAL + 1, &index);
    if (code == ERROR_NONE)
        entry->shrunk = (enum bugbase_shrunk)index;
    return code;
}

/* Entries of old have none, and those that nobody made small. */
static enum error_code read_cause(struct bugbase_entry *entry, const struct json_node *root)
{
    const char *words;
    struct json_node member = json_node_member(root, "cause");
    if (!json_node_is_present(&member))
        return ERROR_NONE;
    enum error_code code = json_node_text(&member, &words);
    if (code == ERROR_NONE)
        cause_of_words(&entry->cause, words);
    return code;
}

static enum error_code read_failure(struct bugbase_entry *entry, const struct json_node *root,
                                    const char *folder)
{
    enum error_code code = check_version(root);
    if (code == ERROR_NONE)
        code = read_signature(entry, root, folder);
    if (code == ERROR_NONE)
        code = read_outcome(entry, root);
    if (code == ERROR_NONE)
        code = read_small(entry, root);
    if (code == ERROR_NONE)
        code = read_times_seen(entry, root);
    if (code == ERROR_NONE)
        code = read_sighting(&entry->first, root, "first_seen");
    if (code == ERROR_NONE)
        code = read_sighting(&entry->last, root, "last_seen");
    if (code == ERROR_NONE)
        code = read_shrunk(entry, root);
    if (code == ERROR_NONE)
        code = read_cause(entry, root);
    return code;
}

static enum error_code read_config(struct bugbase_entry *entry, const struct json_node *root,
                                   const char *folder)
{
    (void)folder;
    struct bugbase_subject *subject = &entry->subject;
    enum error_code code = check_version(root);
    if (code == ERROR_NONE)
        code = read_text(root, "target", &subject->target);
    if (code == ERROR_NONE)
        code = read_text(root, "command", &subject->command);
    if (code == ERROR_NONE)
        code = read_text(root, "backend", &subject->backend);
    if (code == ERROR_NONE)
        code = read_text(root, "backend_version", &subject->backend_version);
    if (code == ERROR_NONE)
        code = read_text(root, "interplay_version", &subject->interplay_version);
    return code;
}

typedef enum error_code read_fn(struct bugbase_entry *entry, const struct json_node *root,
                                const char *folder);

/* `tree` is the entry's, whatever comes of it. */
static enum error_code read_document(struct bugbase_entry *entry, json_t **tree, read_fn *read,
                                     const char *folder, const char *name, struct error *error)
{
    char path[PATH_MAX];
    struct file_content content;
    enum error_code code = folder_path(path, folder, name, error);
    if (code == ERROR_NONE)
        code = file_read(&content, path, FILE_MUST_HAVE_BYTES, error);
    if (code != ERROR_NONE)
        return code;
    code = json_parse(tree, path, content.bytes, content.size, error);
    if (code == ERROR_NONE) {
        const struct json_document document = {path, content.bytes, content.size, error};
        const struct json_node root = {.document = &document, .value = *tree};
        code = read(entry, &root, folder);
    }
    file_content_clean_up(&content);
    return code;
}

enum error_code entry_read(struct bugbase_entry *ret_entry, const char *folder, struct error *error)
{
    struct bugbase_entry entry = {0};
    enum error_code code =
        read_document(&entry, &entry.failure, read_failure, folder, "failure.json", error);
    if (code == ERROR_NONE)
        code = read_document(&entry, &entry.config, read_config, folder, "config.json", error);
    if (code == ERROR_NONE)
        *ret_entry = entry;
    else
        entry_clean_up(&entry);
    return code;
}

void entry_clean_up(struct bugbase_entry *entry)
{
    json_decref(entry->failure);
    json_decref(entry->config);
    *entry = (struct bugbase_entry){0};
}
