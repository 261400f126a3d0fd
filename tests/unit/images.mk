# Images and the catalogue of workloads.
IMAGE_TESTS := $(addprefix $(BUILD)/tests/,test_workload test_metric test_image)

$(IMAGE_TESTS:$(BUILD)/tests/%=$(BUILD)/obj/tests/unit/%.o): CPPFLAGS += $(DOM0_INCLUDES)

$(IMAGE_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS) -lcmocka

UNIT_TESTS += $(IMAGE_TESTS)
