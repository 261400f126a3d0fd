# SPDX-License-Identifier: GPL-3.0-or-later
# The process of a session with a guest. It reads a hostile guest's bytes, so it links few
# libraries. Each connection waits for its start, so it is static, like the agent. LINK=shared links
# it dynamically, as sanitizers need.
LINK ?= $(if $(SAN),shared,static)
SESSION := $(BUILD)/bin/xenbench-session
SESSION_PKGS := xenvchan xentoollog libprotobuf-c libseccomp
SESSION_LIBS_shared = $(shell pkg-config --libs $(SESSION_PKGS))
SESSION_LIBS_static = -static-pie $(shell pkg-config --static --libs $(SESSION_PKGS))

$(BUILD)/obj/dom0/session/main.o: EXTRA_CFLAGS = $(DOM0_INCLUDES)

$(SESSION): $(BUILD)/obj/dom0/session/main.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(SESSION_LIBS_$(LINK))

ALL += $(SESSION)

install-session: $(SESSION)
	install -D -m 755 $(SESSION) $(DESTDIR)$(PREFIX)/lib/xenbench/xenbench-session
INSTALLS += install-session
.PHONY: install-session
