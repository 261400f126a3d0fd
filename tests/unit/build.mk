# The wire's parts, and the agent's that need no process.
WIRE_TESTS := $(addprefix $(BUILD)/tests/,test_frame test_link test_crc32 test_hotplug)

$(WIRE_TESTS:$(BUILD)/tests/%=$(BUILD)/obj/tests/unit/%.o): EXTRA_CFLAGS = -Iguest-agent

$(WIRE_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(AGENT_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs xenvchan xenstore libprotobuf-c cmocka)

UNIT_TESTS += $(WIRE_TESTS)
