/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interplay's own TDS server on random requests, whole and damaged (fuzz/tds_server_input.h), each
 * input twice: the answers must be the same. As many inputs as the first argument says.
 */
#include "base/random.h"
#include "tds_server_input.h"

#include <stdio.h>
#include <stdlib.h>

enum { BYTES = 1500 };

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 300;
    unsigned long first = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    for (unsigned long i = first; i < first + count; i++) {
        struct random random;
        random_seed(&random, i);
        uint8_t bytes[BYTES];
        for (size_t k = 0; k < BYTES; k++)
            bytes[k] = (uint8_t)random_next(&random);
        uint64_t hash = tds_server_input_run(bytes, sizeof bytes);
        if (tds_server_input_run(bytes, sizeof bytes) != hash) {
            fprintf(stderr, "tds_random_test: input %lu is answered otherwise the second time\n",
                    i);
            return 1;
        }
    }
    printf("tds_random_test: %lu inputs\n", count);
    return count == 0;
}
