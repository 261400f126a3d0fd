/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What libxenvchan alone can do: the limit beside which `xenbench selftest --bench` measures.
 *
 *   serve                   in a guest: serve rings of the agent's sizes to one client after the other
 *   ping DOMID COUNT BYTES  in Dom0: make COUNT round trips of BYTES; print the median in seconds
 *   push|pull DOMID BYTES   in Dom0: move BYTES one way; print the seconds
 */
#include "base.h"

#include <libxenvchan.h>

#include <errno.h>
#include <error.h>
#include <inttypes.h>
#include <stdnoreturn.h>
#include <string.h>

#define PATH "data/raw-vchan"
#define TO_GUEST_BYTES (128 * XB_KIB) /* as in guest-agent/rendezvous.c */
#define TO_DOM0_BYTES (256 * XB_KIB)
#define CHUNK_BYTES (64 * XB_KIB)
#define BAD 3 /* the exit status */

/* What the client requests. */
enum wish { ECHO = 'e', SINK = 's', SOURCE = 'g' };
struct order {
    uint64_t wish, count, bytes;
};

static uint8_t chunk[CHUNK_BYTES];

static noreturn void leave(void)
{
    error(BAD, 0, "the other side has left");
    abort();
}

static void send_all(struct libxenvchan *rings, const void *data, size_t bytes)
{
    if (libxenvchan_send(rings, data, bytes) != (int)bytes)
        leave();
}

static void receive_all(struct libxenvchan *rings, void *data, size_t bytes)
{
    if (libxenvchan_recv(rings, data, bytes) != (int)bytes)
        leave();
}

/* Receive the bytes that are there, at most `left`. Returns their number. */
static uint64_t receive_some(struct libxenvchan *rings, uint64_t left)
{
    int n = libxenvchan_read(rings, chunk, left < CHUNK_BYTES ? left : CHUNK_BYTES);
    if (n <= 0)
        leave();
    return (uint64_t)n;
}

static void drain(struct libxenvchan *rings, uint64_t bytes)
{
    while (bytes > 0)
        bytes -= receive_some(rings, bytes);
}

static void fill(struct libxenvchan *rings, uint64_t bytes)
{
    while (bytes > 0) {
        int n = libxenvchan_write(rings, chunk, bytes < CHUNK_BYTES ? bytes : CHUNK_BYTES);
        if (n <= 0)
            leave();
        bytes -= (uint64_t)n;
    }
}

static void obey(struct libxenvchan *rings)
{
    struct order order;
    receive_all(rings, &order, sizeof(order));
    if (order.bytes > CHUNK_BYTES && order.wish == ECHO)
        error(BAD, 0, "too long an echo");
    for (uint64_t i = 0; order.wish == ECHO && i < order.count; i++) {
        receive_all(rings, chunk, order.bytes);
        send_all(rings, chunk, order.bytes);
    }
    if (order.wish == SINK) {
        drain(rings, order.bytes);
        send_all(rings, "", 1);
    } else if (order.wish == SOURCE) {
        fill(rings, order.bytes);
    }
    while (libxenvchan_is_open(rings) == 1)
        libxenvchan_wait(rings);
}

static void serve(void)
{
    for (;;) {
        struct libxenvchan *rings =
            libxenvchan_server_init(NULL, 0, PATH, TO_GUEST_BYTES, TO_DOM0_BYTES);
        if (!rings) {
            error(BAD, errno, "cannot serve at %s", PATH);
            return;
        }
        rings->blocking = 1;
        rings->server_persist = 1; /* wait for a client ... */
        while (libxenvchan_data_ready(rings) == 0)
            libxenvchan_wait(rings);
        rings->server_persist = 0; /* ... and notice when it leaves */
        obey(rings);
        libxenvchan_close(rings);
    }
}

static double seconds_since(uint64_t began_ns)
{
    return (double)(xb_now_ns() - began_ns) / (double)XB_NS_PER_S;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double ping(struct libxenvchan *rings, uint64_t count, uint64_t bytes)
{
    double *took = calloc(count, sizeof(*took));
    if (!took)
        error(BAD, errno, "no memory");
    for (uint64_t i = 0; i < count; i++) {
        uint64_t began_ns = xb_now_ns();
        send_all(rings, chunk, bytes);
        receive_all(rings, chunk, bytes);
        took[i] = seconds_since(began_ns);
    }
    qsort(took, count, sizeof(*took), compare);
    double median = took[count / 2];
    free(took);
    return median;
}

static double measure(struct libxenvchan *rings, const struct order *order)
{
    uint64_t began_ns = xb_now_ns();
    send_all(rings, order, sizeof(*order));
    if (order->wish == ECHO)
        return ping(rings, order->count, order->bytes);
    if (order->wish == SOURCE) {
        drain(rings, order->bytes);
    } else {
        fill(rings, order->bytes);
        receive_all(rings, chunk, 1);
    }
    return seconds_since(began_ns);
}

/* Retry, because the server makes new rings after each client. */
static struct libxenvchan *connect_to(int domid)
{
    char path[80];
    snprintf(path, sizeof(path), "/local/domain/%d/" PATH, domid);
    for (int i = 0; i < 500; i++) {
        struct libxenvchan *rings = libxenvchan_client_init(NULL, domid, path);
        if (rings && libxenvchan_is_open(rings) == 1) {
            rings->blocking = 1;
            return rings;
        }
        if (rings) /* they are still those of the last client */
            libxenvchan_close(rings);
        usleep(10000);
    }
    error(BAD, 0, "cannot connect to domain %d at %s", domid, path);
    return NULL;
}

static uint64_t number(const char *text)
{
    char *end;
    uint64_t value = strtoull(text, &end, 10);
    if (!*text || *end || value == 0)
        error(2, 0, "`%s` is no number", text);
    return value;
}

int main(int argc, char **argv)
{
    struct order order = {.count = 1};
    if (argc == 2 && strcmp(argv[1], "serve") == 0)
        serve();
    if (argc == 5 && strcmp(argv[1], "ping") == 0)
        order = (struct order){ECHO, number(argv[3]), number(argv[4])};
    else if (argc == 4 && strcmp(argv[1], "push") == 0)
        order = (struct order){SINK, 1, number(argv[3])};
    else if (argc == 4 && strcmp(argv[1], "pull") == 0)
        order = (struct order){SOURCE, 1, number(argv[3])};
    else
        error(2, 0,
              "usage: xenbench-raw-vchan serve | ping DOMID COUNT BYTES | push|pull DOMID BYTES");
    if (order.wish == ECHO && (order.bytes > CHUNK_BYTES || order.count > 100000))
        error(2, 0, "at most %zu bytes, and 100000 pings", CHUNK_BYTES);
    struct libxenvchan *rings = connect_to((int)number(argv[2]));
    printf("%.9f\n", measure(rings, &order));
    libxenvchan_close(rings);
    return 0;
}
