/* SPDX-License-Identifier: Apache-2.0 */
/* What this program can run plans on, for the option --backend. */
#include "cli/cli.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const struct cli_house *the_house;

void cli_set_house(const struct cli_house *house)
{
    the_house = house;
}

const struct cli_house *cli_house(void)
{
    return the_house;
}

const struct run_options *cli_backend(const char *name)
{
    for (size_t i = 0; i < the_house->backend_count; i++)
        if (name == NULL || strcmp(the_house->backends[i].subject->name, name) == 0)
            return &the_house->backends[i];
    const struct cli_beside *beside = cli_beside(name);
    return beside == NULL ? NULL : beside->options;
}

const char *cli_backend_name(const struct run_options *backend)
{
    for (size_t i = 0; i < the_house->beside_count; i++)
        if (the_house->beside[i].options->subject == backend->subject)
            return the_house->beside[i].name;
    return backend->subject->name;
}

/* Not a backend of its own, beside another one. */
static bool is_another_version(const struct cli_beside *beside)
{
    return strcmp(beside->name, beside->options->subject->name) != 0;
}

/* Other versions of one are named after all of them. */
void cli_name_backends(struct text *text)
{
    for (size_t i = 0; i < the_house->backend_count; i++)
        text_append_format(text, "%s%s", i == 0 ? "" : " or ",
                           the_house->backends[i].subject->name);
    for (size_t i = 0; i < the_house->beside_count; i++)
        if (is_another_version(&the_house->beside[i]))
            text_append_format(text, " or %s", the_house->beside[i].name);
}

const struct cli_beside *cli_beside(const char *name)
{
    for (size_t i = 0; i < the_house->beside_count; i++)
        if (strcmp(the_house->beside[i].name, name) == 0)
            return &the_house->beside[i];
    return NULL;
}

void cli_name_beside(struct text *text)
{
    for (size_t i = 0; i < the_house->beside_count; i++)
        text_append_format(text, "%s%s", i == 0 ? "" : " or ", the_house->beside[i].name);
    if (the_house->beside_count == 0)
        text_append(text, "nothing: there is one backend only");
}

const struct cli_beside *cli_beside_of(const struct run_options *backend)
{
    for (size_t i = 0; i < the_house->beside_count; i++) {
        const struct subject *other = the_house->beside[i].options->subject;
        if (other != backend->subject &&
            strcmp(other->backend->name, backend->subject->backend->name) == 0)
            return &the_house->beside[i];
    }
    return NULL;
}

bool cli_has_several_backends(void)
{
    return the_house->backend_count > 1;
}

void cli_print_backends(void)
{
    for (size_t i = 0; i < the_house->backend_count; i++)
        printf("%s %s\n", the_house->backends[i].subject->name,
               the_house->backends[i].subject->backend->version());
    for (size_t i = 0; i < the_house->beside_count; i++)
        if (is_another_version(&the_house->beside[i]))
            printf("%s %s\n", the_house->beside[i].name,
                   the_house->beside[i].options->subject->backend->version());
}

enum plan_database cli_database(const struct run_options *backend)
{
    return plan_database_named(backend->subject->name);
}

struct generate_subject cli_subject(const struct run_options *backend)
{
    bool has_model = (backend->subject->backend->capabilities & BACKEND_HAS_MODEL) != 0;
    return (struct generate_subject){
        .search = has_model && backend->stack == NULL ? GENERATE_FOR_DATABASE : GENERATE_FOR_POOL,
        .database = cli_database(backend),
    };
}

struct bugbase_subject cli_bug_subject(const struct run_options *backend)
{
    return (struct bugbase_subject){
        .target = the_house->target,
        .command = the_house->command,
        .backend = cli_backend_name(backend),
        .backend_version = backend->subject->backend->version(),
        .interplay_version = INTERPLAY_VERSION, /* the build defines it */
    };
}

const char *cli_program(void)
{
    return the_house->command;
}

const char *cli_build(void)
{
    /* The build defines INTERPLAY_VERSION and INTERPLAY_BUILD. */
    return INTERPLAY_VERSION ", " INTERPLAY_BUILD;
}
