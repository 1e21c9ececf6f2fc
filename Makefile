# SPDX-License-Identifier: GPL-3.0-or-later
# vmstub - build, install, try, test.
#   make            ./vmstub
#   make install    PREFIX=/usr/local, DESTDIR=; make uninstall
#   make static     build-static/vmstub, which needs no shared libraries
#   make deb, rpm   packages, in build-packages/
#   make demo       install everything and start gdb on a real crash dump
#   make test       install everything and run all tests (GDBS=all: with all versions of gdb)
#   make check      run the quick tests
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
else ifeq ($(FUZZ),1)
B       := build-fuzz
CC      := clang
# clang also warns of fields that a designated initializer leaves zero, as is meant here
WARN_CC := -Wno-missing-field-initializers
SANFLAGS := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
PROG    := $(B)/vmstub
else ifeq ($(STATIC),1)
# glibc of Debian 12 and newer runs on Linux 3.2 and newer
B       := build-static
PROG    := $(B)/vmstub
else
B       := build
PROG    := vmstub
endif

PKG_CONFIG ?= pkg-config
have = $(shell $(PKG_CONFIG) --exists $(1) 2>/dev/null && echo y)

LIBS    := -lelf -ldw -lz -pthread
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
# reads pages of programs that zram or zswap compressed with it
ifeq ($(call have,liblz4),y)
DEFS    += -DHAVE_LZ4
LIBS    += -llz4
endif
# unpacks .xz files
ifeq ($(call have,liblzma),y)
DEFS    += -DHAVE_LZMA
LIBS    += -llzma
endif
# optional: decodes zlib pages about twice as fast as zlib
ifeq ($(call have,libdeflate),y)
DEFS    += -DHAVE_LIBDEFLATE
LIBS    += -ldeflate
endif
ifneq ($(wildcard /usr/include/snappy-c.h),)
DEFS    += -DHAVE_SNAPPY
CODEC   := -lsnappy
endif
# without it, vmstub keeps rights that it does not need
ifeq ($(call have,libseccomp),y)
DEFS    += -DHAVE_SECCOMP
LIBS    += -lseccomp
endif
# writes the BTF of unit tests
ifeq ($(call have,libbpf),y)
DEFS    += -DHAVE_LIBBPF
TESTLIBS := -lbpf
endif
# writes JSON: of --report, and of verbs with --json
ifeq ($(call have,jansson),y)
DEFS    += -DHAVE_JANSSON
LIBS    += -ljansson
endif
# formats the events of trace
ifeq ($(call have,libtraceevent),y)
DEFS    += -DHAVE_TRACEEVENT
LIBS    += -ltraceevent
endif
# libopcodes changed its interface in binutils 2.39.
ifneq ($(wildcard /usr/include/dis-asm.h),)
DEFS    += -DHAVE_OPCODES
DISASM  := -lopcodes -lbfd
ifneq ($(shell grep -c fprintf_styled_ftype /usr/include/dis-asm.h),0)
DEFS    += -DOPCODES_STYLED
endif
endif

# Loading libstdc++ and libbfd, which snappy and libopcodes need, takes a quarter of the time to the first
# reply. So link them statically if their archives are installed.
links   = $(shell echo 'char $(1)(void); int main(void) { return $(1)(); }' | \
	$(CC) -w -fno-builtin $(LDFLAGS) -x c - -o /dev/null $(2) 2>/dev/null && echo y)
archive = $(if $(2),$(if $(call links,$(1),-Wl$(comma)-Bstatic $(2) $(3) -Wl$(comma)-Bdynamic $(BASELIBS)),\
	-Wl$(comma)-Bstatic $(2) $(3) -Wl$(comma)-Bdynamic,$(2)))
comma   := ,
PROGLIBS = $(call archive,snappy_uncompress,$(CODEC),-lstdc++) $(call archive,disassembler,$(DISASM),-lsframe -liberty) \
	$(BASELIBS)
BASELIBS := $(LIBS)
LIBS    += $(CODEC) $(DISASM)
ifeq ($(STATIC),1)
# Archives do not name the libraries that they need.
BEHIND  := -lstdc++ -lsframe -liberty -llzma -lbz2 -lzstd -lm
PROGLIBS = -static -s -Wl,--start-group $(LIBS) $(foreach l,$(BEHIND),$(if $(call links,getpid,-static $(l)),$(l))) -Wl,--end-group
DEFS    += -DVMSTUB_STATIC
endif

