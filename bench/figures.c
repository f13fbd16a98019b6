/* SPDX-License-Identifier: Apache-2.0 */
/* Time and quantiles. */
#include "figures.h"

#include <stdlib.h>

double clock_s(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

double quantile(double *values, size_t count, double part)
{
    qsort(values, count, sizeof *values, compare_doubles);
    return values[(size_t)(part * (double)(count - 1))];
}

double median(double *values, size_t count)
{
    return quantile(values, count, 0.5);
}
