# SPDX-License-Identifier: GPL-3.0-or-later
## make bench          what xenbench takes beside what people use in its place, beside xl, and clones of two sizes, in the lab
bench: bench-peers bench-lifecycle bench-clone

## make bench-peers    xenbench beside ssh, scp, xl and libxenvchan alone: ratios, their intervals, and the goals (ROUNDS=10 of each)
bench-peers: stage $(BUILD)/bin/ratios
	tests/bench/peers

$(BUILD)/obj/tests/bench/ratios.o: CPPFLAGS += $(DOM0_INCLUDES)
$(BUILD)/bin/ratios: $(BUILD)/obj/tests/bench/ratios.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS)

## make bench-lifecycle  boot, checkpoint, restore, shutdown of three guests at once, beside xl
bench-lifecycle: stage
	tests/bench/lifecycle

## make bench-clone    how long each method of cloning takes, at two sizes, in the lab
bench-clone: stage
	tests/bench/clone
.PHONY: bench bench-clone bench-lifecycle bench-peers

## make bench-cells    what a cell costs beyond its job, over vchan in the lab (OTHER=PROGRAM: another xenbench beside it)
bench-cells: stage $(BUILD)/bin/ratios
	tests/bench/cells-lab $(OTHER)
.PHONY: bench-cells

## make bench-start    what the start of a command costs beside /bin/true (OTHER=FOLDER: another build's programs beside it)
bench-start: all
	tests/bench/start $(OTHER)
.PHONY: bench-start

## make bench-scale    how dispatch, cells, memory and CPU time grow with the number of guests, 1 to 64, in the lab (GUESTS="1 2 4")
bench-scale: stage
	tests/bench/scale
.PHONY: bench-scale

## make bench-store    how long stores of up to 1,000,000 samples take to import, to report and to compare, and how much memory
bench-store: all
	tests/bench/store
.PHONY: bench-store
