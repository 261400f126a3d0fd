# The controller's sessions against agents that lie, over a unix socket.
CONTROLLER_TEST := $(BUILD)/tests/test_controller_hostile

$(CONTROLLER_TEST): $(BUILD)/obj/tests/integration/test_controller_hostile.o \
	$(BUILD)/obj/tests/integration/fake_agent.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS) -lcmocka

$(BUILD)/obj/tests/integration/test_controller_hostile.o: CPPFLAGS += -Idom0

INTEGRATION_TESTS += $(CONTROLLER_TEST)
