/* SPDX-License-Identifier: GPL-3.0-or-later */
// soak: does this machine compute correctly?
//
//   soak SECONDS [COPIES]
//
// COPIES processes (2) repeat checks whose results are known: integer and floating point arithmetic
// under timer signals, glibc's string functions against plain loops, page tables and copy-on-write,
// fork, exec and pipes. A wrong result, or a process that dies, is a fault. Each fault is printed,
// and the last line counts them. Exit 1 if there was one.
//
// As PID 1 of a guest it takes SECONDS from "soak=" on the kernel's command line, and at the end
// waits until the guest is destroyed.
//
// It judges a machine that may corrupt programs, so it is static and depends on little.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    COPIES_MAX = 64,
    FAULT_STATUS = 1,
    CHILD_STATUS = 42, // of a child that found no fault
    BLOCK = 1 << 16,
    PAGES = 2048, // 8 MiB walked by each page check
    PAGE = 4096,
};

// The results that the machine must get: printed by `soak --sums` on a trusted machine.
#define INTEGER_SUM 0x28f8de8d12f62fc9u
#define DOUBLE_SUM 0xc2cff540396e87bfu
#define FLOAT_SUM 0x7990968290daf2u

struct check {
    const char *name;
    uint64_t (*run)(uint64_t seed);
    uint64_t expected; // of seed 1; 0: the check compares by itself and returns 0
};

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static uint64_t fold(uint64_t sum, uint64_t value)
{
    return (sum ^ value) * 0x100000001b3u;
}

static uint64_t fold_double(uint64_t sum, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return fold(sum, bits ^ bits >> 32);
}

// ---- the checks ---------------------------------------------------------------------------------------------------

static uint64_t check_integer(uint64_t seed)
{
    uint64_t sum = 0;

    for (int i = 0; i < 400000; i++) {
        uint64_t a = next(&seed), b = next(&seed) | 1;
        unsigned __int128 wide = (unsigned __int128)a * b;
        sum = fold(sum, a / b + a % b);
        sum = fold(sum, (uint64_t)(wide >> 64) ^ (uint64_t)wide);
        sum = fold(sum, (a << (b & 63)) | (uint64_t)__builtin_popcountll(a) |
                            (uint64_t)__builtin_clzll(b | 1));
    }
    return sum;
}

// The order of additions is fixed and only IEEE operations are used, so the bits are the same
// everywhere.
static uint64_t check_double(uint64_t seed)
{
    enum { N = 48 };
    static double a[N][N], b[N][N];
    uint64_t sum = 0;

    for (int i = 0; i < N * N; i++) {
        a[i / N][i % N] = (double)(int64_t)next(&seed) / 1e15;
        b[i / N][i % N] = (double)(next(&seed) >> 40) + 0.5;
    }
    for (int round = 0; round < 8; round++) {
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                double cell = 0;
                for (int k = 0; k < N; k++) {
                    cell += a[i][k] * b[k][j];
                }
                sum = fold_double(sum, sqrt(fabs(cell)) / (1 + fabs(b[i][j])));
            }
        }
        a[round][round] = -a[round][round];
    }
    return sum;
}

static uint64_t check_float(uint64_t seed)
{
    float x[1024];
    uint64_t sum = 0;

    for (int i = 0; i < 1024; i++) {
        x[i] = (float)(next(&seed) >> 44) / 1048576.0f;
    }
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 1024; i++) { // the compiler vectorizes this
            x[i] = 3.75f * x[i] * (1.0f - x[i]);
        }
    }
    for (int i = 0; i < 1024; i++) {
        sum = fold_double(sum, (double)x[i]);
    }
    return sum;
}

// glibc chooses its string functions by the CPU's features. They are the main users of vector
// registers.
static uint64_t check_strings(uint64_t seed)
{
    static unsigned char from[BLOCK + 64], to[BLOCK + 64];

    for (int i = 0; i < 300; i++) {
        size_t length = next(&seed) % (i % 8 ? 700 : BLOCK);
        unsigned char *src = from + next(&seed) % 64, *dst = to + next(&seed) % 64;
        for (size_t k = 0; k < length; k++) {
            src[k] = (unsigned char)(1 + (seed >> (k % 56)) % 255 + k % 7) | 1;
        }
        src[length] = 0;
        memset(to, 0, sizeof(to));
        memcpy(dst, src, length + 1);
        for (size_t k = 0; k <= length; k++) {
            if (dst[k] != src[k]) {
                return 1;
            }
        }
        if (strlen((char *)dst) != length || memcmp(dst, src, length + 1) != 0 ||
            memchr(dst, 0, length + 1) != dst + length) {
            return 2;
        }
        if (length > 32) {
            unsigned char at_32 = dst[32], last = dst[length - 1];
            memmove(dst, dst + 16, length - 16); // overlapping
            if (dst[16] != at_32 || dst[length - 17] != last) {
                return 3;
            }
        }
    }
    return 0;
}

