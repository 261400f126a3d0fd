/*
 * Any bytes as an experiment file must give an experiment or an error that names the line. There is
 * no catalogue; the file's own workloads are read.
 */
#include "base.h"
#include "experiment.h"
#include "guest_def.h"
#include "image.h"

#include <regex.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/*
 * Nested repetitions each double the size of the C library's compiled pattern, which is not our
 * bug.
 */
#define REPEATED_MAX 8
int __real_regcomp(regex_t *out, const char *pattern, int flags);
int __wrap_regcomp(regex_t *out, const char *pattern, int flags);

int __wrap_regcomp(regex_t *out, const char *pattern, int flags)
{
    size_t repeated = 0;
    for (const char *c = pattern; *c; c++)
        repeated += strchr("*+?{", *c) != NULL;
    return repeated > REPEATED_MAX ? REG_ESPACE : __real_regcomp(out, pattern, flags);
}

/* Accept any short name, because storage/image.c would need the toolstack. */
bool xb_image_name_ok(const char *name)
{
    return name[0] != '\0' && strlen(name) <= XB_IMAGE_NAME_MAX;
}

/* The same for names of guests. */
bool xb_guest_name_ok(const char *name)
{
    return name[0] != '\0' && strlen(name) <= XB_GUEST_OWN_NAME_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct xb_err err = {0};
    struct xb_experiment *exp = NULL;
    if (xb_experiment_parse(&exp, "e.yaml", (const char *)data, bytes, &err) == 0) {
        for (size_t c = 0; c < exp->case_count; c++)
            json_decref(xb_exp_case_to_json(exp, &exp->cases[c]));
        json_decref(xb_exp_pairs_to_json(exp));
    } else if (err.class != XB_E_INPUT || strncmp(err.msg, "e.yaml", 6) != 0) {
        abort();
    }
    xb_experiment_free(exp);
    return 0;
}
