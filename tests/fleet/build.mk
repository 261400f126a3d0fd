# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench fleet report` on simulated data whose truth is known: takes minutes, not part of `make check`.
FLEET_SIMULATE := $(BUILD)/tests/fleet_simulate
$(BUILD)/obj/tests/fleet/simulate.o: EXTRA_CFLAGS = $(DOM0_INCLUDES) -Itests/compare
$(FLEET_SIMULATE): $(BUILD)/obj/tests/fleet/simulate.o $(BUILD)/obj/tests/compare/noise.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS)

## make check-fleet-statistics  false alarms and power of `xenbench fleet report`, simulated; its time and memory for 1,000 hosts
check-fleet-statistics: all $(FLEET_SIMULATE)
	$(FLEET_SIMULATE)
	XENBENCH_BIN=$(CURDIR)/$(BUILD)/bin tests/fleet/scale 10 100 1000
.PHONY: check-fleet-statistics

## make check-fleet    `xenbench fleet submit`, `status` and `collect` with a real Slurm on this machine, of two nodes: all tests, 45 minutes
check-fleet: check-fleet-brief
	@$(MAKE) check-fleet-labs
.PHONY: check-fleet

## make check-fleet-brief  the same without labs: guests behind sockets
check-fleet-brief: all
	XENBENCH_BIN=$(CURDIR)/$(BUILD)/bin $(PROVE) tests/fleet/slurm.bats tests/fleet/slurm_loss.bats
.PHONY: check-fleet-brief

## make check-fleet-labs  the part of check-fleet in which each task of Slurm has a lab of its own: half an hour
check-fleet-labs: suite-stage
	XENBENCH_BIN=$(CURDIR)/$(BUILD)/bin $(PROVE) tests/fleet/labs.bats
.PHONY: check-fleet-labs
