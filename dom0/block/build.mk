# SPDX-License-Identifier: GPL-3.0-or-later
# The hotplug program for disks. It starts for each disk while a guest is being built, so it links
# few libraries.
BLOCK_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard dom0/block/*.c))
BLOCK := $(BUILD)/bin/block

# Four of its files are part of the controller too, with the controller's flags.
$(filter-out $(DOM0_OBJ),$(BLOCK_OBJ)): EXTRA_CFLAGS = $(shell pkg-config --cflags xenstore)

$(BLOCK): $(BLOCK_OBJ) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs xenstore)

ALL += $(BLOCK)

install-block: $(BLOCK)
	install -D -m 755 $(BLOCK) $(DESTDIR)$(PREFIX)/lib/xenbench/block
INSTALLS += install-block
.PHONY: install-block
