#include "tool.h"

#include "alloc.h"
#include "base.h"
#include "escape.h"
#include "said.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

extern char **environ;

#define OUTPUT_MAX (16 << 20)

/* The environment for tools whose messages we must understand. */
static char **tool_environment(void)
{
    static char *const ours[] = {"LC_ALL=C", "LVM_SUPPRESS_FD_WARNINGS=1"};
    size_t count = 0, kept = 0;
    while (environ[count])
        count++;
    char **env = xb_calloc(count + XB_ARRAY_LEN(ours) + 1, sizeof(*env));
    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], "LC_ALL=", 7) != 0 && strncmp(environ[i], "LVM_SUPPRESS", 12) != 0)
            env[kept++] = environ[i];
    for (size_t i = 0; i < XB_ARRAY_LEN(ours); i++)
        env[kept++] = ours[i];
    return env;
}

static void become_tool(const char *const argv[], char **env, int out_fd, int said_fd)
{
    sigset_t none;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
        dup2(out_fd >= 0 ? out_fd : said_fd, STDOUT_FILENO) < 0 || dup2(said_fd, STDERR_FILENO) < 0)
        _exit(126);
    execvpe(argv[0], (char *const *)argv, env);
    /* After `su`, root's PATH may lack the folder of the administrator's tools. */
    char path[128];
    snprintf(path, sizeof(path), "/usr/sbin/%s", argv[0]);
    execve(path, (char *const *)argv, env);
    _exit(errno == ENOENT ? 127 : 126);
}

static int wait_for(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/*
 * A waiting process stands between us and the tool. It shares our open files and so our locks: if
 * we are killed, nobody takes the tool's work for abandoned. Its own process group keeps the
 * terminal's signals away.
 */
static int run(const char *const argv[], int out_fd, int said_fd)
{
    xb_auto_free char **env = tool_environment();
    pid_t keeper = env ? fork() : -1;
    if (keeper == 0) {
        setpgid(0, 0);
        pid_t tool = fork();
        if (tool == 0)
            become_tool(argv, env, out_fd, said_fd);
        int status = tool < 0 ? 126 : wait_for(tool);
        _exit(status < 0 ? 126 : status);
    }
    return keeper < 0 ? -1 : wait_for(keeper);
}

static char *read_all(int fd)
{
    off_t bytes = lseek(fd, 0, SEEK_END);
    if (bytes < 0 || bytes > OUTPUT_MAX)
        return NULL;
    char *text = xb_malloc((size_t)bytes + 1);
    ssize_t n = pread(fd, text, (size_t)bytes, 0);
    if (n < 0) {
        free(text);
        return NULL;
    }
    text[n] = '\0';
    return text;
}

/* With -v, show everything that a tool prints, whether it fails or not. */
static void show(const char *const argv[], const char *text)
{
    struct xb_escape escape = {0};
    size_t bytes = strlen(text);
    xb_auto_free char *clean = xb_malloc(XB_ESCAPE_MAX(bytes) + 1);
    clean[xb_escape(&escape, (const uint8_t *)text, bytes, true, clean)] = '\0';
    fputs("xenbench: ran", stderr);
    for (size_t i = 0; argv[i]; i++)
        fprintf(stderr, " %s", argv[i]);
    fprintf(stderr, "%s%s%s", bytes ? ", which says:\n" : "\n", clean,
            bytes && text[bytes - 1] != '\n' ? "\n" : "");
}

static void drop_lines(char *text, const char *prefix)
{
    char *to = text;
    for (char *line = text, *next; *line; line = next) {
        size_t length = strcspn(line, "\n");
        next = line + length + (line[length] == '\n');
        if (strncmp(line, prefix, strlen(prefix)) == 0)
            continue;
        memmove(to, line, (size_t)(next - line));
        to += next - line;
    }
    *to = '\0';
}

void xb_tool_words(const char *const argv[], int fd, const char *drop,
                   char said[XB_TOOL_SAID_BYTES])
{
    char nothing[] = "";
    xb_auto_free char *text = read_all(fd);
    if (getenv(XB_VERBOSE_ENV))
        show(argv, text ? text : nothing);
    if (text && drop)
        drop_lines(text, drop);
    xb_said(text ? text : nothing, said, XB_TOOL_SAID_BYTES);
}

int xb_tool_status(const char *const argv[], char **out, char said[XB_TOOL_SAID_BYTES],
                   struct xb_err *err)
{
    xb_auto_close int out_fd = out ? memfd_create("tool", MFD_CLOEXEC) : -1;
    xb_auto_close int said_fd = memfd_create("tool", MFD_CLOEXEC);
    if (said_fd < 0 || (out && out_fd < 0))
        return xb_fail(err, XB_E_HOST, errno, "cannot run %s", argv[0]);
    int status = run(argv, out_fd, said_fd);
    if (status < 0 || status == 126)
        return xb_fail(err, XB_E_HOST, status < 0 ? errno : 0, "cannot run %s", argv[0]);
    if (status == 127)
        return xb_fail(err, XB_E_HOST, 0, "the program %s is missing (which package has it?)",
                       argv[0]);
    xb_tool_words(argv, said_fd, NULL, said);
    if (out && !(*out = read_all(out_fd)))
        return xb_fail(err, XB_E_HOST, 0, "%s says more than %d bytes, or it cannot be read",
                       argv[0], OUTPUT_MAX);
    return status;
}

int xb_tool(const char *const argv[], char **out, struct xb_err *err, const char *what, ...)
{
    char said[XB_TOOL_SAID_BYTES], purpose[300];
    int status = xb_tool_status(argv, out, said, err);
    if (status == 0)
        return 0;
    va_list ap;
    va_start(ap, what);
    vsnprintf(purpose, sizeof(purpose), what, ap);
    va_end(ap);
    if (status < 0)
        return xb_fail_context(err, "cannot %s", purpose);
    if (out) {
        free(*out);
        *out = NULL;
    }
    return xb_fail(err, XB_E_HOST, 0, "cannot %s: %s", purpose, said);
}
