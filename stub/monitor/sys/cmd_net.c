/* cmd_net.c - net: network devices with their addresses, sockets of a task, neighbours (ARP). */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "stub/subsys/fs/fs.h"
#include "stub/kernel/walk.h"
#include "stub/monitor/cmd.h"

#define MAX_HASH_SHIFT 24

struct net {
	struct monitor *m;
	struct buf *out;
	uint64_t off; /* of a list's node in its objects */
	bool heading;
};

static void put_ipv4(uint32_t be, struct buf *out)
{
	char text[INET_ADDRSTRLEN];

	buf_puts(out, inet_ntop(AF_INET, &be, text, sizeof(text)) ? text : "?");
}

static void put_ipv6(struct kernel *k, kva_t va, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t addr[16];

	if (mem_read(k->mem, va, addr, sizeof(addr), NULL))
		buf_putc(out, '?');
	else
		buf_puts(out, inet_ntop(AF_INET6, addr, text, sizeof(text)) ? text : "?");
}

/* --- devices */

struct addresses {
	struct net *n;
	unsigned count;
	uint64_t off;
};

static bool put_address4(void *ctx, kva_t ifa)
{
	struct addresses *a = ctx;

	buf_puts(a->n->out, a->count++ ? ", " : "");
	put_ipv4((uint32_t)kernel_word(a->n->m->k, ifa, "in_ifaddr", "ifa_local"), a->n->out);
	return true;
}

static bool put_address6(void *ctx, kva_t node)
{
	struct addresses *a = ctx;
	struct member m;

	buf_puts(a->n->out, a->count++ ? ", " : "");
	if (kernel_member(a->n->m->k, "inet6_ifaddr", &m, NULL, "addr", NULL) == VS_OK)
		put_ipv6(a->n->m->k, node - a->off + m.off, a->n->out);
	return true;
}

static void put_addresses(struct net *n, kva_t dev)
{
	struct kernel *k = n->m->k;
	struct addresses a = { .n = n };
	struct member next, list;
	uint64_t in4 = kernel_word(k, dev, "net_device", "ip_ptr"),
		 in6 = kernel_word(k, dev, "net_device", "ip6_ptr");

	if (in4 && kernel_member(k, "in_ifaddr", &next, NULL, "ifa_next", NULL) == VS_OK)
		(void)walk_chain(k, kernel_word(k, in4, "in_device", "ifa_list"), next.off, 0,
				 put_address4, &a, NULL);
	if (in6 && kernel_member(k, "inet6_dev", &list, NULL, "addr_list", NULL) == VS_OK &&
	    kernel_member(k, "inet6_ifaddr", &next, NULL, "if_list", NULL) == VS_OK) {
		a.off = next.off;
		(void)walk_list(k, in6 + list.off, put_address6, &a, NULL);
	}
}

static void dev_name(struct kernel *k, kva_t dev, char ret[17])
{
	struct member m;

	ret[0] = '\0';
	if (dev && kernel_member(k, "net_device", &m, NULL, "name", NULL) == VS_OK)
		(void)mem_read_str(k->mem, dev + m.off, ret, 17, NULL);
}

static bool put_device(void *ctx, kva_t node)
{
	struct net *n = ctx;
	kva_t dev = node - n->off;
	char name[17];

	dev_name(n->m->k, dev, name);
	buf_printf(n->out, "%16" PRIx64 "  %-6s ", dev, name);
	put_addresses(n, dev);
	buf_putc(n->out, '\n');
	return true;
}

static vs_status put_devices(struct net *n, kva_t net, struct err *err)
{
	struct member head, node;
	vs_status st = kernel_member(n->m->k, "net", &head, err, "dev_base_head", NULL);

	if (st == VS_OK)
		st = kernel_member(n->m->k, "net_device", &node, err, "dev_list", NULL);
	if (st)
		return st;
	n->off = node.off;
	buf_puts(n->out, "   NET_DEVICE     NAME   IP ADDRESS(ES)\n");
	return walk_list(n->m->k, net + head.off, put_device, n, err);
}

/* --- neighbours */

