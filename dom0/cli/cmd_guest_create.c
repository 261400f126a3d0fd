/*
 * `xenbench guest create` and `guest start`.
 */
#include "alloc.h"
#include "base.h"
#include "boot.h"
#include "cmd_guest.h"
#include "domain.h"
#include "guest_adopt.h"
#include "guest_names.h"
#include "options.h"
#include "storage_options.h"

#include <errno.h>
#include <string.h>

#define WAIT_DEFAULT_NS (120 * XB_NS_PER_S)

enum {
    OPTION_MAX_VCPUS = 0x100,
    OPTION_START,
    OPTION_TIMEOUT,
    OPTION_BOOT,
    OPTION_KERNEL,
    OPTION_RAMDISK,
    OPTION_CMDLINE,
    OPTION_FROM,
};

struct request {
    struct xb_guest_spec spec;
    const char *from; /* an xl.cfg of the user's */
    bool start;
    bool wait;
    uint64_t timeout_ns;
    char **words;
    size_t count;
};

static uint32_t read_vcpus(struct argp_state *state, const char *arg)
{
    char *end;
    unsigned long n = strtoul(arg, &end, 10);
    if (*arg < '0' || *arg > '9' || *end || n < 1 || n > 512)
        argp_error(state, "`%s` is not a number of vcpus (1 to 512)", arg);
    return (uint32_t)n;
}

static uint64_t read_bytes(struct argp_state *state, const char *arg)
{
    uint64_t bytes = 0;
    if (!xb_option_bytes(arg, &bytes) || bytes < (1 << 20))
        argp_error(state, "`%s` is not a size of 1M or more (as 256M or 2G)", arg);
    return bytes;
}

static error_t parse_common(int key, char *arg, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case 'w':
        request->start = request->wait = true;
        if (arg && !xb_option_seconds(arg, &request->timeout_ns))
            argp_error(state, "--wait=%s is not a number of seconds", arg);
        return 0;
    case OPTION_TIMEOUT:
        if (!xb_option_seconds(arg, &request->timeout_ns))
            argp_error(state, "--timeout=%s is not a number of seconds", arg);
        return 0;
    case ARGP_KEY_ARGS:
        request->words = state->argv + state->next;
        request->count = (size_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_NO_ARGS:
        if (request->from)
            return 0; /* the cfg has a name */
        argp_error(state, "which guests?");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child create_children[] = {
    {&xb_storage_argp, 0, "Where their disks are:", 1},
    {0},
};

/* Was anything said of the guest but where it comes from? */
static bool says_more(const struct xb_guest_spec *spec)
{
    return spec->image || spec->memory_bytes || spec->vcpus || spec->max_vcpus || spec->type ||
           spec->boot || spec->kernel || spec->ramdisk || spec->cmdline || spec->disk_bytes ||
           spec->storage.storage || spec->storage.vg || spec->storage.thin_pool;
}

static error_t parse_create(int key, char *arg, struct argp_state *state)
{
    struct request *request = state->input;
    struct xb_guest_spec *spec = &request->spec;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &spec->storage;
        return 0;
    case 'i':
        spec->image = arg;
        return 0;
    case 'm':
        spec->memory_bytes = read_bytes(state, arg);
        return 0;
    case 'c':
        spec->vcpus = read_vcpus(state, arg);
        return 0;
    case OPTION_MAX_VCPUS:
        spec->max_vcpus = read_vcpus(state, arg);
        return 0;
    case 't':
        spec->type = xb_guest_type_of(arg);
        if (spec->type == XB_GUEST_TYPE_DEFAULT)
            argp_error(state, "--type=%s is neither pv nor pvh nor hvm", arg);
        return 0;
    case OPTION_BOOT:
        if (strcmp(arg, "direct") != 0 && strcmp(arg, "grub") != 0)
            argp_error(state, "--boot=%s is neither direct nor grub", arg);
        spec->boot = strcmp(arg, "grub") == 0 ? XB_GUEST_BOOT_GRUB : XB_GUEST_BOOT_DIRECT;
        return 0;
    case OPTION_KERNEL:
        spec->kernel = arg;
        return 0;
    case OPTION_RAMDISK:
        spec->ramdisk = arg;
        return 0;
    case OPTION_CMDLINE:
        spec->cmdline = arg;
        return 0;
    case 's':
        spec->disk_bytes = read_bytes(state, arg);
        return 0;
    case OPTION_START:
        request->start = true;
        return 0;
    case OPTION_FROM:
        request->from = arg;
        return 0;
    case ARGP_KEY_END:
        if (request->from && says_more(spec))
            argp_error(state, "--from takes all from the file: what is to be different is changed "
                              "there, or in the guest's own xl.cfg afterwards");
        if (request->from && request->count > 1)
            argp_error(state, "--from makes one guest, under the name given or the file's own");
        return 0;
    default:
        return parse_common(key, arg, state);
    }
}

static const struct argp_option create_options[] = {
    {"image", 'i', "NAME", 0, "The image to make them from (`xenbench image list`)", 0},
    {"memory", 'm', "SIZE", 0, "Memory of each, as 512M (default: 256M, or what the image needs)",
     0},
    {"vcpus", 'c', "N", 0, "Vcpus of each (default: 1)", 0},
    {"max-vcpus", OPTION_MAX_VCPUS, "N", 0,
     "How many it can be given while it runs (default: as --vcpus)", 0},
    {"type", 't', "pv|pvh|hvm", 0, "Kind of guest (default: pvh where the host can, else pv)", 0},
    {"size", 's', "SIZE", 0, "Size of the disk, at least the image's (default: that)", 0},
    {"boot", OPTION_BOOT, "direct|grub", 0,
     "Start the kernel directly, or GRUB, which takes it from the guest's disk (default: direct; "
     "grub for hvm)",
     0},
    {"kernel", OPTION_KERNEL, "FILE", 0, "Another kernel than the image's", 0},
    {"ramdisk", OPTION_RAMDISK, "FILE", 0, "Another initramfs than the image's", 0},
    {"cmdline", OPTION_CMDLINE, "TEXT", 0, "More for the kernel's command line", 0},
    {"from", OPTION_FROM, "FILE.cfg", 0,
     "Make a guest from an xl.cfg of yours instead, as it is; its disks stay yours", 0},
    {"start", OPTION_START, NULL, 0, "Start them too", 0},
    {"wait", 'w', "SECONDS", OPTION_ARG_OPTIONAL,
     "Start them and wait for their agents (default: up to 120)", 0},
    {0},
};

static const struct argp create_argp = {
    .options = create_options,
    .parser = parse_create,
    .children = create_children,
    .args_doc = "NAME...",
    .doc = "Make guests from an image: a disk of its own and an xl.cfg for each, without any "
           "network device."
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
        if (results[i].err.class && strcmp(results[i].err.msg, app->err.msg) != 0)
            fprintf(stderr, "xenbench: %s\n", results[i].err.msg);
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
                guest.name, guest.nic_count, guest.nic_count == 1 ? "" : "s");
    return names->count ? 0 : xb_guest_names_parse(names, &word, 1, &app->err);
}

