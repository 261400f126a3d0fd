## make bench-clone    how long each method of cloning takes, at two sizes, in the lab
bench-clone: stage
	tests/bench/clone
.PHONY: bench-clone
