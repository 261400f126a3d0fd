#include "storage_options.h"

enum { OPTION_STORAGE = 0x2000, OPTION_VG, OPTION_THIN_POOL };

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct xb_storage_choice *choice = state->input;
    switch (key) {
    case OPTION_STORAGE:
        choice->storage = xb_storage_from_name(arg);
        if (!choice->storage)
            argp_error(state, "--storage=%s is none of file, lvm and thin", arg);
        return 0;
    case OPTION_VG:
        choice->vg = arg;
        return 0;
    case OPTION_THIN_POOL:
        choice->thin_pool = arg;
        return 0;
    case ARGP_KEY_END:
        if (choice->vg && choice->thin_pool)
            argp_error(state, "--vg and --thin-pool: one of them (a pool's group is in its name)");
        if (choice->storage == XB_STORAGE_FILE && (choice->vg || choice->thin_pool))
            argp_error(state, "--storage=file needs no --vg and no --thin-pool");
        if (choice->storage == XB_STORAGE_LVM && choice->thin_pool)
            argp_error(state, "--storage=lvm takes --vg, not --thin-pool");
        if (choice->storage == XB_STORAGE_THIN && choice->vg)
            argp_error(state, "--storage=thin takes --thin-pool VG/POOL, not --vg");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option options[] = {
    {"storage", OPTION_STORAGE, "file|lvm|thin", 0,
     "A raw file, a logical volume, a thin volume (default: as configured, else a file)", 0},
    {"vg", OPTION_VG, "VG", 0, "The volume group for --storage=lvm (implies it)", 0},
    {"thin-pool", OPTION_THIN_POOL, "VG/POOL", 0, "The pool for --storage=thin (implies it)", 0},
    {0},
};

const struct argp xb_storage_argp = {.options = options, .parser = parse};
