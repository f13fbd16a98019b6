/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interplay bugs show --markdown: an entry as the text of an issue. All that comes from plans,
 * databases and files stands in fences that nothing in it can end.
 */
#include "base/file.h"
#include "cli/bugs.h"
#include "cli/explain_plan.h"
#include "report/claims.h"
#include "report/plan_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- fences ---------------------------------------------------------------------------------- */

enum { FENCE_MIN = 3 };

static size_t longest_run(const char *text, char letter)
{
    size_t longest = 0, run = 0;
    for (; *text != '\0'; text++) {
        run = *text == letter ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static void print_fence(size_t length, const char *language)
{
    for (size_t i = 0; i < length; i++)
        putchar('`');
    puts(language);
}

static void print_fenced(const char *text, const char *language)
{
    size_t length = longest_run(text, '`') + 1, size = strlen(text);
    length = length < FENCE_MIN ? FENCE_MIN : length;
    print_fence(length, language);
    for (const char *next = text; *next != '\0'; next++)
        putchar((unsigned char)*next < ' ' && *next != '\n' && *next != '\t' ? '?' : *next);
    if (size == 0 || text[size - 1] != '\n')
        putchar('\n');
    print_fence(length, "");
}

/* --- parts ----------------------------------------------------------------------------------- */

static void print_head(const struct bugbase_entry *entry)
{
    printf("# `%s` in %s %.*s\n\n", entry->signature, entry->subject.backend,
           (int)strcspn(entry->first.backend_version, " "), entry->first.backend_version);
    puts("## Versions\n");
    printf("- Interplay %s (this one: %s), target `%s`\n", entry->subject.interplay_version,
           cli_build(), entry->subject.target);
    printf("- `%s`, %s; seen last with %s\n\n", entry->subject.backend,
           entry->first.backend_version, entry->last.backend_version);
}

static void print_claim(void *context, const char *claim)
{
    (void)context;
    printf("- %s\n", claim);
}

static void print_promise(const struct bugbase_entry *entry)
{
    puts("## Promised\n");
    claims_of(entry->signature, print_claim, NULL);
    puts("\n## What happens\n");
    print_fenced(entry->report, "");
}

static void print_steps(const struct plan *plan)
{
    char *table = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&table, &size);
    puts("\n## Steps\n");
    if (out == NULL)
        return;
    plan_table_print(plan, PLAN_TABLE_WIDTH_DEFAULT, out);
    if (fclose(out) == 0)
        print_fenced(table, "");
    free(table);
}

/* Left out where only another program can run it. */
static enum error_code print_needed(const struct bugbase_entry *entry, const struct plan *plan,
                                    const char *path, struct error *error)
{
    const struct run_options *backend = bugs_backend_of(entry);
    struct explain_result *explained;
    struct run *run;
    if (backend == NULL)
        return ERROR_NONE;
    enum error_code code = run_open(&run, backend, error);
    if (code != ERROR_NONE)
        return code;
    code = cli_explain_plan(&explained, run, plan, path, true, error);
    run_close(run);
    if (code != ERROR_NONE)
        return code;
    char *text = NULL;
    size_t size = 0;
    FILE *out = explained->signature[0] == '\0' ? NULL : open_memstream(&text, &size);
    if (out != NULL) {
        explain_print(explained, out);
        if (fclose(out) == 0) {
            puts("\n## What it needs\n");
            print_fenced(text, "");
        }
        free(text);
    }
    explain_free(explained);
    return ERROR_NONE;
}

/* What somebody has put into the entry's folder; what is not there is left out. */
static void print_file(const char *folder, const char *name, const char *title,
                       const char *language)
{
    char path[PATH_MAX];
    struct file_content content;
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (length < 0 || (size_t)length >= sizeof path ||
        file_read(&content, path, FILE_MUST_HAVE_BYTES, NULL) != ERROR_NONE)
        return;
    printf("\n## %s\n\n", title);
    print_fenced(content.bytes, language);
    file_content_clean_up(&content);
}

enum error_code bugs_print_markdown(const struct bugbase_entry *entry, const struct plan *plan,
                                    const char *path, struct error *error)
{
    char folder[PATH_MAX];
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    print_head(entry);
    print_promise(entry);
    print_steps(plan);
    enum error_code code = print_needed(entry, plan, path, error);
    if (code != ERROR_NONE)
        return code;
    print_file(folder, "matrix.txt", "Which versions have it", "");
    print_file(folder, "reproducer/finding.sql", "Reproducer in SQL", "sql");
    print_file(folder, "reproducer/finding.c", "Reproducer in C", "c");
    print_file(folder, strrchr(path, '/') + 1, "Plan for Interplay", "json");
    return ERROR_NONE;
}