ifeq ($(FUZZ),1)
# inputs are small, so lower the limit of records in a flattened dump
DEFS    += -DFLATMAP_ENTRIES=64 -DRAW_MIN_SIZE=4096
endif

# compilers differ in whether these are errors; a call with other arguments is a fault in each
WARN    := -Werror=incompatible-pointer-types -Werror=implicit-function-declaration
WARN    += -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith $(WARN_CC)
ifeq ($(WERROR),1)
WARN    += -Werror
endif
# with sanitizers, -O1 takes half as long to build, and what is built runs for seconds only
OPT     ?= $(if $(SANFLAGS),-O1,-O2) -g
CFLAGS_ALL := -std=gnu11 $(OPT) $(WARN) $(SANFLAGS) $(DEFS) -I. -MMD -MP $(CPPFLAGS) $(CFLAGS)

SRC     := $(sort $(shell find stub arch -name "*.c"))
OBJ     := $(SRC:%.c=$(B)/%.o)
# everything except main(), for unit tests, fuzzers and benchmarks
LIBOBJ  := $(filter-out $(B)/stub/main.o,$(OBJ))
LIB     := $(B)/libvmstub.a

all: $(PROG)

$(PROG): $(B)/stub/main.o $(LIB)
	@command -v $(firstword $(PKG_CONFIG)) >/dev/null || echo "$@: without pkg-config the libraries that it finds are left out (tests/install-deps build)" >&2
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(PROGLIBS)

