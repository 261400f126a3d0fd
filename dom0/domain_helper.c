/*
 * `xenbench domain-helper start|adopt NAME`, which xenbench runs itself: builds a guest's domain,
 * says on its standard output how that went ("ok DOMID" or "fail CLASS MESSAGE", one line), and
 * stays as the guest's monitor.
 */
#include "base.h"
#include "monitor.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>

/* False when whoever asked has gone meanwhile. */
static bool report(const struct xb_err *err, uint32_t domid, uint64_t begun_ns)
{
    char line[1100];
    if (err->class == XB_E_NONE)
        snprintf(line, sizeof(line), "ok %u %llu\n", domid, (unsigned long long)begun_ns);
    else
        snprintf(line, sizeof(line), "fail %d %s\n", (int)err->class, err->msg);
    size_t bytes = strlen(line);
    bool told = write(STDOUT_FILENO, line, bytes) == (ssize_t)bytes;
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, STDOUT_FILENO);
        close(null);
    }
    return told;
}

static int take_over(struct xb_monitor *monitor, bool start, struct xb_err *err)
{
    uint32_t domid = xb_guest_def_domid(monitor->app, &monitor->def);
    if (!start && !domid)
        return xb_fail(err, XB_E_BENCH, 0, "guest %s is not running", monitor->def.name);
    if (start && domid)
        return xb_fail(err, XB_E_BENCH, 0, "guest %s runs already, as domain %u", monitor->def.name,
                       domid);
    /* Whoever asked has freed the memory, and holds xl's lock until we answer. */
    return start ? xb_monitor_start(monitor, false, err) : xb_monitor_adopt(monitor, domid, err);
}

int xb_cmd_domain_helper(struct xb_app *app, int argc, char **argv)
{
    struct xb_monitor monitor;
    bool start = argc == 3 && strcmp(argv[1], "start") == 0;
    if (!start && !(argc == 3 && strcmp(argv[1], "adopt") == 0))
        return -xb_fail(&app->err, XB_E_INPUT, 0, "domain-helper is run by xenbench itself");
    signal(SIGPIPE, SIG_IGN);
    int status = xb_monitor_open(&monitor, app, argv[2], &app->err);
    if (status == 0)
        status = take_over(&monitor, start, &app->err);
    bool told = report(&app->err, monitor.domid, monitor.begun_ns);
    /* Whoever asked was interrupted, then: nobody wants this domain. */
    if (status == 0 && start && !told)
        xb_domain_destroy(monitor.xen, monitor.domid, &app->err);
    else if (status == 0)
        xb_monitor_run(&monitor, &app->err);
    xb_monitor_close(&monitor);
    return 0;
}
