# The controller's sessions with lying agents, over a unix socket.
CONTROLLER_TESTS := $(addprefix $(BUILD)/tests/,test_controller_hostile test_controller_liar)

$(CONTROLLER_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/integration/%.o \
	$(BUILD)/obj/tests/integration/fake_agent.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS) -lcmocka

$(CONTROLLER_TESTS:$(BUILD)/tests/%=$(BUILD)/obj/tests/integration/%.o): CPPFLAGS += $(DOM0_INCLUDES)

INTEGRATION_TESTS += $(CONTROLLER_TESTS)