$(LIB): $(LIBOBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -c -o $@ $<

# --- install: the program, vmgdb, the gdb commands, the man pages, and completion for shells
ZSHDIR  ?= $(PREFIX)/share/zsh/site-functions
BASHCOMP = $(SHARE)/bash-completion/completions
FISHCOMP = $(SHARE)/fish/vendor_completions.d
SHARE   = $(DESTDIR)$(PREFIX)/share
MAN     = $(SHARE)/man/man1
install: $(PROG)
	install -D -m 755 $(PROG) $(DESTDIR)$(PREFIX)/bin/vmstub
	install -D -m 755 gdbscripts/vmgdb $(DESTDIR)$(PREFIX)/bin/vmgdb
	install -D -m 644 gdbscripts/vmstub.gdb $(SHARE)/vmstub/vmstub.gdb
	install -D -m 644 packaging/completions/vmstub.bash $(BASHCOMP)/vmstub
	ln -sf vmstub $(BASHCOMP)/vmgdb
	install -D -m 644 packaging/completions/_vmstub $(DESTDIR)$(ZSHDIR)/_vmstub
	install -D -m 644 packaging/completions/vmstub.fish $(FISHCOMP)/vmstub.fish
	ln -sf vmstub.fish $(FISHCOMP)/vmgdb.fish
	install -d $(MAN)
	sed 's/@VERSION@/$(VERSION)/' docs/vmstub.1 >$(MAN)/vmstub.1
	sed 's/@VERSION@/$(VERSION)/' docs/vmgdb.1 >$(MAN)/vmgdb.1
	chmod 644 $(MAN)/vmstub.1 $(MAN)/vmgdb.1

# the same PREFIX, DESTDIR and ZSHDIR as for make install
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/vmstub $(DESTDIR)$(PREFIX)/bin/vmgdb $(SHARE)/vmstub/vmstub.gdb
	rm -f $(MAN)/vmstub.1 $(MAN)/vmgdb.1 $(DESTDIR)$(ZSHDIR)/_vmstub
	rm -f $(BASHCOMP)/vmstub $(BASHCOMP)/vmgdb $(FISHCOMP)/vmstub.fish $(FISHCOMP)/vmgdb.fish
	-rmdir $(SHARE)/vmstub

# --- packages of this tree, built without network; in build-packages
deb rpm:
	@packaging/make $@
# in clean roots of Debian 12, 13 and sid: builds the package, installs it, and opens a dump
test-packages:
	@tests/install-deps packages
	@tests/install-deps demo
	@tests/dumps/make k6.1-kdump
	@tests/packages/run

# one file that runs on every x86_64 Linux of 3.2 and newer; install it with make STATIC=1 install
static:
	@$(MAKE) --no-print-directory STATIC=1 all

# for makes that can run in parallel
JOBS    ?= -j$(shell nproc)

# --- these first install what is missing, then build in a new make, which finds it
demo:
	@tests/install-deps demo
	@echo "building vmstub"
	@$(MAKE) --no-print-directory -s all
	@tests/demo

# GDBS=all: compare stacks in all versions of gdb, like make test-matrix
GDBS    ?= machine
# tests/run prints the times of all parts at the end
test: export TEST_TIMES := $(CURDIR)/$(B)/times
test:
	@mkdir -p $(B) && rm -f $(TEST_TIMES)*
	@tests/part packages tests/install-deps test
	@echo "building vmstub and its tests, without and with sanitizers"
	@tests/part build $(MAKE) --no-print-directory -s $(JOBS) all unit-programs tools
	@tests/part sanitizer-build $(MAKE) --no-print-directory -s $(JOBS) SAN=1 all unit-programs tools
	@tests/part dumps tests/dumps/make --set base --set extra --set matrix --set user --set guess --set frame --set faults --set oom
	@tests/part drgn tests/matrix/gdbs drgn
	@GDBS=$(GDBS) tests/run all

# stacks in all versions of gdb, all situations, all kernels; makes missing dumps. Then all types and functions of the kernels
test-matrix:
	@tests/install-deps test
	@$(MAKE) --no-print-directory -s all
	@tests/matrix/run --gdb all
	@tests/matrix/run --gdb all --types

# stacks of a kernel with frame pointers instead of ORC; first builds the kernel, which takes minutes
test-old:
	@tests/install-deps test
	@tests/install-deps old
	@$(MAKE) --no-print-directory -s all
	@tests/dumps/make --set old --set checks
	@tests/matrix/gdbs drgn
	@tests/matrix/run --no-make $$(tests/dumps/make --list old)
	@tests/run all $$(for dump in $$(tests/dumps/make --list old) $$(tests/dumps/make --list checks); do echo "[$$dump]"; done)

# compares verbs on all existing dumps with crash, drgn and the guest's /proc
test-differential:
	@tests/install-deps test
	@$(MAKE) --no-print-directory -s all
	@tests/matrix/gdbs crash drgn
	@tests/matrix/differential

check: all unit-programs tools
	@tests/dumps/make
	@tests/run check

# --- unit tests: one program per tests/unit/test_*.c, cmocka
UNIT    := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))
$(B)/unit/%: $(B)/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(TESTLIBS) -lcmocka
unit-programs: $(UNIT) $(B)/kernel/vmcore
# the synthetic kernel for test_golden
$(B)/kernel/vmcore: $(wildcard tests/kernel/*)
	tests/kernel/make $(B)/kernel
	tests/kernel/make $(B)/kernel/510 510
	tests/kernel/make $(B)/kernel/612 612
unit: unit-programs
	@for t in $(UNIT); do $$t || exit 1; done

# --- line coverage of the unit tests, by folder; in a separate build
coverage:
	@tests/install-deps coverage
	@$(MAKE) --no-print-directory -s B=build-cov OPT=-O0 build-cov/tests/unit/gcovkill.o
	@$(MAKE) --no-print-directory -s $(JOBS) B=build-cov PROG=build-cov/vmstub OPT='-O0 -g --coverage' \
		LDFLAGS='--coverage -Wl,--wrap=kill build-cov/tests/unit/gcovkill.o' all unit-programs
	@rm -f a--.gcno # left by the check for libraries
	@tests/coverage build-cov

# --- mutation tests: small changes of behaviour, each of which must make a test fail; not in make test
mutants: all unit-programs tools
	@tests/dumps/make
	@tests/mutants/run $(WORDS)

# --- fuzzers: one libFuzzer program per tests/fuzz/fuzz_*.c, which starts from the output of
# tests/fuzz/seed_dumps and from inputs that once failed. `make fuzz` searches for FUZZ_TIME seconds
# with each. `make fuzz-short` tries the same inputs each time and on every machine, against
# regressions: a fixed number of runs (some 5 seconds), a fixed seed, and no corpus of earlier runs.
FUZZ_TIME ?= 600
FUZZ_FOR  ?= -max_total_time=$(FUZZ_TIME) -timeout=10
CORPUS    ?= corpus
SHORT_RUNS_btf           := 300000
SHORT_RUNS_btfdwarf      := 45000
SHORT_RUNS_codec         := 600000
SHORT_RUNS_dump          := 3000
SHORT_RUNS_kallsyms      := 300000
SHORT_RUNS_kallsyms_find := 14000
SHORT_RUNS_modimage      := 45000
SHORT_RUNS_modules       := 12000
SHORT_RUNS_monitor       := 60000
SHORT_RUNS_notes         := 100000
SHORT_RUNS_orc           := 100000
SHORT_RUNS_paging        := 3000000
SHORT_RUNS_printk        := 5000
SHORT_RUNS_rsp           := 120000
SHORT_RUNS_vmcoreinfo    := 450000
SHORT_RUNS               := 20000
FUZZERS := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
$(B)/fuzz/seed_%: $(B)/tests/fuzz/seed_%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) -fsanitize=fuzzer-no-link,address,undefined $(LDFLAGS) -o $@ $^ $(LIBS) $(TESTLIBS) -lcmocka
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) -fsanitize=fuzzer,address,undefined $(LDFLAGS) -o $@ $^ $(LIBS) $(TESTLIBS)
RUNS    := $(FUZZERS:$(B)/fuzz/%=run-%)
run-fuzzers: $(RUNS)
$(RUNS): run-%: $(B)/fuzz/% $(B)/seed.made
	@c=$(B)/$(CORPUS)/$(*:fuzz_%=%); mkdir -p $$c; echo "== $<"; \
	$< $(FUZZ_FOR) $(FUZZ_OPTS) -max_len=65536 -rss_limit_mb=2048 \
		-verbosity=0 -print_final_stats=1 -artifact_prefix=$(B)/ $$c \
		$(if $(filter %_dump,$*),$(B)/seed) $(wildcard tests/fuzz/corpus/$(*:fuzz_%=%))
$(B)/seed.made: $(B)/fuzz/seed_dumps
	@mkdir -p $(B)/seed && $(B)/fuzz/seed_dumps $(B)/seed && touch $@
fuzz-short:
	@rm -rf build-fuzz/corpus-short
	$(MAKE) $(JOBS) -O FUZZ=1 CORPUS=corpus-short run-fuzzers \
		FUZZ_FOR='-seed=1 -timeout=60 -runs=$$(or $$(SHORT_RUNS_$$(*:fuzz_%=%)),$$(SHORT_RUNS))'
fuzz:
	$(MAKE) $(JOBS) -O FUZZ=1 run-fuzzers

# --- coding style; a separate build turns warnings into errors
check-style:
	tests/lint/style.sh
	@$(MAKE) --no-print-directory -s WERROR=1 B=build/style PROG=build/style/vmstub all unit-programs tools

# --- helpers of the end-to-end tests: one program per tests/tools/*.c
TOOLS   := $(patsubst tests/tools/%.c,$(B)/tools/%,$(wildcard tests/tools/*.c))
tools: $(TOOLS)
# counts how often the dump's files are read
$(B)/tools/mutate: LDFLAGS += -Wl,--wrap=file_read,--wrap=file_read_some,--wrap=fd_pread,--wrap=file_next_data
# makes allocations fail
$(B)/tools/nomem: LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup
# changes the contents of the dump's memory
$(B)/tools/hostile: LDFLAGS += -Wl,--wrap=dump_mem
$(B)/tools/dwarfcmp: $(B)/tests/tools/lib/dwarftext.o
$(B)/tools/%: $(B)/tests/tools/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# --- benchmarks against other tools: installs them, makes the dumps, prints a table and writes
# bench/RESULTS.md; ROWS selects benchmarks
bench:
	@tests/install-deps bench
	@$(MAKE) --no-print-directory -s all bench-programs
	@tests/dumps/make k6.1-kdump k6.1-many
	@tests/matrix/gdbs drgn
	@bench/run $(ROWS)
bench-programs: $(B)/bench/pages $(B)/bench/pages_kdumpfile
$(B)/bench/pages: $(B)/bench/pages.o $(LIB)
	$(CC) $(LDFLAGS) -Wl,--wrap=codec_decode -o $@ $^ $(PROGLIBS)
$(B)/bench/pages_kdumpfile: $(B)/bench/pages_kdumpfile.o
	$(CC) $(LDFLAGS) -o $@ $^ -lkdumpfile

clean:
	rm -rf build build-san build-fuzz build-cov build-static build-packages vmstub

-include $(OBJ:.o=.d) $(wildcard $(B)/tests/*/*.d)

.PHONY: bench bench-programs all static install uninstall deb rpm test-packages demo test test-matrix test-old test-differential check coverage mutants unit unit-programs tools clean run-fuzzers $(RUNS) fuzz-short fuzz check-style
.SECONDARY:
