# SPDX-License-Identifier: GPL-3.0-or-later
# The lab needs one compiled program, the parent of its QEMU. LABD is for this machine, whichever
# suite BUILD is for (`lab` also compiles it, if needed); LABD_INSTALLED is installed.
LABD := build/lab/labd
LABD_INSTALLED := $(BUILD)/bin/labd

$(LABD) $(LABD_INSTALLED): $(wildcard images/lab/labd/*.[ch])
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=gnu17 $(WARN) $(CFLAGS) -ffile-prefix-map=$(CURDIR)=. $(LDFLAGS) -o $@ $(filter %.c,$^)

lab: $(LABD)

LAB_SHARE = $(DESTDIR)$(PREFIX)/share/xenbench/lab
install-lab: $(LABD_INSTALLED)
	install -D -m 755 images/lab/xenbench-lab $(DESTDIR)$(PREFIX)/bin/xenbench-lab
	install -D -m 755 $(LABD_INSTALLED) $(DESTDIR)$(PREFIX)/lib/xenbench/labd
	rm -rf $(LAB_SHARE)
	install -d $(LAB_SHARE)
	install -m 755 images/lab/lab images/lab/with-xenbench images/lab/mkdisk $(LAB_SHARE)/
	install -m 644 images/lab/*.sh $(LAB_SHARE)/
	cp -r --no-preserve=ownership images/lab/dom0 $(LAB_SHARE)/
INSTALLS += install-lab
.PHONY: lab install-lab
