/* SPDX-License-Identifier: Apache-2.0 */
/* interplay tds-server: the server that stands behind simulated clients, on a real port. */
#include "base/file.h"
#include "cli/command.h"
#include "mssql/server/tds_listen.h"

#include <stdio.h>

static const char about[] =
    "Serves one database in memory by the protocol of SQL Server (TDS 7.2 to 7.4), on the\n"
    "loopback address, until it is interrupted. It is Interplay's own, to test clients with,\n"
    "and not SQL Server: docs/tds-server.md says what it understands and what it promises.\n"
    "Any user and password are let in. A FILE of T-SQL is run first.\n";

static const char notes[] =
    "When it is ready it prints a line that ends in the port. Exit status: 0 when it is\n"
    "interrupted, 2 if the port or FILE is wrong.\n";

static void say_ready(void *context, uint16_t port)
{
    (void)context;
    printf("%s, database interplay, listens on 127.0.0.1 port %u\n", TDS_SERVER_NAME, port);
    fflush(stdout);
}

static enum cli_status serve(const struct cli_order *order)
{
    struct error error;
    struct file_content content = {0};
    struct tds_listen_options options = {.on_ready = say_ready};
    if (order->port > UINT16_MAX)
        return cli_usage_error("tds-server", "--port: expected a number up to 65535, found %llu",
                               (unsigned long long)order->port);
    options.port = (uint16_t)order->port;
    options.server.read_committed_snapshot = order->read_committed_snapshot;
    if (order->operand_count > 0) {
        if (file_read(&content, order->operands[0], FILE_MAY_BE_EMPTY, &error) != ERROR_NONE)
            return cli_fail(&error);
        options.initial_sql = content.bytes;
    }
    enum error_code failed = tds_listen(&options, &error);
    file_content_clean_up(&content);
    if (failed == ERROR_INPUT)
        interplay_error_context(&error, order->operands[0]);
    return failed == ERROR_NONE ? CLI_OK : cli_fail(&error);
}

const struct cli_command cli_tds_server = {
    .name = "tds-server",
    .arguments = "[FILE]",
    .summary = "serve a database by the protocol of SQL Server, to try clients on",
    .about = about,
    .notes = notes,
    .taker = CLI_TDS_SERVER,
    .operands = {"file", 0, 1},
    .run = serve,
};
