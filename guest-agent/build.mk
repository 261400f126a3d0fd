# SPDX-License-Identifier: GPL-3.0-or-later
AGENT_SRC := $(wildcard guest-agent/*.c)
AGENT_OBJ := $(AGENT_SRC:%.c=$(BUILD)/obj/%.o)
AGENT := $(BUILD)/bin/xenbench-agent
AGENT_PKGS := xenvchan xenstore libprotobuf-c zlib
# Everything but main, for the tests and fuzzers.
AGENT_LIB := $(BUILD)/lib/libxbagent.a

# The agent is static, so that it runs in any guest. With a sanitizer it cannot be: the runtime is
# dynamic.
ifdef SAN
AGENT_LIBS = $(shell pkg-config --libs $(AGENT_PKGS))
else
AGENT_LIBS = -static $(shell pkg-config --static --libs $(AGENT_PKGS))
endif

$(AGENT_OBJ): EXTRA_CFLAGS = $(shell pkg-config --cflags $(AGENT_PKGS))

$(AGENT_LIB): $(filter-out %/main.o,$(AGENT_OBJ))
	@mkdir -p $(@D)
	rm -f $@
	$(AR) rcs $@ $^

$(AGENT): $(BUILD)/obj/guest-agent/main.o $(AGENT_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(AGENT_LIBS)

ALL += $(AGENT)

AGENT_SHARE = $(DESTDIR)$(PREFIX)/share/xenbench/agent
# debian/rules empties this and strips later.
STRIP = -s
install-agent: $(AGENT)
	install -D $(STRIP) -m 755 $(AGENT) $(DESTDIR)$(PREFIX)/lib/xenbench/xenbench-agent
	install -D -m 644 -t $(AGENT_SHARE) guest-agent/xenbench-agent.service guest-agent/xenbench-settled.service \
		guest-agent/xenbench-agent.modules guest-agent/xenbench-agent.rules
	install -D -m 755 guest-agent/xenbench-agent.init $(AGENT_SHARE)/xenbench-agent.init
INSTALLS += install-agent
.PHONY: install-agent
