/* SPDX-License-Identifier: Apache-2.0 */
/* The one target of this process: its set-up, its inputs, its end. */
#include "target.h"

#include "base/arena.h"
#include "base/assert.h"
#include "base/text.h"
#include "bugbase/recognize.h"
#include "cli/cli.h"
#include "coverage.h"
#include "mode/mode.h"
#include "plan/compact.h"
#include "replay_command.h"
#include "report/finding.h"
#include "run/isolated.h"
#include "run/run.h"

#include <interplay/fuzz.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_BYTES = 1 << 20, OPTIONS_BYTES = 256, COMMAND_BYTES = 3 * PATH_MAX };

static struct {
    struct fuzz_setup setup;
    bool is_set_up;
    char options_bytes[OPTIONS_BYTES];
    struct text options; /* of the target, as given: to be repeated in a command */
    const char *program;
    struct run_options run_options, beside_options;
    struct mode *mode;                 /* NULL: each plan runs once */
    enum plan_database database;       /* of `run_options.backend` */
    const char *profile_name;          /* NULL: none */
    struct generate_families families; /* of that name */
    uint32_t properties;               /* a bit set */
    struct run *run;
    struct arena arena;
    struct known_findings known;
    struct recognize_budget budget;
    /* The only one that ends the process; empty: all do. */
    char kept_signature[sizeof((struct verdict){0}.signature)];
} target;

static bool has_beside(void)
{
    return interplay_fuzz_target.beside != NULL;
}

static struct fuzz_setup *setup_of_target(void)
{
    if (target.is_set_up)
        return &target.setup;
    target.setup = (struct fuzz_setup){
        .subject = *interplay_fuzz_target.subject,
        .beside = has_beside() ? *interplay_fuzz_target.beside : (struct subject){0},
        .stack = interplay_fuzz_target.stack,
        .before_plan = interplay_fuzz_target.before_plan,
    };
    text_init(&target.options, target.options_bytes, sizeof target.options_bytes);
    target.is_set_up = true;
    return &target.setup;
}

/* Options that all targets have. */
static bool take_profile(const char *argument)
{
    static const char name[] = "--profile=";
    if (strncmp(argument, name, sizeof name - 1) != 0)
        return false;
    target.profile_name = argument + sizeof name - 1;
    return true;
}

static bool take_property(const char *argument, struct error *error)
{
    static const char name[] = "--property=";
    if (strncmp(argument, name, sizeof name - 1) != 0)
        return false;
    if (plan_properties_take(&target.properties, argument + sizeof name - 1))
        return true;
    char bytes[1024];
    struct text titles;
    text_init(&titles, bytes, sizeof bytes);
    plan_properties_name(&titles);
    enum error_code code =
        interplay_error(error, ERROR_USAGE, "option '--property': expected %s, found %s",
                        titles.bytes, argument + sizeof name - 1);
    (void)code; /* the caller looks at `error` */
    return true;
}

static bool take_known_findings(const char *argument, struct error *error)
{
    static const char name[] = "--known-findings=";
    if (strncmp(argument, name, sizeof name - 1) != 0)
        return false;
    known_clean_up(&target.known);
    enum error_code code = known_load(&target.known, argument + sizeof name - 1, error);
    (void)code; /* the caller looks at `error` */
    return true;
}

bool target_take_option(const char *argument, struct error *error)
{
    if (take_profile(argument) || take_property(argument, error) ||
        take_known_findings(argument, error))
        return true;
    const struct fuzz_option *option = interplay_fuzz_target.options;
    if (option == NULL || strncmp(argument, "--", 2) != 0)
        return false;
    size_t length = strcspn(argument + 2, "=");
    while (option->name != NULL &&
           (strlen(option->name) != length || memcmp(option->name, argument + 2, length) != 0))
        option++;
    if (option->name == NULL)
        return false;
    const char *value = argument + 2 + length;
    if (*value == '=')
        value++;
    (void)setup_of_target();
    text_append(&target.options, " ");
    text_append_word(&target.options, argument);
    (void)option->take(setup_of_target(), value, error);
    return true;
}

void target_print_options(void)
{
    const struct fuzz_option *option = interplay_fuzz_target.options;
    printf("Options of %s:\n"
           "  --known-findings=FILE  count the findings whose signatures are in FILE and go on\n"
           "  --profile=NAME|FILE    what plans are made of (docs/profiles.md)\n"
           "  --property=NAME,...    plans of these properties alone (docs/properties.md)\n",
           interplay_fuzz_target.name);
    for (; option != NULL && option->name != NULL; option++)
        printf("  --%s=VALUE  %s\n", option->name, option->meaning);
}

