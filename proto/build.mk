# SPDX-License-Identifier: GPL-3.0-or-later
PROTO_SRC := proto/err.c proto/frame.c proto/link.c proto/channel_unix.c proto/channel_vchan.c
GENERATED += $(BUILD)/gen/xenbench.pb-c.h
PROTO_OBJ := $(PROTO_SRC:%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/gen/xenbench.pb-c.o
PROTO_LIB := $(BUILD)/lib/libxbproto.a

$(BUILD)/gen/xenbench.pb-c.c $(BUILD)/gen/xenbench.pb-c.h &: proto/xenbench.proto
	@mkdir -p $(BUILD)/gen
	$(PROTOC_C) --proto_path=proto --c_out=$(BUILD)/gen $<

$(PROTO_LIB): $(PROTO_OBJ)
	@mkdir -p $(@D)
	rm -f $@
	$(AR) rcs $@ $^

ALL += $(PROTO_LIB)
