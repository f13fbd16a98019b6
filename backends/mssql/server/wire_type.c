/* SPDX-License-Identifier: Apache-2.0 */
/* TYPE_INFO and values ([MS-TDS] 2.2.5.4 to 2.2.5.6): all that clients may send, and what we do. */
#include "mssql/server/wire.h"

#include <math.h>
#include <string.h>

/* Latin1_General_100_BIN2_UTF8: texts of one byte a character are UTF-8. */
const uint8_t wire_collation[5] = {0x09, 0x04, 0x00, 0x26, 0x00};

/* How a type of the wire says how long its values are. */
enum shape {
    SHAPE_FIXED,  /* always so many bytes */
    SHAPE_BYTE,   /* one byte of length, in type and value; 0: NULL */
    SHAPE_SCALED, /* as before, with precision and scale */
    SHAPE_SHORT,  /* two bytes; 0xffff: NULL; a type of 0xffff: in parts */
    SHAPE_LONG,   /* four bytes; below 0: NULL */
};
enum meaning {
    MEANS_NULL,
    MEANS_INTEGER,
    MEANS_FLOAT,
    MEANS_DECIMAL,
    MEANS_MONEY,
    MEANS_BYTES,
    MEANS_TEXT_8,
    MEANS_TEXT_16
};

struct wire_type {
    uint8_t number;
    enum shape shape;
    uint8_t bytes; /* SHAPE_FIXED */
    bool has_collation;
    enum meaning meaning;
};

static const struct wire_type types[] = {
    {0x1f, SHAPE_FIXED, 0, false, MEANS_NULL},     {0x30, SHAPE_FIXED, 1, false, MEANS_INTEGER},
    {0x32, SHAPE_FIXED, 1, false, MEANS_INTEGER}, /* bit */
    {0x34, SHAPE_FIXED, 2, false, MEANS_INTEGER},  {0x38, SHAPE_FIXED, 4, false, MEANS_INTEGER},
    {0x7f, SHAPE_FIXED, 8, false, MEANS_INTEGER},  {0x3b, SHAPE_FIXED, 4, false, MEANS_FLOAT},
    {0x3e, SHAPE_FIXED, 8, false, MEANS_FLOAT},    {0x3c, SHAPE_FIXED, 8, false, MEANS_MONEY},
    {0x7a, SHAPE_FIXED, 4, false, MEANS_MONEY},    {0x26, SHAPE_BYTE, 0, false, MEANS_INTEGER},
    {0x68, SHAPE_BYTE, 0, false, MEANS_INTEGER}, /* bit */
    {0x6d, SHAPE_BYTE, 0, false, MEANS_FLOAT},     {0x6e, SHAPE_BYTE, 0, false, MEANS_MONEY},
    {0x6a, SHAPE_SCALED, 0, false, MEANS_DECIMAL}, {0x6c, SHAPE_SCALED, 0, false, MEANS_DECIMAL},
    {0xa5, SHAPE_SHORT, 0, false, MEANS_BYTES},    {0xad, SHAPE_SHORT, 0, false, MEANS_BYTES},
    {0xa7, SHAPE_SHORT, 0, true, MEANS_TEXT_8},    {0xaf, SHAPE_SHORT, 0, true, MEANS_TEXT_8},
    {0xe7, SHAPE_SHORT, 0, true, MEANS_TEXT_16},   {0xef, SHAPE_SHORT, 0, true, MEANS_TEXT_16},
    {0x22, SHAPE_LONG, 0, false, MEANS_BYTES},     {0x23, SHAPE_LONG, 0, true, MEANS_TEXT_8},
    {0x63, SHAPE_LONG, 0, true, MEANS_TEXT_16},
};

static const struct wire_type *find(uint8_t number)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].number == number)
            return &types[i];
    return NULL;
}

/* --- parameters ------------------------------------------------------------------------------- */

struct raw {
    const struct wire_type *type;
    uint32_t most; /* bytes, as the type says */
    uint8_t scale;
    bool is_null;
    const uint8_t *bytes;
    size_t length;
};

