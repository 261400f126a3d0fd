# SPDX-License-Identifier: GPL-3.0-or-later
# The folders of the controller. A header's name says what it is, so it is included by its bare name.
DOM0_DIRS := dom0 $(filter-out dom0/block dom0/session dom0/raw_vchan dom0/examples,$(patsubst %/,%,$(wildcard dom0/*/)))
DOM0_INCLUDES := $(addprefix -I,$(DOM0_DIRS))
# With the hotplug program's check of who uses a disk (dom0/block).
DOM0_SRC := $(wildcard $(addsuffix /*.c,$(DOM0_DIRS))) $(addprefix dom0/block/,backend.c loopdev.c partition.c sharing.c)
DOM0_OBJ := $(DOM0_SRC:%.c=$(BUILD)/obj/%.o)
DOM0_PKGS := xenlight xencontrol xenstore xenvchan xenhypfs xentoollog xenforeignmemory xenevtchn libprotobuf-c libfyaml \
	sqlite3 jansson gsl libzstd zlib blkid libseccomp
DOM0_LIBS = $(shell pkg-config --libs $(DOM0_PKGS)) -lxlutil -lm
XENBENCH := $(BUILD)/bin/xenbench

# All but main: what the tests and fuzzers link, with $(PROTO_LIB) and $(DOM0_LIBS).
DOM0_LIB := $(BUILD)/lib/libxbdom0.a

# The store's schema as C strings, one per version: sqlite3 reads the same files.
STORE_SCHEMAS := $(shell ls dom0/store/store_schema_*.sql | sort -V)
GENERATED += $(BUILD)/gen/store_schema.h
$(BUILD)/gen/store_schema.h: $(STORE_SCHEMAS)
	@mkdir -p $(@D)
	{ echo 'static const char *const xb_store_schemas[] = {'; \
	  for sql in $^; do \
	    sed -e '/^ *--/d' -e 's/  *--.*//' -e 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $$sql; echo ','; \
	  done; echo '};'; } >$@

$(DOM0_OBJ): EXTRA_CFLAGS = $(DOM0_INCLUDES) $(shell pkg-config --cflags $(DOM0_PKGS))
$(BUILD)/obj/dom0/store/store.o: $(BUILD)/gen/store_schema.h

$(DOM0_LIB): $(filter-out %/main.o,$(DOM0_OBJ))
	@mkdir -p $(@D)
	@echo "  AR  $@"
	@rm -f $@
	@$(AR) rcs $@ $^

$(XENBENCH): $(BUILD)/obj/dom0/main.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS)

ALL += $(XENBENCH)

install-dom0: $(XENBENCH)
	install -D -m 755 $(XENBENCH) $(DESTDIR)$(PREFIX)/sbin/xenbench
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/xenbench/examples dom0/examples/*.yaml
	install -D -m 755 dom0/guest/xenbench-guests $(DESTDIR)$(PREFIX)/lib/xenbench/xenbench-guests
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib/systemd/system dom0/guest/xenbench-guests.service
	install -D -m 644 dom0/guest/xenbench-guests.default $(DESTDIR)$(PREFIX)/share/xenbench/xenbench-guests.default
INSTALLS += install-dom0
.PHONY: install-dom0
