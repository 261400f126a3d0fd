# Tests. UNIT_TESTS, INTEGRATION_TESTS and FUZZERS are filled by the files included here.
-include $(filter-out tests/build.mk,$(wildcard tests/*/*.mk))

TEST_BINS := $(UNIT_TESTS) $(INTEGRATION_TESTS)
PROVE := prove --timer --comments --exec tests/run-one
FUZZ_SECONDS ?= 5

# Command-line tests that kill, wait or carry many files: minutes together, so a part of their own.
# commands.bats stays with the fast ones and has each of their commands once.
# The longest first. They mostly wait, so that there may be more of them than CPUs.
SLOW_BATS := $(wildcard $(addprefix tests/cli/,experiment.bats run.bats repeat.bats runs.bats kill.bats report.bats image.bats \
	image_lv.bats steps.bats plan.bats transfer.bats volumes.bats exec_many.bats exec_input.bats beside.bats) $(sort $(wildcard tests/integration/*.bats)))
FAST_BATS := $(filter-out $(SLOW_BATS),$(wildcard tests/cli/*.bats tests/code/*.bats))

# With XENBENCH_BIN telling the tests where the programs are.
check-programs: all $(TEST_BINS)
	XENBENCH_BIN=$(CURDIR)/$(BUILD)/bin $(PROVE) -j 2 $(TEST_BINS) $(FAST_BATS)

check-slow-programs: all
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
	+$(MAKE) --no-print-directory FUZZ_SECONDS=600 fuzz-brief

# The lab tests of `make check` are those tagged `check`, some of every part, within minutes.
LAB_FILES := $(sort $(wildcard tests/lab/*.bats))
ifndef LAB_TESTS
LAB_TESTS := $(shell grep -l 'test_tags=check' $(LAB_FILES))
LAB_TAGS ?= check
endif

## make check-lab-all  every lab test: two hours
check-lab-all:
	+$(MAKE) --no-print-directory check-lab LAB_TESTS="$(LAB_FILES)"

## make check-lab      end to end on real Xen in the lab (LAB_TESTS=FILE... picks files, whole)
check-lab: stage
	LAB_TAGS=$(LAB_TAGS) tests/lab/run $(LAB_TESTS)

# A full image of each suite is built and booted, as PV and PVH and by GRUB: some minutes and 1 GB of packages, so not a
# part of `make check`. Ubuntu's are added where its keys are known (tests/suites/run).
SUITES ?= bullseye bookworm trixie
## make check-suites   images of other releases, each booted to its agent (SUITES="trixie noble" picks)
check-suites: stage
	tests/suites/run $(SUITES)

## make check          all tests; installs what it needs
check: deps
	+$(MAKE) --no-print-directory check-fast
	+$(MAKE) --no-print-directory check-slow
	+$(MAKE) --no-print-directory fuzz-brief
	+$(MAKE) --no-print-directory check-lab

# A tree as `make install` lays it out, for the lab.
STAGE := $(BUILD)/stage
stage: all
	+$(MAKE) --no-print-directory DESTDIR=$(CURDIR)/$(STAGE) install

.PHONY: check check-lab-all check-suites check-fast check-programs check-lab fuzz fuzz-brief stage
