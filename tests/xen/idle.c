/*
 * The smallest domU: it is there in no time, does nothing, and shuts down or
 * reboots when xenstore says so; for tests in which only its being there counts.
 * With "off" as its command line it shuts down at once, with "crash" it
 * crashes.
 *
 * What Xen has for a guest, and xenstore's protocol: xen/include/public of Xen.
 */
#include <stdint.h>

#define __XEN_INTERFACE_VERSION__	0x00040d00
#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/io/xs_wire.h>

/* What Xen must know of a kernel. */
asm(".section .note.Xen, \"a\", @note\n"
    ".macro note type, what:vararg\n"
    ".long 4, 2f - 1f, \\type\n"
    ".asciz \"Xen\"\n"
    "1: \\what\n"
    "2: .align 4\n"
    ".endm\n"
    "note 1, .quad _start\n"		/* where it begins */
    "note 3, .quad 0\n"			/* the address it is linked for */
    "note 5, .asciz \"xen-3.0\"\n"
    "note 6, .asciz \"idle\"\n"
    "note 8, .asciz \"generic\"\n"
    "note 9, .asciz \"yes\"\n"
    ".text\n"
    ".globl _start\n"
    "_start: mov %rsi, %rdi\n"		/* the start information */
    "call run\n");

static char shared_page[4096] __attribute__((aligned(4096)));
static volatile struct shared_info *shared = (void *)shared_page;
static volatile struct xenstore_domain_interface *store;
static evtchn_port_t port;

static long
hypercall(long op, long a, const volatile void *b, long c)
{
	long r;

	asm volatile("syscall" : "=a"(r), "+D"(a), "+S"(b), "+d"(c) :
	    "0"(op) : "rcx", "r11", "memory");
	return r;
}

static void
end(unsigned reason)
{
	struct sched_shutdown s = { .reason = reason };

	for (;;)
		(void)hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &s,
		    0);
}

static void
put(const void *p, uint32_t len)
{
	const char *from = p;
	uint32_t at = store->req_prod;

	while (len-- > 0)
		store->req[MASK_XENSTORE_IDX(at++)] = *from++;
	store->req_prod = at;
}

static void
ask(uint32_t type, const char *words, uint32_t len)
{
	const struct xsd_sockmsg head = { .type = type, .len = len };
	struct evtchn_send send = { .port = port };

	put(&head, sizeof(head));
	put(words, len);
	(void)hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send,
	    0);
}

/* Until xenstored has something to say. */
static void
wait(void)
{
	struct sched_poll poll = { .nr_ports = 1 };

	set_xen_guest_handle(poll.ports, &port);
	(void)hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, &poll, 0);
	shared->evtchn_pending[port / 64] &= ~(1UL << port % 64);
}

/* The message that stands first in the ring: its type, or -1 while it is not
 * whole.  *first is the first byte behind the head. */
static int
take(char *first)
{
	struct xsd_sockmsg head;
	uint32_t at = store->rsp_cons, i;

	if (store->rsp_prod - at < sizeof(head))
		return -1;
	for (i = 0; i < sizeof(head); i++)
		((char *)&head)[i] = store->rsp[MASK_XENSTORE_IDX(at + i)];
	if (store->rsp_prod - at < sizeof(head) + head.len)
		return -1;
	*first = head.len == 0 ? '\0' :
	    store->rsp[MASK_XENSTORE_IDX(at + sizeof(head))];
	store->rsp_cons = at + (uint32_t)sizeof(head) + head.len;
	return (int)head.type;
}

__attribute__((used)) void
run(struct start_info *info)
{
	static const char key[] = "control/shutdown\0watched";
	const uint32_t word = sizeof("control/shutdown");
	char first;
	int type;

	if (info->cmd_line[0] == 'c')
		asm volatile("ud2");
	if (info->cmd_line[0] == 'o')
		end(SHUTDOWN_poweroff);
	/* the page behind the start information is xenstore's */
	store = (void *)((char *)info + 4096);
	port = info->store_evtchn;
	(void)hypercall(__HYPERVISOR_update_va_mapping, (long)shared_page,
	    (void *)(info->shared_info | 0x67), UVMF_INVLPG);
	ask(XS_WATCH, key, sizeof(key));
	for (;;) {
		while ((type = take(&first)) == -1)
			wait();
		if (type == XS_WATCH_EVENT)
			ask(XS_READ, key, word);
		else if (type == XS_READ && first == 'r')
			end(SHUTDOWN_reboot);
		else if (type == XS_READ && first != '\0')
			end(SHUTDOWN_poweroff);
	}
}
