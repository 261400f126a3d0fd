# The lab needs one program built: the parent of its QEMU. (`lab` builds it by itself too.)
LABD := build/lab/labd

$(LABD): $(wildcard images/lab/labd/*.[ch])
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -D_GNU_SOURCE -O2 $(WARN) -o $@ $(filter %.c,$^)

lab: $(LABD)
.PHONY: lab