// Maps pages, then marks, protects, changes and unmaps them, while a child writes to its copies.
static uint64_t check_pages(uint64_t seed)
{
    unsigned char *pages = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t bad = 0;
    int status;

    if (pages == MAP_FAILED) {
        return 1;
    }
    for (uint64_t i = 0; i < PAGES; i++) {
        *(uint64_t *)(pages + i * PAGE + (i % 500) * 8) = i ^ seed;
    }
    pid_t child = fork();
    if (child == 0) {
        for (uint64_t i = 0; i < PAGES; i++) {
            memset(pages + i * PAGE, 0xa5, PAGE);
        }
        for (uint64_t i = 0; i < (uint64_t)PAGES * PAGE; i += 509) {
            bad |= pages[i] != 0xa5;
        }
        _exit(bad ? FAULT_STATUS : CHILD_STATUS);
    }
    mprotect(pages, (size_t)PAGES / 2 * PAGE, PROT_READ);
    for (uint64_t i = 0; i < PAGES; i++) {
        bad |= *(uint64_t *)(pages + i * PAGE + (i % 500) * 8) != (i ^ seed) ? 2 : 0;
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
        WEXITSTATUS(status) != CHILD_STATUS) {
        bad |= 4;
    }
    munmap(pages, (size_t)PAGES * PAGE);
    return bad;
}

// Starts a new program each time: exec in the kernel, libc's start-up, then a known sum.
static uint64_t check_exec(uint64_t seed)
{
    (void)seed;
    for (int i = 0; i < 12; i++) {
        int status;
        pid_t child = fork();

        if (child == 0) {
            execl("/proc/self/exe", "soak", "--child", (char *)NULL);
            _exit(FAULT_STATUS);
        }
        if (child < 0 || waitpid(child, &status, 0) != child) {
            return 1;
        }
        if (!WIFEXITED(status) || WEXITSTATUS(status) != CHILD_STATUS) {
            return 0x100 + (uint64_t)status;
        }
    }
    return 0;
}

// Two processes pass a number back and forth, and each keeps its own floating point values across
// the switches.
static uint64_t check_switches(uint64_t seed)
{
    int there[2], back[2], status;
    uint64_t value = seed, bad = 0;
    double mine = 1.0, expected = 1.0;

    if (pipe(there) != 0 || pipe(back) != 0) {
        return 1;
    }
    pid_t child = fork();
    if (child == 0) {
        double other = 3.0;
        close(there[1]);
        while (read(there[0], &value, sizeof(value)) == sizeof(value)) {
            other = other * 1.25 - (other > 1e6 ? other : 0);
            value = value * 3 + 1;
            if (write(back[1], &value, sizeof(value)) != sizeof(value)) {
                break;
            }
        }
        _exit(other == other ? CHILD_STATUS : FAULT_STATUS);
    }
    for (int i = 0; i < 500 && child > 0; i++) {
        uint64_t sent = value, got = 0;
        mine = mine * 1.0009765625 + 0.5;
        if (write(there[1], &sent, sizeof(sent)) != sizeof(sent) ||
            read(back[0], &got, sizeof(got)) != sizeof(got) || got != sent * 3 + 1) {
            bad |= 2;
            break;
        }
        value = got;
    }
    for (int i = 0; i < 500; i++) {
        expected = expected * 1.0009765625 + 0.5;
    }
    close(there[0]);
    close(there[1]);
    close(back[0]);
    close(back[1]);
    bad |= !(bad || mine == expected) ? 4 : 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
        WEXITSTATUS(status) != CHILD_STATUS) {
        bad |= 8;
    }
    return bad;
}

static const struct check checks[] = {
    {"integer", check_integer, INTEGER_SUM},
    {"double", check_double, DOUBLE_SUM},
    {"float", check_float, FLOAT_SUM},
    {"strings", check_strings, 0},
    {"pages", check_pages, 0},
    {"exec", check_exec, 0},
    {"switches", check_switches, 0},
};
enum { CHECKS = sizeof(checks) / sizeof(checks[0]) };