/* NUD_* of include/uapi/linux/neighbour.h. */
static const char *nud_name(uint64_t state)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = { { 0x01, "INCOMPLETE" }, { 0x02, "REACHABLE" }, { 0x04, "STALE" },
		      { 0x08, "DELAY" },      { 0x10, "PROBE" },     { 0x20, "FAILED" },
		      { 0x40, "NOARP" },      { 0x80, "PERMANENT" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (state == names[i].bit)
			return names[i].name;
	return state ? "(several)" : "NONE";
}

/* ARPHRD_* of include/uapi/linux/if_arp.h. */
static const char *hw_name(uint64_t type)
{
	return type == 1     ? "ETHER"
	       : type == 772 ? "LOOPBACK"
	       : type == 32  ? "INFINIBAND"
			     : "UNKNOWN";
}

static bool put_neighbour(void *ctx, kva_t node)
{
	struct net *n = ctx;
	struct kernel *k = n->m->k;
	kva_t neigh = node - n->off, dev = kernel_word(k, neigh, "neighbour", "dev");
	struct member key, ha;
	uint8_t hw[32] = { 0 };
	uint32_t ip = 0;
	size_t start = n->out->len;
	char name[17];
	uint64_t len = dev ? kernel_word(k, dev, "net_device", "addr_len") : 0;

	if (kernel_member(k, "neighbour", &key, NULL, "primary_key", NULL) == VS_OK)
		(void)mem_read_u32(k->mem, neigh + key.off, &ip, NULL);
	if (kernel_member(k, "neighbour", &ha, NULL, "ha", NULL) == VS_OK)
		(void)mem_read(k->mem, neigh + ha.off, hw, sizeof(hw), NULL);
	buf_printf(n->out, "%16" PRIx64 " ", neigh);
	put_ipv4(ip, n->out);
	while (n->out->len < start + 34 && !buf_stopped(n->out))
		buf_putc(n->out, ' ');
	buf_printf(n->out, "%-10s ", hw_name(dev ? kernel_word(k, dev, "net_device", "type") : 0));
	for (uint64_t i = 0; i < len && i < sizeof(hw); i++)
		buf_printf(n->out, "%s%02x", i ? ":" : "", hw[i]);
	while (n->out->len < start + 65 && !buf_stopped(n->out))
		buf_putc(n->out, ' ');
	dev_name(k, dev, name);
	buf_printf(n->out, "%-7s %s\n", name,
		   nud_name(kernel_word(k, neigh, "neighbour", "nud_state")));
	return true;
}

static vs_status put_neighbours(struct net *n, struct err *err)
{
	struct kernel *k = n->m->k;
	struct member next;
	uint64_t nht, buckets, shift;
	bool chains;
	kva_t table;
	vs_status st = kernel_symbol(k, "arp_tbl", &table, err);

	if (st == VS_OK)
		st = kernel_read_member(k, table, "neigh_table", "nht", &nht, err);
	if (st == VS_OK)
		st = kernel_read_member(k, nht, "neigh_hash_table", "hash_shift", &shift, err);
	if (st)
		return st;
	if (shift > MAX_HASH_SHIFT)
		return fail(err, VS_CORRUPT, "hash_shift of arp_tbl is %" PRIu64, shift);
	// a01a67ab2fff (6.13): hlists instead of chains.
	chains = kernel_read_member(k, nht, "neigh_hash_table", "hash_buckets", &buckets, NULL) ==
		 VS_OK;
	if (!chains)
		st = kernel_read_member(k, nht, "neigh_hash_table", "hash_heads", &buckets, err);
	if (st == VS_OK)
		st = kernel_member(k, "neighbour", &next, err, chains ? "next" : "hash", NULL);
	if (st)
		return st;
	n->off = chains ? 0 : next.off;
	buf_puts(n->out,
		 "NEIGHBOUR        IP ADDRESS      HW TYPE    HW ADDRESS         DEVICE  STATE\n");
	for (uint64_t i = 0; i < 1ULL << shift && st == VS_OK; i++) {
		kva_t first;

		st = mem_read_u64(k->mem, buckets + 8 * i, &first, err);
		if (st == VS_OK)
			st = walk_chain(k, first, chains ? next.off : 0, 0, put_neighbour, n, err);
	}
	return st;
}

/* --- sockets */

static const char *family_name(uint64_t family)
{
	static const char *const names[] = {
		[AF_UNSPEC] = "UNSPEC", [AF_UNIX] = "UNIX",	  [AF_INET] = "INET",
		[AF_INET6] = "INET6",	[AF_NETLINK] = "NETLINK", [AF_PACKET] = "PACKET",
		[AF_VSOCK] = "VSOCK"
	};

	return family < sizeof(names) / sizeof(names[0]) && names[family] ? names[family] : "?";
}

static const char *type_name(uint64_t type)
{
	static const char *const names[] = { "?",   "STREAM",	 "DGRAM", "RAW",
					     "RDM", "SEQPACKET", "DCCP" };

	return type < 7 ? names[type] : type == 10 ? "PACKET" : "?";
}

/* Address and port of one end: of an INET socket from inet_sock, the other from sock_common. */
static void put_ends(struct net *n, kva_t sk, uint64_t family)
{
	struct kernel *k = n->m->k;
	struct member v6;

	if (family == AF_INET) {
		put_ipv4((uint32_t)kernel_word(k, sk, "inet_sock", "inet_saddr"), n->out);
		buf_printf(n->out, "-%u ",
			   ntohs((uint16_t)kernel_word(k, sk, "inet_sock", "inet_sport")));
		put_ipv4((uint32_t)kernel_word(k, sk, "sock_common", "skc_daddr"), n->out);
	} else {
		if (kernel_member(k, "sock_common", &v6, NULL, "skc_v6_rcv_saddr", NULL) == VS_OK)
			put_ipv6(k, sk + v6.off, n->out);
		buf_printf(n->out, "-%u ",
			   ntohs((uint16_t)kernel_word(k, sk, "inet_sock", "inet_sport")));
		if (kernel_member(k, "sock_common", &v6, NULL, "skc_v6_daddr", NULL) == VS_OK)
			put_ipv6(k, sk + v6.off, n->out);
	}
	buf_printf(n->out, "-%u", ntohs((uint16_t)kernel_word(k, sk, "sock_common", "skc_dport")));
}

static bool put_socket(void *ctx, unsigned fd, kva_t file)
{
	struct net *n = ctx;
	struct kernel *k = n->m->k;
	struct fs_file f;
	uint64_t socket, sk, family;

	// A socket's file points to its struct socket.
	if (fs_file_load(k, file, &f, NULL) || !S_ISSOCK(f.mode))
		return true;
	socket = kernel_word(k, file, "file", "private_data");
	sk = socket ? kernel_word(k, socket, "socket", "sk") : 0;
	if (!n->heading)
		buf_puts(n->out, "FD      SOCKET            SOCK       FAMILY:TYPE SOURCE-PORT "
				 "DESTINATION-PORT\n");
	n->heading = true;
	buf_printf(n->out, "%2u %16" PRIx64 " %16" PRIx64 " ", fd, socket, sk);
	if (sk) {
		family = kernel_word(k, sk, "sock_common", "skc_family");
		buf_printf(n->out, "%s:%s ", family_name(family),
			   type_name(kernel_word(k, socket, "socket", "type")));
		if (family == AF_INET || family == AF_INET6)
			put_ends(n, sk, family);
	}
	buf_putc(n->out, '\n');
	return true;
}

static vs_status put_sockets(struct net *n, kva_t task, struct err *err)
{
	struct task t;
	vs_status st = task_load(n->m->k, task, &t, err);

	if (st)
		return st;
	cmd_task_line(&t, n->out);
	st = fs_each_fd(n->m->k, task, put_socket, n, err);
	if (st == VS_NOTFOUND) // a kernel thread, or one that ends, has no files
		st = VS_OK;
	if (st == VS_OK && !n->heading)
		buf_puts(n->out, "No open sockets.\n");
	return st;
}

/* --- the verb */

static vs_status namespace_of(struct net *n, const char *who, kva_t *ret, struct err *err)
{
	uint64_t proxy;
	kva_t task;
	vs_status st;

	if (!who)
		return kernel_symbol(n->m->k, "init_net", ret, err);
	st = cmd_find_task(n->m, who, &task, err);
	if (st == VS_OK)
		st = kernel_read_member(n->m->k, task, "task_struct", "nsproxy", &proxy, err);
	if (st == VS_OK && !proxy)
		st = fail(err, VS_NOTFOUND, "the task %s has left its namespaces", who);
	return st ? st : kernel_read_member(n->m->k, proxy, "nsproxy", "net_ns", ret, err);
}

vs_status cmd_net(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct net n = { .m = m, .out = out };
	struct opt_state o = { 0 };
	const char *who = NULL;
	int c, what = 0;
	kva_t net, task;
	vs_status st = kernel_need_types(m->k, err);

	cmd_permute(a, "asSn:");
	while ((c = cmd_option(a, &o, "asSn:", err)) > 0) {
		if (c == 'n')
			who = o.arg;
		else
			what = c;
	}
	if (c < 0)
		return VS_INVAL;
	cmd_operands(a, &o);
	if (a->argc > (what == 's' || what == 'S'))
		return fail(err, VS_INVAL, "usage: net [-n PID | TASK] | -a | -s [PID | TASK]");
	if (st)
		return st;
	if (what == 'a')
		return put_neighbours(&n, err);
	if (what) {
		st = a->argc ? cmd_find_task(m, a->argv[0], &task, err)
			     : cmd_selected_task(m, &task, err);
		return st ? st : put_sockets(&n, task, err);
	}
	st = namespace_of(&n, who, &net, err);
	return st ? st : put_devices(&n, net, err);
}
