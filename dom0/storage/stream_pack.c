/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stream_pack.h"

#include "alloc.h"
#include "base.h"
#include "stream_format.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <zstd.h>

/* Twice the threads: room for chunks being compressed, and for chunks being read or written. */
#define CHUNKS_MAX (2 * XB_PACK_THREADS_MAX)

struct worker {
    struct xb_packer *packer;
    ZSTD_CCtx *zstd;
    pthread_t thread;
};

/*
 * The counts only rise: taken <= begun <= given <= taken + count. A chunk's slot is its number %
 * count.
 */
struct xb_packer {
    struct xb_stream_packing packing;
    struct xb_chunk chunks[CHUNKS_MAX];
    size_t count;
    struct worker
        workers[XB_PACK_THREADS_MAX]; /* without threads, the caller uses the first worker's zstd */
    size_t threads;
    pthread_mutex_t lock;
    pthread_cond_t given_cond, ready_cond;
    uint64_t given, begun, taken;
    bool quit;
};

static unsigned cpus_here(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof(set), &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

static void pack(const struct xb_packer *packer, ZSTD_CCtx *zstd, struct xb_chunk *chunk)
{
    chunk->raw_crc = xb_stream_crc(0, chunk->raw, chunk->raw_bytes);
    if (!packer->packing.compress) {
        chunk->packed_bytes = chunk->raw_bytes;
        chunk->packed_crc = chunk->raw_crc;
        return;
    }
    chunk->packed_bytes =
        ZSTD_compressCCtx(zstd, chunk->packed, ZSTD_compressBound(XB_STREAM_CHUNK_BYTES),
                          chunk->raw, chunk->raw_bytes, packer->packing.level);
    if (!ZSTD_isError(chunk->packed_bytes))
        chunk->packed_crc = xb_stream_crc(0, chunk->packed, chunk->packed_bytes);
}

static void *work(void *arg)
{
    struct worker *worker = arg;
    struct xb_packer *packer = worker->packer;
    pthread_mutex_lock(&packer->lock);
    for (;;) {
        while (packer->begun == packer->given && !packer->quit)
            pthread_cond_wait(&packer->given_cond, &packer->lock);
        if (packer->quit)
            break;
        struct xb_chunk *chunk = &packer->chunks[packer->begun++ % packer->count];
        pthread_mutex_unlock(&packer->lock);
        pack(packer, worker->zstd, chunk);
        pthread_mutex_lock(&packer->lock);
        chunk->ready = true;
        pthread_cond_signal(&packer->ready_cond);
    }
    pthread_mutex_unlock(&packer->lock);
    return NULL;
}

static void make_chunks(struct xb_packer *packer)
{
    for (size_t i = 0; i < packer->count; i++) {
        struct xb_chunk *chunk = &packer->chunks[i];
        chunk->raw = xb_malloc(XB_STREAM_CHUNK_BYTES);
        chunk->packed = packer->packing.compress
                            ? xb_malloc(ZSTD_compressBound(XB_STREAM_CHUNK_BYTES))
                            : chunk->raw;
    }
}

/* If no thread can be started, the caller compresses. */
static void make_workers(struct xb_packer *packer, unsigned threads)
{
    for (size_t i = 0; i < threads; i++) {
        struct worker *worker = &packer->workers[i];
        worker->packer = packer;
        worker->zstd = xb_need(ZSTD_createCCtx());
        if (threads == 1 || pthread_create(&worker->thread, NULL, work, worker) != 0)
            break;
        packer->threads++;
    }
}

void xb_packer_create(struct xb_packer **out, const struct xb_stream_packing *packing)
{
    unsigned threads = packing->threads ? packing->threads : cpus_here();
    struct xb_packer *packer = xb_calloc(1, sizeof(*packer));
    pthread_mutex_init(&packer->lock, NULL);
    pthread_cond_init(&packer->given_cond, NULL);
    pthread_cond_init(&packer->ready_cond, NULL);
    packer->packing = *packing;
    if (!packing->compress || threads < 1)
        threads = 1;
    if (threads > XB_PACK_THREADS_MAX)
        threads = XB_PACK_THREADS_MAX;
    packer->count = threads == 1 ? 1 : 2 * threads;
    make_chunks(packer);
    if (packing->compress)
        make_workers(packer, threads);
    *out = packer;
}

void xb_packer_free(struct xb_packer *packer)
{
    if (!packer)
        return;
    pthread_mutex_lock(&packer->lock);
    packer->quit = true;
    pthread_cond_broadcast(&packer->given_cond);
    pthread_mutex_unlock(&packer->lock);
    for (size_t i = 0; i < packer->threads; i++)
        pthread_join(packer->workers[i].thread, NULL);
    for (size_t i = 0; i < XB_ARRAY_LEN(packer->workers); i++)
        ZSTD_freeCCtx(packer->workers[i].zstd);
    for (size_t i = 0; i < packer->count; i++) {
        if (packer->chunks[i].packed != packer->chunks[i].raw)
            free(packer->chunks[i].packed);
        free(packer->chunks[i].raw);
    }
    pthread_cond_destroy(&packer->given_cond);
    pthread_cond_destroy(&packer->ready_cond);
    pthread_mutex_destroy(&packer->lock);
    free(packer);
}

struct xb_chunk *xb_packer_empty(struct xb_packer *packer)
{
    if (packer->given == packer->taken + packer->count)
        return NULL;
    return &packer->chunks[packer->given % packer->count];
}

void xb_packer_give(struct xb_packer *packer)
{
    struct xb_chunk *chunk = &packer->chunks[packer->given % packer->count];
    if (packer->threads == 0)
        pack(packer, packer->workers[0].zstd, chunk);
    pthread_mutex_lock(&packer->lock);
    chunk->ready = packer->threads == 0;
    packer->given++;
    pthread_cond_signal(&packer->given_cond);
    pthread_mutex_unlock(&packer->lock);
}

struct xb_chunk *xb_packer_oldest(struct xb_packer *packer)
{
    struct xb_chunk *chunk = &packer->chunks[packer->taken % packer->count];
    if (packer->taken == packer->given)
        return NULL;
    pthread_mutex_lock(&packer->lock);
    while (!chunk->ready)
        pthread_cond_wait(&packer->ready_cond, &packer->lock);
    pthread_mutex_unlock(&packer->lock);
    return chunk;
}

void xb_packer_took(struct xb_packer *packer)
{
    packer->chunks[packer->taken % packer->count].ready = false;
    packer->taken++;
}
