/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints what scenario_read made of each file, a line a thing, for isolation_specs_test.py, which
 * reads the same files in its own way. Names and texts are in hexadecimal.
 *
 *     scenario_dump FILE...
 */
#include "cli/scenario_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put(const char *text)
{
    putchar(' ');
    if (text == NULL)
        putchar('-');
    for (; text != NULL && *text != '\0'; text++)
        printf("%02x", (unsigned char)*text);
}

static void put_line(const char *word, const char *one, const char *other)
{
    fputs(word, stdout);
    put(one);
    if (other != NULL)
        put(other);
    putchar('\n');
}

static void put_sessions(const struct scenario *scenario)
{
    for (uint32_t i = 0; i < scenario->session_count; i++) {
        const struct scenario_session *session = &scenario->sessions[i];
        put_line("session", session->name, NULL);
        if (session->setup.sql != NULL)
            put_line("own-setup", session->setup.sql, NULL);
        for (uint32_t at = 0; at < session->step_count; at++)
            put_line("step", scenario->steps[session->first_step + at].name,
                     scenario->steps[session->first_step + at].text.sql);
        if (session->teardown.sql != NULL)
            put_line("own-teardown", session->teardown.sql, NULL);
    }
}

static void put_turn(const struct scenario *scenario, const struct scenario_turn *turn)
{
    put(scenario->steps[turn->step].name);
    for (uint32_t i = 0; i < turn->blocker_count; i++) {
        const struct scenario_blocker *blocker = &turn->blockers[i];
        if (blocker->is_star)
            fputs(" *", stdout);
        else if (blocker->notices > 0)
            printf(" %u@%s", blocker->notices, scenario->steps[blocker->step].name);
        else
            printf(" @%s", scenario->steps[blocker->step].name);
    }
}

static void put_scenario(const struct scenario *scenario)
{
    for (uint32_t i = 0; i < scenario->setup_count; i++)
        put_line("setup", scenario->setups[i].sql, NULL);
    if (scenario->teardown.sql != NULL)
        put_line("teardown", scenario->teardown.sql, NULL);
    put_sessions(scenario);
    for (uint32_t i = 0; i < scenario->permutation_count; i++) {
        fputs("permutation", stdout);
        for (uint32_t at = 0; at < scenario->permutations[i].turn_count; at++)
            put_turn(scenario, &scenario->permutations[i].turns[at]);
        putchar('\n');
    }
    printf("orders %" PRIu64 "\n", scenario_count_orders(scenario));
}

int main(int argc, char **argv)
{
    int failures = 0;
    for (int i = 1; i < argc; i++) {
        struct scenario scenario;
        struct arena arena;
        struct error error;
        printf("file %s\n", argv[i]);
        if (cli_load_scenario(&scenario, &arena, argv[i], &error) != ERROR_NONE) {
            printf("refused %s\n", error.message);
            failures++;
            continue;
        }
        put_scenario(&scenario);
        arena_clean_up(&arena);
    }
    return failures > 0;
}