static void get_type(struct wire_reader *reader, struct raw *raw)
{
    switch (raw->type->shape) {
    case SHAPE_FIXED:
        raw->most = raw->type->bytes;
        break;
    case SHAPE_BYTE:
        raw->most = wire_get_8(reader);
        break;
    case SHAPE_SCALED:
        raw->most = wire_get_8(reader);
        (void)wire_get_8(reader); /* precision */
        raw->scale = wire_get_8(reader);
        break;
    case SHAPE_SHORT:
        raw->most = wire_get_16(reader);
        break;
    case SHAPE_LONG:
        raw->most = wire_get_32(reader);
        break;
    }
    if (raw->type->has_collation)
        (void)wire_get_bytes(reader, sizeof wire_collation);
}

/* In parts: how long it is (or that it is not known), and parts up to one of no byte. */
static void get_parts(struct engine_session *session, struct wire_reader *reader, struct raw *raw)
{
    uint64_t total = wire_get_64(reader);
    raw->is_null = total == UINT64_MAX;
    if (raw->is_null || reader->failed)
        return;
    uint8_t *whole = arena_alloc(&session->arena, wire_left(reader) + 1);
    for (;;) {
        uint32_t length = wire_get_32(reader);
        if (length == 0 || reader->failed)
            break;
        const uint8_t *part = wire_get_bytes(reader, length);
        if (part == NULL)
            break;
        memcpy(whole + raw->length, part, length);
        raw->length += length;
    }
    raw->bytes = whole;
}

static void get_value(struct engine_session *session, struct wire_reader *reader, struct raw *raw)
{
    switch (raw->type->shape) {
    case SHAPE_FIXED:
        raw->length = raw->type->bytes;
        raw->is_null = raw->type->meaning == MEANS_NULL;
        break;
    case SHAPE_BYTE:
    case SHAPE_SCALED:
        raw->length = wire_get_8(reader);
        raw->is_null = raw->length == 0;
        break;
    case SHAPE_SHORT:
        if (raw->most == UINT16_MAX) {
            get_parts(session, reader, raw);
            return;
        }
        raw->length = wire_get_16(reader);
        raw->is_null = raw->length == UINT16_MAX;
        break;
    case SHAPE_LONG:
        raw->length = wire_get_32(reader);
        raw->is_null = raw->length >= 0x80000000;
        break;
    }
    if (!raw->is_null)
        raw->bytes = wire_get_bytes(reader, raw->length);
}

/* --- what they mean --------------------------------------------------------------------------- */

/* A byte is without sign, everything longer has one. */
static bool read_integer(const struct raw *raw, int64_t *ret_number)
{
    struct wire_reader reader = {raw->bytes, raw->bytes + raw->length, false};
    uint64_t number = wire_get_number(&reader, raw->length > 8 ? 8 : raw->length);
    if (raw->length == 2)
        number = (uint64_t)(int64_t)(int16_t)number;
    if (raw->length == 4)
        number = (uint64_t)(int64_t)(int32_t)number;
    *ret_number = (int64_t)number;
    return raw->length == 1 || raw->length == 2 || raw->length == 4 || raw->length == 8;
}

static bool read_float(const struct raw *raw, double *ret_number)
{
    float narrow;
    if (raw->length == sizeof narrow) {
        memcpy(&narrow, raw->bytes, sizeof narrow);
        *ret_number = narrow;
        return true;
    }
    if (raw->length != sizeof *ret_number)
        return false;
    memcpy(ret_number, raw->bytes, sizeof *ret_number);
    return true;
}

/* A sign, and the digits as a number of 4 to 16 bytes. */
static bool read_decimal(const struct raw *raw, double *ret_number)
{
    double number = 0;
    if (raw->length < 5 || raw->length > 17 || raw->scale > 38)
        return false;
    for (size_t i = raw->length; i-- > 1;)
        number = number * 256 + raw->bytes[i];
    number /= pow(10, raw->scale);
    *ret_number = raw->bytes[0] == 0 ? -number : number;
    return true;
}

