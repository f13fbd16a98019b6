/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files: what reading refuses, and that writing replaces all of a file or nothing and leaves
 * nothing else behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/interplay-file-test-XXXXXX";

static int enter_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

/* Also says that no test left more than it should. */
static int remove_folder(void **state)
{
    (void)state;
    return chdir("/") != 0 || rmdir(folder) != 0;
}

static size_t count_entries(void)
{
    size_t count = 0;
    DIR *listing = opendir(".");
    assert_non_null(listing);
    while (readdir(listing) != NULL)
        count++;
    (void)closedir(listing);
    return count - 2; /* . and .. */
}

static void write_ok(const char *path, const char *text)
{
    struct error error = {0};
    if (file_write(path, text, strlen(text), &error) != ERROR_NONE)
        fail_msg("%s", error.message);
}

static void assert_holds(const char *path, const char *text)
{
    struct error error = {0};
    struct file_content content;
    if (file_read(&content, path, FILE_MAY_BE_EMPTY, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    assert_int_equal(content.size, strlen(text));
    assert_string_equal(content.bytes, text);
    file_content_clean_up(&content);
}

static void assert_unreadable(const char *path, enum error_code code, const char *message)
{
    struct error error = {0};
    struct file_content content = {.size = 77};
    assert_int_equal(file_read(&content, path, FILE_MUST_HAVE_BYTES, &error), code);
    assert_int_equal(error.code, code);
    assert_string_equal(error.message, message);
    assert_int_equal(content.size, 77);
}

static void assert_unwritable(const char *path, const char *message)
{
    struct error error = {0};
    assert_int_equal(file_write(path, "x", 1, &error), ERROR_IO);
    assert_string_equal(error.message, message);
}

static void test_reading(void **state)
{
    (void)state;
    write_ok("a", "content");
    assert_holds("a", "content");
    write_ok("a", "");
    assert_holds("a", "");
    assert_unreadable("a", ERROR_INPUT, "a: is empty");
    assert_unreadable("b", ERROR_IO, "b: does not exist");
    assert_unreadable("", ERROR_IO, ": does not exist");
    assert_unreadable(".", ERROR_IO, ".: is a folder, expected a file");
    assert_unreadable("a/b", ERROR_IO, "a/b: cannot open: Not a directory");
    assert_int_equal(unlink("a"), 0);
}

static void test_reading_without_permission(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        print_message("root may read everything: skipped\n");
        skip();
    }
    write_ok("secret", "x");
    assert_int_equal(chmod("secret", 0), 0);
    assert_unreadable("secret", ERROR_IO, "secret: cannot open: Permission denied");
    assert_int_equal(unlink("secret"), 0);
}

/* Larger than the first buffer, at its edges, with all bytes. */
static void test_sizes(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 65534, 65535, 65536, 65537, 131071, 131072, 1000003};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct file_content content = {0};
        char *bytes = malloc(sizes[i]);
        assert_non_null(bytes);
        for (size_t at = 0; at < sizes[i]; at++)
            bytes[at] = (char)(at * 31 % 256);
        assert_int_equal(file_write("sized", bytes, sizes[i], NULL), ERROR_NONE);
        assert_int_equal(file_read(&content, "sized", FILE_MUST_HAVE_BYTES, NULL), ERROR_NONE);
        assert_int_equal(content.size, sizes[i]);
        assert_memory_equal(content.bytes, bytes, sizes[i]);
        assert_int_equal(content.bytes[content.size], 0);
        file_content_clean_up(&content);
        free(bytes);
    }
    assert_int_equal(unlink("sized"), 0);
}

static void test_reading_a_pipe(void **state)
{
    (void)state;
    int ends[2];
    char path[64];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "piped", 5), 5);
    assert_int_equal(close(ends[1]), 0);
    (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_holds(path, "piped");
    assert_int_equal(close(ends[0]), 0);
}

static void test_writing_leaves_only_the_file(void **state)
{
    (void)state;
    write_ok("a", "one");
    write_ok("./a", "two");
    assert_holds("a", "two");
    assert_int_equal(count_entries(), 1);
    assert_int_equal(unlink("a"), 0);
}

