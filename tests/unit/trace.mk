# Traces, and what a setting promises.
TRACE_TESTS := $(addprefix $(BUILD)/tests/,test_trace test_promise)
TRACE_MAKE := $(BUILD)/obj/tests/unit/trace_make.o

$(TRACE_MAKE) $(TRACE_TESTS:$(BUILD)/tests/%=$(BUILD)/obj/tests/unit/%.o): \
	CPPFLAGS += $(DOM0_INCLUDES) -DXB_TEST_DATA='"$(abspath tests/data)"'

$(TRACE_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(TRACE_MAKE) $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS) -lcmocka

UNIT_TESTS += $(TRACE_TESTS)
