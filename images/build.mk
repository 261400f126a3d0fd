# SPDX-License-Identifier: GPL-3.0-or-later
# The programs that go into images: static, so that they run in any image, and without sanitizers,
# because they are measured.
IMAGE_PROGRAMS := $(BUILD)/bin/spin $(BUILD)/bin/mkclip
IMAGE_CFLAGS := -std=gnu17 -D_GNU_SOURCE $(WARN) -O2

$(IMAGE_PROGRAMS): $(BUILD)/bin/%: images/workloads/%.c
	@mkdir -p $(@D)
	$(CC) $(IMAGE_CFLAGS) -static -o $@ $< -lm

ALL += $(IMAGE_PROGRAMS)

SHARE = $(DESTDIR)$(PREFIX)/share/xenbench
install-images: $(IMAGE_PROGRAMS)
	install -D -t $(DESTDIR)$(PREFIX)/lib/xenbench $(IMAGE_PROGRAMS)
	for recipe in common debian micro; do \
	    rm -rf $(SHARE)/$$recipe && mkdir -p $(SHARE) && cp -R images/$$recipe $(SHARE)/; done
	rm -rf $(SHARE)/workloads && install -D -m 644 -t $(SHARE)/workloads images/workloads/*.yaml
INSTALLS += install-images
.PHONY: install-images
