/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attacks by rings that lie, and by rings that do not last. */
#include "hostile.h"

void lie_about_order(struct libxenvchan *v, unsigned turn)
{
    static const uint16_t orders[] = {0, 1, 9, 10, 11, 12, 19, 20, 21, 31, 32, 255, 65535};
    v->ring->left_order = orders[turn % XB_ARRAY_LEN(orders)];
    v->ring->right_order = orders[(turn / 3) % XB_ARRAY_LEN(orders)];
}

static void lie_about_grants(struct libxenvchan *v, unsigned turn)
{
    static const uint32_t grants[] = {0, 1, 8, 511, 512, 65536, UINT32_MAX};
    for (unsigned i = 0; i < 96; i++)
        v->ring->grants[i] = turn % 2 ? any_number() : grants[i % XB_ARRAY_LEN(grants)];
}

static void lie_about_indices(struct libxenvchan *v, unsigned turn)
{
    volatile struct vchan_interface *ring = v->ring;
    ring->left.prod = any_number();
    ring->right.prod = any_number();
    ring->left.cons = turn % 2 ? any_number() : ring->left.prod + UINT32_C(0x80000000);
    ring->right.cons = turn % 2 ? any_number() : ring->right.prod + 1;
    if (turn % 4 == 0) /* a plausible amount of data */
        ring->right.prod = ring->right.cons + any_number() % WRITE_RING_BYTES;
    ring->cli_notify = (uint8_t)random();
    ring->srv_notify = (uint8_t)random();
}

void fill_pages(struct libxenvchan *v, unsigned turn)
{
    lie_about_indices(v, turn);
    fill_with_noise(v->write.buffer, 4096);
}

static void forget_client(struct libxenvchan *v, unsigned turn)
{
    v->ring->cli_live = (uint8_t)(turn % 3);
    v->ring->srv_live = (uint8_t)(turn / 3 % 4);
}

static void lie_about_keys(struct harm *h, const char *path)
{
    static const char *const values[] = {"0", "-1", "1", "8", "4294967295", "99999999999999999999",
                                         "x", ""};
    char key[XB_KEY_PATH_MAX + 20];
    snprintf(key, sizeof(key), "%s/%s", path, h->turn % 2 ? "ring-ref" : "event-channel");
    write_text(h, key, values[h->turn / 2 % XB_ARRAY_LEN(values)]);
}

void attack_rings(struct harm *h)
{
    static void (*const lies[])(struct libxenvchan *, unsigned) = {
        lie_about_order, lie_about_grants, fill_pages, forget_client};
    char path[XB_KEY_PATH_MAX + 1];
    for (; !is_over(h); h->turn++) {
        unsigned lie = h->turn % (XB_ARRAY_LEN(lies) + 1);
        struct libxenvchan *v =
            libxenvchan_server_init(NULL, 0, next_path(h, path), READ_RING_BYTES, WRITE_RING_BYTES);
        if (!v)
            continue;
        if (lie < XB_ARRAY_LEN(lies))
            lies[lie](v, h->turn / 5);
        else
            lie_about_keys(h, path);
        publish(h);
        nap(RINGS_STAND_NS);
        libxenvchan_close(v);
    }
}

/* Make rings ARGUMENT times, write a part of a header into each, and close them. */
void attack_anew(struct harm *h)
{
    static const uint8_t piece[] = {5, 0, 0, 0, XB_HELLO};
    char path[XB_KEY_PATH_MAX + 1];
    unsigned count = (unsigned)strtoul(h->args[0], NULL, 10);
    for (; h->turn < count && !is_over(h); h->turn++) {
        struct libxenvchan *v = libxenvchan_server_init(NULL, 0, next_path(h, path), 1024, 2048);
        if (!v)
            continue;
        v->blocking = 0;
        publish(h);
        libxenvchan_write(v, piece, sizeof(piece));
        if (h->turn % 50 == 0) /* leave some open until somebody has connected */
            nap(RINGS_STAND_NS);
        libxenvchan_close(v);
    }
    write_text(h, XB_KEY_GENERATION, "1"); /* rings that no longer exist */
    while (!is_over(h))
        nap(LOOK_NS);
}
