# SPDX-License-Identifier: GPL-3.0-or-later
# The lab tests' program for allocations, cpupools and the host record.
SETTINGS_PROBE := $(BUILD)/bin/settings_probe

$(BUILD)/obj/tests/lab/settings_probe.o: CPPFLAGS += $(DOM0_INCLUDES)
$(SETTINGS_PROBE): $(BUILD)/obj/tests/lab/settings_probe.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS)
lab-programs: $(SETTINGS_PROBE)
check-lab: lab-programs
.PHONY: lab-programs
