/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of T-SQL that the server knows: what SQLite calls them, and what they come to. */
#include "mssql/server/bind.h"

static const struct bind_function functions[] = {
    {"COUNT", "count", 1, 1, RESULT_INT},
    {"COUNT_BIG", "count", 1, 1, RESULT_BIGINT},
    {"SUM", "sum", 1, 1, RESULT_SUM},
    {"AVG", "avg", 1, 1, RESULT_SUM},
    {"MIN", "min", 1, 1, RESULT_FIRST},
    {"MAX", "max", 1, 1, RESULT_FIRST},
    {"ABS", "abs", 1, 1, RESULT_FIRST},
    {"SIGN", "sign", 1, 1, RESULT_FIRST},
    {"COALESCE", "coalesce", 2, 100, RESULT_ALL},
    {"ISNULL", "coalesce", 2, 2, RESULT_FIRST},
    {"NULLIF", "nullif", 2, 2, RESULT_FIRST},
    {"IIF", "iif", 3, 3, RESULT_LATER},
    {"LEN", "tsql_len", 1, 1, RESULT_INT},
    {"DATALENGTH", "tsql_datalength", 1, 1, RESULT_INT},
    {"UPPER", "upper", 1, 1, RESULT_TEXT},
    {"LOWER", "lower", 1, 1, RESULT_TEXT},
    {"LTRIM", "ltrim", 1, 1, RESULT_TEXT},
    {"RTRIM", "rtrim", 1, 1, RESULT_TEXT},
    {"LEFT", "tsql_left", 2, 2, RESULT_TEXT},
    {"RIGHT", "tsql_right", 2, 2, RESULT_TEXT},
    {"SUBSTRING", "substr", 3, 3, RESULT_TEXT},
    {"REPLACE", "replace", 3, 3, RESULT_TEXT},
    {"CHARINDEX", "tsql_charindex", 2, 2, RESULT_INT},
    {"REPLICATE", "tsql_replicate", 2, 2, RESULT_TEXT},
    {"SPACE", "tsql_space", 1, 1, RESULT_TEXT},
    {"CONCAT", "tsql_concat", 2, 100, RESULT_TEXT},
    {"FORMAT", "tsql_format", 2, 2, RESULT_TEXT},
    {"STR", "tsql_str", 1, 2, RESULT_TEXT},
    {"OBJECT_ID", "tsql_object_id", 1, 2, RESULT_INT},
    {"SERVERPROPERTY", "tsql_property", 1, 1, RESULT_TEXT},
};

const struct bind_function *bind_find_function(const char *name)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (tsql_same_name(functions[i].name, name))
            return &functions[i];
    return NULL;
}

static const struct {
    const char *name;
    struct tsql_type type;
} globals[] = {
    {"@@ROWCOUNT", {TSQL_INT, 0}},
    {"@@TRANCOUNT", {TSQL_INT, 0}},
    {"@@ERROR", {TSQL_INT, 0}},
    {"@@SPID", {TSQL_SMALLINT, 0}},
    {"@@VERSION", {TSQL_NVARCHAR, 300}},
    {"@@SERVERNAME", {TSQL_NVARCHAR, 128}},
    {"@@LOCK_TIMEOUT", {TSQL_INT, 0}},
    {"@@MAX_PRECISION", {TSQL_TINYINT, 0}},
    {"@@MICROSOFTVERSION", {TSQL_INT, 0}},
    {"@@OPTIONS", {TSQL_INT, 0}},
    {"@@LANGUAGE", {TSQL_NVARCHAR, 128}},
    {"@@IDENTITY", {TSQL_BIGINT, 0}},
    {"XACT_STATE", {TSQL_SMALLINT, 0}},
    {"CURRENT_TRANSACTION_ID", {TSQL_BIGINT, 0}},
    {"ERROR_NUMBER", {TSQL_INT, 0}},
    {"ERROR_SEVERITY", {TSQL_INT, 0}},
    {"ERROR_STATE", {TSQL_INT, 0}},
    {"ERROR_LINE", {TSQL_INT, 0}},
    {"ERROR_MESSAGE", {TSQL_NVARCHAR, 4000}},
    {"DB_NAME", {TSQL_NVARCHAR, 128}},
    {"SUSER_SNAME", {TSQL_NVARCHAR, 128}},
    {"SCOPE_IDENTITY", {TSQL_BIGINT, 0}},
};

struct tsql_type bind_global_type(const char *name)
{
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++)
        if (tsql_same_name(globals[i].name, name))
            return globals[i].type;
    return (struct tsql_type){TSQL_UNKNOWN, 0};
}
