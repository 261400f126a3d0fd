/*
 * What the command shall read: a file of ours, copied into each guest before the command is armed.
 */
#include "exec_i.h"

#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/*
 * A pipe has no size, which a copy needs at its start: its content goes into a nameless file first.
 */
static int spool(int from, struct xb_err *err)
{
    xb_auto_fclose FILE *file = tmpfile();
    if (!file)
        return xb_fail(err, XB_E_HOST, errno, "make a temporary file for stdin");
    char buf[65536];
    ssize_t n;
    while ((n = read(from, buf, sizeof(buf))) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || fwrite(buf, 1, (size_t)n, file) != (size_t)n)
            return xb_fail(err, XB_E_HOST, errno, "copy stdin to a temporary file");
    }
    if (fflush(file) != 0)
        return xb_fail(err, XB_E_HOST, errno, "copy stdin to a temporary file");
    int fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 0);
    return fd < 0 ? xb_fail(err, XB_E_HOST, errno, "keep a temporary file open") : fd;
}

int xb_exec_open_stdin(struct xb_exec *exec, struct xb_err *err)
{
    const char *name = exec->options->stdin_file;
    if (!name)
        return 0;
    bool ours = strcmp(name, "-") == 0;
    if (ours && isatty(STDIN_FILENO))
        return xb_fail(err, XB_E_INPUT, 0,
                       "stdin is a terminal: exec copies its input before the command starts, "
                       "so give it a file or a pipe");
    xb_auto_close int fd = ours ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                : open(name, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return xb_fail(err, XB_E_INPUT, errno, "open %s", ours ? "stdin" : name);
    bool whole_file = S_ISREG(st.st_mode) && lseek(fd, 0, SEEK_CUR) == 0;
    exec->stdin_fd = whole_file ? xb_steal_fd(&fd) : spool(fd, err);
    if (exec->stdin_fd < 0)
        return -1;
    snprintf(exec->stdin_path, sizeof(exec->stdin_path), "/tmp/.xenbench-%s.stdin", exec->token);
    return 0;
}

int xb_exec_push_stdin(struct xb_exec *exec, struct xb_agent *agent, struct xb_err *err)
{
    if (exec->stdin_fd < 0)
        return 0;
    return xb_agent_push_fd(agent, exec->stdin_fd, "stdin", 0600, exec->stdin_path, NULL, err);
}