// ---- running them -------------------------------------------------------------------------------------------------

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

// Dirties vector registers in the middle of any computation: the kernel must restore them.
static void on_timer(int signal_number)
{
    static volatile double scratch[64];

    (void)signal_number;
    for (int i = 0; i < 64; i++) {
        scratch[i] = scratch[i] * 0.5 + i;
    }
}

static void start_timer(void)
{
    struct sigaction action = {.sa_handler = on_timer, .sa_flags = SA_RESTART};
    struct itimerval every = {.it_interval = {.tv_usec = 7000}, .it_value = {.tv_usec = 7000}};

    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
}

// One copy: runs rounds until the time is over. Returns its exit status; *rounds counts completed
// rounds.
static int run_copy(uint64_t until_ms, uint64_t *rounds)
{
    int status = 0;

    start_timer();
    for (uint64_t round = 1; now_ms() < until_ms; round++) {
        for (int i = 0; i < CHECKS; i++) {
            const struct check *check = &checks[i];
            uint64_t got = check->run(check->expected ? 1 : round * 0x9e3779b97f4a7c15u + 1);
            if (got != check->expected) {
                printf("soak: FAULT %s, round %llu: got %llx, not %llx\n", check->name,
                       (unsigned long long)round, (unsigned long long)got,
                       (unsigned long long)check->expected);
                status = FAULT_STATUS;
            }
        }
        __atomic_add_fetch(rounds, 1, __ATOMIC_RELAXED);
    }
    fflush(stdout);
    return status;
}

static pid_t start_copy(uint64_t until_ms, uint64_t *rounds)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        _exit(run_copy(until_ms, rounds));
    }
    return pid;
}

// Runs the copies, restarts a copy that died, and prints the account. Returns the number of faults.
static unsigned run_copies(unsigned seconds, unsigned copies)
{
    uint64_t *rounds = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t until_ms = now_ms() + (uint64_t)seconds * 1000;
    unsigned faults = 0;
    int status;
    pid_t pid;

    for (unsigned i = 0; i < copies; i++) {
        start_copy(until_ms, rounds);
    }
    while ((pid = wait(&status)) > 0) {
        if (WIFSIGNALED(status)) {
            printf("soak: FAULT process %d died of signal %d (%s)\n", pid, WTERMSIG(status),
                   strsignal(WTERMSIG(status)));
            start_copy(until_ms, rounds);
        }
        faults += status != 0;
    }
    printf("soak: %u copies, %u s, %llu rounds, %u faults\n", copies, seconds,
           (unsigned long long)*rounds, faults);
    fflush(stdout);
    return faults;
}

static unsigned seconds_of_cmdline(void)
{
    char line[1024] = "";
    FILE *file = fopen("/proc/cmdline", "re");

    if (file) {
        (void)!fgets(line, sizeof(line), file);
        fclose(file);
    }
    const char *word = strstr(line, "soak=");
    return word ? (unsigned)strtoul(word + 5, NULL, 10) : 10;
}

static void __attribute__((noreturn)) be_init(void)
{
    mkdir("/proc", 0755);
    mkdir("/dev", 0755);
    mount("proc", "/proc", "proc", 0, NULL);
    mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
    int console = open("/dev/hvc0", O_RDWR);
    for (int fd = 0; console >= 0 && fd < 3; fd++) { // the kernel found no console to open for us
        dup2(console, fd);
    }
    run_copies(seconds_of_cmdline(), 2);
    for (;;) { // the guest is destroyed by the one who has read the account
        pause();
    }
}

int main(int argc, char **argv)
{
    if (getpid() == 1) {
        be_init();
    }
    if (argc == 2 && strcmp(argv[1], "--child") == 0) {
        return check_float(1) == FLOAT_SUM ? CHILD_STATUS : FAULT_STATUS;
    }
    if (argc == 2 && strcmp(argv[1], "--sums") == 0) { // prints the constants in this file
        for (int i = 0; i < CHECKS && checks[i].expected; i++) {
            printf("%s %#llx\n", checks[i].name, (unsigned long long)checks[i].run(1));
        }
        return 0;
    }
    unsigned copies = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 2;
    unsigned seconds = argc >= 2 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
    if (argc < 2 || argc > 3 || !seconds || !copies || copies > COPIES_MAX) {
        fprintf(stderr, "usage: soak SECONDS [COPIES]\n");
        return 2;
    }
    return run_copies(seconds, copies) ? FAULT_STATUS : 0;
}
