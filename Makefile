# drydock: one Makefile for GNU make and NetBSD's make.
#
#	make		build ./drydock
#	make check	install what is missing, build every way, run all tests
#	make demo	install what is missing, build, open the TUI on a demo fleet
#	make check-xen	the tests on a real Xen alone, which boots in QEMU
#	make bench	figures, as ratios in one run
#	make lint	manual pages and layering only
#	make install	to ${DESTDIR}${PREFIX}, and xl's block script to
#			${DESTDIR}${XEN_SCRIPTS}
#
# CC, CFLAGS, LDFLAGS, PREFIX, DESTDIR are the user's; O is the object folder.

.OBJDIR: .
.SUFFIXES:

OS != uname -s
O ?= obj
PROG ?= drydock
PREFIX ?= /usr/local
MANDIR ?= ${PREFIX}/share/man
CC ?= cc
CFLAGS ?= -O2 -g
WERROR ?=
JOBS ?= 2

PKGS = libarchive json-c ncursesw libgcrypt sqlite3 xenlight xlutil xenstore
PKG_CFLAGS != pkg-config --cflags ${PKGS} 2>/dev/null || true
PKG_LIBS != pkg-config --libs ${PKGS} 2>/dev/null || true

WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wconversion -Wimplicit-fallthrough ${WERROR}
DEFS.Linux = -D_GNU_SOURCE
DEFS.NetBSD = -D_NETBSD_SOURCE
DEFS = -D_FILE_OFFSET_BITS=64 ${DEFS.${OS}}
CC_FLAGS = -std=c11 -I. ${DEFS} ${WARN} ${PKG_CFLAGS} ${CFLAGS}
LIBS = ${PKG_LIBS} -lxentoollog -lpthread
# Bound at the start: a function that is bound when it is first called has the
# vector registers, and with them round keys, saved on the stack.
LINK_FLAGS = -Wl,-z,now

SRCS != ls core/*/*.c xen/*.c tui/*.c 2>/dev/null || true
TESTS != ls tests/unit/*.c tests/fault/*.c tests/bench/*.c 2>/dev/null || true
FUZZERS != ls tests/fuzz/*.c 2>/dev/null || true

LIB_OBJS = ${SRCS:%.c=${O}/%.o}
OBJS = ${LIB_OBJS} ${O}/main.o
TEST_BINS = ${TESTS:%.c=${O}/%}
FAKE_XEN = ${O}/tests/tty/drydock-fake-xen
FUZZ_BINS = ${FUZZERS:%.c=${O}/%}

all: ${PROG}

${PROG}: ${O}/main.o ${O}/libdrydock.a
	${CC} ${CFLAGS} ${LINK_FLAGS} ${LDFLAGS} -o $@ ${O}/main.o ${O}/libdrydock.a ${LIBS}

${O}/libdrydock.a: ${LIB_OBJS}
	@rm -f $@
	@ar rcs $@ ${LIB_OBJS}

${OBJS}:
	@mkdir -p ${@D}
	${CC} ${CC_FLAGS} -MMD -MP -c -o $@ ${@:${O}/%.o=%.c}

tests: ${TEST_BINS} ${FAKE_XEN}

${TEST_BINS}: ${O}/libdrydock.a tests/unit/t.h
	@mkdir -p ${@D}
	${CC} ${CC_FLAGS} ${LDFLAGS} -MMD -MP -MT $@ -o $@ \
	    ${@:${O}/%=%.c} ${O}/libdrydock.a ${LIBS}

# drydock on a Xen that tests make up.
${FAKE_XEN}: ${O}/libdrydock.a ${O}/main.o tests/tty/fake_xen.c
	@mkdir -p ${@D}
	${CC} ${CC_FLAGS} ${LDFLAGS} -o $@ tests/tty/fake_xen.c ${O}/main.o \
	    ${O}/libdrydock.a ${LIBS}

# Fuzz targets: with clang's libFuzzer; elsewhere with a main that replays
# files.
FUZZ_FLAGS ?= -DFUZZ_REPLAY
fuzzers: ${FUZZ_BINS}

${FUZZ_BINS}: ${O}/libdrydock.a tests/fuzz/fuzz.h
	@mkdir -p ${@D}
	${CC} ${CC_FLAGS} ${FUZZ_FLAGS} ${LDFLAGS} -MMD -MP -MT $@ -o $@ \
	    ${@:${O}/%=%.c} ${O}/libdrydock.a ${LIBS}

-include ${OBJS:%.o=%.d} ${TESTS:%.c=${O}/%.d} ${FUZZERS:%.c=${O}/%.d}

deps:
	@sh tests/deps.sh

check:
	@sh tests/deps.sh
	@MAKE='${MAKE}' JOBS='${JOBS}' sh tests/check.sh

# The tests alone, on what is built now (no sanitizers, no second compiler).
check-quick: ${PROG}
	@${MAKE} tests
	@DRYDOCK=./${PROG} O=${O} JOBS='${JOBS}' sh tests/run.sh

# On a real Xen: built once, booted each time; no rights are needed but to
# install QEMU.
check-xen:
	@sh tests/deps.sh
	@${MAKE} -j${JOBS} ${PROG}
	@DRYDOCK=./${PROG} O=${O} sh tests/xen/lab.sh

demo:
	@sh tests/deps.sh
	@${MAKE} -j${JOBS} ${PROG}
	@DRYDOCK=./${PROG} sh tests/demo/demo.sh

bench:
	@sh tests/deps.sh bench
	@${MAKE} -j${JOBS} ${PROG} ${O}/tests/bench/bench_cgd
	@O=${O} DRYDOCK=./${PROG} sh tests/bench/bench.sh

lint:
	@sh tests/layers.sh
	@mandoc -Tlint -Wwarning man/*.[0-9]

# xl looks for its scripts where Xen was told to.
XEN_SCRIPTS.Linux = /etc/xen/scripts
XEN_SCRIPTS.NetBSD = ${PREFIX}/etc/xen/scripts
XEN_SCRIPTS ?= ${XEN_SCRIPTS.${OS}}

install: ${PROG}
	mkdir -p ${DESTDIR}${PREFIX}/sbin ${DESTDIR}${MANDIR}/man8
	install -m 755 ${PROG} ${DESTDIR}${PREFIX}/sbin/drydock
	mkdir -p ${DESTDIR}${XEN_SCRIPTS}
	sed 's|@DRYDOCK@|${PREFIX}/sbin/drydock|' xen/block-drydock \
	    >${DESTDIR}${XEN_SCRIPTS}/block-drydock
	chmod 755 ${DESTDIR}${XEN_SCRIPTS}/block-drydock
	install -m 644 man/drydock.8 ${DESTDIR}${MANDIR}/man8/drydock.8

clean:
	rm -rf obj obj-* drydock drydock-*

.PHONY: all tests fuzzers deps check check-quick check-xen demo bench lint install clean
