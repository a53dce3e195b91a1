#!/bin/sh
# Each include of one module by another must be an arrow of the design, curses
# and libxl are known in one place each, and what only Linux has stands in
# core/host/linux*.c, what only NetBSD has in core/host/netbsd*.c.  Prints what
# breaks this; silent when all is well.
set -u
cd "$(dirname "$0")/.." || exit 1
bad=0
complain() { echo "$1" >&2; bad=1; }

# module: what it may include (itself is always allowed)
allowed() {
	case $1 in
	core/base) echo "" ;;
	core/disk) echo "core/base" ;;
	core/cgd | core/ffs | core/host) echo "core/base core/disk" ;;
	core/tree) echo "core/base core/disk core/cgd core/ffs core/host" ;;
	core/recipe | core/store | core/job)
		echo "core/base core/disk core/cgd core/ffs core/host core/tree" ;;
	core/fleet)
		echo "core/base core/disk core/cgd core/ffs core/host core/tree core/recipe core/store core/job" ;;
	core/theme) echo "core/base core/fleet" ;;
	core/cmd)
		echo "core/base core/disk core/cgd core/ffs core/host core/tree core/recipe core/store core/job core/fleet core/theme" ;;
	xen)	echo "core/base core/fleet" ;;
	tui)	echo "core/base core/disk core/fleet core/job core/recipe core/store core/theme" ;;
	esac
}

for f in core/*/*.[ch] xen/*.[ch] tui/*.[ch]; do
	[ -f "$f" ] || continue
	mod=${f%/*}
	ok=" $(allowed "$mod") $mod "
	for inc in $(sed -n 's/^#[ ]*include "\(.*\)\/[^/]*"$/\1/p' "$f" | sort -u); do
		case $ok in
		*" $inc "*) ;;
		*) complain "$f includes $inc: not an arrow of the design" ;;
		esac
	done
	case $f in
	tui/term_curses*.[ch]) ;;
	*) grep -Eq '#[ ]*include <(n?curses|ncursesw|term)[./]' "$f" &&
		complain "$f includes curses: only tui/term_curses* do" ;;
	esac
	case $f in
	xen/*) ;;
	*) grep -Eq '#[ ]*include <(libxl|xen|xenstore|libxlutil|xentoollog)' "$f" &&
		complain "$f includes Xen's headers: only xen/ does" ;;
	esac
	case $f in
	core/host/linux*.c) ;;
	*) grep -nE '#[ ]*include <(linux/|sys/(sendfile|epoll|inotify|signalfd|eventfd|timerfd|prctl|sysmacros|vfs|fsuid)\.h|mntent|endian\.h|error\.h|malloc\.h)' "$f" &&
		complain "$f: a header that only Linux has"
	   grep -nE '\b(copy_file_range|memfd_create|sendfile|epoll_|inotify_|signalfd|eventfd|timerfd|prctl|renameat2|O_TMPFILE|FALLOC_FL_|sync_file_range|gettid|program_invocation|canonicalize_file_name|get_current_dir_name|strchrnul|mempcpy|secure_getenv|error_at_line)|"/proc/|"/sys/' "$f" &&
		complain "$f: a call that only Linux has" ;;
	esac
	case $f in
	core/host/netbsd*.c) ;;
	*) grep -nE '#[ ]*include <(dev/|ufs/|sys/(disk|disklabel|dkio|sysctl|proc)\.h|util\.h)' "$f" &&
		complain "$f: a header that only NetBSD has" ;;
	esac
	lines=$(wc -l <"$f")
	[ "$lines" -le 800 ] || complain "$f: $lines lines; a file stops at 800"
done
exit $bad
