/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory methods: a header with the block's size before each block, and below that libc
 * (AddressSanitizer) or free lists by size class: four classes between powers of two, so that a
 * block wastes a quarter at most.
 */
#include "sqlite/sim_memory.h"

#include "base/assert.h"
#include "sim/world.h"
#include "sqlite/sim_share.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* The same in every build, so that plans meet it in every build. */
static const int64_t outstanding_bytes_max = (int64_t)512 * 1024 * 1024;

/* 16 bytes, so that blocks are aligned like malloc's. */
struct header {
    uint64_t size_bytes; /* of the block, rounded */
    uint64_t size_class;
#if SANITIZER_ADDRESS
    struct header *previous, *next; /* in the heap */
#endif
};

/* --- where blocks come from ------------------------------------------------------------------ */

#if SANITIZER_ADDRESS

static bool blocks_init(struct sim_heap *heap)
{
    heap->blocks = NULL;
    return true;
}

static void blocks_clean_up(struct sim_heap *heap)
{
    while (heap->blocks != NULL) {
        struct header *header = heap->blocks;
        heap->blocks = header->next;
        free(header);
    }
}

static struct header *block_new(struct sim_heap *heap, size_t size_bytes)
{
    struct header *header = malloc(sizeof(struct header) + size_bytes);
    if (header == NULL)
        return NULL;
    header->previous = NULL;
    header->next = heap->blocks;
    if (heap->blocks != NULL)
        heap->blocks->previous = header;
    heap->blocks = header;
    return header;
}

static void block_delete(struct sim_heap *heap, struct header *header)
{
    if (header->previous != NULL)
        header->previous->next = header->next;
    else
        heap->blocks = header->next;
    if (header->next != NULL)
        header->next->previous = header->previous;
    free(header);
}

static bool block_fits(const struct header *header, size_t size_bytes)
{
    return header->size_bytes == size_bytes;
}

#else

enum { SMALLEST_LOG2 = 5 };
/* Address space is taken as it is needed: a container may allow little. */
static const size_t chunk_bytes_min = (size_t)16 * 1024 * 1024;

struct heap_chunk {
    struct heap_chunk *before;
    size_t size_bytes; /* with this header, which keeps blocks aligned */
};
_Static_assert(sizeof(struct heap_chunk) % 16 == 0, "blocks are aligned like malloc's");

struct free_block {
    struct free_block *next;
};

static bool add_chunk(struct sim_heap *heap, size_t block_bytes)
{
    size_t size_bytes = block_bytes + sizeof(struct heap_chunk);
    if (size_bytes < chunk_bytes_min)
        size_bytes = chunk_bytes_min;
    void *memory = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return false;
    struct heap_chunk *chunk = memory;
    *chunk = (struct heap_chunk){heap->chunk, size_bytes};
    heap->chunk = chunk;
    heap->used_bytes = sizeof *chunk;
    return true;
}

static bool blocks_init(struct sim_heap *heap)
{
    heap->chunk = NULL;
    memset(heap->free, 0, sizeof heap->free);
    return add_chunk(heap, 0);
}

static void blocks_clean_up(struct sim_heap *heap)
{
    while (heap->chunk != NULL) {
        struct heap_chunk *chunk = heap->chunk;
        heap->chunk = chunk->before;
        ASSERT(munmap(chunk, chunk->size_bytes) == 0);
    }
}

/*
 * Total sizes (header included): 32, then steps of a quarter of the power of two below: 64, 80, 96,
 * 112, 128, 160, ...
 */
static unsigned class_of(size_t total_bytes)
{
    if (total_bytes <= (size_t)1 << SMALLEST_LOG2)
        return 0;
    size_t last = total_bytes - 1;
    unsigned log2 = 63u - (unsigned)__builtin_clzll(last);
    unsigned quarter = (unsigned)(last >> (log2 - 2)) & 3u;
    return (log2 - SMALLEST_LOG2) * 4 + quarter + 1;
}

static size_t class_bytes(unsigned size_class)
{
    if (size_class == 0)
        return (size_t)1 << SMALLEST_LOG2;
    unsigned log2 = (size_class - 1) / 4 + SMALLEST_LOG2;
    size_t quarters = (size_class - 1) % 4 + 5;
    size_t bytes = quarters << (log2 - 2);
    return (bytes + 15) & ~(size_t)15;
}

