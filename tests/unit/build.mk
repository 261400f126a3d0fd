# SPDX-License-Identifier: GPL-3.0-or-later
# Each test_*.c is a program. Tests of the protocol, and of the agent's parts that start no processes,
# link the agent; the others link the controller and test its parts that need no Xen.
UNIT_NAMES := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
UNIT_AGENT_NAMES := test_frame test_link test_hotplug test_vchan
UNIT_DOM0_NAMES := $(filter-out $(UNIT_AGENT_NAMES),$(UNIT_NAMES))
UNIT_TESTS := $(UNIT_NAMES:%=$(BUILD)/tests/%)
TRACE_MAKE := $(BUILD)/obj/tests/unit/trace_make.o
STORE_MAKE := $(BUILD)/obj/tests/unit/store_make.o

$(UNIT_AGENT_NAMES:%=$(BUILD)/obj/tests/unit/%.o): EXTRA_CFLAGS = -Iguest-agent
$(TRACE_MAKE) $(STORE_MAKE) $(UNIT_DOM0_NAMES:%=$(BUILD)/obj/tests/unit/%.o): \
	EXTRA_CFLAGS = $(DOM0_INCLUDES) -DXB_TEST_DATA='"$(abspath tests/data)"'

$(UNIT_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) $(UNIT_WRAP) -o $@ $^ $(UNIT_LIBS) -lcmocka

$(BUILD)/tests/test_host: UNIT_WRAP = $(addprefix -Wl$(comma)--wrap=,xb_domain_with_uuid xb_allocation_read xb_allocation_apply)
$(BUILD)/tests/test_run_host: UNIT_WRAP = $(addprefix -Wl$(comma)--wrap=,xb_pool_create xb_pool_destroy xb_pool_set_cpus \
	xb_pool_set_params xb_host_record_pools)
$(BUILD)/tests/test_run_guests: UNIT_WRAP = $(addprefix -Wl$(comma)--wrap=,xb_guest_list xb_guest_exists xb_guest_destroy \
	xb_guest_remove xb_store_run_over)

# Libraries must follow the objects that need them.
$(addprefix $(BUILD)/tests/,test_trace test_promise): $(TRACE_MAKE)
$(addprefix $(BUILD)/tests/,test_store test_store_open test_store_import): $(STORE_MAKE)
$(UNIT_AGENT_NAMES:%=$(BUILD)/tests/%): $(AGENT_LIB) $(PROTO_LIB)
$(UNIT_AGENT_NAMES:%=$(BUILD)/tests/%): UNIT_LIBS = $(shell pkg-config --libs $(AGENT_PKGS))
$(UNIT_DOM0_NAMES:%=$(BUILD)/tests/%): $(DOM0_LIB) $(PROTO_LIB)
$(UNIT_DOM0_NAMES:%=$(BUILD)/tests/%): UNIT_LIBS = $(DOM0_LIBS) -lutil
