/* SPDX-License-Identifier: Apache-2.0 */
/* What each kind of option takes, says of a wrong value, and looks like in a printed command. */
#include "cli/cli.h"
#include "cli/numbers.h"
#include "cli/order.h"

#include <inttypes.h>
#include <string.h>

/* Both return false, for who has not got what it wants. */
static bool wants(const char *what, const char *word, struct text *ret_problem)
{
    text_append_format(ret_problem, " wants %s, not '%s'", what, word);
    return false;
}

static bool expects(const char *what, const char *word, struct text *ret_problem)
{
    text_append_format(ret_problem, ": expected %s, found %s", what, word);
    return false;
}

/* Its place among the words; `count`: it is none of them. */
static size_t place_of(const char *word, const char *const *words, size_t count)
{
    size_t place = 0;
    while (place < count && strcmp(word, words[place]) != 0)
        place++;
    return place;
}

static bool take_flag(void *field, const char *word, struct text *ret_problem)
{
    (void)word;
    (void)ret_problem;
    *(cli_field_FLAG *)field = true;
    return true;
}

static void repeat_flag(const void *field, const char *name, struct text *command)
{
    if (*(const cli_field_FLAG *)field)
        text_append_format(command, " --%s", name);
}

const struct cli_kind_ops cli_kind_FLAG = {.take = take_flag, .repeat = repeat_flag};

static bool take_text(void *field, const char *word, struct text *ret_problem)
{
    (void)ret_problem;
    *(cli_field_TEXT *)field = word;
    return true;
}

static void repeat_text(const void *field, const char *name, struct text *command)
{
    const char *word = *(const cli_field_TEXT *)field;
    if (word == NULL)
        return;
    text_append_format(command, " --%s ", name);
    text_append_word(command, word);
}

const struct cli_kind_ops cli_kind_TEXT = {.take = take_text, .repeat = repeat_text};

const struct cli_kind_ops cli_kind_OUTPUT = {.take = take_text, .repeat = repeat_text};

static bool take_number(void *field, const char *word, struct text *ret_problem)
{
    return cli_parse_number(word, field) || wants("a number", word, ret_problem);
}

/* 0 is a number, too. */
static void repeat_number(const void *field, const char *name, struct text *command)
{
    text_append_format(command, " --%s %" PRIu64, name, *(const cli_field_NUMBER *)field);
}

const struct cli_kind_ops cli_kind_NUMBER = {.take = take_number, .repeat = repeat_number};

static bool take_big_count(void *field, const char *word, struct text *ret_problem)
{
    cli_field_BIG_COUNT count;
    if (!cli_parse_number(word, &count) || count == 0)
        return wants("a number from 1", word, ret_problem);
    *(cli_field_BIG_COUNT *)field = count;
    return true;
}

static void repeat_big_count(const void *field, const char *name, struct text *command)
{
    if (*(const cli_field_BIG_COUNT *)field != 0)
        repeat_number(field, name, command);
}

const struct cli_kind_ops cli_kind_BIG_COUNT = {.take = take_big_count, .repeat = repeat_big_count};

static bool take_count(void *field, const char *word, struct text *ret_problem)
{
    cli_field_BIG_COUNT count;
    if (!take_big_count(&count, word, ret_problem))
        return false;
    if (count > UINT32_MAX)
        return wants("a number from 1", word, ret_problem);
    *(cli_field_COUNT *)field = (cli_field_COUNT)count;
    return true;
}

static bool take_jobs(void *field, const char *word, struct text *ret_problem)
{
    uint64_t jobs;
    if (!cli_parse_number(word, &jobs) || jobs == 0 || jobs > CLI_JOBS_MAX)
        return wants("a number 1 to 256", word, ret_problem);
    *(cli_field_JOBS *)field = (cli_field_JOBS)jobs;
    return true;
}

_Static_assert(CLI_JOBS_MAX == 256, "the message says so");
const struct cli_kind_ops cli_kind_JOBS = {.take = take_jobs};

static void repeat_count(const void *field, const char *name, struct text *command)
{
    const cli_field_BIG_COUNT count = *(const cli_field_COUNT *)field;
    repeat_big_count(&count, name, command);
}

const struct cli_kind_ops cli_kind_COUNT = {.take = take_count, .repeat = repeat_count};

