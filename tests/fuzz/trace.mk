# Traces; dom0's parts that read them need no Xen.
FUZZ_TRACE_SRC := dom0/trace/trace_read.c dom0/trace/trace_reduce.c dom0/trace/trace_hist.c dom0/trace/trace_json.c proto/err.c

$(BUILD)/fuzz/fuzz_trace: tests/fuzz/fuzz_trace.c $(FUZZ_TRACE_SRC) $(wildcard dom0/trace/trace*.h proto/*.h)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(CPPFLAGS) $(DOM0_INCLUDES) $(FUZZ_FLAGS) -o $@ $(filter %.c,$^) $(shell pkg-config --libs jansson)

# A fuzzer's own seeds, beside those that all take: see tests/fuzz/run.
$(BUILD)/fuzz/fuzz_trace.make-seeds: $(BUILD)/obj/tests/fuzz/trace_seeds.o $(BUILD)/obj/tests/unit/trace_make.o
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^

$(BUILD)/obj/tests/fuzz/trace_seeds.o: CPPFLAGS += $(DOM0_INCLUDES) -Itests/unit
$(BUILD)/fuzz/fuzz_trace: | $(BUILD)/fuzz/fuzz_trace.make-seeds
FUZZERS += $(BUILD)/fuzz/fuzz_trace
