/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench guest create` and `guest start`.
 */
#include "alloc.h"
#include "base.h"
#include "boot.h"
#include "commands.h"
#include "domain.h"
#include "each_err.h"
#include "guest_adopt.h"
#include "guest_names.h"
#include "opt_storage.h"
#include "waits.h"

#include <argp.h>
#include <errno.h>

#define VCPUS_MAX 512

struct request {
    struct xb_guest_spec spec;
    const char *from; /* the user's own xl.cfg */
    bool start;
    bool wait;
    uint64_t timeout_ns;
    struct xb_words words;
};

static const char *const boot_words[] = {"direct", "grub", NULL};

static void take_wait(struct argp_state *state, char *value, void *out)
{
    struct request *request = out;
    request->start = request->wait = true;
    if (value)
        request->timeout_ns = xb_opt_seconds(state, "--wait", value);
}

static const struct xb_opt create_rows[] = {
    OPT_STRING(struct request, spec.image, "image", 0, "IMAGE",
               "The image to make guests from (`xenbench image list`)"),
    OPT_BYTES(struct request, spec.memory_bytes, "memory", 'm', 1 << 20,
              "Memory of each guest, such as 512M (default: 256M, or what the image needs)"),
    OPT_NUMBER(struct request, spec.vcpus, "vcpus", 'c', "N", 1, VCPUS_MAX,
               "Vcpus of each guest (default: 1)"),
    OPT_NUMBER(struct request, spec.max_vcpus, "max-vcpus", 0, "N", 1, VCPUS_MAX,
               "The most vcpus that a running guest can have (default: as --vcpus)"),
    OPT_WORD(struct request, spec.type, "type", xb_guest_type_words + XB_GUEST_TYPE_PV,
             XB_GUEST_TYPE_PV, "Type of guest (default: pvh if the host supports it, else pv)"),
    OPT_BYTES(struct request, spec.disk_bytes, "size", 's', 1 << 20,
              "Size of the disk, at least the image's (default: the image's)"),
    OPT_WORD(struct request, spec.boot, "boot", boot_words, XB_GUEST_BOOT_DIRECT,
             "Start the kernel directly, or GRUB, which takes the kernel from the guest's disk "
             "(default: direct; grub for hvm)"),
    OPT_STRING(struct request, spec.kernel, "kernel", 0, "FILE", "Another kernel than the image's"),
    OPT_STRING(struct request, spec.ramdisk, "ramdisk", 0, "FILE",
               "Another initramfs than the image's"),
    OPT_STRING(struct request, spec.cmdline, "cmdline", 0, "TEXT",
               "Add TEXT to the kernel's command line"),
    OPT_STRING(struct request, from, "from", 0, "FILE.cfg",
               "Make a guest from your own xl.cfg instead, unchanged; its disks stay yours"),
    OPT_TRUE(struct request, start, "start", 0, "Start the guests too"),
    OPT_CALL(take_wait, "wait", 'w', "[SECONDS]",
             "Start the guests and wait for their agents (default: up to 120)"),
    OPT_HEADING("Storage of the disks:"),
    OPT_STORAGE(struct request, spec.storage),
    OPT_END,
};

/* Does the command line say more about the guest than its source? */
static bool says_more(const struct xb_guest_spec *spec)
{
    return spec->image || spec->memory_bytes || spec->vcpus || spec->max_vcpus || spec->type ||
           spec->boot || spec->kernel || spec->ramdisk || spec->cmdline || spec->disk_bytes ||
           spec->storage.storage || spec->storage.vg || spec->storage.thin_pool;
}

static void check_create(struct argp_state *state, void *out)
{
    const struct request *request = out;
    xb_opt_storage_check(state, &request->spec.storage);
    if (!request->from && request->words.count == 0)
        argp_error(state, "which guests?");
    if (request->from && says_more(&request->spec))
        argp_error(state, "--from takes all settings from the file: change them there, or "
                          "afterwards in the guest's own xl.cfg");
    if (request->from && request->words.count > 1)
        argp_error(state, "--from makes one guest, under the name given or the file's own");
}

const struct xb_opts xb_opts_guest_create = {
    .rows = create_rows,
    .words = OPT_WORDS(struct request, words, 0, XB_OPT_MANY, NULL),
    .check = check_create,
    .args = "NAME...",
    .doc = "Make guests from an image, each with a disk and an xl.cfg of its own and no network "
           "device."
           "\v  xenbench guest create web1 web2 web3 --image debian --memory 512M --wait\n\n"
           "  xenbench guest create db --image debian --thin-pool vg0/pool --size 8G\n\n"
           "  xenbench guest create --from web.cfg --start\n\n"
           "`xl create` can start them too.",
};

static int start(struct xb_app *app, const struct xb_guest_names *names, uint64_t wait_ns)
{
    xb_auto_free struct xb_guest_started *results = xb_calloc(names->count, sizeof(*results));
    uint64_t begun_ns = xb_now_ns();
    int status = xb_guest_start_all(app, names->name, names->count, wait_ns, results, &app->err);
    for (size_t i = 0; i < names->count; i++) {
        xb_each_err(&app->err, &results[i].err);
        if (!results[i].domid)
            continue;
        printf("%s: domain %u", names->name[i], results[i].domid);
        if (!results[i].created_ns)
            printf(", ran already");
        else
            printf(", runs after %.2f s", (double)(results[i].created_ns - begun_ns) / 1e9);
        if (results[i].agent_ns > begun_ns)
            printf(", agent after %.2f s", (double)(results[i].agent_ns - begun_ns) / 1e9);
        putchar('\n');
    }
    return status;
}

static int create(struct xb_app *app, struct request *request, const struct xb_guest_names *names)
{
    xb_auto_work struct xb_work work = XB_WORK_NONE;
    if (xb_work_begin(&work, false, &app->err) < 0)
        return -1;
    for (size_t i = 0; i < names->count; i++) {
        request->spec.name = names->name[i];
        if (xb_guest_create(app, &request->spec, &work, &app->err) < 0)
            return -1;
    }
    return 0;
}

static int adopt(struct xb_app *app, const struct request *request, struct xb_guest_names *names)
{
    struct xb_adopted guest;
    char *word = guest.name;
    const char *name = names->count ? names->name[0] : NULL;
    if (xb_guest_adopt(app, request->from, name, &guest, &app->err) < 0)
        return -1;
    printf("guest %s is made from %s\n", guest.name, request->from);
    if (guest.no_memory)
        fprintf(
            stderr,
            "xenbench: warning: guest %s: %s does not set `memory`, so that it gets what libxl gives by default (32 MiB): "
            "say `memory = 256`\n",
            guest.name, request->from);
    if (guest.nic_count)
        fprintf(stderr,
                "xenbench: warning: guest %s has %d network device%s (`vif` in its xl.cfg): what "
                "comes through them disturbs what is measured\n",
                guest.name, guest.nic_count, xb_plural(guest.nic_count));
    return names->count ? 0 : xb_guest_names_parse(names, &word, 1, &app->err);
}

int xb_cmd_guest_create(struct xb_app *app, int argc, char **argv)
{
    struct request request = {.timeout_ns = XB_BOOT_TIMEOUT_NS};
    xb_auto_guest_names struct xb_guest_names names = {0};
    xb_opts_parse(&xb_opts_guest_create, argc, argv, &request);
    xb_waits_show(app);
    /* The user's xl.cfg may name the guest. */
    if ((!request.from || request.words.count) &&
        xb_guest_names_parse(&names, request.words.v, request.words.count, &app->err) < 0)
        return (int)app->err.class;
    int status = request.from ? adopt(app, &request, &names) : create(app, &request, &names);
    if (status == 0 && request.start)
        start(app, &names, request.wait ? request.timeout_ns : 0);
    return (int)app->err.class;
}

static const struct xb_opt start_rows[] = {
    OPT_WAIT(struct request, wait),
    OPT_TIMEOUT(struct request, timeout_ns, "How long to wait (default: 120)"),
    OPT_END,
};

const struct xb_opts xb_opts_guest_start = {
    .rows = start_rows,
    .words = OPT_GUESTS(struct request, words),
    .args = "GUEST...",
    .doc =
        "Start guests, all at the same time.\vDom0 gives up memory for them if xl would make it "
        "do so (autoballoon in xl.conf). A process for each guest keeps its console's output, and "
        "acts on shutdown, reboot and crash as its xl.cfg says.",
};

int xb_cmd_guest_start(struct xb_app *app, int argc, char **argv)
{
    struct request request = {.timeout_ns = XB_BOOT_TIMEOUT_NS};
    xb_auto_guest_names struct xb_guest_names names = {0};
    xb_opts_parse(&xb_opts_guest_start, argc, argv, &request);
    xb_waits_show(app);
    if (xb_guest_names_parse(&names, request.words.v, request.words.count, &app->err) == 0)
        start(app, &names, request.wait ? request.timeout_ns : 0);
    return (int)app->err.class;
}
