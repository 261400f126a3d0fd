/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A hostile guest, for 58-hostile.bats. It runs beside the guest's agent, publishes its own rings
 * in place of the agent's, and attacks whoever connects. When its time is up, or Dom0 writes
 * data/xenbench/halt, it puts the agent's keys back.
 *
 *   hostile ATTACK SECONDS [ARGUMENT...]
 *   hostile ATTACK SECONDS --socket LISTEN AGENT    without Xen, for tests/cli/hostile.bats
 */
#include "hostile.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#define HALT XB_KEY_ROOT "/halt"
/* Far above the generations of the agent. */
#define FIRST_GENERATION 500000

static void tell_ready(struct harm *h)
{
    if (h->ready_fd >= 0 && write(h->ready_fd, "r", 1) == 1)
        close(h->ready_fd);
    h->ready_fd = -1;
}

bool is_over(struct harm *h)
{
    uint64_t now_ns = xb_now_ns();
    unsigned bytes;
    tell_ready(h);
    if (h->xs && now_ns >= h->look_ns) {
        xb_auto_free char *halt = xs_read(h->xs, XBT_NULL, HALT, &bytes);
        h->halted = halt != NULL;
        h->look_ns = now_ns + LOOK_NS;
    }
    return h->halted || now_ns >= h->until_ns;
}

void nap(uint64_t ns)
{
    usleep((useconds_t)(ns / 1000));
}

uint32_t any_number(void)
{
    return (uint32_t)random() << 16 ^ (uint32_t)random();
}

void fill_with_noise(void *bytes, size_t count)
{
    for (uint8_t *at = bytes; count > 0; at++, count--)
        *at = (uint8_t)random();
}

static void write_key(struct harm *h, const char *key, const void *value, size_t bytes)
{
    if (h->xs)
        xs_write(h->xs, XBT_NULL, key, value, (unsigned)bytes);
}

void remove_key(struct harm *h, const char *key)
{
    if (h->xs)
        xs_rm(h->xs, XBT_NULL, key);
}

void write_text(struct harm *h, const char *key, const char *text)
{
    write_key(h, key, text, strlen(text));
}

void publish(struct harm *h)
{
    char number[16];
    snprintf(number, sizeof(number), "%" PRIu32, h->generation);
    write_text(h, XB_KEY_PROTOCOL, "1.2");
    write_text(h, XB_KEY_STATE, XB_STATE_SERVING);
    write_text(h, XB_KEY_GENERATION, number);
}

const char *next_path(struct harm *h, char path[XB_KEY_PATH_MAX + 1])
{
    snprintf(path, XB_KEY_PATH_MAX + 1, XB_KEY_RINGS "/%" PRIu32, ++h->generation);
    return path;
}
static void attack_console(struct harm *h)
{
    char noise[4096];
    int fd = open("/dev/hvc0", O_WRONLY | O_NOCTTY);
    while (!is_over(h)) {
        fill_with_noise(noise, sizeof(noise));
        memcpy(noise, EVIL, sizeof(EVIL));
        if (write(fd, noise, sizeof(noise)) < 0)
            nap(XB_NS_PER_MS);
    }
    close(fd);
}

/* Undo each memory target that Dom0 sets, at once. */
static void attack_balloon(struct harm *h)
{
    int fd = open("/sys/devices/system/xen_memory/xen_memory0/target_kb", O_RDWR);
    char target[32] = "";
    ssize_t n = read(fd, target, sizeof(target) - 1);
    while (n > 0 && !is_over(h))
        if (pwrite(fd, target, (size_t)n, 0) < 0)
            nap(XB_NS_PER_MS);
    close(fd);
}
static const struct attack attacks[] = {
    {.name = "keys", .run = attack_keys},
    {.name = "restless", .run = attack_restless},
    {.name = "claims", .run = attack_claims},
    {.name = "rings", .run = attack_rings},
    {.name = "anew", .run = attack_anew},
    {.name = "console", .run = attack_console},
    {.name = "balloon", .run = attack_balloon},
    {.name = "honest"},
    {.name = "storm", .on_release = begin_storm, .on_frame = end_storm_with_job},
    {.name = "indices", .on_release = shake_indices},
    {.name = "ends-in-mid-frame", .on_frame = end_in_mid_frame},
    {.name = "stops-in-mid-frame", .on_frame = stop_in_mid_frame},
    {.name = "times", .on_frame = lie_about_times},
    {.name = "clock", .on_frame = lie_about_clock},
    {.name = "evil", .on_frame = say_evil},
    {.name = "flood", .on_fetch = flood, .on_frame = claim_output},
};

static const struct attack *find(const char *name)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(attacks); i++)
        if (strcmp(attacks[i].name, name) == 0)
            return &attacks[i];
    fprintf(stderr, "hostile: there is no attack %s\n", name);
    exit(2);
}

/* Go on in the background once the attack has begun, so that the command that started us ends. */
static void go_to_background(struct harm *h)
{
    int ends[2];
    char ready;
    if (pipe2(ends, O_CLOEXEC) < 0)
        exit(3);
    if (fork() > 0) {
        close(ends[1]);
        exit(read(ends[0], &ready, 1) == 1 ? 0 : 1);
    }
    close(ends[0]);
    h->ready_fd = ends[1];
    setsid();
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        dup2(null, fd);
}

/* Log for the test how many times the attack did its harm. */
static void note(const struct harm *h, const char *name)
{
    FILE *file = fopen("/tmp/hostile.log", "a");
    if (file)
        fprintf(file, "%s %u\n", name, h->turn);
    if (file)
        fclose(file);
}

static void carry_out(struct harm *h, const struct attack *a)
{
    if (a->run)
        a->run(h);
    else
        attack_in_the_middle(h, a);
    if (h->helper > 0)
        kill(h->helper, SIGKILL);
}

/* Attack in place of the guest's agent, until the attack is over. */
static int attack_in_guest(struct harm *h, const struct attack *a)
{
    unsigned bytes;
    go_to_background(h);
    h->xs = xs_open(0);
    if (!h->xs)
        return 3;
    remove_key(h, HALT);
    xb_auto_free char *generation = xs_read(h->xs, XBT_NULL, XB_KEY_GENERATION, &bytes);
    carry_out(h, a);
    note(h, a->name);
    write_text(h, XB_KEY_PROTOCOL, "1.2");
    write_text(h, XB_KEY_STATE, XB_STATE_SERVING);
    if (generation && a->run != attack_console && a->run != attack_balloon)
        write_text(h, XB_KEY_GENERATION, generation);
    write_text(h, HALT, "over");
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    const struct attack *a = find(argv[1]);
    struct harm h = {.args = argv + 3, .ready_fd = -1, .generation = FIRST_GENERATION};
    signal(SIGPIPE, SIG_IGN);
    srandom((unsigned)getpid());
    h.until_ns = xb_now_ns() + strtoul(argv[2], NULL, 10) * XB_NS_PER_S;
    if (argc != 6 || strcmp(argv[3], "--socket") != 0)
        return attack_in_guest(&h, a);
    h.listen = argv[4];
    h.agent = argv[5];
    h.listen_fd = -1;
    carry_out(&h, a);
    return 0;
}
