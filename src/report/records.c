/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of JSON, each field held against its row. */
#include "report/records.h"

#include "base/assert.h"
#include "plan/json_text.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

const struct record_info record_infos[RECORD_TYPE_COUNT] = {
#define RECORD(name, meaning) {#name, meaning},
#define FIELD(...)
#include "report/records.def"
#undef RECORD
#undef FIELD
};

const struct record_field_info record_field_infos[RECORD_FIELD_COUNT] = {
#define RECORD(...)
#define FIELD(record, name, kind, words, presence, meaning)                                        \
    {RECORD_##record, #name, RECORD_##kind, words, RECORD_##presence, meaning},
#include "report/records.def"
#undef RECORD
#undef FIELD
};

static void set(const struct record *record, enum record_field field, enum record_kind kind,
                json_t *value)
{
    const struct record_field_info *info = &record_field_infos[field];
    ASSERT(info->record == record->type && info->kind == kind && value != NULL);
    ASSERT(json_object_set_new(record->object, info->name, value) == 0);
}

/* `words` is "this|that". */
static bool is_one_of(const char *word, const char *words)
{
    size_t length = strlen(word);
    for (const char *next = words; *next != '\0'; next += *next == '|') {
        size_t here = strcspn(next, "|");
        if (here == length && memcmp(next, word, length) == 0)
            return true;
        next += here;
    }
    return false;
}

struct record record_begin(enum record_type type)
{
    json_object_seed(1); /* not by the system's random numbers */
    struct record record = {type, json_object()};
    ASSERT(json_object_set_new(record.object, "type", json_string(record_infos[type].name)) == 0);
    return record;
}

void record_text(const struct record *record, enum record_field field, const char *text)
{
    const struct record_field_info *info = &record_field_infos[field];
    if (text == NULL)
        return;
    ASSERT(info->kind != RECORD_WORD || is_one_of(text, info->words));
    set(record, field, info->kind == RECORD_WORD ? RECORD_WORD : RECORD_TEXT, json_text(text));
}

void record_number(const struct record *record, enum record_field field, uint64_t number)
{
    set(record, field, RECORD_NUMBER, json_integer((json_int_t)number));
}

void record_real(const struct record *record, enum record_field field, double number)
{
    set(record, field, RECORD_REAL, json_real(number));
}

void record_flag(const struct record *record, enum record_field field, bool flag)
{
    set(record, field, RECORD_FLAG, json_boolean(flag));
}

void record_texts(const struct record *record, enum record_field field, const char *const *texts,
                  size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        ASSERT(json_array_append_new(array, json_text(texts[i])) == 0);
    set(record, field, RECORD_TEXTS, array);
}

void record_object(const struct record *record, enum record_field field, const char *text,
                   size_t length)
{
    set(record, field, RECORD_OBJECT, json_loadb(text, length, 0, NULL));
}

void record_hash(const struct record *record, enum record_field field, uint64_t hash)
{
    char digits[17];
    (void)snprintf(digits, sizeof digits, "%016" PRIx64, hash);
    record_text(record, field, digits);
}

void record_end(struct record *record, FILE *out)
{
    for (int field = 0; field < RECORD_FIELD_COUNT; field++) {
        const struct record_field_info *info = &record_field_infos[field];
        ASSERT(info->record != record->type || info->presence == RECORD_SOMETIMES ||
               json_object_get(record->object, info->name) != NULL);
    }
    (void)json_dumpf(record->object, out,
                     JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(6));
    (void)fputc('\n', out);
    (void)fflush(out);
    record_drop(record);
}

void record_drop(struct record *record)
{
    json_decref(record->object);
    record->object = NULL;
}