static bool take_duration(void *field, const char *word, struct text *ret_problem)
{
    return cli_parse_duration(word, field) ||
           wants("a time like 500ms, 60s, 5m or 1h (or 60: seconds)", word, ret_problem);
}

const struct cli_kind_ops cli_kind_DURATION = {.take = take_duration};

static bool take_limit(void *field, const char *word, struct text *ret_problem)
{
    uint64_t limit_ms;
    if (!take_duration(&limit_ms, word, ret_problem))
        return false;
    if (limit_ms == 0 || limit_ms > CLI_LIMIT_MS_MAX)
        return wants("a time from 1ms to 1000000h", word, ret_problem);
    *(cli_field_LIMIT *)field = limit_ms;
    return true;
}

static void repeat_limit(const void *field, const char *name, struct text *command)
{
    uint64_t limit_ms = *(const cli_field_LIMIT *)field;
    if (limit_ms != 0)
        text_append_format(command, " --%s %" PRIu64 "%s", name,
                           limit_ms % 1000 == 0 ? limit_ms / 1000 : limit_ms,
                           limit_ms % 1000 == 0 ? "s" : "ms");
}

_Static_assert(CLI_LIMIT_MS_MAX == UINT64_C(1000000) * 60 * 60 * 1000, "the message says so");
const struct cli_kind_ops cli_kind_LIMIT = {.take = take_limit, .repeat = repeat_limit};

static bool take_width(void *field, const char *word, struct text *ret_problem)
{
    uint64_t width;
    if (!cli_parse_number(word, &width) || width > CLI_WIDTH_MAX) {
        char bytes[64];
        struct text range;
        text_init(&range, bytes, sizeof bytes);
        text_append_format(&range, "a number 0 to %d", CLI_WIDTH_MAX);
        return expects(range.bytes, word, ret_problem);
    }
    *(cli_field_WIDTH *)field = (cli_field_WIDTH)width;
    return true;
}

const struct cli_kind_ops cli_kind_WIDTH = {.take = take_width};

static bool take_between(uint32_t *field, const char *word, uint32_t minimum, uint32_t maximum,
                         struct text *ret_problem)
{
    uint64_t number;
    if (cli_parse_number(word, &number) && number >= minimum && number <= maximum) {
        *field = (uint32_t)number;
        return true;
    }
    text_append_format(ret_problem, ": expected a number %u to %u, found %s", minimum, maximum,
                       word);
    return false;
}

static bool take_steps(void *field, const char *word, struct text *ret_problem)
{
    return take_between(field, word, 1, PLAN_INTERACTIONS_MAX, ret_problem);
}

const struct cli_kind_ops cli_kind_STEPS = {.take = take_steps, .repeat = repeat_count};

static bool take_tasks(void *field, const char *word, struct text *ret_problem)
{
    return take_between(field, word, 1, PLAN_TASKS_MAX, ret_problem);
}

const struct cli_kind_ops cli_kind_TASKS = {.take = take_tasks, .repeat = repeat_count};

static bool take_pool_size(void *field, const char *word, struct text *ret_problem)
{
    return take_between(field, word, GENERATE_POOL_MIN, GENERATE_POOL_MAX, ret_problem);
}

const struct cli_kind_ops cli_kind_POOL_SIZE = {.take = take_pool_size, .repeat = repeat_count};

static bool take_hot_keys(void *field, const char *word, struct text *ret_problem)
{
    return take_between(field, word, 1, PLAN_SEED_ROWS, ret_problem);
}

const struct cli_kind_ops cli_kind_HOT_KEYS = {.take = take_hot_keys, .repeat = repeat_count};

static bool take_rate(void *field, const char *word, struct text *ret_problem)
{
    cli_field_RATE rate = {.is_given = true};
    if (!cli_parse_share(word, &rate.millionths))
        return expects("a share from 0 to 1 (0.05) or 0% to 100% (5%)", word, ret_problem);
    *(cli_field_RATE *)field = rate;
    return true;
}

static void repeat_rate(const void *field, const char *name, struct text *command)
{
    const cli_field_RATE *rate = field;
    if (rate->is_given)
        text_append_format(command, " --%s %u.%06u", name, rate->millionths / GENERATE_RATE_ONE,
                           rate->millionths % GENERATE_RATE_ONE);
}

const struct cli_kind_ops cli_kind_RATE = {.take = take_rate, .repeat = repeat_rate};

