# SPDX-License-Identifier: GPL-3.0-or-later
# xenbench. `make help` lists the targets.
# The version is that of the changelog's newest entry.
VERSION := $(shell awk -F '[()]' '{ print $$2; exit }' debian/changelog)
BUILD ?= build
PREFIX ?= /usr
CC ?= cc
PROTOC_C ?= protoc-c
# For tests that call mke2fs and its like, which the PATH of Debian's users does not have.
export PATH := $(PATH):/usr/sbin:/sbin

# SAN=1 builds with AddressSanitizer and UndefinedBehaviorSanitizer, into a separate folder.
ifdef SAN
BUILD := build/san
SANFLAGS := -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
# Link UBSan statically: one copy of the sanitizers' memory instead of two shortens the leak check,
# which scans all of it at exit.
LDFLAGS += -static-libubsan
endif

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
# The newest libxl interface that all versions from 4.17 on have.
LIBXL_API := -DLIBXL_API_VERSION=0x041400
# libxl's version, for programs that do not load it as a library.
LIBXL_API += -DXB_LIBXL_VERSION='"$(shell pkg-config --modversion xenlight)"'
CPPFLAGS += -D_GNU_SOURCE $(LIBXL_API) -DXB_VERSION='"$(VERSION)"' -DXB_PREFIX='"$(PREFIX)"' -Iproto -I$(BUILD)/gen
CFLAGS ?= -O2 -g
# -ffile-prefix-map: the agent is the same in whatever folder it is built, so that images with it
# need no rebuild.
XB_CFLAGS := -std=gnu17 $(WARN) $(CFLAGS) $(SANFLAGS) -MMD -MP -ffile-prefix-map=$(CURDIR)=.

all:

include proto/build.mk
-include guest-agent/build.mk
-include dom0/build.mk
-include dom0/block/build.mk
-include dom0/session/build.mk
-include dom0/raw_vchan/build.mk
-include images/build.mk
-include images/lab/build.mk
-include docs/build.mk
-include tests/build.mk
-include mk/deps.mk
-include mk/deb.mk
-include mk/dist.mk
-include mk/lint.mk

all: $(ALL)

$(BUILD)/obj/%.o: %.c | $(GENERATED)
	@mkdir -p $(@D)
	@echo "  CC  $<"
	@$(CC) $(CPPFLAGS) $(XB_CFLAGS) $(EXTRA_CFLAGS) -c -o $@ $<

# Objects that contain the version.
$(patsubst %.c,$(BUILD)/obj/%.o,$(shell grep -rl XB_VERSION --include='*.c' dom0 guest-agent proto)): debian/changelog

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	@echo "  CC  $<"
	@$(CC) $(CPPFLAGS) $(XB_CFLAGS) -c -o $@ $<

install: all $(INSTALLS)

## make                build the controller and the agent
## make demo           the main job on real Xen in the lab; reports in build/demo (SUITE=trixie or bookworm: the lab's Debian)
demo: deps
	+$(MAKE) --no-print-directory suite-stage
	SUITE=$(SUITE) mk/demo

## make demo-compare   one experiment under Xen 4.17 and under 4.20, and what differs; reports in build/demo-compare (REPETITIONS=N)
demo-compare: deps
	+$(MAKE) --no-print-directory suite-stage SUITE=bookworm
	+$(MAKE) --no-print-directory suite-stage SUITE=trixie
	REPETITIONS=$(REPETITIONS) mk/demo-compare bookworm trixie

clean:
	rm -rf $(BUILD)/obj $(BUILD)/gen $(BUILD)/bin $(BUILD)/lib $(BUILD)/san

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

.PHONY: all install demo demo-compare clean help
.DELETE_ON_ERROR:
-include $(shell test -d $(BUILD)/obj && find $(BUILD)/obj -name '*.d')
