# SPDX-License-Identifier: GPL-3.0-or-later
# What libxenvchan alone can do: `selftest --bench` measures beside it. It runs in guests too, so it is static like the
# agent, and links the same libraries.
RAW_VCHAN := $(BUILD)/bin/xenbench-raw-vchan

$(BUILD)/obj/dom0/raw_vchan/raw_vchan.o: EXTRA_CFLAGS = $(shell pkg-config --cflags xenvchan)

$(RAW_VCHAN): $(BUILD)/obj/dom0/raw_vchan/raw_vchan.o
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(AGENT_LIBS)

ALL += $(RAW_VCHAN)

install-raw-vchan: $(RAW_VCHAN)
	install -D $(STRIP) -m 755 $(RAW_VCHAN) $(DESTDIR)$(PREFIX)/lib/xenbench/xenbench-raw-vchan
INSTALLS += install-raw-vchan
.PHONY: install-raw-vchan