static void print_known(void)
{
    known_print(&target.known, stderr);
    known_clean_up(&target.known);
}

static void set_up_run(void)
{
    const struct fuzz_setup *setup = setup_of_target();
    target.run_options = (struct run_options){
        .subject = &setup->subject,
        .stack = setup->stack,
        .driver = setup->driver,
        .before_plan = setup->before_plan,
        .deserved = interplay_fuzz_target.deserved,
    };
    target.database = cli_database(&target.run_options);
    target.beside_options = target.run_options;
    target.beside_options.subject = &setup->beside;
}

/* As the target is declared; for as long as the process. */
static enum error_code set_up_mode(struct error *error)
{
    const struct mode_order order = {.kind = has_beside() ? MODE_AGAINST : MODE_ONCE,
                                     .other = &target.beside_options};
    enum error_code failed = mode_open(&target.mode, &order, &target.run_options, error);
    target.run_options.mode = mode_run(target.mode);
    return failed;
}

static enum error_code load_families(struct error *error)
{
    struct generate_subject subject = cli_subject(&target.run_options);
    subject.properties = target.properties;
    enum error_code failed =
        generate_families_load(&target.families, target.profile_name, &subject, error);
    if (failed != ERROR_NONE)
        return failed;
    generate_families_limit(&target.families, target.run_options.subject->backend->dialect);
    failed = generate_families_settle(&target.families, error);
    if (failed != ERROR_NONE)
        return failed;
    subject.families = &target.families;
    return generate_check(&subject, error);
}

enum error_code target_open(const char *program, struct error *error)
{
    ASSERT(target.run == NULL);
    target.program = program;
    set_up_run();
    enum error_code failed = load_families(error);
    if (failed == ERROR_NONE)
        failed = set_up_mode(error);
    if (failed == ERROR_NONE)
        failed = run_open(&target.run, &target.run_options, error);
    if (failed != ERROR_NONE)
        return failed;
    arena_init(&target.arena, ARENA_BYTES);
    if (target.known.count > 0)
        (void)atexit(print_known);
    return ERROR_NONE;
}

uint32_t target_turns(void)
{
    return generate_families_turns(&target.families);
}

struct generate_subject target_subject(uint32_t turn)
{
    struct generate_subject subject = cli_subject(&target.run_options);
    subject.profile = generate_families_profile(&target.families, turn);
    subject.properties = target.properties;
    return subject;
}

void target_print_version(void)
{
    fprintf(stderr, "%s: testing %s\n", interplay_fuzz_target.name,
            run_backend_version(target.run));
}

_Noreturn void target_fail(const struct error *error)
{
    fprintf(stderr, "%s: %s\n", interplay_fuzz_target.name, error->message);
    exit(2);
}

/*
 * `interplay` has all backends and no pool but those of Interplay; what an option changes it does
 * not have.
 */
static bool is_what_interplay_tests(void)
{
    return target.options.length == 0 && target.setup.stack == NULL && !has_beside();
}

/* Whose findings these are: what interplay itself would find is no target's. */
static const char *target_name(void)
{
    static char name[OPTIONS_BYTES + 128];
    if (is_what_interplay_tests())
        return "interplay";
    (void)snprintf(name, sizeof name, "%s%s", interplay_fuzz_target.name, target.options.bytes);
    return name;
}

/* --- the subcommands of interplay, on this target --------------------------------------------- */

static int place_of_command(int argc, char **argv)
{
    int at = 1;
    while (at < argc && strcmp(argv[at], "--interplay") != 0)
        at++;
    return at;
}

void target_run_command(int argc, char **argv)
{
    struct error error = {0};
    int place = place_of_command(argc, argv);
    if (place >= argc)
        return;
    for (int i = 1; i < place; i++) {
        if (!target_take_option(argv[i], &error))
            (void)interplay_error(&error, ERROR_USAGE,
                                  "%s: only options of the target may stand before --interplay",
                                  argv[i]);
        if (error.code != ERROR_NONE)
            target_fail(&error);
    }
    set_up_run();
    if (set_up_mode(&error) != ERROR_NONE)
        target_fail(&error);
    static char buffer[COMMAND_BYTES];
    struct text command;
    text_init(&command, buffer, sizeof buffer);
    text_append_word(&command, argv[0]);
    text_append(&command, target.options.bytes);
    text_append(&command, " --interplay");
    static struct cli_house house = {.backends = &target.run_options, .backend_count = 1};
    house.command = command.bytes;
    house.program = interplay_fuzz_target.name;
    house.has_options = target.options.length > 0;
    house.target = target_name();
    exit(cli_main(argc - place, argv + place, &house));
}

