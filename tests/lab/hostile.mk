# SPDX-License-Identifier: GPL-3.0-or-later
# The lab tests' hostile guest, and a hostile agent for tests/cli. It is pushed into guests, so it is static like the agent.
HOSTILE := $(BUILD)/bin/hostile
HOSTILE_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/lab/hostile/*.c))
$(HOSTILE_OBJ): EXTRA_CFLAGS = $(shell pkg-config --cflags xenvchan xenstore libprotobuf-c)
$(HOSTILE): $(HOSTILE_OBJ) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(AGENT_LIBS) -lxenevtchn

# Makes an empty domain with a given id in Dom0, as if Xen had reused an id.
DOMID := $(BUILD)/bin/domid
$(BUILD)/obj/tests/lab/domid.o: EXTRA_CFLAGS = $(shell pkg-config --cflags xencontrol)
$(DOMID): $(BUILD)/obj/tests/lab/domid.o
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs xencontrol)

ALL += $(HOSTILE)
lab-programs: $(HOSTILE) $(DOMID)
