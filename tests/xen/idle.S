/*
 * The smallest domU: it starts in no time, and then does nothing; nothing else
 * is needed where only its being there counts.  With "off" as its command line
 * it shuts down, with "crash" it crashes.
 */
#define SCHED_OP		29	/* the hypercall */
#define SCHEDOP_shutdown	2
#define SCHEDOP_poll		3
#define CMD_LINE		128	/* of the start information in %rsi */

	.text
	.globl	_start
_start:
	movb	CMD_LINE(%rsi), %al
	cmpb	$'c', %al
	je	crash
	cmpb	$'o', %al
	je	off
wait:	movl	$SCHED_OP, %eax
	movl	$SCHEDOP_poll, %edi
	leaq	nothing(%rip), %rsi
	syscall
	jmp	wait
off:	movl	$SCHED_OP, %eax
	movl	$SCHEDOP_shutdown, %edi
	leaq	poweroff(%rip), %rsi
	syscall
crash:	ud2

	.align	8
nothing:			/* no ports, no end */
	.quad	0, 0, 0
poweroff:
	.long	0

/* What Xen must know of a kernel. */
#define NOTE(type, what)		\
	.long	4, 2f - 1f, type;	\
	.asciz	"Xen";			\
1:	what;				\
2:	.align	4

	.section .note.Xen, "a", @note
	NOTE(1, .quad _start)		/* where it begins */
	NOTE(3, .quad 0)		/* the address it is linked for */
	NOTE(5, .asciz "xen-3.0")
	NOTE(6, .asciz "idle")
	NOTE(8, .asciz "generic")
	NOTE(9, .asciz "yes")
