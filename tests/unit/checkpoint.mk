# Checkpoints and lifecycles, as far as they go without Xen.
CHECKPOINT_TESTS := $(addprefix $(BUILD)/tests/,test_checkpoint_file test_checkpoint_disks test_checkpoint_sweep test_run_xl \
	test_lifecycle_record test_lifecycle)

$(CHECKPOINT_TESTS:$(BUILD)/tests/%=$(BUILD)/obj/tests/unit/%.o): \
	CPPFLAGS += $(DOM0_INCLUDES) -DXB_TEST_DATA='"$(abspath tests/data)"'

$(CHECKPOINT_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS) -lcmocka

UNIT_TESTS += $(CHECKPOINT_TESTS)
