/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interplay: what people do with plans once a fuzzer has found one, on the backends that come with
 * it. A fuzz target does the same on what it tests: TARGET --interplay COMMAND ... The command
 * tds-server is this program's only: its server brings a database, which most targets do not need.
 */
#include "base/text.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "generated/subjects.h"

enum { COMMAND_BYTES = 4096 };

/* The places of the backends, and then of other versions of them. */
enum {
#define BACKEND(name) HOUSE_##name,
#include "generated/backends.def"
#undef BACKEND
    HOUSE_BACKEND_COUNT,
    HOUSE_BEFORE_BESIDE = HOUSE_BACKEND_COUNT - 1,
#define BESIDE(symbol, name) HOUSE_##symbol,
#include "generated/beside.def"
#undef BESIDE
};

int main(int argc, char **argv)
{
    static const struct run_options backends[] = {
#define BACKEND(name) {.subject = &interplay_subject_##name},
#include "generated/backends.def"
#undef BACKEND
#define BESIDE(symbol, name) {.subject = &symbol},
#include "generated/beside.def"
#undef BESIDE
    };
    static const struct cli_beside beside[] = {
#define BESIDE(symbol, name) {name, &backends[HOUSE_##symbol]},
#include "generated/beside.def"
#undef BESIDE
#define BACKEND(name) {#name, &backends[HOUSE_##name]},
#include "generated/backends.def"
#undef BACKEND
    };
    /* As it was called: so the commands that it prints work where they are printed. */
    static char bytes[COMMAND_BYTES];
    struct text command;
    text_init(&command, bytes, sizeof bytes);
    text_append_word(&command, argc > 0 ? argv[0] : "interplay");
    const struct cli_house house = {
        .command = command.bytes,
        .target = "interplay",
        .backends = backends,
        .backend_count = HOUSE_BACKEND_COUNT,
        .beside = beside,
        .beside_count = sizeof beside / sizeof beside[0],
#ifdef INTERPLAY_HAS_TDS_SERVER
        .own_command = &cli_tds_server,
#endif
    };
    return cli_main(argc, argv, &house);
}
