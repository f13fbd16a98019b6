/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints plan.proto: the template, in which a line that is only @ACTION_FIELDS@, @CONFIG_FIELDS@ or
 * @ENUMS@ stands for what the tables say. The build writes it beside the programs and makes the
 * reader and writer of plans from it.
 *
 * Usage: plan_proto TEMPLATE
 */
#include "base/assert.h"
#include "plan/plan.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 64, LINE_BYTES = 512 };

/* "begin_mode" is BeginMode as a type. */
static const char *type_name(const char *name)
{
    static char type[NAME_BYTES];
    size_t length = 0;
    bool is_start = true;
    for (; *name != '\0' && length + 1 < sizeof type; name++) {
        if (*name != '_')
            type[length++] = (char)(is_start ? toupper((unsigned char)*name) : *name);
        is_start = *name == '_';
    }
    type[length] = '\0';
    return type;
}

/* "  BEGIN_MODE_DEFERRED = 0;" */
static void print_value(const char *prefix, const char *word, unsigned number)
{
    char name[NAME_BYTES];
    int length = snprintf(name, sizeof name, "%s_%s", prefix, word);
    ASSERT(length > 0 && length < NAME_BYTES);
    for (char *letter = name; *letter != '\0'; letter++)
        *letter = (char)toupper((unsigned char)*letter);
    printf("  %s = %u;\n", name, number);
}

static void begin_enum(const char *name)
{
    printf("\nenum %s {\n", type_name(name));
}

static void end_enum(void)
{
    puts("}");
}

/* --- arguments of actions -------------------------------------------------------------------- */

static void print_action_fields(void)
{
    for (int field = 0; field < FIELD_COUNT; field++) {
        const struct plan_field_info *info = &plan_field_infos[field];
        if (field == FIELD_duration) /* is ms here */
            continue;
        printf("  // %s\n  optional %s %s = %u;\n", info->meaning,
               info->words == NULL ? "uint32" : type_name(info->name), info->name, info->number);
    }
}

static void print_field_enums(void)
{
    for (int field = 0; field < FIELD_COUNT; field++) {
        const struct plan_field_info *info = &plan_field_infos[field];
        if (info->words == NULL)
            continue;
        begin_enum(info->name);
        for (unsigned word = 0; word < info->domain; word++)
            print_value(info->name, info->words[word], word);
        end_enum();
    }
}

static void print_action_enum(void)
{
    begin_enum("action_type");
    for (int action = 0; action < ACTION_COUNT; action++) {
        printf("  // %s\n", plan_action_infos[action].meaning);
        print_value("action", plan_action_infos[action].name, plan_action_infos[action].number);
    }
    end_enum();
}

/* --- the configuration ----------------------------------------------------------------------- */

static void print_config_fields(void)
{
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        printf("  // %s", info->meaning);
        for (unsigned value = 0; !info->is_word && value < info->value_count; value++)
            printf("%s%s", value == 0 ? " (" : ", ", info->values[value].name);
        printf("%s\n  optional %s %s = %u;\n", info->is_word ? "" : ")",
               info->is_word ? type_name(info->name) : "int32", info->name, info->number);
    }
}

static void print_config_enums(void)
{
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        if (!info->is_word)
            continue;
        begin_enum(info->name);
        for (unsigned value = 0; value < info->value_count; value++)
            print_value(info->name, info->values[value].name, value);
        end_enum();
    }
}

/* --- the others ------------------------------------------------------------------------------ */

static void print_fault_enum(void)
{
    begin_enum("fault_kind");
    for (unsigned fault = FAULT_NONE + 1; fault < FAULT_KIND_COUNT; fault++) {
        printf("  // %s\n", fault_infos[fault].meaning);
        print_value("fault", fault_infos[fault].name, fault);
    }
    end_enum();
}

static void print_pause_enum(void)
{
    begin_enum("pause_at");
    for (unsigned class = 0; class < PAUSE_CLASS_COUNT; class ++)
        print_value("pause_at", plan_pause_class_words[class], class);
    end_enum();
}

static void print_enums(void)
{
    print_action_enum();
    print_field_enums();
    print_pause_enum();
    print_fault_enum();
    print_config_enums();
}

/* --- the template ---------------------------------------------------------------------------- */

static void print_line(const char *line)
{
    static const struct {
        const char *line;
        void (*print)(void);
    } places[] = {{"@ACTION_FIELDS@\n", print_action_fields},
                  {"@CONFIG_FIELDS@\n", print_config_fields},
                  {"@ENUMS@\n", print_enums}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (strcmp(line, places[i].line) != 0)
            continue;
        places[i].print();
        return;
    }
    fputs(line, stdout);
}

int main(int argc, char **argv)
{
    char line[LINE_BYTES];
    FILE *template = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (template == NULL) {
        fputs("plan_proto: the template is missing\n", stderr);
        return 2;
    }
    while (fgets(line, sizeof line, template) != NULL)
        print_line(line);
    bool is_read = !ferror(template);
    (void)fclose(template);
    return is_read && fflush(stdout) == 0 ? 0 : 2;
}
