# SPDX-License-Identifier: GPL-3.0-or-later
## make bench          what xenbench takes beside what xl takes, and clones of two sizes, in the lab
bench: bench-lifecycle bench-clone

## make bench-lifecycle  boot, checkpoint, restore, shutdown of three guests at once, beside xl
bench-lifecycle: stage
	tests/bench/lifecycle

## make bench-clone    how long each method of cloning takes, at two sizes, in the lab
bench-clone: stage
	tests/bench/clone
.PHONY: bench bench-clone bench-lifecycle

## make bench-cells    what a cell costs beyond its job, over vchan in the lab (OTHER=PROGRAM: another xenbench beside it)
bench-cells: stage
	tests/bench/cells-lab $(OTHER)
.PHONY: bench-cells

## make bench-start    what the start of a command costs beside /bin/true (OTHER=FOLDER: another build's programs beside it)
bench-start: all
	tests/bench/start $(OTHER)
.PHONY: bench-start
