# The parts of agent sessions and of exec that need no agent.
SESSION_TESTS := $(patsubst %,$(BUILD)/tests/%,test_escape test_agent_keys test_expect test_exec_parts)

$(SESSION_TESTS:$(BUILD)/tests/%=$(BUILD)/obj/tests/unit/%.o): CPPFLAGS += $(DOM0_INCLUDES)

$(SESSION_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS) -lcmocka

UNIT_TESTS += $(SESSION_TESTS)
