/*
 * Power losses: what of each file was synced, what was written since, and which file has a name.
 * A loss puts together what finding.c says is left, in a new folder, where everybody goes on; what
 * was open fails every call from then on.
 */
#ifndef POWER_H
#define POWER_H

#include "clients.h"

/* Of what was written to a file since its last sync, that is, of its change `number`. */
struct fate {
    enum { NAMED, ARRIVED, SIZED, GARBLED, END } kind;
    const char *suffix; /* of NAMED: the file; what follows is about it, in this order */
    long number;        /* of NAMED: which one that was made; 0: it was there. Else: which change */
    long from, to;
};

struct change {
    char *data; /* NULL: the file was cut */
    size_t length;
    long offset;
};

struct tracked {
    char suffix[40];
    int number, is_named, was_named; /* was: when the directory was synced */
    int syncs_directory;             /* at its next sync, as the system's VFS does for journals */
    int survives;
    char *synced; /* content as of the last sync */
    size_t synced_bytes;
    struct change *changes;
    int change_count;
};

enum { TRACKED_MAX = 4096 };
static struct tracked tracked[TRACKED_MAX];
static int tracked_count, created, is_powersafe = 1;

static const char *suffix_of(const char *name)
{
    const char *base = strrchr(name, '/');
    base = strstr(base == NULL ? name : base, "finding.db");
    return base == NULL ? NULL : base + strlen("finding.db");
}

static struct tracked *find_tracked(const char *suffix)
{
    for (int i = 0; i < tracked_count; i++)
        if (tracked[i].is_named && strcmp(tracked[i].suffix, suffix) == 0)
            return &tracked[i];
    return NULL;
}

static void put_bytes(char **bytes, size_t *size, const char *data, size_t length, long offset)
{
    size_t end = (size_t)offset + length;
    if (end > *size) {
        *bytes = realloc(*bytes, end);
        memset(*bytes + *size, 0, end - *size);
        *size = end;
    }
    memcpy(*bytes + offset, data, length);
}

static void set_size(char **bytes, size_t *size, size_t wanted)
{
    if (wanted > *size)
        put_bytes(bytes, size, "", 0, (long)wanted);
    *size = wanted;
}

static void read_synced(struct tracked *file, const char *name)
{
    char buffer[4096];
    size_t got;
    FILE *in = fopen(name, "rb");
    while (in != NULL && (got = fread(buffer, 1, sizeof buffer, in)) > 0)
        put_bytes(&file->synced, &file->synced_bytes, buffer, got, (long)file->synced_bytes);
    if (in != NULL)
        fclose(in);
}

static struct tracked *track_open(const char *name, int flags)
{
    const char *suffix = name == NULL ? NULL : suffix_of(name);
    if (suffix == NULL || (flags & SQLITE_OPEN_DELETEONCLOSE))
        return NULL;
    struct tracked *file = find_tracked(suffix);
    int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
    int syncs = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & journals) != 0;
    if (file != NULL) {
        file->syncs_directory |= syncs;
        return file;
    }
    int exists = access(name, F_OK) == 0;
    if ((!exists && !(flags & SQLITE_OPEN_CREATE)) || tracked_count == TRACKED_MAX)
        return NULL;
    file = &tracked[tracked_count++];
    *file = (struct tracked){.number = exists ? 0 : ++created,
                             .is_named = 1,
                             .was_named = exists,
                             .syncs_directory = syncs};
    snprintf(file->suffix, sizeof file->suffix, "%s", suffix);
    if (exists)
        read_synced(file, name);
    return file;
}

static void sync_directory(void)
{
    for (int i = 0; i < tracked_count; i++)
        tracked[i].was_named = tracked[i].is_named;
}

static void track_delete(const char *name, int sync)
{
    const char *suffix = suffix_of(name);
    struct tracked *file = suffix == NULL ? NULL : find_tracked(suffix);
    if (file != NULL)
        file->is_named = 0;
    if (sync)
        sync_directory();
}

static void track_write(struct tracked *file, const char *data, size_t length, long offset)
{
    if (file == NULL || (data != NULL && length == 0))
        return;
    file->changes =
        realloc(file->changes, (size_t)(file->change_count + 1) * sizeof *file->changes);
    struct change *change = &file->changes[file->change_count++];
    *change = (struct change){.length = length, .offset = offset};
    if (data != NULL)
        change->data = memcpy(malloc(length), data, length);
}

static void apply(struct tracked *file, const struct change *change, long from, long to)
{
    if (change->data == NULL)
        set_size(&file->synced, &file->synced_bytes, (size_t)change->offset);
    else
        put_bytes(&file->synced, &file->synced_bytes, change->data + (from - change->offset),
                  (size_t)(to - from), from);
}