int xb_cmd_guest_create(struct xb_app *app, int argc, char **argv)
{
    struct request request = {.timeout_ns = WAIT_DEFAULT_NS};
    xb_auto_guest_names struct xb_guest_names names = {0};
    xb_options_parse(&create_argp, argc, argv, &request);
    /* An xl.cfg of the user's has a name of its own. */
    if ((!request.from || request.count) &&
        xb_guest_names_parse(&names, request.words, request.count, &app->err) < 0)
        return (int)app->err.class;
    int status = request.from ? adopt(app, &request, &names) : create(app, &request, &names);
    if (status == 0 && request.start)
        start(app, &names, request.wait ? request.timeout_ns : 0);
    return (int)app->err.class;
}

static const struct argp_option start_options[] = {
    {"wait", 'w', NULL, 0, "Wait for their agents", 0},
    {"timeout", OPTION_TIMEOUT, "SECONDS", 0, "How long to wait (default: 120)", 0},
    {0},
};

static const struct argp start_argp = {
    .options = start_options,
    .parser = parse_common,
    .args_doc = "NAME...",
    .doc = "Start guests, all at the same time.\vDom0 gives up memory for them where xl would have "
           "it do so. Each gets a "
           "process that keeps what its console says and acts on shutdown, reboot and crash as its "
           "xl.cfg has it.",
};

int xb_cmd_guest_start(struct xb_app *app, int argc, char **argv)
{
    struct request request = {.timeout_ns = WAIT_DEFAULT_NS};
    xb_auto_guest_names struct xb_guest_names names = {0};
    xb_options_parse(&start_argp, argc, argv, &request);
    if (xb_guest_names_parse(&names, request.words, request.count, &app->err) == 0)
        start(app, &names, request.wait ? request.timeout_ns : 0);
    return (int)app->err.class;
}
