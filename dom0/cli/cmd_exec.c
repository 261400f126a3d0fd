#include "exec.h"

int xb_cmd_exec(struct xb_app *app, int argc, char **argv)
{
    struct xb_exec_options options;
    int status = XB_E_INPUT;
    if (xb_exec_options_parse(&options, argc, argv, &app->err) == 0)
        status = xb_exec(app, &options, &app->err);
    xb_exec_options_clear(&options);
    return status;
}