static void track_sync(struct tracked *file)
{
    for (int i = 0; file != NULL && i < file->change_count; i++) {
        struct change *change = &file->changes[i];
        apply(file, change, change->offset, change->offset + (long)change->length);
    }
    if (file == NULL)
        return;
    file->change_count = 0;
    if (file->syncs_directory)
        sync_directory();
    file->syncs_directory = 0;
}

/* --- the loss --------------------------------------------------------------------------------- */

/*
 * What was recorded may not be possible here: a library that syncs more loses less. Then nothing is
 * shown.
 */
static void impossible(const struct tracked *file, const char *why)
{
    printf("    (not possible here: finding.db%s %s)\n", file->suffix, why);
    is_impossible = 1;
}

static struct tracked *find_numbered(const struct fate *fate)
{
    for (int i = 0; i < tracked_count; i++)
        if (tracked[i].number == fate->number && strcmp(tracked[i].suffix, fate->suffix) == 0)
            return &tracked[i];
    return NULL;
}

static int is_touched(const struct tracked *file, long at)
{
    for (int i = 0; i < file->change_count; i++) {
        const struct change *change = &file->changes[i];
        long end = change->offset + (long)change->length;
        if (change->data != NULL && at / 4096 >= change->offset / 4096 &&
            at / 4096 <= (end - 1) / 4096)
            return 1;
    }
    return 0;
}

/* Beyond what was synced, and without powersafe overwrite in the blocks that were written to. */
static void garble(struct tracked *file, const struct fate *fate, size_t synced_bytes)
{
    for (long at = fate->from; at < fate->to; at++) {
        if ((size_t)at < synced_bytes && (is_powersafe || !is_touched(file, at))) {
            impossible(file, "was synced where it is garbled");
            return;
        }
        put_bytes(&file->synced, &file->synced_bytes, "\xee", 1, at);
    }
}

static void resize(struct tracked *file, const struct fate *fate)
{
    int is_possible = 0;
    for (int i = 0; i < file->change_count; i++)
        is_possible |= file->changes[i].offset + (long)file->changes[i].length == fate->to;
    if (!is_possible)
        impossible(file, "never had this size since it was synced");
    set_size(&file->synced, &file->synced_bytes, (size_t)fate->to);
}

static void arrive(struct tracked *file, const struct fate *fate)
{
    const struct change *change =
        fate->number < file->change_count ? &file->changes[fate->number] : NULL;
    if (change == NULL || change->data == NULL || fate->from < change->offset ||
        fate->to > change->offset + (long)change->length)
        impossible(file, "was not written like that");
    else
        apply(file, change, fate->from, fate->to);
}

static void write_survivor(const struct tracked *file)
{
    char name[400];
    snprintf(name, sizeof name, "%s-%d/finding.db%s", folder, current_life, file->suffix);
    FILE *out = fopen(name, "wb");
    if (out == NULL || fwrite(file->synced, 1, file->synced_bytes, out) != file->synced_bytes ||
        fclose(out) != 0)
        broken(name, "cannot be written");
}

/* What is left of one file; returns the fate after the last one of it. */
static const struct fate *survive(const struct fate *fate)
{
    struct tracked *file = find_numbered(fate);
    if (file == NULL)
        printf("    (not possible here: there was no finding.db%s)\n", fate->suffix);
    is_impossible |= file == NULL;
    size_t synced_bytes = file == NULL ? 0 : file->synced_bytes;
    for (fate++; fate->kind != NAMED && fate->kind != END; fate++) {
        if (file == NULL)
            continue;
        if (fate->kind == ARRIVED)
            arrive(file, fate);
        else if (fate->kind == SIZED)
            resize(file, fate);
        else
            garble(file, fate, synced_bytes);
    }
    if (file != NULL) {
        file->survives = 1;
        write_survivor(file);
    }
    return fate;
}

static void lose_power(const struct fate *fate)
{
    char command[300];
    current_life++;
    snprintf(command, sizeof command, "mkdir '%s-%d'", folder, current_life);
    if (system(command) != 0)
        broken("a folder for what is left", folder);
    while (fate->kind != END)
        fate = survive(fate);
    for (int i = 0; i < tracked_count; i++) {
        const struct tracked *file = &tracked[i];
        if (file->is_named && file->was_named && !file->survives)
            impossible(file, "is gone, though the directory was synced");
        if (!file->is_named && !file->was_named && file->survives)
            impossible(file, "is back, though the directory was synced");
    }
    tracked_count = created = 0;
    snprintf(database, sizeof database, "%s-%d/finding.db", folder, current_life);
}

#endif
