# vmstub - build, install, try, test.
#   make            ./vmstub
#   make demo       from nothing to a gdb on a real crash dump
#   make test       from nothing: everything; make check: the quick tier
#   make check-style  clang-format, warnings as errors, include layers, cppcheck
#   make SAN=1 ...  the same with ASan and UBSan, in build-san/

PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= gcc
VERSION := 0.1.0

ifeq ($(SAN),1)
B       := build-san
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
PROG    := $(B)/vmstub
else
B       := build
PROG    := vmstub
endif

PKG_CONFIG ?= pkg-config
have = $(shell $(PKG_CONFIG) --exists $(1) && echo y)

LIBS    := -lelf -ldw -lz
DEFS    := -D_GNU_SOURCE -DVMSTUB_VERSION='"$(VERSION)"'
# lzo2 of Debian 12 ships no usable .pc name on all releases: its header decides.
ifneq ($(wildcard /usr/include/lzo/lzo1x.h),)
DEFS    += -DHAVE_LZO
LIBS    += -llzo2
endif
ifeq ($(call have,libzstd),y)
DEFS    += -DHAVE_ZSTD
LIBS    += -lzstd
endif
# decodes zlib pages about twice as fast as zlib; zlib does without it
ifeq ($(call have,libdeflate),y)
DEFS    += -DHAVE_LIBDEFLATE
LIBS    += -ldeflate
endif
ifneq ($(wildcard /usr/include/snappy-c.h),)
DEFS    += -DHAVE_SNAPPY
LIBS    += -lsnappy
endif
ifeq ($(call have,libbpf),y)
DEFS    += -DHAVE_LIBBPF
LIBS    += -lbpf
endif
ifneq ($(wildcard /usr/include/capstone/capstone.h),)
DEFS    += -DHAVE_CAPSTONE
LIBS    += -lcapstone
endif

WARN    := -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
ifeq ($(WERROR),1)
WARN    += -Werror
endif
OPT     ?= -O2 -g
CFLAGS_ALL := -std=gnu11 $(OPT) $(WARN) $(SANFLAGS) $(DEFS) -I. -MMD -MP $(CFLAGS)

SRC     := $(wildcard stub/*.c stub/*/*.c arch/*/*.c)
OBJ     := $(SRC:%.c=$(B)/%.o)
# everything but main(): what unit tests, fuzzers and benchmarks link with
LIBOBJ  := $(filter-out $(B)/stub/main.o,$(OBJ))
LIB     := $(B)/libvmstub.a

all: $(PROG)

$(PROG): $(B)/stub/main.o $(LIB)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(LIB): $(LIBOBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -c -o $@ $<

# --- unit tests: one program per tests/unit/test_*.c, cmocka
UNIT    := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))
$(B)/unit/%: $(B)/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka
unit: $(UNIT)
	@for t in $(UNIT); do $$t || exit 1; done

# --- helpers of the end-to-end tests: one program per tests/tools/*.c
$(B)/tools/%: $(B)/tests/tools/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

clean:
	rm -rf build build-san vmstub

-include $(OBJ:.o=.d) $(patsubst %,$(B)/tests/unit/%.d,$(notdir $(UNIT)))

.PHONY: all unit clean
.SECONDARY:
