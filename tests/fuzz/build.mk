# SPDX-License-Identifier: GPL-3.0-or-later
# libFuzzer over the shipped code. Each fuzz_NAME.c is a fuzzer. Its seeds are the files in SEEDS_NAME and those that the
# program seeds_NAME, if there is one, writes into a folder. clang builds the code once, with its sanitizers, into archives
# that all fuzzers link. In this build, readers ignore checksums (stream_format.h).
FUZZ_CC ?= clang
FUZZ_DIR := $(BUILD)/fuzz
FUZZ_SANITIZE := address,undefined
FUZZ_CFLAGS := -std=gnu17 -g -O1 -w -Werror=implicit-function-declaration -fsanitize=fuzzer-no-link,$(FUZZ_SANITIZE) -fno-sanitize-recover=undefined \
	-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION -MMD -MP
FUZZ_AGENT_NAMES := fuzz_frame fuzz_session
FUZZ_NAMES := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_DOM0_NAMES := $(filter-out $(FUZZ_AGENT_NAMES),$(FUZZ_NAMES))

SEEDS_experiment := $(wildcard dom0/examples/*.yaml tests/cli/malformed/*)
SEEDS_workload := $(wildcard images/workloads/*.yaml)
SEEDS_stream := $(addprefix tests/data/old/,image-1.xbs checkpoint-1-zstd checkpoint-1-none)
SEEDS_host := tests/cli/host.json
SEEDS_grub := tests/data/grub.cfg
SEEDS_lvm := tests/data/fuzz/lvs.json
SEEDS_cfg := tests/data/fuzz/guest.cfg
SEEDS_derive := tests/data/fuzz/derive
SEEDS_image := tests/data/fuzz/image.json
SEEDS_store := $(wildcard tests/data/fuzz/results-*.json) tests/data/fuzz/store-empty

# fuzz_session replaces these functions, so that no input touches a process or a file.
$(FUZZ_DIR)/fuzz_session: FUZZ_LDFLAGS = $(addprefix -Wl$(comma)--wrap=,fork kill wait4 waitpid open mkostemp rename unlink)
$(FUZZ_DIR)/fuzz_experiment $(FUZZ_DIR)/fuzz_workload: FUZZ_LDFLAGS = -Wl,--wrap=regcomp
$(FUZZ_DIR)/fuzz_experiment $(FUZZ_DIR)/fuzz_workload: $(FUZZ_DIR)/obj/tests/fuzz/short_patterns.o
# These fuzzers replace functions that read files or start processes: the input stands for their data.
$(FUZZ_DIR)/fuzz_apart: FUZZ_LDFLAGS = $(addprefix -Wl$(comma)--wrap=,xb_apart_start xb_apart_hear)
$(FUZZ_DIR)/fuzz_derive: FUZZ_LDFLAGS = $(addprefix -Wl$(comma)--wrap=,xb_cfg_read xb_create_private)
$(FUZZ_DIR)/fuzz_image: FUZZ_LDFLAGS = -Wl,--wrap=xb_sha256_file
# This fuzzer defines functions that would need Xen; its own definitions come first and win.
$(FUZZ_DIR)/fuzz_controller: FUZZ_LDFLAGS = -Wl,--allow-multiple-definition
comma := ,

$(FUZZ_DIR)/obj/%.o: %.c | $(GENERATED)
	@mkdir -p $(@D)
	@echo "  FUZZ-CC  $<"
	@$(FUZZ_CC) $(CPPFLAGS) $(FUZZ_INCLUDES) $(FUZZ_PKGS) $(FUZZ_CFLAGS) -c -o $@ $<

$(FUZZ_DIR)/obj/gen/xenbench.pb-c.o: $(BUILD)/gen/xenbench.pb-c.c
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(CPPFLAGS) $(FUZZ_CFLAGS) -c -o $@ $<

FUZZ_PKGS := $(shell pkg-config --cflags $(DOM0_PKGS))
FUZZ_INCLUDES = $(DOM0_INCLUDES)
$(FUZZ_DIR)/obj/guest-agent/%.o $(FUZZ_AGENT_NAMES:%=$(FUZZ_DIR)/obj/tests/fuzz/%.o): FUZZ_INCLUDES := -Iguest-agent

$(FUZZ_DIR)/lib/libxbdom0.a: $(patsubst %.c,$(FUZZ_DIR)/obj/%.o,$(filter-out %/main.c,$(DOM0_SRC)))
$(FUZZ_DIR)/lib/libxbagent.a: $(patsubst %.c,$(FUZZ_DIR)/obj/%.o,$(filter-out %/main.c,$(AGENT_SRC)))
$(FUZZ_DIR)/lib/libxbproto.a: $(PROTO_SRC:%.c=$(FUZZ_DIR)/obj/%.o) $(FUZZ_DIR)/obj/gen/xenbench.pb-c.o
$(FUZZ_DIR)/lib/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	@$(AR) rcs $@ $^

FUZZERS := $(FUZZ_NAMES:%=$(FUZZ_DIR)/%)
$(FUZZERS): $(FUZZ_DIR)/%: $(FUZZ_DIR)/obj/tests/fuzz/%.o
	@mkdir -p $@.seeds
	$(if $(filter-out %.o %.a,$^),@cp $(filter-out %.o %.a,$^) $@.seeds)
	@echo "  FUZZ-LD  $@"
	@$(FUZZ_CC) -fsanitize=fuzzer,$(FUZZ_SANITIZE) $(FUZZ_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(FUZZ_LIBS)
$(foreach name,$(FUZZ_NAMES:fuzz_%=%),$(eval $(FUZZ_DIR)/fuzz_$(name): $(SEEDS_$(name))))
$(FUZZ_AGENT_NAMES:%=$(FUZZ_DIR)/%): $(FUZZ_DIR)/lib/libxbagent.a $(FUZZ_DIR)/lib/libxbproto.a
$(FUZZ_AGENT_NAMES:%=$(FUZZ_DIR)/%): FUZZ_LIBS = $(shell pkg-config --libs $(AGENT_PKGS))
$(FUZZ_DOM0_NAMES:%=$(FUZZ_DIR)/%): $(FUZZ_DIR)/lib/libxbdom0.a $(FUZZ_DIR)/lib/libxbproto.a
$(FUZZ_DOM0_NAMES:%=$(FUZZ_DIR)/%): FUZZ_LIBS = $(DOM0_LIBS)

# The programs that write seeds are built without the fuzzers' compiler and flags.
SEED_MAKERS := $(patsubst tests/fuzz/%.c,$(FUZZ_DIR)/%,$(wildcard tests/fuzz/seeds_*.c))
$(patsubst $(FUZZ_DIR)/%,$(BUILD)/obj/tests/fuzz/%.o,$(SEED_MAKERS)): EXTRA_CFLAGS = $(DOM0_INCLUDES) -Itests/unit
$(SEED_MAKERS): $(FUZZ_DIR)/%: $(BUILD)/obj/tests/fuzz/%.o $(BUILD)/obj/tests/unit/trace_make.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	@$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS)
# Both fuzzers have the same seeds: frames that pass the agent's first checks.
$(FUZZ_DIR)/seeds_frame: $(FUZZ_DIR)/seeds_session
	ln -f $< $@
$(FUZZERS): | $(SEED_MAKERS) $(FUZZ_DIR)/seeds_frame
-include $(shell test -d $(FUZZ_DIR)/obj && find $(FUZZ_DIR)/obj -name '*.d')

## make fuzz-coverage  how much of each parser of foreign bytes its fuzzer reaches (FUZZ_SECONDS=180 each)
COVERAGE_SECONDS = $(if $(filter file,$(origin FUZZ_SECONDS)),180,$(FUZZ_SECONDS))
fuzz-coverage: deps-coverage
	+$(MAKE) --no-print-directory FUZZ_DIR=$(BUILD)/fuzz-coverage FUZZ_SANITIZE=undefined \
	  FUZZ_CC='$(FUZZ_CC) -fprofile-instr-generate -fcoverage-mapping' FUZZ_SECONDS=$(COVERAGE_SECONDS) fuzz-coverage-table
fuzz-coverage-table: $(FUZZERS)
	tests/fuzz/coverage $(FUZZ_SECONDS) $(FUZZ_DIR)
.PHONY: fuzz-coverage fuzz-coverage-table
