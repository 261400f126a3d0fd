/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hostile.h"

#include "files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static char run_dir[] = "/tmp/xb-hostile-XXXXXX";
static struct xb_app app = {.run_dir = run_dir, .lib_dir = XB_TEST_BIN};

int hostile_make_run_dir(void **state XB_UNUSED)
{
    return mkdtemp(run_dir) ? 0 : -1;
}

const char *hostile_run_dir(void)
{
    return run_dir;
}

int hostile_remove_run_dir(void **state XB_UNUSED)
{
    return xb_remove_tree(run_dir, NULL);
}

int hostile_start(struct session *s, fake_script *script, uint64_t timeout_ns)
{
    memset(s, 0, sizeof(*s));
    fake_agent_start(&s->fake, script);
    const char *name = s->fake.name;
    return xb_agents_connect(&s->agent, &app, &name, 1, xb_now_ns() + timeout_ns, -1, &s->err);
}

void hostile_start_two(struct session s[2], fake_script *one, fake_script *two)
{
    struct xb_agent *agents[2];
    struct xb_err errs[2];
    memset(s, 0, 2 * sizeof(*s));
    fake_agent_start(&s[0].fake, one);
    fake_agent_start(&s[1].fake, two);
    const char *names[] = {s[0].fake.name, s[1].fake.name};
    xb_agents_connect_each(agents, &app, names, 2, xb_now_ns() + SOON_NS, -1, errs);
    for (size_t i = 0; i < 2; i++) {
        s[i].agent = agents[i];
        s[i].err = errs[i];
    }
}

void hostile_end(struct session *s)
{
    xb_agent_free(s->agent);
    fake_agent_stop(&s->fake);
}

void hostile_says(const struct session *s, const char *part)
{
    if (!strstr(s->err.msg, part))
        fail_msg("'%s' does not say '%s'", s->err.msg, part);
    assert_int_equal(s->err.class, XB_E_BENCH);
}

int hostile_ignore(void *arg XB_UNUSED, struct xb_agent *agent XB_UNUSED,
                   const struct xb_msg *msg XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    return 0;
}

void hostile_arm(struct session *s, uint32_t job_id, uint64_t credit_bytes)
{
    Xb__Arm msg = XB__ARM__INIT;
    msg.output = XB__OUTPUT_MODE__OUTPUT_STREAM;
    msg.credit_bytes = credit_bytes;
    assert_int_equal(xb_agent_send(s->agent, XB_ARM, job_id, &msg.base, &s->err), 0);
}

void hostile_send_output(int fd, uint32_t job_id, int stream, size_t bytes, bool eof)
{
    static uint8_t zeros[XB_FRAME_BODY_MAX];
    Xb__Output out = XB__OUTPUT__INIT;
    out.stream = (Xb__Stream)stream;
    out.data = (ProtobufCBinaryData){.len = bytes, .data = zeros};
    out.eof = eof;
    fake_send(fd, XB_OUTPUT, job_id, &out.base);
}
