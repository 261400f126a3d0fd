# Traces; the parts of dom0 that read them need no Xen.
FUZZ_TRACE_SRC := $(addprefix dom0/trace/trace_,read.c reduce.c hist.c json.c) $(wildcard dom0/base/*.c) proto/err.c

$(BUILD)/fuzz/fuzz_trace: tests/fuzz/fuzz_trace.c $(FUZZ_TRACE_SRC) $(wildcard dom0/trace/trace*.h proto/*.h)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(CPPFLAGS) $(DOM0_INCLUDES) $(FUZZ_FLAGS) -o $@ $(filter %.c,$^) $(DOM0_LIBS)

# A fuzzer's own seeds, besides the common ones: see tests/fuzz/run.
$(BUILD)/fuzz/fuzz_trace.make-seeds: $(BUILD)/obj/tests/fuzz/trace_seeds.o $(BUILD)/obj/tests/unit/trace_make.o
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^

$(BUILD)/obj/tests/fuzz/trace_seeds.o: CPPFLAGS += $(DOM0_INCLUDES) -Itests/unit
$(BUILD)/fuzz/fuzz_trace: | $(BUILD)/fuzz/fuzz_trace.make-seeds
FUZZERS += $(BUILD)/fuzz/fuzz_trace
