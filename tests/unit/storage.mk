# Disks, streams and clones, as far as they need neither Xen nor lvm.
STORAGE_TESTS := $(addprefix $(BUILD)/tests/,test_stream test_storage test_newfile)

$(STORAGE_TESTS:$(BUILD)/tests/%=$(BUILD)/obj/tests/unit/%.o): CPPFLAGS += $(DOM0_INCLUDES)

$(STORAGE_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS) -lcmocka

UNIT_TESTS += $(STORAGE_TESTS)
