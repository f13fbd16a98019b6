/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format): one run; a rule an
 * oracle, with what it claims; a result a violation, at its plan, with the signature as what makes
 * it the same one again. Known violations are results that are suppressed.
 */
#include "report/claims.h"
#include "report/results.h"

#include "base/assert.h"
#include "base/file.h"
#include "base/text.h"
#include "plan/json_text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { RULES_MAX = 64, RULE_BYTES = 64, CLAIM_BYTES = 2048, URI_BYTES = 8192 };

struct sarif {
    json_t *rules, *results;
    char rule_names[RULES_MAX][RULE_BYTES];
    size_t rule_count;
};

/* It takes over all that is in it; NULL has been asserted away. */
static json_t *checked(json_t *value)
{
    ASSERT(value != NULL);
    return value;
}

/* --- rules ------------------------------------------------------------------------------------ */

static void append_claim(void *context, const char *claim)
{
    struct text *text = context;
    text_append(text, text->length == 0 ? "" : "; ");
    text_append(text, claim);
}

static json_t *new_rule(const char *name, const char *signature)
{
    char claim[CLAIM_BYTES], title[RULE_BYTES + 32];
    struct text text;
    text_init(&text, claim, sizeof claim);
    claims_of(signature, append_claim, &text);
    (void)snprintf(title, sizeof title, "what is claimed as %s", name);
    return checked(json_pack("{s:s, s:{s:s}, s:{s:s}, s:{s:s}}", "id", name, "shortDescription",
                             "text", title, "fullDescription", "text",
                             text.length == 0 ? title : claim, "defaultConfiguration", "level",
                             "error"));
}

/* "snapshot" of "snapshot/wrong-select"; where it is in the list of rules. */
static size_t rule_of(struct sarif *sarif, const char *signature)
{
    char name[RULE_BYTES];
    (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(signature, "/"), signature);
    for (size_t i = 0; i < sarif->rule_count; i++)
        if (strcmp(sarif->rule_names[i], name) == 0)
            return i;
    ASSERT(sarif->rule_count < RULES_MAX);
    memcpy(sarif->rule_names[sarif->rule_count], name, sizeof name);
    ASSERT(json_array_append_new(sarif->rules, new_rule(name, signature)) == 0);
    return sarif->rule_count++;
}

/* --- results ---------------------------------------------------------------------------------- */

/* A path as a part of a URI (RFC 3986): what is not unreserved, nor a slash, is %XX. */
static void append_uri(struct text *text, const char *path)
{
    for (; *path != '\0'; path++) {
        unsigned char byte = (unsigned char)*path;
        bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                        (byte >= '0' && byte <= '9') || strchr("-._~/", byte) != NULL;
        text_append_format(text, is_plain ? "%c" : "%%%02X", byte);
    }
}

static json_t *new_location(const struct result *result)
{
    char uri[URI_BYTES];
    struct text text;
    if (result->path == NULL)
        return checked(
            json_pack("{s:[{s:o}]}", "logicalLocations", "name", json_text(result->name)));
    text_init(&text, uri, sizeof uri);
    if (result->path[0] == '/')
        text_append(&text, "file://");
    append_uri(&text, result->path);
    return checked(json_pack("{s:{s:{s:s}, s:{s:i}}}", "physicalLocation", "artifactLocation",
                             "uri", uri, "region", "startLine", 1));
}

static json_t *new_message(const struct result *result)
{
    const char *report = result->message == NULL ? "" : result->message;
    size_t length = strlen(result->signature) + strlen(report) + 3;
    char *bytes = malloc(length);
    ASSERT(bytes != NULL);
    (void)snprintf(bytes, length, "%s: %s", result->signature, report);
    json_t *message = checked(json_pack("{s:o}", "text", json_text(bytes)));
    free(bytes);
    return message;
}

static json_t *new_fingerprints(const struct result *result)
{
    json_t *prints =
        checked(json_pack("{s:o}", "interplaySignature/v1", json_text(result->signature)));
    if (result->cause != NULL)
        (void)json_object_set_new(prints, "interplayCause/v1", json_text(result->cause));
    return prints;
}

static void add_result(struct sarif *sarif, const struct result *result)
{
    size_t rule = rule_of(sarif, result->signature);
    json_t *object = checked(json_pack(
        "{s:s, s:i, s:s, s:s, s:o, s:[o], s:o}", "ruleId", sarif->rule_names[rule], "ruleIndex",
        (int)rule, "kind", "fail", "level", "error", "message", new_message(result), "locations",
        new_location(result), "partialFingerprints", new_fingerprints(result)));
    if (result->kind == RESULT_KNOWN)
        (void)json_object_set_new(object, "suppressions",
                                  json_pack("[{s:s, s:s}]", "kind", "external", "justification",
                                            "in the list of known findings"));
    if (result->replay != NULL)
        (void)json_object_set_new(object, "properties",
                                  json_pack("{s:o}", "replay", json_text(result->replay)));
    ASSERT(json_array_append_new(sarif->results, object) == 0);
}

/* --- the file --------------------------------------------------------------------------------- */

/* What could not be run is a notification of the tool, not a result. */
static json_t *new_notifications(const struct results *results)
{
    json_t *array = checked(json_array());
    for (size_t i = 0; i < results->count; i++) {
        const struct result *result = &results->items[i];
        if (result->kind != RESULT_FAILED)
            continue;
        json_t *message = json_text(result->message == NULL ? "" : result->message);
        ASSERT(json_array_append_new(array, json_pack("{s:s, s:{s:o}}", "level", "error", "message",
                                                      "text", message)) == 0);
    }
    return array;
}

static json_t *new_document(const struct sarif *sarif, const struct results *results,
                            const struct results_frame *frame)
{
    json_t *invocation =
        checked(json_pack("{s:b, s:i, s:o, s:o}", "executionSuccessful", frame->status <= 1,
                          "exitCode", frame->status, "commandLine", json_text(frame->line),
                          "toolExecutionNotifications", new_notifications(results)));
    return checked(json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:O}}, s:[o], s:O}]}", "$schema",
                             "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                             "sarif-schema-2.1.0.json",
                             "version", "2.1.0", "runs", "tool", "driver", "name", "Interplay",
                             "version", frame->version, "rules", sarif->rules, "invocations",
                             invocation, "results", sarif->results));
}

enum error_code sarif_write(const struct results *results, const struct results_frame *frame,
                            const char *path, struct error *error)
{
    json_object_seed(1); /* not by the system's random numbers */
    struct sarif sarif = {.rules = checked(json_array()), .results = checked(json_array())};
    for (size_t i = 0; i < results->count; i++)
        if (results->items[i].signature != NULL)
            add_result(&sarif, &results->items[i]);
    json_t *document = new_document(&sarif, results, frame);
    char *text = json_dumps(document, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    enum error_code code = text == NULL ? interplay_error(error, ERROR_MEMORY, "%s: out of memory",
                                                          file_short_path(path))
                                        : file_write(path, text, strlen(text), error);
    free(text);
    json_decref(document);
    json_decref(sarif.rules);
    json_decref(sarif.results);
    return code;
}
