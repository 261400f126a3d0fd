/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Xen's command line and GRUB's default entry. Our settings have a file of their own;
 * /etc/default/grub stays the user's.
 */
#include "alloc.h"
#include "base.h"
#include "grub_menu.h"
#include "prepare.h"
#include "tool.h"
#include "xen_host.h"

#include <ctype.h>
#include <glob.h>
#include <inttypes.h>
#include <string.h>

#define GRUB_D "/etc/default/grub.d"
#define OUR_FILE GRUB_D "/xenbench.cfg"
#define GRUB_CFG "/boot/grub/grub.cfg"
#define ARGS_BEGIN "GRUB_CMDLINE_XEN_DEFAULT=\"$GRUB_CMDLINE_XEN_DEFAULT "

/* The default is enough for Dom0's own work and leaves the rest to guests. */
#define MEMORY_MIB 2048
#define MEMORY_LEAST_MIB 512
#define VCPUS 2

bool xb_cmdline_has(const char *cmdline, const char *option)
{
    size_t n = strlen(option);
    for (const char *at = cmdline; (at = strstr(at, option)); at += n) {
        bool begins = at == cmdline || isspace((unsigned char)at[-1]);
        if (begins && (at[n] == '=' || at[n] == '\0' || isspace((unsigned char)at[n])))
            return true;
    }
    return false;
}

/* Read what an earlier call chose: the arguments in our file, or "". */
static char *read_ours(const struct xb_prepare *prepare)
{
    xb_auto_free char *text = xb_prepare_read(prepare, OUR_FILE, NULL);
    const char *begin = text ? strstr(text, ARGS_BEGIN) : NULL;
    begin = begin ? begin + strlen(ARGS_BEGIN) : "";
    return xb_strndup(begin, strcspn(begin, "\"\n"));
}

/* One option of a command line with its value, or "". */
static void pick(const char *cmdline, const char *option, char *out, size_t out_bytes)
{
    out[0] = '\0';
    size_t n = strlen(option);
    for (const char *at = cmdline; *at;) {
        size_t word = strcspn(at, " \t");
        if (word >= n && strncmp(at, option, n) == 0 && (word == n || at[n] == '='))
            snprintf(out, out_bytes, "%.*s", (int)word, at);
        at += word;
        at += strspn(at, " \t");
    }
}

/* What does not fit is cut; make_args() refuses the full array. */
static void add_word(struct xb_prepare *prepare, const char *word)
{
    size_t used = strlen(prepare->xen_args);
    snprintf(prepare->xen_args + used, sizeof(prepare->xen_args) - used, "%s%s", used ? " " : "",
             word);
}

/* On hosts with little memory, Dom0 gets a quarter. */
static uint64_t usual_memory_mib(struct xb_xen *xen)
{
    struct xb_xen_machine machine;
    xb_xen_machine(xen, &machine);
    uint64_t mib = (machine.memory_bytes >> 20) / 4;
    return mib > MEMORY_MIB ? MEMORY_MIB : mib < MEMORY_LEAST_MIB ? MEMORY_LEAST_MIB : mib;
}

static uint32_t usual_vcpus(struct xb_xen *xen)
{
    int cpus = libxl_get_online_cpus(xen->ctx);
    return cpus > 2 * VCPUS ? VCPUS : cpus > 1 ? (uint32_t)cpus / 2 : 1;
}

/* The options that choose() decides on. */
#define DOM0_MEM "dom0_mem"
#define DOM0_MAX_VCPUS "dom0_max_vcpus"
#define DOM0_VCPUS_PIN "dom0_vcpus_pin"
static const struct {
    const char *name, *option;
} chosen[] = {
    {DOM0_MEM, "--dom0-memory"},
    {DOM0_MAX_VCPUS, "--dom0-vcpus"},
    {DOM0_VCPUS_PIN, "--dom0-pin"},
};

/*
 * Prefer this call's option, then an earlier call's or the present command line's, then the
 * default.
 */
