# SPDX-License-Identifier: GPL-3.0-or-later
# The lab needs one compiled program, the parent of its QEMU. (`lab` also builds it by itself.)
LABD := build/lab/labd

$(LABD): $(wildcard images/lab/labd/*.[ch])
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -D_GNU_SOURCE -O2 $(WARN) -o $@ $(filter %.c,$^)

lab: $(LABD)
.PHONY: lab
