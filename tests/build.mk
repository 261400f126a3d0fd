# SPDX-License-Identifier: GPL-3.0-or-later
# Tests. The files included here set UNIT_TESTS, INTEGRATION_TESTS and FUZZERS.
-include $(filter-out tests/build.mk,$(wildcard tests/*/*.mk))

TEST_BINS := $(UNIT_TESTS) $(INTEGRATION_TESTS)
PROVE := prove --timer --comments --exec tests/run-one
FUZZ_SECONDS ?= 2

# Command-line tests that kill, wait or copy many files take minutes, so they are a separate part.
# commands.bats, one of the fast tests, runs each of their commands once.
SLOW_BATS := $(wildcard $(addprefix tests/cli/,hostile.bats hostile_commands.bats background.bats experiment.bats run.bats repeat.bats runs.bats kill.bats report.bats image.bats \
	image_lv.bats steps.bats plan.bats transfer.bats volumes.bats exec_many.bats exec_input.bats beside.bats watch.bats shard.bats fleet.bats) tests/fleet/slurm.bats $(sort $(wildcard tests/integration/*.bats)))
FAST_BATS := $(filter-out $(SLOW_BATS),$(wildcard tests/cli/*.bats tests/code/*.bats))

# XENBENCH_BIN tells the tests where the programs are.
check-programs: all $(TEST_BINS)
	XENBENCH_BIN=$(CURDIR)/$(BUILD)/bin $(PROVE) -j 2 $(TEST_BINS) $(FAST_BATS)

check-slow-programs: all $(AGENT_TESTS)
	XENBENCH_BIN=$(CURDIR)/$(BUILD)/bin $(PROVE) -j 3 $(SLOW_BATS)

## make check-slow     the command-line tests that take minutes, under ASan and UBSan; no lab
check-slow:
	+$(MAKE) --no-print-directory SAN=1 check-slow-programs

## make check-fast     unit, integration and command-line tests under ASan and UBSan; no lab
check-fast:
	+$(MAKE) --no-print-directory SAN=1 check-programs

fuzz-brief: $(FUZZERS)
	tests/fuzz/run $(FUZZ_SECONDS) $(FUZZERS)

## make fuzz           the fuzzers, ten minutes each
fuzz:
	+FUZZ_SEED=0 $(MAKE) --no-print-directory FUZZ_SECONDS=600 fuzz-brief

# The lab tests of `make check` are those tagged `check`: a few of each part, which take minutes.
LAB_FILES := $(sort $(wildcard tests/lab/*.bats))
ifndef LAB_TESTS
LAB_TESTS := $(shell grep -lw 'test_tags=check' $(LAB_FILES))
LAB_TAGS ?= check
endif

## make check-lab-all  every lab test: two hours
check-lab-all:
	+$(MAKE) --no-print-directory check-lab LAB_TESTS="$(LAB_FILES)"

## make check-lab      end to end on real Xen in the lab (LAB_TESTS=FILE... picks files, whole; SUITE=trixie the lab's Debian)
check-lab: suite-stage
	SUITE=$(SUITE) LAB_TAGS=$(LAB_TAGS) tests/lab/run $(LAB_TESTS)

## make check-table    what the last lab tests gave in labs of bookworm and of trixie, as a table in Markdown
check-table:
	@tests/lab/table bookworm trixie

# The few tests tagged `suites`, which need no large image, in a lab of the other Debian than this machine's. The lab is
# booted, because freezing and thawing a lab that is used only once takes longer.
OTHER_SUITE = $(if $(filter trixie,$(SUITE)),bookworm,trixie)
## make check-lab-other the lab tests of `make check` for the other Debian: bookworm's on trixie, trixie's on any other machine
check-lab-other:
	+LAB_IMAGES=micro LAB_OPTIONS=--cold $(MAKE) --no-print-directory check-lab SUITE=$(OTHER_SUITE) LAB_TAGS=suites \
	  LAB_TESTS="$(shell grep -l 'test_tags=.*\bsuites\b' $(LAB_FILES))"

# rtds, null and arinc653 need a hypervisor with schedulers that Debian leaves out, so one is built from Debian's source,
# once. Core scheduling and NUMA are tested there, too. Not part of `make check`.
SCHEDULER_TESTS ?= $(sort $(wildcard tests/lab/schedulers/*.bats))
## make check-schedulers  every scheduler on a hypervisor that has them, and a table of shares (SCHEDULER_TESTS=FILE... picks)
check-schedulers: deps-hypervisor
	+$(MAKE) --no-print-directory suite-stage SUITE=$(shell . images/lab/suite.sh && hypervisor_suite)
	tests/lab/schedulers/run $(SCHEDULER_TESTS)

## make check-agents   guests with each Debian's agent, and with one of an earlier protocol, in labs of both
check-agents:
	+$(MAKE) --no-print-directory suite-stage SUITE=bookworm
	+$(MAKE) --no-print-directory suite-stage SUITE=trixie
	tests/lab/agents/run bookworm trixie

## make check-faults   the known faults of emulator and hypervisor, each provoked in a lab of SUITE, as a table (FAULTS=NAME... picks)
check-faults: suite-stage
	tests/lab/faults $(SUITE) $(FAULTS)

## make faults         each fault at each moment of xenbench's commands on real Xen, as a table (MOMENTS=NAME... and FAULTS=NAME... pick)
faults: stage
	FAULTS="$(FAULTS)" tests/lab/fault-table $(MOMENTS)
.PHONY: faults

## make hostile-figures  are honest guests' times beside a hostile guest what they are without it? A table, in a lab of two CPUs
hostile-figures: stage
	tests/lab/hostile-figures $(ATTACKS)
.PHONY: hostile-figures

# Builds a full image of each suite and boots it as PV and as PVH, directly and by GRUB. That takes
# minutes and 1 GB of packages, so it is not part of `make check`. Ubuntu's suites need Ubuntu's keys
# (tests/suites/run).
SUITES ?= bullseye bookworm trixie
## make check-suites   images of other releases, each booted to its agent (SUITES="trixie noble" picks)
check-suites: suite-stage
	SUITE=$(SUITE) tests/suites/run $(SUITES)

# The Debian of labs and of check-fresh: this machine's, if labs of it are supported.
SUITE ?= $(shell . images/lab/suite.sh && default_suite)
CHECK_FRESH ?= check-fast
## make check-fresh    the committed tree in a clean Debian, SUITE=trixie or bookworm: deps, build and CHECK_FRESH="check demo"
check-fresh:
	mk/fresh $(SUITE) $(CHECK_FRESH)

## make check          lint, the tests without a lab, a short round of the fuzzers, and a few lab tests of each part; installs what it needs
check: deps
	+$(MAKE) --no-print-directory lint
	+$(MAKE) --no-print-directory check-fast
	+$(MAKE) --no-print-directory check-slow
	+$(MAKE) --no-print-directory fuzz-brief
	+$(MAKE) --no-print-directory check-lab

# The tree that `make install` makes, for the lab.
STAGE := $(BUILD)/stage
stage: all
	+$(MAKE) --no-print-directory DESTDIR=$(CURDIR)/$(STAGE) install

# The tree for the lab's Dom0, even if that has another Debian than this machine.
suite-stage: stage
	$(if $(filter $(SUITE),$(shell . images/lab/suite.sh && host_suite)),,mk/suite-stage $(SUITE) $(DEPS_BUILD))

.PHONY: check check-agents check-faults check-fresh check-lab-all check-lab-other check-schedulers check-suites check-table check-fast check-programs check-lab fuzz fuzz-brief stage suite-stage
