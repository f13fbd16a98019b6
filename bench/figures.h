/* SPDX-License-Identifier: Apache-2.0 */
/* What all benchmarks measure with: a clock in seconds, and quantiles. */
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

#include <stddef.h>
#include <time.h>

double clock_s(clockid_t clock);

/* Sort `values`; `part` from 0 to 1. */
double quantile(double *values, size_t count, double part);
double median(double *values, size_t count);

#endif
