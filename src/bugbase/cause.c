/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a cause, and their hash. */
#include "bugbase/cause.h"

#include "base/fault.h"
#include "base/hash.h"
#include "base/text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- steps ----------------------------------------------------------------------------------- */

/* What a statement does rather than which one it is. */
static const char *word_of_action(const struct plan_action_info *info)
{
    if (info->has_sql || info->opens == SECTION_STREAM)
        return info->name;
    if (info->effect == EFFECT_READ)
        return "read";
    if (info->effect == EFFECT_ROWS)
        return "write";
    if (info->effect == EFFECT_SCHEMA)
        return "schema";
    return info->name;
}

/* Of a statement of the plan's own, its first word: "execute:savepoint". */
static void append_sql(const char *sql, struct text *words)
{
    char letter[2] = "";
    while (isspace((unsigned char)*sql))
        sql++;
    text_append(words, ":");
    for (; isalpha((unsigned char)*sql); sql++) {
        letter[0] = (char)tolower((unsigned char)*sql);
        text_append(words, letter);
    }
}

static void append_step(const struct interaction *interaction, char role, struct text *words)
{
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    text_append_format(words, "%s%c.%s", words->length == 0 ? "" : ",", role, word_of_action(info));
    if (interaction->sql != NULL)
        append_sql(interaction->sql, words);
    if (interaction->pause_after > 0)
        text_append(words, "|held");
    if (interaction->fault != FAULT_NONE)
        text_append_format(words, "!%s", fault_infos[interaction->fault].name);
}

static void append_steps(const struct plan *plan, struct text *words)
{
    char roles[PLAN_TASKS_MAX] = {0}, next = 'a';
    for (size_t i = 0; i < plan->interaction_count; i++) {
        const struct interaction *interaction = &plan->interactions[i];
        char *role = &roles[interaction->task];
        if (*role == 0)
            *role = next++;
        append_step(interaction, *role, words);
    }
}

/* --- settings -------------------------------------------------------------------------------- */

/* How many tasks there are the steps say; what a power loss takes is drawn from loss_seed. */
static bool is_told(const struct plan *plan, int field)
{
    return field != PLAN_CONFIG_tasks && field != PLAN_CONFIG_loss_seed &&
           plan->config.choice[field] != 0;
}

static void append_settings(const struct plan *plan, struct text *words)
{
    const char *before = ";";
    if (!plan_kind(plan)->has_config)
        return;
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        if (!is_told(plan, field))
            continue;
        text_append_format(words, "%s%s", before, info->name);
        if (info->is_word)
            text_append_format(words, "=%s", info->values[plan->config.choice[field]].name);
        before = ",";
    }
}

/* --- all of it ------------------------------------------------------------------------------- */

static void set_hash(struct cause *cause, const char *words)
{
    uint64_t hash = hash_bytes(0, words, strlen(words));
    (void)snprintf(cause->hash, sizeof cause->hash, "%08" PRIx32, (uint32_t)(hash >> 32));
}

/* Long plans differ behind what fits, too. */
static void shorten(struct cause *cause)
{
    char digits[CAUSE_HASH_DIGITS + 1];
    memcpy(digits, cause->hash, sizeof digits);
    (void)snprintf(&cause->words[sizeof cause->words - sizeof digits - 3], sizeof digits + 3,
                   "...%s", digits);
}

void cause_of_plan(struct cause *ret_cause, const struct plan *plan)
{
    enum { ALL_BYTES = 16384 };
    char all[ALL_BYTES];
    struct text words;
    text_init(&words, all, sizeof all);
    append_steps(plan, &words);
    append_settings(plan, &words);
    cause_of_words(ret_cause, all);
}

void cause_of_words(struct cause *ret_cause, const char *words)
{
    size_t length = strlen(words);
    *ret_cause = (struct cause){0};
    set_hash(ret_cause, words);
    memcpy(ret_cause->words, words,
           length < sizeof ret_cause->words ? length : sizeof ret_cause->words - 1);
    if (length < sizeof ret_cause->words)
        return;
    shorten(ret_cause);
    set_hash(ret_cause, ret_cause->words);
}

const char *cause_find_suffix(const char *word, size_t length)
{
    if (length <= CAUSE_SUFFIX_LENGTH || word[length - CAUSE_SUFFIX_LENGTH] != '@')
        return NULL;
    const char *digits = word + length - CAUSE_HASH_DIGITS;
    for (size_t i = 0; i < CAUSE_HASH_DIGITS; i++)
        if (!isdigit((unsigned char)digits[i]) && (digits[i] < 'a' || digits[i] > 'f'))
            return NULL;
    return digits - 1;
}