static void test_writing_keeps_permissions_and_links(void **state)
{
    (void)state;
    struct stat status;
    write_ok("a", "one");
    assert_int_equal(chmod("a", 0640), 0);
    assert_int_equal(symlink("a", "link"), 0);
    write_ok("link", "two");
    assert_holds("a", "two");
    assert_int_equal(lstat("link", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(stat("a", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    assert_int_equal(count_entries(), 2);
    assert_int_equal(unlink("link"), 0);
    assert_int_equal(unlink("a"), 0);
}

static void test_writing_refuses(void **state)
{
    (void)state;
    assert_unwritable("no/such", "no/such: cannot write: its folder does not exist");
    assert_unwritable(".", ".: is a folder, expected a file");
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_unwritable("fifo", "fifo: is not a regular file");
    assert_int_equal(count_entries(), 1);
    assert_int_equal(unlink("fifo"), 0);
}

/* A disk that is full in the middle: a limit on file sizes does the same to write(). */
static void test_failed_write_keeps_the_old_file(void **state)
{
    (void)state;
    struct rlimit before;
    char large[8192];
    memset(large, 'x', sizeof large);
    write_ok("a", "old");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small = {.rlim_cur = 4096, .rlim_max = before.rlim_max};
    struct error error = {0};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum error_code code = file_write("a", large, sizeof large, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(code, ERROR_IO);
    assert_string_equal(error.message, "a: cannot write: File too large");
    assert_holds("a", "old");
    assert_int_equal(count_entries(), 1);
    assert_int_equal(unlink("a"), 0);
}

static void remove_leftovers(void)
{
    DIR *listing = opendir(".");
    assert_non_null(listing);
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        /* What a killed writer leaves is named so that people know it. */
        assert_true(strcmp(entry->d_name, "a") == 0 || strstr(entry->d_name, ".tmp") != NULL);
        assert_int_equal(unlink(entry->d_name), 0);
    }
    (void)closedir(listing);
}

static void test_killed_writer_leaves_a_whole_file(void **state)
{
    (void)state;
    enum { KILLS = 20, SIZE = 300000 };
    static char content_of[2][SIZE + 1];
    memset(content_of[0], 'a', SIZE);
    memset(content_of[1], 'b', SIZE);
    write_ok("a", content_of[0]);
    for (int round = 0; round < KILLS; round++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            for (int i = 0;; i = 1 - i)
                if (file_write("a", content_of[i], SIZE, NULL) != ERROR_NONE)
                    _exit(1);
        const struct timespec wait = {.tv_nsec = 500000 + round * 700000};
        (void)nanosleep(&wait, NULL);
        int status;
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        struct file_content content;
        assert_int_equal(file_read(&content, "a", FILE_MUST_HAVE_BYTES, NULL), ERROR_NONE);
        assert_int_equal(content.size, SIZE);
        assert_memory_equal(content.bytes, content_of[content.bytes[0] == 'b'], SIZE);
        file_content_clean_up(&content);
    }
    remove_leftovers();
}

static void test_long_paths_are_cut_from_the_left(void **state)
{
    (void)state;
    char path[500];
    memset(path, 'p', sizeof path);
    memcpy(path + sizeof path - 5, ".end", 5);
    assert_int_equal(strlen(file_short_path(path)), 120);
    assert_string_equal(file_short_path(path) + 116, ".end");
    assert_string_equal(file_short_path("short"), "short");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading),
        cmocka_unit_test(test_reading_without_permission),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_reading_a_pipe),
        cmocka_unit_test(test_writing_leaves_only_the_file),
        cmocka_unit_test(test_writing_keeps_permissions_and_links),
        cmocka_unit_test(test_writing_refuses),
        cmocka_unit_test(test_failed_write_keeps_the_old_file),
        cmocka_unit_test(test_killed_writer_leaves_a_whole_file),
        cmocka_unit_test(test_long_paths_are_cut_from_the_left),
    };
    return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
