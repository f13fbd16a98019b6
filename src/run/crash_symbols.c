/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names for places: by the symbol table of the file that a module was loaded from, which knows
 * static functions as well (the dynamic linker does not), and the source files that they are from.
 */
#include "run/crash_place.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is called by the code under test and is not meant by "where it crashed". */
static const char *const foreign_modules[] = {
    "libc.", "libm.", "libpthread", "ld-linux", "libgcc", "libasan", "libubsan", "linux-vdso",
};

/* Functions, and the files of static ones: the simulator, and who notes a crash. */
static const char *const foreign_functions[] = {
    "sim_", "posix_", "world", "storage", "coroutine", "crash_place",
};

/* In the names of a sanitizer's functions, which C++ may have wrapped. */
static const char *const sanitizer_words[] = {
    "__asan", "__ubsan", "__sanitizer", "__interceptor", "__interception",
};

struct symbol {
    const char *name; /* NULL: none is known */
    uintptr_t offset;
    bool is_foreign;
};

struct module {
    const unsigned char *image; /* the file, mapped; NULL: cannot be read */
    size_t bytes;
    uintptr_t load_address;
    const char *name;
};

static bool begins_with_any(const char *text, const char *const *beginnings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(text, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

bool crash_place_passes_over(const char *function)
{
    for (size_t i = 0; i < sizeof sanitizer_words / sizeof sanitizer_words[0]; i++)
        if (strstr(function, sanitizer_words[i]) != NULL)
            return true;
    return begins_with_any(function, foreign_functions,
                           sizeof foreign_functions / sizeof foreign_functions[0]);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* --- the file of a module -------------------------------------------------------------------- */

static void map_file(const char *path, struct module *module)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return;
    if (fstat(file, &status) == 0 && status.st_size > (off_t)sizeof(ElfW(Ehdr))) {
        void *image = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        if (image != MAP_FAILED) {
            module->image = image;
            module->bytes = (size_t)status.st_size;
        }
    }
    (void)close(file);
}

static void unmap_file(struct module *module)
{
    if (module->image != NULL)
        (void)munmap((void *)(uintptr_t)module->image, module->bytes);
}

bool crash_place_module(uintptr_t address, struct crash_module *ret_module)
{
    Dl_info info;
    struct link_map *map = NULL;
    if (dladdr1((void *)address, &info, (void **)&map, RTLD_DL_LINKMAP) == 0 || map == NULL)
        return false;
    ret_module->load_address = map->l_addr;
    ret_module->is_program = map->l_name[0] == '\0';
    (void)snprintf(ret_module->path, PATH_MAX, "%s", map->l_name);
    if (ret_module->is_program) {
        ssize_t length = readlink("/proc/self/exe", ret_module->path, PATH_MAX - 1);
        ret_module->path[length < 0 ? 0 : length] = '\0';
    }
    return true;
}

/* `found` holds the name of the module. False: the address is in none. */
static bool open_module(uintptr_t address, struct crash_module *found, struct module *ret_module)
{
    if (!crash_place_module(address, found))
        return false;
    *ret_module =
        (struct module){.load_address = found->load_address, .name = base_name(found->path)};
    map_file(found->is_program ? "/proc/self/exe" : found->path, ret_module);
    return true;
}

/* --- symbols --------------------------------------------------------------------------------- */

static bool lies_within(const struct module *module, size_t at, size_t bytes)
{
    return at <= module->bytes && bytes <= module->bytes - at;
}

/* Of `type`; NULL: the file has none, or is damaged. */
static const ElfW(Shdr) * find_section(const struct module *module, uint32_t type)
{
    const ElfW(Ehdr) *head = (const void *)module->image;
    if (memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
        !lies_within(module, head->e_shoff, head->e_shnum * sizeof(ElfW(Shdr))))
        return NULL;
    const ElfW(Shdr) *sections = (const void *)(module->image + head->e_shoff);
    for (size_t i = 0; i < head->e_shnum; i++)
        if (sections[i].sh_type == type && sections[i].sh_link < head->e_shnum &&
            lies_within(module, sections[i].sh_offset, sections[i].sh_size) &&
            lies_within(module, sections[sections[i].sh_link].sh_offset,
                        sections[sections[i].sh_link].sh_size))
            return &sections[i];
    return NULL;
}

/* Aliases count all: a function with a foreign name is a foreign one. */
static void take_symbol(const ElfW(Sym) * candidate, const char *name, const char *file,
                        uintptr_t address, struct symbol *symbol)
{
    if ((candidate->st_info & 0xf) != STT_FUNC || address < candidate->st_value ||
        address - candidate->st_value >= candidate->st_size)
        return;
    symbol->is_foreign |=
        crash_place_passes_over(name) || (file != NULL && crash_place_passes_over(file));
    if (symbol->name != NULL)
        return;
    symbol->name = name;
    symbol->offset = address - candidate->st_value;
}

static void find_symbol(const struct module *module, uintptr_t address, struct symbol *symbol)
{
    const ElfW(Shdr) *table = find_section(module, SHT_SYMTAB);
    if (table == NULL)
        table = find_section(module, SHT_DYNSYM);
    if (table == NULL)
        return;
    const ElfW(Ehdr) *head = (const void *)module->image;
    const ElfW(Shdr) *texts =
        (const ElfW(Shdr) *)(const void *)(module->image + head->e_shoff) + table->sh_link;
    const ElfW(Sym) *symbols = (const void *)(module->image + table->sh_offset);
    const char *file = NULL;
    for (size_t i = 0; i < table->sh_size / sizeof *symbols; i++) {
        if (symbols[i].st_name >= texts->sh_size)
            continue;
        const char *name = (const char *)module->image + texts->sh_offset + symbols[i].st_name;
        if ((symbols[i].st_info & 0xf) == STT_FILE)
            file = name;
        if (symbols[i].st_info >> 4 != STB_LOCAL)
            file = NULL;
        take_symbol(&symbols[i], name, file, address, symbol);
    }
}

/* --- places ---------------------------------------------------------------------------------- */

/* So much of a function's name that a signature has room for what else it says. */
enum { FUNCTION_NAME_MAX = 44 };

/* True: this is where. */
static bool name_frame(uintptr_t address, bool has_offset, char *name, size_t capacity_bytes)
{
    struct crash_module found;
    struct module module;
    struct symbol symbol = {0};
    if (!open_module(address, &found, &module))
        return false;
    bool is_foreign = begins_with_any(module.name, foreign_modules,
                                      sizeof foreign_modules / sizeof foreign_modules[0]);
    if (!is_foreign && module.image != NULL)
        find_symbol(&module, address - module.load_address, &symbol);
    is_foreign |= symbol.is_foreign;
    if (!is_foreign && has_offset)
        (void)snprintf(name, capacity_bytes, "%.*s+0x%zx", FUNCTION_NAME_MAX,
                       symbol.name == NULL ? module.name : symbol.name,
                       symbol.name == NULL ? (size_t)(address - module.load_address)
                                           : (size_t)symbol.offset);
    else if (!is_foreign)
        (void)snprintf(name, capacity_bytes, "%.*s", FUNCTION_NAME_MAX,
                       symbol.name == NULL ? module.name : symbol.name);
    unmap_file(&module);
    return !is_foreign;
}

static void name_innermost(const struct crash_stack *stack, bool has_offset, char *name,
                           size_t capacity_bytes)
{
    name[0] = '\0';
    for (uint32_t i = 0; i < stack->frame_count && i < CRASH_FRAMES_MAX; i++)
        if (name_frame(stack->frames[i], has_offset, name, capacity_bytes))
            return;
}

void crash_place_name(const struct crash_place *place, char *name, size_t capacity_bytes)
{
    name_innermost(&place->at, true, name, capacity_bytes);
}

void crash_place_name_owner(const struct crash_place *place, char *name, size_t capacity_bytes)
{
    name_innermost(&place->allocated, false, name, capacity_bytes);
}

/* --- for people ------------------------------------------------------------------------------ */

enum { CALLERS_MAX = 6 };

/* Where the harness calls what is tested: from there on outwards nobody needs to know. */
static bool is_harness(const char *function)
{
    static const char *const callers[] = {
        "run_call",        "run_statement",       "run_batch",
        "run_begin",       "run_end_transaction", "run_stream_open",
        "run_stream_next", "run_stream_close",    "run_take_lease",
        "run_give_back",   "run_open_stack",      "make_fcontext",
    };
    for (size_t i = 0; i < sizeof callers / sizeof callers[0]; i++)
        if (strcmp(function, callers[i]) == 0)
            return true;
    return false;
}

/* "\nin a < b < c", without the simulator's. */
static void describe_stack(const char *what, const struct crash_stack *stack, struct text *text)
{
    char name[FUNCTION_NAME_MAX + 1];
    uint32_t named = 0;
    for (uint32_t i = 0; i < stack->frame_count && i < CRASH_FRAMES_MAX && named < CALLERS_MAX;
         i++) {
        if (!name_frame(stack->frames[i], false, name, sizeof name))
            continue;
        if (is_harness(name))
            return;
        text_append_format(text, "%s%s", named++ == 0 ? what : " < ", name);
    }
}

void crash_place_describe(const struct crash_place *place, struct text *text)
{
    const char *kind = strchr(place->sanitizer_kind, '/');
    if (kind != NULL)
        text_append_format(text, ": %s", kind + 1);
    if (place->message[0] != '\0')
        text_append_format(text, ", %s", place->message);
    describe_stack("\nin ", &place->at, text);
    describe_stack("\nfreed in ", &place->freed, text);
    describe_stack("\nallocated in ", &place->allocated, text);
}