static void choose(struct xb_prepare *prepare, const char *ours, const char *running)
{
    struct xb_prepare_spec *spec = &prepare->spec;
    char word[128];
    pick(ours, DOM0_MEM, word, sizeof(word));
    if (!spec->keep_memory && !spec->dom0_memory_bytes && !word[0] && prepare->xen &&
        !xb_cmdline_has(running, DOM0_MEM))
        spec->dom0_memory_bytes = usual_memory_mib(prepare->xen) << 20;
    if (spec->dom0_memory_bytes)
        snprintf(word, sizeof(word), DOM0_MEM "=%" PRIu64 "M,max:%" PRIu64 "M",
                 spec->dom0_memory_bytes >> 20, spec->dom0_memory_bytes >> 20);
    if (!spec->keep_memory && word[0])
        add_word(prepare, word);
    pick(ours, DOM0_MAX_VCPUS, word, sizeof(word));
    if (!spec->keep_vcpus && !spec->dom0_vcpus && !word[0] && prepare->xen &&
        !xb_cmdline_has(running, DOM0_MAX_VCPUS))
        spec->dom0_vcpus = usual_vcpus(prepare->xen);
    if (spec->dom0_vcpus)
        snprintf(word, sizeof(word), DOM0_MAX_VCPUS "=%u", spec->dom0_vcpus);
    if (!spec->keep_vcpus && word[0])
        add_word(prepare, word);
    pick(ours, DOM0_VCPUS_PIN, word, sizeof(word));
    if (spec->dom0_pin || word[0])
        add_word(prepare, DOM0_VCPUS_PIN);
}

const char *xb_prepare_option_for(const char *word)
{
    size_t n = strcspn(word, "=");
    for (size_t i = 0; i < XB_ARRAY_LEN(chosen); i++)
        if (strlen(chosen[i].name) == n && strncmp(chosen[i].name, word, n) == 0)
            return chosen[i].option;
    return NULL;
}

/* Keep an earlier call's options that this call does not name; one may be there several times. */
static void keep_others(struct xb_prepare *prepare, const char *ours)
{
    xb_auto_free char *copy = xb_strdup(ours), *named = xb_strdup(prepare->xen_args);
    char *save = NULL;
    for (char *word = strtok_r(copy, " \t", &save); word; word = strtok_r(NULL, " \t", &save)) {
        xb_auto_free char *name = xb_strndup(word, strcspn(word, "="));
        if (!xb_prepare_option_for(word) && !xb_cmdline_has(named, name))
            add_word(prepare, word);
    }
}

static int make_args(struct xb_prepare *prepare, struct xb_err *err)
{
    xb_auto_free char *ours = read_ours(prepare);
    struct xb_xen_version version = {.command_line = ""};
    if (prepare->xen)
        xb_xen_version(prepare->xen, &version);
    choose(prepare, ours, version.command_line);
    for (size_t i = 0; i < prepare->spec.xen_word_count; i++)
        add_word(prepare, prepare->spec.xen_words[i]);
    keep_others(prepare, ours);
    if (strlen(prepare->xen_args) < sizeof(prepare->xen_args) - 1)
        return 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "the options for Xen's command line are longer than Xen takes (%zu bytes)",
                   sizeof(prepare->xen_args) - 2);
}

static char *our_text(const struct xb_prepare *prepare)
{
    return xb_asprintf(
        "# Written by `xenbench host prepare`; `xenbench host undo` removes it.\n"
        "%s%s\"\n"
        "# Xen's entry is the default. The title is the one that 20_linux_xen writes.\n"
        "XEN_OVERRIDE_GRUB_DEFAULT=1\n"
        "GRUB_DEFAULT=$(printf \"$(gettext \"%%s, with Xen hypervisor\")\" "
        "\"${GRUB_DISTRIBUTOR:+$GRUB_DISTRIBUTOR }GNU/Linux\")\n",
        prepare->xen_args[0] ? ARGS_BEGIN : "# Nothing for Xen's command line: \"",
        prepare->xen_args);
}

/* What the menu lacks; NULL: nothing. */
static const char *menu_lacks(const struct xb_prepare *prepare)
{
    xb_auto_free char *menu = xb_prepare_read(prepare, GRUB_CFG, NULL);
    return menu ? xb_grub_menu_lacks(menu, prepare->xen_args) : "there is none";
}

