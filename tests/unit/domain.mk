# The domain side, as far as it goes without Xen.
DOMAIN_TESTS := $(addprefix $(BUILD)/tests/,test_allocation test_journal test_guest_files test_guest_talk test_console test_block test_sharing)

$(DOMAIN_TESTS:$(BUILD)/tests/%=$(BUILD)/obj/tests/unit/%.o): CPPFLAGS += $(DOM0_INCLUDES)

$(DOMAIN_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS) -lcmocka -lutil

UNIT_TESTS += $(DOMAIN_TESTS)