/* In ten thousandths; of eight bytes the higher four come first. */
static bool read_money(const struct raw *raw, double *ret_number)
{
    struct wire_reader reader = {raw->bytes, raw->bytes + raw->length, false};
    if (raw->length == 4) {
        *ret_number = (int32_t)wire_get_32(&reader) / 1e4;
        return true;
    }
    uint64_t high = wire_get_32(&reader), low = wire_get_32(&reader);
    *ret_number = (double)(int64_t)(high << 32 | low) / 1e4;
    return raw->length == 8;
}

static struct tsql_type integer_type(const struct raw *raw)
{
    enum tsql_kind kind = raw->most == 1   ? TSQL_TINYINT
                          : raw->most == 2 ? TSQL_SMALLINT
                          : raw->most == 4 ? TSQL_INT
                                           : TSQL_BIGINT;
    if (raw->type->number == 0x32 || raw->type->number == 0x68)
        kind = TSQL_BIT;
    return (struct tsql_type){kind, 0};
}

static struct tsql_type type_of(const struct raw *raw)
{
    bool is_long = raw->type->shape == SHAPE_LONG || raw->most == UINT16_MAX || raw->most > 8000;
    int32_t length = is_long ? -1 : (int32_t)raw->most;
    switch (raw->type->meaning) {
    case MEANS_NULL:
        return (struct tsql_type){TSQL_NVARCHAR, 1};
    case MEANS_INTEGER:
        return integer_type(raw);
    case MEANS_FLOAT:
        return (struct tsql_type){raw->most == 4 ? TSQL_REAL : TSQL_FLOAT, 0};
    case MEANS_DECIMAL:
    case MEANS_MONEY:
        return (struct tsql_type){TSQL_FLOAT, 0};
    case MEANS_BYTES:
        return (struct tsql_type){TSQL_VARBINARY, length};
    case MEANS_TEXT_8:
        return (struct tsql_type){TSQL_NVARCHAR, length};
    case MEANS_TEXT_16:
        return (struct tsql_type){TSQL_NVARCHAR, length < 0 ? -1 : length / 2};
    }
    return (struct tsql_type){TSQL_UNKNOWN, 0};
}

static bool read_value(struct engine_session *session, const struct raw *raw, struct value *value)
{
    switch (raw->type->meaning) {
    case MEANS_NULL:
        return true;
    case MEANS_INTEGER:
        value->kind = VALUE_INTEGER;
        return read_integer(raw, &value->integer);
    case MEANS_FLOAT:
    case MEANS_DECIMAL:
    case MEANS_MONEY:
        value->kind = VALUE_REAL;
        return (raw->type->meaning == MEANS_FLOAT     ? read_float(raw, &value->real)
                : raw->type->meaning == MEANS_DECIMAL ? read_decimal(raw, &value->real)
                                                      : read_money(raw, &value->real)) &&
               isfinite(value->real);
    case MEANS_BYTES:
        *value = value_text((const char *)raw->bytes, raw->length);
        value->kind = VALUE_BLOB;
        return true;
    case MEANS_TEXT_8:
        *value = wire_valid_text(&session->arena, (const char *)raw->bytes, raw->length);
        return true;
    case MEANS_TEXT_16:
        *value = wire_text_of(&session->arena, raw->bytes, raw->length);
        return raw->length % 2 == 0;
    }
    return false;
}

bool wire_get_parameter(struct engine_session *session, struct wire_reader *reader,
                        struct tsql_type *ret_type, struct value *ret_value)
{
    struct raw raw = {.type = find(wire_get_8(reader))};
    ret_value->kind = VALUE_NULL;
    if (raw.type == NULL)
        return false;
    get_type(reader, &raw);
    get_value(session, reader, &raw);
    *ret_type = type_of(&raw);
    return !reader->failed && (raw.is_null || read_value(session, &raw, ret_value));
}

