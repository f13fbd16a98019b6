/* SPDX-License-Identifier: Apache-2.0 */
/* A database that keeps nothing: it takes what is written, unless its lid is closed. */
#ifndef SLATE_SLATE_H
#define SLATE_SLATE_H

#include <interplay/backend.h>

extern const struct backend_ops slate_backend;

void slate_close_lid(bool is_closed);

#endif