static void repeat_profile(const void *field, const char *name, struct text *command)
{
    const char *profile = *(const cli_field_PROFILE *)field;
    if (profile == NULL)
        return;
    text_append_format(command, " --%s ", name);
    text_append_word(command, profile);
}

const struct cli_kind_ops cli_kind_PROFILE = {.take = take_text, .repeat = repeat_profile};

static bool take_colour(void *field, const char *word, struct text *ret_problem)
{
    static const char *const names[] = {
        [CLI_COLOUR_AUTO] = "auto",
        [CLI_COLOUR_ALWAYS] = "always",
        [CLI_COLOUR_NEVER] = "never",
    };
    size_t count = sizeof names / sizeof names[0], place = place_of(word, names, count);
    if (place == count)
        return expects("auto, always or never", word, ret_problem);
    *(cli_field_COLOUR *)field = (cli_field_COLOUR)place;
    return true;
}

const struct cli_kind_ops cli_kind_COLOUR = {.take = take_colour};

static bool take_level(void *field, const char *word, struct text *ret_problem)
{
    const struct isolation_level_info *found = isolation_level_named(word);
    if (found != NULL) {
        *(cli_field_LEVEL *)field = found;
        return true;
    }
    char bytes[512];
    struct text names;
    text_init(&names, bytes, sizeof bytes);
    for (uint32_t level = 0; level < ISOLATION_LEVEL_COUNT; level++) {
        text_append(&names, level == 0 ? "" : level + 1 == ISOLATION_LEVEL_COUNT ? " or " : ", ");
        for (const char *next = isolation_levels[level].words; *next != '\0'; next++)
            text_append_bytes(&names, *next == ' ' ? "-" : next, 1);
    }
    return expects(names.bytes, word, ret_problem);
}

const struct cli_kind_ops cli_kind_LEVEL = {.take = take_level};

static bool take_model(void *field, const char *word, struct text *ret_problem)
{
    const struct elle_model_info *found = elle_model_named(word);
    if (found != NULL) {
        *(cli_field_MODEL *)field = found;
        return true;
    }
    char bytes[256];
    struct text names;
    text_init(&names, bytes, sizeof bytes);
    for (uint32_t model = 0; model < ELLE_MODEL_COUNT; model++) {
        text_append(&names, model == 0 ? "" : model + 1 == ELLE_MODEL_COUNT ? " or " : ", ");
        text_append(&names, elle_models[model].word);
    }
    return expects(names.bytes, word, ret_problem);
}

const struct cli_kind_ops cli_kind_MODEL = {.take = take_model};

static bool take_amount(void *field, const char *word, struct text *ret_problem)
{
    uint64_t number;
    bool is_negative = *word == '-';
    if (!cli_parse_number(word + is_negative, &number) || number > INT64_MAX)
        return wants("an integer", word, ret_problem);
    *(cli_field_AMOUNT *)field =
        (cli_field_AMOUNT){true, is_negative ? -(int64_t)number : (int64_t)number};
    return true;
}

const struct cli_kind_ops cli_kind_AMOUNT = {.take = take_amount};

static bool take_backend(void *field, const char *word, struct text *ret_problem)
{
    const struct run_options *found = cli_backend(word);
    if (found == NULL) {
        char bytes[256];
        struct text names;
        text_init(&names, bytes, sizeof bytes);
        cli_name_backends(&names);
        return wants(names.bytes, word, ret_problem);
    }
    *(cli_field_BACKEND *)field = found;
    return true;
}

static void repeat_backend(const void *field, const char *name, struct text *command)
{
    const struct run_options *backend = *(const cli_field_BACKEND *)field;
    if (cli_has_several_backends())
        text_append_format(command, " --%s %s", name, cli_backend_name(backend));
}

const struct cli_kind_ops cli_kind_BACKEND = {.take = take_backend, .repeat = repeat_backend};

static bool take_beside(void *field, const char *word, struct text *ret_problem)
{
    const struct cli_beside *found = cli_beside(word);
    if (found == NULL) {
        char bytes[256];
        struct text names;
        text_init(&names, bytes, sizeof bytes);
        cli_name_beside(&names);
        return wants(names.bytes, word, ret_problem);
    }
    *(cli_field_BESIDE *)field = found;
    return true;
}

