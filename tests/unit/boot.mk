# How guests boot, as far as it goes without Xen.
BOOT_TESTS := $(addprefix $(BUILD)/tests/,test_boot)

$(BOOT_TESTS:$(BUILD)/tests/%=$(BUILD)/obj/tests/unit/%.o): CPPFLAGS += $(DOM0_INCLUDES)

$(BOOT_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS) -lcmocka

UNIT_TESTS += $(BOOT_TESTS)