/* --- what we send ----------------------------------------------------------------------------- */

static uint8_t width(enum tsql_kind kind)
{
    static const uint8_t widths[] = {
        [TSQL_UNKNOWN] = 4,  [TSQL_BIT] = 1,       [TSQL_TINYINT] = 1, [TSQL_SMALLINT] = 2,
        [TSQL_INT] = 4,      [TSQL_BIGINT] = 8,    [TSQL_REAL] = 4,    [TSQL_FLOAT] = 8,
        [TSQL_NVARCHAR] = 0, [TSQL_VARBINARY] = 0,
    };
    return widths[kind];
}

static bool is_long(struct tsql_type type)
{
    return type.length < 0 || type.length > (type.kind == TSQL_NVARCHAR ? 4000 : 8000);
}

void wire_put_type(struct wire_buffer *buffer, struct tsql_type type)
{
    uint32_t unit = type.kind == TSQL_NVARCHAR ? 2 : 1;
    switch (type.kind) {
    case TSQL_BIT:
        wire_put_8(buffer, 0x68);
        break;
    case TSQL_REAL:
    case TSQL_FLOAT:
        wire_put_8(buffer, 0x6d);
        break;
    case TSQL_UNKNOWN:
    case TSQL_TINYINT:
    case TSQL_SMALLINT:
    case TSQL_INT:
    case TSQL_BIGINT:
        wire_put_8(buffer, 0x26);
        break;
    case TSQL_NVARCHAR:
    case TSQL_VARBINARY:
        wire_put_8(buffer, type.kind == TSQL_NVARCHAR ? 0xe7 : 0xa5);
        wire_put_16(buffer, is_long(type) ? UINT16_MAX : (uint32_t)type.length * unit);
        if (type.kind == TSQL_NVARCHAR)
            wire_put_bytes(buffer, wire_collation, sizeof wire_collation);
        return;
    }
    wire_put_8(buffer, width(type.kind));
}

static void put_bytes_value(struct wire_buffer *buffer, struct tsql_type type,
                            const struct value *value)
{
    size_t length = type.kind == TSQL_NVARCHAR ? engine_text_units(value) * 2 : value->text.length;
    if (is_long(type)) {
        wire_put_64(buffer, length);
        if (length > 0)
            wire_put_32(buffer, (uint32_t)length);
    } else {
        wire_put_16(buffer, (uint32_t)length);
    }
    if (type.kind == TSQL_NVARCHAR)
        wire_put_text(buffer, value->text.bytes, value->text.length);
    else
        wire_put_bytes(buffer, value->text.bytes, value->text.length);
    if (is_long(type))
        wire_put_32(buffer, 0);
}

static void put_number_value(struct wire_buffer *buffer, enum tsql_kind kind,
                             const struct value *value)
{
    uint64_t bits = (uint64_t)value->integer;
    if (kind == TSQL_FLOAT)
        memcpy(&bits, &value->real, sizeof bits);
    if (kind == TSQL_REAL) {
        float narrow = (float)value->real;
        uint32_t half;
        memcpy(&half, &narrow, sizeof half);
        bits = half;
    }
    wire_put_8(buffer, width(kind));
    for (uint8_t i = 0; i < width(kind); i++)
        wire_put_8(buffer, (uint32_t)(bits >> (8 * i)) & 0xff);
}

void wire_put_value(struct wire_buffer *buffer, struct tsql_type type, const struct value *value)
{
    bool has_bytes = type.kind == TSQL_NVARCHAR || type.kind == TSQL_VARBINARY;
    if (value->kind != VALUE_NULL && has_bytes)
        put_bytes_value(buffer, type, value);
    else if (value->kind != VALUE_NULL)
        put_number_value(buffer, type.kind, value);
    else if (!has_bytes)
        wire_put_8(buffer, 0);
    else if (is_long(type))
        wire_put_64(buffer, UINT64_MAX);
    else
        wire_put_16(buffer, UINT16_MAX);
}
