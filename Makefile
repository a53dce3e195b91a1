# drydock: one Makefile for GNU make and NetBSD's make.
#
#	make		build ./drydock
#	make check	install what is missing, build every way, run all tests
#	make demo	install what is missing, build, open the TUI on a demo fleet
#	make screenshots	the pictures of docs, from the console on that fleet
#	make check-xen	the tests on a real Xen alone, which boots in QEMU
#	make bench	figures, as ratios in one run
#	make lint	manual pages and layering only
#	make install	to ${DESTDIR}${PREFIX}, and xl's block script to
#			${DESTDIR}${XEN_SCRIPTS}; make uninstall: away again
#
# CC, CPPFLAGS, CFLAGS, LDFLAGS, DESTDIR, PREFIX, MANDIR, SYSCONFDIR are the
# user's; O is the object folder.

.OBJDIR: .
.SUFFIXES:

OS != uname -s
O ?= obj
PROG ?= drydock
PREFIX ?= /usr/local
CC ?= cc
CFLAGS ?= -O2 -g
CPPFLAGS ?=
LDFLAGS ?=
WERROR ?=
JOBS ?= 2

PKGS = libarchive json-c ncursesw libgcrypt sqlite3 xenlight xlutil xenstore
PKG_CFLAGS != pkg-config --cflags ${PKGS} 2>/dev/null || true
PKG_LIBS != pkg-config --libs ${PKGS} 2>/dev/null || true

WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wconversion -Wimplicit-fallthrough ${WERROR}
DEFS.Linux = -D_GNU_SOURCE
DEFS.NetBSD = -D_NETBSD_SOURCE
DEFS = -D_FILE_OFFSET_BITS=64 -DTHEME_DIR='"${THEME_DIR}"' ${DEFS.${OS}}
CC_FLAGS = -std=c11 -I. -I${O} ${DEFS} ${WARN} ${PKG_CFLAGS} ${CPPFLAGS} ${CFLAGS}
LIBS.NetBSD = -lutil
LIBS = ${PKG_LIBS} -lxentoollog -lpthread -lm ${LIBS.${OS}}
# Bound at the start: a function that is bound when it is first called has the
# vector registers, and with them round keys, saved on the stack.
LINK_FLAGS = -Wl,-z,now

