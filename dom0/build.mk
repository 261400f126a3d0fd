DOM0_SRC := $(wildcard dom0/*.c)
DOM0_OBJ := $(DOM0_SRC:%.c=$(BUILD)/obj/%.o)
DOM0_PKGS := xenlight xencontrol xenstore xenvchan xentoollog libprotobuf-c libfyaml sqlite3 jansson gsl libzstd zlib
XENBENCH := $(BUILD)/bin/xenbench

$(DOM0_OBJ): EXTRA_CFLAGS = $(shell pkg-config --cflags $(DOM0_PKGS))

$(XENBENCH): $(DOM0_OBJ) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(DOM0_PKGS)) -lxlutil -lm

ALL += $(XENBENCH)

install-dom0: $(XENBENCH)
	install -D -m 755 $(XENBENCH) $(DESTDIR)$(PREFIX)/sbin/xenbench
INSTALLS += install-dom0
.PHONY: install-dom0
