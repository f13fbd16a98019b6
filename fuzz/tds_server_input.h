/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes become what three clients send to Interplay's own TDS server, in turns: whole requests made
 * of pieces of T-SQL, damaged ones, attention, bytes as they are, and connections that are cut.
 * Whatever they are, the server touches no memory that is not its own, ends each request, and
 * answers in packets whose lengths add up; that is asserted.
 */
#ifndef FUZZ_TDS_SERVER_INPUT_H
#define FUZZ_TDS_SERVER_INPUT_H

#include <stddef.h>
#include <stdint.h>

/* A hash of all answers: the same bytes are answered alike, whatever was answered before. */
uint64_t tds_server_input_run(const uint8_t *bytes, size_t size);

#endif
