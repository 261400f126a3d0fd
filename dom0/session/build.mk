# The process of a session with a guest. It reads a hostile guest's bytes, so it is linked with little.
SESSION := $(BUILD)/bin/xenbench-session

$(BUILD)/obj/dom0/session/main.o: EXTRA_CFLAGS = $(DOM0_INCLUDES)

$(SESSION): $(BUILD)/obj/dom0/session/main.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs xenvchan xentoollog libprotobuf-c libseccomp)

ALL += $(SESSION)

install-session: $(SESSION)
	install -D -m 755 $(SESSION) $(DESTDIR)$(PREFIX)/lib/xenbench/xenbench-session
INSTALLS += install-session
.PHONY: install-session
