# SPDX-License-Identifier: GPL-3.0-or-later
# Tests with real agents and jobs, but without Xen: the agent serves a unix socket.
AGENT_TESTS := $(patsubst tests/integration/%.c,$(BUILD)/tests/%,$(wildcard tests/integration/test_agent*.c))
AGENT_CLIENT := $(BUILD)/obj/tests/integration/agent_client.o

$(AGENT_CLIENT) $(AGENT_TESTS:$(BUILD)/tests/%=$(BUILD)/obj/tests/integration/%.o): \
	EXTRA_CFLAGS = -Iguest-agent -DXB_TEST_BIN='"$(abspath $(BUILD)/bin)"'

$(AGENT_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/integration/%.o $(AGENT_CLIENT) $(AGENT_LIB) $(PROTO_LIB) | $(AGENT)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(AGENT_PKGS) cmocka)

INTEGRATION_TESTS += $(AGENT_TESTS)

# For tests of the agent alone in the lab's Dom0.
AGENT_PROBE := $(BUILD)/bin/agent_probe
$(AGENT_PROBE): $(BUILD)/obj/tests/integration/agent_probe.o $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(AGENT_LIBS)
ALL += $(AGENT_PROBE)
