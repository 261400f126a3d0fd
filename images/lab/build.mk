# The lab needs one program built: the parent of its QEMU. (`lab` builds it by itself too.)
LABD := build/lab/labd

$(LABD): images/lab/labd.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -O2 $(WARN) -o $@ $<

lab: $(LABD)
.PHONY: lab