/* --- findings that are passed over ------------------------------------------------------------ */

void target_keep_signature_of(const uint8_t *bytes, size_t size)
{
    static const struct isolated_options quiet = {.is_quiet = true};
    struct error error = {0};
    struct isolated_result result;
    struct plan plan;
    arena_reset(&target.arena);
    compact_decode(&plan, &target.arena, bytes, size, target.database);
    if (isolated_run(target.run, &plan, &quiet, &result, &error) == ERROR_NONE)
        (void)snprintf(target.kept_signature, sizeof target.kept_signature, "%s",
                       result.verdict.signature);
}

static bool is_wanted(const char *signature)
{
    return target.kept_signature[0] == '\0' || strcmp(signature, target.kept_signature) == 0;
}

/* What a finding has left behind must not show in what runs after it, nor in the corpus. */
static void start_anew(void)
{
    struct error error = {0};
    if (run_renew(&target.run, &error) != ERROR_NONE)
        target_fail(&error);
    coverage_forget(); /* last: bringing up the backend takes edges, too */
}

/* The result is another one where the finding had to be looked at in processes of its own. */
static bool is_passed_over(const struct plan *plan, const struct run_result **result)
{
    char signature[sizeof target.kept_signature];
    (void)snprintf(signature, sizeof signature, "%s", (*result)->verdict.signature);
    if (!is_wanted(signature))
        return true;
    if (known_look(&target.known, signature) != KNOWN_WITH_CAUSE)
        return known_match(&target.known, signature, NULL);
    start_anew();
    if (recognize(&target.known, target.run, plan, signature, &target.budget))
        return true;
    *result = run_plan(target.run, plan);
    bool is_gone = (*result)->verdict.kind != VERDICT_VIOLATION;
    if (is_gone)
        fprintf(stderr, "%s: not deterministic: %s, and not when the plan ran alone\n",
                interplay_fuzz_target.name, signature);
    return is_gone;
}

/* --- a finding -------------------------------------------------------------------------------- */

static _Noreturn void report_and_abort(const struct plan *plan, const struct run_result *result,
                                       const uint8_t *bytes, size_t size)
{
    static char buffer[COMMAND_BYTES], in_force[256];
    struct text command, modes;
    text_init(&modes, in_force, sizeof in_force);
    run_describe_overrides(&target.run_options, plan, &modes);
    text_init(&command, buffer, sizeof buffer);
    const struct replay_command_parts parts = {
        .program = target.program,
        .options = target.options.bytes,
        .backend = is_what_interplay_tests() ? target.setup.subject.name : NULL,
    };
    replay_command_write(&command, &parts, bytes, size);
    const struct plan_origin origin = {target_name(), target.setup.subject.name};
    struct plan told = *plan;
    told.origin = &origin;
    struct finding finding = {
        .plan = &told,
        .result = result,
        .version = run_backend_version(target.run),
        .in_force = in_force,
        .replay_command = command.bytes,
    };
    finding_print(&finding, stderr);
    abort();
}

/* Past the engine, which would take it for a finding. */
_Noreturn static void give_up(const struct verdict *verdict)
{
    struct error error = {0};
    (void)verdict_error(verdict, &error);
    (void)cli_fail(&error);
    _exit(CLI_FAILED);
}

/* No crash of what is tested, and nothing to learn from: the engine goes on with the next input. */
static void pass_over(const struct verdict *verdict)
{
    static bool is_told;
    struct error error = {0};
    if (verdict->kind != VERDICT_LIMIT)
        give_up(verdict);
    (void)verdict_error(verdict, &error);
    if (!is_told)
        fprintf(stderr, "%s: %s (said once)\n", interplay_fuzz_target.name, error.message);
    is_told = true;
    start_anew();
}

struct target_result target_run(const uint8_t *bytes, size_t size)
{
    struct plan plan;
    arena_reset(&target.arena);
    compact_decode(&plan, &target.arena, bytes, size, target.database);
    const struct run_result *result = run_plan(target.run, &plan);
    target.budget.earned_hundredths += RECOGNIZE_HUNDREDTHS_A_PLAN;
    uint64_t hash = result->trace_hash;
    bool is_judged = !verdict_is_error(&result->verdict);
    if (!is_judged) {
        pass_over(&result->verdict);
    } else if (result->verdict.kind == VERDICT_VIOLATION) {
        if (!is_passed_over(&plan, &result))
            report_and_abort(&plan, result, bytes, size);
        start_anew(); /* `result` goes with the run */
    }
    return (struct target_result){.trace_hash = hash, .is_judged = is_judged};
}