SRCS != ls core/*/*.c xen/*.c tui/*.c 2>/dev/null || true
TESTS != ls tests/unit/*.c tests/fault/*.c tests/bench/*.c 2>/dev/null || true
THEMES != ls themes/*.theme
FUZZERS != ls tests/fuzz/*.c 2>/dev/null || true

LIB_OBJS = ${SRCS:%.c=${O}/%.o}
OBJS = ${LIB_OBJS} ${O}/main.o
TEST_BINS = ${TESTS:%.c=${O}/%}
# Elsewhere these have declarations of their own of what NetBSD has.
TEST_FLAGS.Linux.test_netbsd = -Itests/netbsd/include
TEST_FLAGS.Linux.test_netbsd_holders = -Itests/netbsd/include
TEST_FLAGS.Linux.test_netbsd_stack = -Itests/netbsd/include
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

# Themes are built in from the files that are installed.
${O}/core/theme/builtin.o: ${O}/themes.inc

${O}/themes.inc: ${THEMES} themes/embed.awk
	@mkdir -p ${O}
	awk -f themes/embed.awk ${THEMES} >$@.new
	@mv $@.new $@

tests: ${TEST_BINS} ${FAKE_XEN}

${TEST_BINS}: ${O}/libdrydock.a tests/unit/t.h
	@mkdir -p ${@D}
	${CC} ${TEST_FLAGS.${OS}.${@F}} ${CC_FLAGS} ${LDFLAGS} -MMD -MP -MT $@ \
	    -o $@ ${@:${O}/%=%.c} ${O}/libdrydock.a ${LIBS}

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

# Linux only: in namespaces of its own.
screenshots:
	@sh tests/deps.sh
	@${MAKE} -j${JOBS} ${PROG}
	@DRYDOCK=./${PROG} sh tests/screenshots/screenshots.sh docs

bench:
	@sh tests/deps.sh bench
	@${MAKE} -j${JOBS} ${PROG} ${O}/tests/bench/bench_cgd
	@O=${O} DRYDOCK=./${PROG} sh tests/bench/bench.sh

lint:
	@sh tests/layers.sh
	@mandoc -Tlint -Wwarning man/*.[0-9]

# Where things go.  xl of pkgsrc looks for its scripts, and drydock for its
# configuration, in /usr/pkg/etc, whatever PREFIX is.
MANDIR.Linux = ${PREFIX}/share/man
MANDIR.NetBSD = ${PREFIX}/man
MANDIR ?= ${MANDIR.${OS}}
SYSCONFDIR.Linux = /etc
SYSCONFDIR.NetBSD = /usr/pkg/etc
SYSCONFDIR ?= ${SYSCONFDIR.${OS}}
XEN_SCRIPTS ?= ${SYSCONFDIR}/xen/scripts
EXAMPLES ?= ${PREFIX}/share/examples/drydock
THEME_DIR = ${PREFIX}/share/drydock/themes
RCD_DIR = ${PREFIX}/share/examples/rc.d

PAGES != cd man && ls *.[1-9]

# Scripts get their paths, and are put in place whole: xl may be reading one.
FILL = sed -e 's|@DRYDOCK@|${PREFIX}/sbin/drydock|g' \
	-e 's|@PREFIX@|${PREFIX}|g' -e 's|@RCD_SCRIPTS_SHELL@|/bin/sh|'

INSTALL.NetBSD = install-rcd

install: ${PROG} ${INSTALL.${OS}}
	mkdir -p ${DESTDIR}${PREFIX}/sbin ${DESTDIR}${EXAMPLES} \
	    ${DESTDIR}${XEN_SCRIPTS}
	install -m 755 ${PROG} ${DESTDIR}${PREFIX}/sbin/drydock
	install -m 644 pkg/drydock.conf ${DESTDIR}${EXAMPLES}/drydock.conf
	${FILL} xen/block-drydock >${DESTDIR}${XEN_SCRIPTS}/block-drydock.new
	chmod 755 ${DESTDIR}${XEN_SCRIPTS}/block-drydock.new
	mv -f ${DESTDIR}${XEN_SCRIPTS}/block-drydock.new \
	    ${DESTDIR}${XEN_SCRIPTS}/block-drydock
	set -e; for page in ${PAGES}; do \
	    dir=${DESTDIR}${MANDIR}/man$${page##*.}; mkdir -p $$dir; \
	    install -m 644 man/$$page $$dir/$$page; done
	set -e; for theme in ${THEMES}; do \
	    mkdir -p ${DESTDIR}${THEME_DIR}; \
	    install -m 644 $$theme ${DESTDIR}${THEME_DIR}; done

install-rcd:
	mkdir -p ${DESTDIR}${RCD_DIR}
	${FILL} pkg/pkgsrc/files/drydock.sh >${DESTDIR}${RCD_DIR}/drydock
	chmod 755 ${DESTDIR}${RCD_DIR}/drydock

# The configuration and the history are the operator's, and stay.
uninstall:
	rm -f ${DESTDIR}${PREFIX}/sbin/drydock ${DESTDIR}${RCD_DIR}/drydock \
	    ${DESTDIR}${XEN_SCRIPTS}/block-drydock
	for page in ${PAGES}; do \
	    rm -f ${DESTDIR}${MANDIR}/man$${page##*.}/$$page; done
	rm -rf ${DESTDIR}${EXAMPLES} ${DESTDIR}${PREFIX}/share/drydock

clean:
	rm -rf obj obj-* drydock drydock-*

.PHONY: all tests fuzzers deps check check-quick check-xen demo bench lint \
	screenshots install install-rcd uninstall clean