static void repeat_beside(const void *field, const char *name, struct text *command)
{
    const struct cli_beside *beside = *(const cli_field_BESIDE *)field;
    if (beside != NULL)
        text_append_format(command, " --%s %s", name, beside->name);
}

const struct cli_kind_ops cli_kind_BESIDE = {.take = take_beside, .repeat = repeat_beside};

static bool take_seed(void *field, const char *word, struct text *ret_problem)
{
    uint64_t number;
    if (!cli_parse_number(word, &number))
        return wants("a number", word, ret_problem);
    *(cli_field_SEED *)field = (struct cli_seed){number, true};
    return true;
}

static void repeat_seed(const void *field, const char *name, struct text *command)
{
    const cli_field_SEED *seed = field;
    if (seed->is_given)
        text_append_format(command, " --%s %" PRIu64, name, seed->number);
}

const struct cli_kind_ops cli_kind_SEED = {.take = take_seed, .repeat = repeat_seed};

static bool take_config(void *field, const char *word, struct text *ret_problem)
{
    char bytes[2048];
    struct text expected;
    text_init(&expected, bytes, sizeof bytes);
    return cli_pins_take(field, word, &expected) || wants(expected.bytes, word, ret_problem);
}

static void repeat_config(const void *field, const char *name, struct text *command)
{
    cli_pins_describe(field, name, command);
}

const struct cli_kind_ops cli_kind_CONFIG = {.take = take_config, .repeat = repeat_config};

static bool take_properties(void *field, const char *word, struct text *ret_problem)
{
    if (plan_properties_take(field, word))
        return true;
    char bytes[1024];
    struct text titles;
    text_init(&titles, bytes, sizeof bytes);
    plan_properties_name(&titles);
    return expects(titles.bytes, word, ret_problem);
}

static void repeat_properties(const void *field, const char *name, struct text *command)
{
    for (uint32_t left = *(const cli_field_PROPERTIES *)field; left != 0; left &= left - 1)
        text_append_format(command, " --%s %s", name,
                           plan_property_infos[__builtin_ctz(left)].title);
}

const struct cli_kind_ops cli_kind_PROPERTIES = {.take = take_properties,
                                                 .repeat = repeat_properties};

/* "a,b" is two of them. */
static bool take_tables(void *field, const char *word, struct text *ret_problem)
{
    cli_field_TABLES tables = *(const cli_field_TABLES *)field;
    for (const char *next = word; next != NULL; next = strchr(next, ',')) {
        next += next != word;
        size_t length = strcspn(next, ",");
        if (length == 0 || length >= CLI_TABLE_BYTES || tables.count == CLI_TABLES_MAX)
            return expects("names of tables with commas between, 32 at most", word, ret_problem);
        char *name = tables.names[tables.count++];
        memcpy(name, next, length);
        name[length] = '\0';
    }
    *(cli_field_TABLES *)field = tables;
    return true;
}

static void repeat_tables(const void *field, const char *name, struct text *command)
{
    const cli_field_TABLES *tables = field;
    for (uint32_t i = 0; i < tables->count; i++) {
        if (i == 0)
            text_append_format(command, " --%s ", name);
        text_append(command, i == 0 ? "" : ",");
        text_append_word(command, tables->names[i]);
    }
}

_Static_assert(CLI_TABLES_MAX == 32, "the message says so");
const struct cli_kind_ops cli_kind_TABLES = {.take = take_tables, .repeat = repeat_tables};

static const char *const reset_names[] = {
    [SUBJECT_TRUNCATE] = "truncate",
    [SUBJECT_DELETE] = "delete",
    [SUBJECT_RECREATE] = "recreate",
};

static bool take_reset(void *field, const char *word, struct text *ret_problem)
{
    size_t count = sizeof reset_names / sizeof reset_names[0],
           place = place_of(word, reset_names, count);
    if (place == count)
        return expects("truncate, delete or recreate", word, ret_problem);
    *(cli_field_RESET *)field = (cli_field_RESET){(enum subject_reset)place, true};
    return true;
}

static void repeat_reset(const void *field, const char *name, struct text *command)
{
    const cli_field_RESET *reset = field;
    if (reset->is_given)
        text_append_format(command, " --%s %s", name, reset_names[reset->reset]);
}

const struct cli_kind_ops cli_kind_RESET = {.take = take_reset, .repeat = repeat_reset};
