# libFuzzer over the shipped code, built by clang with its sanitizers.
FUZZ_CC ?= clang
FUZZ_FLAGS := -std=gnu17 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -w
FUZZ_LIBS = $(shell pkg-config --libs xenvchan xenstore libprotobuf-c)
FUZZ_HEADERS := $(wildcard proto/*.h guest-agent/*.h)

# fuzz_session replaces these, so that no input touches a process or a file.
FUZZ_WRAPPED := fork kill wait4 waitpid open mkostemp rename unlink

$(BUILD)/fuzz/fuzz_frame: tests/fuzz/fuzz_frame.c $(PROTO_SRC) $(BUILD)/gen/xenbench.pb-c.c $(FUZZ_HEADERS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(CPPFLAGS) $(FUZZ_FLAGS) -o $@ $(filter %.c,$^) $(FUZZ_LIBS)

$(BUILD)/fuzz/fuzz_session: tests/fuzz/fuzz_session.c $(filter-out %/main.c,$(AGENT_SRC)) $(PROTO_SRC) \
	$(BUILD)/gen/xenbench.pb-c.c $(FUZZ_HEADERS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(CPPFLAGS) -Iguest-agent $(FUZZ_FLAGS) $(FUZZ_WRAPPED:%=-Wl,--wrap=%) -o $@ $(filter %.c,$^) \
		$(FUZZ_LIBS)

$(BUILD)/fuzz/seeds: $(BUILD)/obj/tests/fuzz/seeds.o $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(FUZZ_LIBS)

$(BUILD)/fuzz/fuzz_frame $(BUILD)/fuzz/fuzz_session: | $(BUILD)/fuzz/seeds
FUZZERS += $(BUILD)/fuzz/fuzz_frame $(BUILD)/fuzz/fuzz_session

# Streams, exports and checkpoints; older versions' files are among the seeds. With libFuzzer's
# macro the reader ignores checksums.
FUZZ_STREAM_SRC := $(addprefix dom0/,$(addprefix storage/stream_,format.c pack.c read.c write.c) storage/sparse.c \
	checkpoint/checkpoint_file.c checkpoint/checkpoint_old.c) $(wildcard dom0/base/*.c) proto/err.c
OLD_STREAMS := $(addprefix tests/data/old/,image-1.xbs checkpoint-1-zstd checkpoint-1-none)

$(BUILD)/fuzz/fuzz_stream: tests/fuzz/fuzz_stream.c $(FUZZ_STREAM_SRC) $(OLD_STREAMS) \
	$(wildcard dom0/storage/stream*.h dom0/checkpoint/checkpoint_*.h)
	@mkdir -p $(@D) $@.seeds
	cp $(OLD_STREAMS) $@.seeds
	$(FUZZ_CC) $(CPPFLAGS) $(DOM0_INCLUDES) $(FUZZ_FLAGS) -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION -o $@ $(filter %.c,$^) \
		$(DOM0_LIBS)

$(BUILD)/obj/tests/fuzz/seeds_stream.o: CPPFLAGS += $(DOM0_INCLUDES)
$(BUILD)/fuzz/fuzz_stream.make-seeds: $(BUILD)/obj/tests/fuzz/seeds_stream.o $(DOM0_LIB) $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(DOM0_LIBS)

$(BUILD)/fuzz/fuzz_stream: | $(BUILD)/fuzz/fuzz_stream.make-seeds
FUZZERS += $(BUILD)/fuzz/fuzz_stream

# The controller's session with an agent behind a socket.
FUZZ_CONTROLLER_SRC := $(wildcard dom0/agent/agent*.c dom0/base/*.c) $(addprefix dom0/app/,xswait.c xen.c xen_domains.c) $(PROTO_SRC)

$(BUILD)/fuzz/fuzz_controller: tests/fuzz/fuzz_controller.c $(FUZZ_CONTROLLER_SRC) $(BUILD)/gen/xenbench.pb-c.c $(wildcard dom0/agent/*.h)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(CPPFLAGS) $(DOM0_INCLUDES) $(FUZZ_FLAGS) -o $@ $(filter %.c,$^) $(DOM0_LIBS)

$(BUILD)/fuzz/fuzz_controller.make-seeds: $(BUILD)/obj/tests/fuzz/seeds_controller.o $(PROTO_LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(FUZZ_LIBS)

$(BUILD)/fuzz/fuzz_controller: | $(BUILD)/fuzz/fuzz_controller.make-seeds
FUZZERS += $(BUILD)/fuzz/fuzz_controller

# Experiment files; the seeds are the examples and the tests' refused files.
FUZZ_EXPERIMENT_SRC := $(wildcard $(addprefix dom0/,experiment/*.c yaml/*.c base/*.c)) \
	$(addprefix dom0/,sched/allocation.c sched/allocation_rows.c sched/cpus.c sched/pool_params.c sched/promise.c sched/schedule.c sched/setting.c sched/sched_words.c \
	sched/units.c) proto/err.c

$(BUILD)/fuzz/fuzz_experiment: tests/fuzz/fuzz_experiment.c $(FUZZ_EXPERIMENT_SRC) $(wildcard dom0/experiment/*.h) \
	$(wildcard dom0/examples/*.yaml tests/cli/malformed/*)
	@mkdir -p $(@D) $@.seeds
	cp $(filter dom0/examples/% tests/cli/malformed/%,$^) $@.seeds
	$(FUZZ_CC) $(CPPFLAGS) $(DOM0_INCLUDES) $(FUZZ_FLAGS) -Wl,--wrap=regcomp -o $@ $(filter %.c,$^) $(DOM0_LIBS)
FUZZERS += $(BUILD)/fuzz/fuzz_experiment
