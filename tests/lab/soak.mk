# SPDX-License-Identifier: GPL-3.0-or-later
# The soak test: static and without sanitizers, because it tests the machine and not itself.
$(BUILD)/lab/soak: tests/lab/soak.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 $(WARN) -O2 -ffp-contract=off -static -s -o $@ $< -lm

# The soak test as a complete guest: an initramfs with only /init.
$(BUILD)/lab/soak.cpio: $(BUILD)/lab/soak
	@mkdir -p $(BUILD)/lab/soak.d/dev && cp $< $(BUILD)/lab/soak.d/init
	cd $(BUILD)/lab/soak.d && printf '%s\n' . dev init | cpio --quiet -o -H newc -R 0:0 >../soak.cpio
