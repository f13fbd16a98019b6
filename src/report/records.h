/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines for programs: JSON objects, each of a kind that records.def lists with its fields, so that
 * what is written is what the schema says. There is no way to go on without memory: they assert.
 */
#ifndef REPORT_RECORDS_H
#define REPORT_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json_t;

enum record_type {
#define RECORD(name, meaning) RECORD_##name,
#define FIELD(...)
#include "report/records.def"
#undef RECORD
#undef FIELD
    RECORD_TYPE_COUNT
};

/* RECORD_plan_file */
enum record_field {
#define RECORD(...)
#define FIELD(record, name, kind, words, presence, meaning) RECORD_##record##_##name,
#include "report/records.def"
#undef RECORD
#undef FIELD
    RECORD_FIELD_COUNT
};

enum record_kind {
    RECORD_TEXT,
    RECORD_NUMBER,
    RECORD_REAL,
    RECORD_FLAG,
    RECORD_WORD,
    RECORD_TEXTS,
    RECORD_OBJECT
};

struct record_info {
    const char *name, *meaning;
};
extern const struct record_info record_infos[RECORD_TYPE_COUNT];

struct record_field_info {
    enum record_type record;
    const char *name;
    enum record_kind kind;
    const char *words; /* of a RECORD_WORD: "this|that" */
    enum { RECORD_ALWAYS, RECORD_SOMETIMES } presence;
    const char *meaning;
};
extern const struct record_field_info record_field_infos[RECORD_FIELD_COUNT];

struct record {
    enum record_type type;
    struct json_t *object;
};

struct record record_begin(enum record_type type);

/* NULL: the field is left out. Bytes that are no UTF-8 are replaced. */
void record_text(const struct record *record, enum record_field field, const char *text);
void record_number(const struct record *record, enum record_field field, uint64_t number);
void record_real(const struct record *record, enum record_field field, double number);
void record_flag(const struct record *record, enum record_field field, bool flag);
void record_texts(const struct record *record, enum record_field field, const char *const *texts,
                  size_t count);

/* `text` is a JSON document, an object. */
void record_object(const struct record *record, enum record_field field, const char *text,
                   size_t length);

/* 16 hexadecimal digits. */
void record_hash(const struct record *record, enum record_field field, uint64_t hash);

/* Writes the line and flushes it; the record is gone then. All fields that are ALWAYS there are. */
void record_end(struct record *record, FILE *out);

/* It is gone without having been written. */
void record_drop(struct record *record);

#endif
