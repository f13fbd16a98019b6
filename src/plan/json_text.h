/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that come from databases and file names, as JSON. */
#ifndef PLAN_JSON_TEXT_H
#define PLAN_JSON_TEXT_H

struct json_t;

/* A text that is no UTF-8 loses what is no ASCII: "?" stands there. NULL: no memory. */
struct json_t *json_text(const char *text);

#endif