static struct header *block_new(struct sim_heap *heap, size_t size_bytes)
{
    unsigned size_class = class_of(size_bytes + sizeof(struct header));
    struct free_block *block = heap->free[size_class];
    struct header *header;
    if (block != NULL) {
        heap->free[size_class] = block->next;
        header = (struct header *)block;
    } else {
        size_t total_bytes = class_bytes(size_class);
        if (total_bytes > heap->chunk->size_bytes - heap->used_bytes &&
            !add_chunk(heap, total_bytes))
            return NULL;
        header = (struct header *)(void *)((unsigned char *)heap->chunk + heap->used_bytes);
        heap->used_bytes += total_bytes;
    }
    header->size_class = size_class;
    return header;
}

static void block_delete(struct sim_heap *heap, struct header *header)
{
    uint64_t size_class = header->size_class;
    struct free_block *block = (struct free_block *)header;
    block->next = heap->free[size_class];
    heap->free[size_class] = block;
}

static bool block_fits(const struct header *header, size_t size_bytes)
{
    return header->size_class == class_of(size_bytes + sizeof(struct header));
}

#endif

/* --- the methods ----------------------------------------------------------------------------- */

static struct header *header_of(void *memory)
{
    return (struct header *)memory - 1;
}

static struct sim_heap *heap_at_hand(void)
{
    return &sim_share_at_hand()->heap;
}

static int memory_roundup(int size_bytes)
{
    return (size_bytes + 7) & ~7;
}

static bool may_take(const struct sim_heap *heap, int64_t size_bytes)
{
    if (__builtin_expect(heap->usage.bytes + size_bytes <= outstanding_bytes_max, 1))
        return true;
    world_meet_limit("memory that the database holds (512 MiB)");
    return false;
}

static void *take(struct sim_heap *heap, int size_bytes)
{
    if (!may_take(heap, size_bytes))
        return NULL;
    struct header *header = block_new(heap, (size_t)size_bytes);
    if (header == NULL) {
        world_meet_limit("memory that the database may take of the system's");
        return NULL;
    }
    header->size_bytes = (uint64_t)size_bytes;
    heap->usage.bytes += size_bytes;
    heap->usage.allocations++;
    return header + 1;
}

static void give(struct sim_heap *heap, void *memory)
{
    struct header *header = header_of(memory);
    heap->usage.bytes -= (int64_t)header->size_bytes;
    heap->usage.allocations--;
    block_delete(heap, header);
}

static void *memory_malloc(int size_bytes)
{
    world_yield(YIELD_allocate);
    if (world_fault_due(FAULT_no_memory))
        return NULL;
    return take(heap_at_hand(), memory_roundup(size_bytes));
}

static void memory_free(void *memory)
{
    world_yield(YIELD_release);
    if (memory != NULL)
        give(heap_at_hand(), memory);
}

static void *memory_realloc(void *memory, int size_bytes)
{
    world_yield(YIELD_allocate);
    if (world_fault_due(FAULT_no_memory))
        return NULL;
    struct sim_heap *heap = heap_at_hand();
    int rounded_bytes = memory_roundup(size_bytes);
    struct header *header = header_of(memory);
    int64_t growth = rounded_bytes - (int64_t)header->size_bytes;
    if (!may_take(heap, growth))
        return NULL;
    if (block_fits(header, (size_t)rounded_bytes)) {
        header->size_bytes = (uint64_t)rounded_bytes;
        heap->usage.bytes += growth;
        return memory;
    }
    void *moved = take(heap, rounded_bytes);
    if (moved == NULL)
        return NULL;
    memcpy(moved, memory, growth < 0 ? (size_t)rounded_bytes : (size_t)header->size_bytes);
    give(heap, memory);
    return moved;
}

static int memory_size(void *memory)
{
    return memory == NULL ? 0 : (int)header_of(memory)->size_bytes;
}

static int memory_init(void *unused)
{
    (void)unused;
    return sim_heap_open(&sim_librarys_share.heap) ? SQLITE_OK : SQLITE_NOMEM;
}

static void memory_shutdown(void *unused)
{
    (void)unused;
    sim_heap_close(&sim_librarys_share.heap);
}

const struct sqlite3_mem_methods sim_memory_methods = {
    .xMalloc = memory_malloc,
    .xFree = memory_free,
    .xRealloc = memory_realloc,
    .xSize = memory_size,
    .xRoundup = memory_roundup,
    .xInit = memory_init,
    .xShutdown = memory_shutdown,
};

/* --- heaps ----------------------------------------------------------------------------------- */

bool sim_heap_open(struct sim_heap *heap)
{
    heap->usage = (struct sim_memory_usage){0};
    return blocks_init(heap);
}

void sim_heap_close(struct sim_heap *heap)
{
    blocks_clean_up(heap);
}
