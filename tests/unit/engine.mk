# Experiments, their statistics, the store, doubts and reports, as far as they need no guest.
ENGINE_TESTS := $(addprefix $(BUILD)/tests/,test_experiment test_repeat test_stats test_store test_doubts test_report test_cell \
	test_host test_setting)

$(ENGINE_TESTS:$(BUILD)/tests/%=$(BUILD)/obj/tests/unit/%.o): CPPFLAGS += $(DOM0_INCLUDES)

$(ENGINE_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS) -lcmocka

UNIT_TESTS += $(ENGINE_TESTS)