static int apply_menu(struct xb_prepare *prepare, const struct xb_step *step XB_UNUSED,
                      struct xb_err *err)
{
    static const char *const argv[] = {"update-grub", NULL};
    if (xb_prepare_note(prepare, json_pack("{s:s}", "kind", XB_PREPARE_GRUB), err) < 0 ||
        xb_tool(argv, NULL, err, "make GRUB's menu") < 0)
        return -1;
    const char *lacks = menu_lacks(prepare);
    return !lacks ? 0
                  : xb_fail(err, XB_E_HOST, 0,
                            "update-grub has run, but of the menu " GRUB_CFG " holds: %s (is there "
                            "another file in " GRUB_D " that says otherwise?)",
                            lacks);
}

static int plan_menu(struct xb_prepare *prepare, bool file_changes, struct xb_err *err XB_UNUSED)
{
    const char *lacks = menu_lacks(prepare);
    bool current = !file_changes && !lacks, here = !prepare->spec.root[0];
    struct xb_step *step = xb_prepare_step(prepare,
                                           current ? XB_STEP_DONE
                                           : here  ? XB_STEP_TODO
                                                   : XB_STEP_CANNOT,
                                           "GRUB's menu", apply_menu);
    snprintf(step->is, sizeof(step->is), "%s: %s", GRUB_CFG,
             lacks     ? lacks
             : current ? "starts Xen, with these options"
                       : "older than the options");
    snprintf(step->will, sizeof(step->will), "%s",
             here ? "update-grub rebuilds it" : "run update-grub in that system");
    return 0;
}

static bool has_hypervisor(const struct xb_prepare *prepare)
{
    char pattern[PATH_MAX];
    glob_t found;
    snprintf(pattern, sizeof(pattern), "%.3000s/boot/xen*", prepare->spec.root);
    bool has = glob(pattern, 0, NULL, &found) == 0;
    if (has)
        globfree(&found);
    return has;
}

static void cannot(struct xb_prepare *prepare, const char *is, const char *will)
{
    struct xb_step *step = xb_prepare_step(prepare, XB_STEP_CANNOT, "GRUB", NULL);
    snprintf(step->is, sizeof(step->is), "%s", is);
    snprintf(step->will, sizeof(step->will), "%.90s%s%s", will,
             prepare->xen_args[0] ? "; meant for Xen's command line: " : "", prepare->xen_args);
}

int xb_prepare_grub(struct xb_prepare *prepare, struct xb_err *err)
{
    char will[XB_XEN_ARGS_BYTES + 64], program[PATH_MAX];
    if (make_args(prepare, err) < 0)
        return -1;
    if (!xb_prepare_exists(prepare, "/etc/default/grub") &&
        !xb_prepare_exists(prepare, "/etc/grub.d/20_linux_xen")) {
        cannot(prepare, "GRUB is not what boots this system (no /etc/default/grub)",
               "set it where this system's boot is set up");
        return 0;
    }
    if (!prepare->spec.root[0] && !xb_tool_find("update-grub", program)) {
        cannot(prepare, "GRUB is incomplete: there is no update-grub",
               "apt-get install grub-pc or grub-efi-amd64, unless this system boots another way");
        return 0;
    }
    if (!has_hypervisor(prepare)) {
        cannot(prepare, "there is no hypervisor in /boot",
               "install it first: apt-get install xen-system-amd64");
        return 0;
    }
    snprintf(will, sizeof(will), "Xen is the default entry%s%s",
             prepare->xen_args[0] ? ", with " : "", prepare->xen_args);
    if (xb_prepare_file(prepare, OUR_FILE, our_text(prepare), "GRUB's options", will, err) < 0)
        return -1;
    return plan_menu(prepare, prepare->steps[prepare->count - 1].state == XB_STEP_TODO, err);
}

static int undo_menu(struct xb_prepare *prepare XB_UNUSED, const struct xb_step *step XB_UNUSED,
                     struct xb_err *err)
{
    static const char *const argv[] = {"update-grub", NULL};
    return xb_tool(argv, NULL, err, "make GRUB's menu");
}

void xb_prepare_undo_grub(struct xb_prepare *prepare, json_t *change XB_UNUSED)
{
    struct xb_step *step = xb_prepare_step(prepare, XB_STEP_TODO, "GRUB's menu", undo_menu);
    snprintf(step->is, sizeof(step->is), GRUB_CFG " was made with our options");
    snprintf(step->will, sizeof(step->will), "update-grub rebuilds it");
}
