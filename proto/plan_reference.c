/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints plan-reference.md: every setting, action, argument and fault that a plan may have, as the
 * tables say. The build writes it beside the programs.
 */
#include "plan/plan.h"

#include <inttypes.h>
#include <stdio.h>

static const char *name_of(enum plan_database database)
{
    return database == DATABASE_ALL ? "all databases" : plan_database_infos[database].name;
}

static void print_settings_of(enum plan_database database)
{
    bool has_head = false;
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        if (info->database != database)
            continue;
        if (!has_head)
            printf("\n### Settings of %s\n\n| setting | values, the first if not given | |\n"
                   "| --- | --- | --- |\n",
                   name_of(database));
        has_head = true;
        printf("| `%s` | ", info->name);
        for (unsigned value = 0; value < info->value_count; value++)
            printf("%s`%s`", value == 0 ? "" : ", ", info->values[value].name);
        printf(" | %s |\n", info->meaning);
    }
}

/* As JSON has it. */
static const char *argument_name(int field)
{
    return field == FIELD_duration ? "ms" : plan_field_infos[field].name;
}

static void print_actions_of(enum plan_database database)
{
    bool has_head = false;
    for (int action = 0; action < ACTION_COUNT; action++) {
        const struct plan_action_info *info = &plan_action_infos[action];
        if (info->database != database)
            continue;
        if (!has_head)
            printf("\n### Actions of %s\n\n| action | arguments | |\n| --- | --- | --- |\n",
                   name_of(database));
        has_head = true;
        printf("| `%s` |", info->name);
        for (int field = 0; field < FIELD_COUNT; field++)
            if (plan_action_has((enum plan_action)action, (enum plan_field)field))
                printf(" `%s`", argument_name(field));
        printf("%s | %s |\n", info->has_sql ? " `sql` `expect` `expect_error`" : "", info->meaning);
    }
}

static void print_arguments(void)
{
    puts("\n## Arguments\n\n| argument | values, the first if not given | |\n| --- | --- | --- |");
    for (int field = 0; field < FIELD_COUNT; field++) {
        const struct plan_field_info *info = &plan_field_infos[field];
        printf("| `%s` | ", argument_name(field));
        if (field == FIELD_duration)
            printf("0 to %" PRIu64, UINT64_MAX);
        else if (info->words == NULL)
            printf("0 to %u", info->domain - 1U);
        for (unsigned word = 0; info->words != NULL && word < info->domain; word++)
            printf("%s`%s`", word == 0 ? "" : ", ", info->words[word]);
        printf(" | %s |\n", info->meaning);
    }
    puts("| `sql` | a text, which must be given | one SQL statement |\n"
         "| `expect`, `expect_error` | objects | what must come of it (docs/plan-format.md) |");
}

static void print_faults(void)
{
    puts("\n## Faults\n\n| fault | |\n| --- | --- |");
    for (int fault = FAULT_NONE + 1; fault < FAULT_KIND_COUNT; fault++)
        printf("| `%s` | %s |\n", fault_infos[fault].name, fault_infos[fault].meaning);
}

int main(void)
{
    puts(
        "# What a plan may say\n\nMade from the tables of this build; docs/plan-format.md explains "
        "plans.\n\n## Configuration");
    for (int database = DATABASE_ALL; database < DATABASE_COUNT; database++)
        print_settings_of((enum plan_database)database);
    puts("\n## Actions");
    for (int database = DATABASE_ALL; database < DATABASE_COUNT; database++)
        print_actions_of((enum plan_database)database);
    print_arguments();
    print_faults();
    return fflush(stdout) == 0 ? 0 : 2;
}
