# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench compare` on simulated data whose truth is known, and against R. Takes seconds; not part of `make check`.
COMPARE_SIMULATE := $(BUILD)/tests/compare_simulate
$(BUILD)/obj/tests/compare/simulate.o: EXTRA_CFLAGS = $(DOM0_INCLUDES)
$(COMPARE_SIMULATE): $(BUILD)/obj/tests/compare/simulate.o $(BUILD)/obj/tests/compare/noise.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS)

## make check-compare  false alarms and power of `xenbench compare`, simulated; its figures by R where R is installed
check-compare: $(COMPARE_SIMULATE) $(BUILD)/tests/test_stats_rank
	$(COMPARE_SIMULATE)
	$(BUILD)/tests/test_stats_rank
	tests/compare/with-r
.PHONY: check-compare
