/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever clients send, Interplay's own TDS server stays whole (tds_server_input.h). */
#include "tds_server_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)tds_server_input_run(data, size);
    return 0;
}
