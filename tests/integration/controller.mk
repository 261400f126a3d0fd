# SPDX-License-Identifier: GPL-3.0-or-later
# Tests of the controller's sessions with hostile and lying agents, over a unix socket.
CONTROLLER_TESTS := $(patsubst tests/integration/%.c,$(BUILD)/tests/%,$(wildcard tests/integration/test_controller_*.c))
CONTROLLER_HELPERS := $(addprefix $(BUILD)/obj/tests/integration/,fake_agent.o hostile.o)

$(CONTROLLER_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/integration/%.o $(CONTROLLER_HELPERS) $(DOM0_LIB) $(PROTO_LIB) | $(SESSION)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS) -lcmocka

$(CONTROLLER_HELPERS) $(CONTROLLER_TESTS:$(BUILD)/tests/%=$(BUILD)/obj/tests/integration/%.o): CPPFLAGS += $(DOM0_INCLUDES) -DXB_TEST_BIN='"$(abspath $(BUILD)/bin)"'

INTEGRATION_TESTS += $(CONTROLLER_TESTS)
