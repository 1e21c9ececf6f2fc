// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_net.c - net: network devices with their addresses, sockets of a task, neighbours (ARP). */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/fs/fs.h"
#include "stub/subsys/fs/fs_record.h"
#include "stub/subsys/net/net.h"
#include "stub/monitor/cmd.h"

struct net {
	struct monitor *m;
	struct buf *out;
	struct table t, inner;
	unsigned unreadable; /* files that may be sockets */
};

static void put_ip(const uint8_t *address, size_t len, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];

	buf_puts(out,
		 address && inet_ntop(len == 4 ? AF_INET : AF_INET6, address, text, sizeof(text))
			 ? text
			 : "?");
}

static void put_ip_at(struct kernel *k, kva_t va, size_t len, struct buf *out)
{
	uint8_t address[16];

	put_ip(va && mem_read(k->mem, va, address, len, NULL) == VS_OK ? address : NULL, len, out);
}

/* A text in which "?" alone means unknown. */
static void put_known_text(struct table *t, const char *text)
{
	table_text(t, strcmp(text, "?") == 0 ? NULL : text);
}

/* --- devices */

static const struct table_def device_table = {
	.name = "rows",
	.heading = "   NET_DEVICE     NAME   IP ADDRESS(ES)\n",
	.columns = {
		{ "net_device", "", 16, COLUMN_ADDRESS },
		{ "name", "  ", -6, COLUMN_TEXT, " " },
	},
};
static const struct table_def address_table = {
	.name = "addresses",
	.same_line = true,
	.columns = { { "address", "", 0, COLUMN_TEXT } },
};

static void put_address(void *ctx, const uint8_t *address, size_t len)
{
	struct table *t = ctx;
	AUTO(buf) text = { 0 };

	put_ip(address, len, &text);
	table_layout(t, "%s", t->rows ? ", " : "");
	table_text(t, buf_str(&text));
	table_end_row(t);
}

static bool put_device(void *ctx, kva_t dev)
{
	struct net *n = ctx;
	struct record r;
	struct err why;
	char name[17];
	vs_status st;

	record_read(n->m->k, &netdev_record, dev, RECORD_BIT(NETDEV_NAME), &r);
	table_uint(&n->t, dev);
	table_text(&n->t, record_string(&r, NETDEV_NAME, name, sizeof(name)) ? name : NULL);
	table_nest(&n->inner, &address_table, &n->t);
	st = net_each_address(n->m->k, dev, put_address, &n->inner, &why);
	table_end(&n->inner);
	if (st)
		table_remark(&n->t, n->inner.rows ? " " : "", "%s", why.msg);
	table_end_row(&n->t);
	return true;
}

static vs_status put_devices(struct net *n, kva_t net, struct err *err)
{
	vs_status st;

	table_begin(&n->t, &device_table, n->m, n->out);
	st = net_each_device(n->m->k, net, put_device, n, err);
	table_end(&n->t);
	return st;
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

static void put_hardware(struct net *n, const struct record *neigh, const struct record *dev)
{
	AUTO(buf) text = { 0 };
	uint8_t hw[32];
	uint64_t len;

	if (!record_get(dev, NETDEV_ADDRESS_LEN, &len) ||
	    !record_knows(neigh, NEIGHBOUR_HARDWARE) || len > sizeof(hw) ||
	    mem_read(n->m->k->mem, neigh->v[NEIGHBOUR_HARDWARE], hw, len, NULL)) {
		table_unknown(&n->t);
		return;
	}
	for (uint64_t i = 0; i < len; i++)
		buf_printf(&text, "%s%02x", i ? ":" : "", hw[i]);
	table_text(&n->t, buf_str(&text));
}

static const struct table_def neighbour_table = {
	.name = "rows",
	.heading =
		"NEIGHBOUR        IP ADDRESS      HW TYPE    HW ADDRESS         DEVICE  STATE\n",
	.columns = {
		{ "neighbour", "", 16, COLUMN_ADDRESS },
		{ "ip_address", " ", -17, COLUMN_TEXT },
		{ "hw_type", "", -10, COLUMN_TEXT },
		{ "hw_address", " ", -20, COLUMN_TEXT },
		{ "device", "", -7, COLUMN_TEXT },
		{ "state", " ", 0, COLUMN_TEXT },
	},
};

static bool put_neighbour(void *ctx, kva_t va)
{
	struct net *n = ctx;
	struct kernel *k = n->m->k;
	AUTO(buf) ip = { 0 };
	struct record neigh, dev;
	char name[17];
	uint64_t v;

	record_read(k, &neighbour_record, va, RECORD_ALL, &neigh);
	record_read(k, &netdev_record, record_pointer(&neigh, NEIGHBOUR_DEVICE), RECORD_ALL, &dev);
	put_ip_at(k, record_pointer(&neigh, NEIGHBOUR_KEY), 4, &ip);
	table_uint(&n->t, va);
	put_known_text(&n->t, buf_str(&ip));
	table_text(&n->t, record_get(&dev, NETDEV_TYPE, &v) ? hw_name(v) : NULL);
	put_hardware(n, &neigh, &dev);
	table_text(&n->t, record_string(&dev, NETDEV_NAME, name, sizeof(name)) ? name : NULL);
	table_text(&n->t, record_get(&neigh, NEIGHBOUR_STATE, &v) ? nud_name(v) : NULL);
	table_end_row(&n->t);
	return true;
}

static vs_status put_neighbours(struct net *n, struct err *err)
{
	vs_status st;

	table_begin(&n->t, &neighbour_table, n->m, n->out);
	st = net_each_neighbour(n->m->k, put_neighbour, n, err);
	table_end(&n->t);
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

static void put_ip4(const struct record *r, unsigned field, struct buf *out)
{
	uint32_t be = (uint32_t)record_pointer(r, field);

	put_ip(record_knows(r, field) ? (const uint8_t *)&be : NULL, 4, out);
}

static void put_port(const struct record *r, unsigned field, struct buf *out)
{
	buf_putc(out, '-');
	buf_put_known(out, record_knows(r, field), "%u", ntohs((uint16_t)record_pointer(r, field)));
}

static const struct table_def task_table = { .name = "rows", .columns = { CMD_TASK_COLUMNS } };
static const struct table_def socket_table = {
	.name = "sockets",
	.heading = "FD      SOCKET            SOCK       FAMILY:TYPE SOURCE-PORT "
		   "DESTINATION-PORT\n",
	.if_rows = true,
	.columns = {
		{ "fd", "", 2, COLUMN_NUMBER },
		{ "socket", " ", 16, COLUMN_ADDRESS },
		{ "sock", " ", 16, COLUMN_ADDRESS, " " },
		{ "family", "", 0, COLUMN_TEXT },
		{ "type", ":", 0, COLUMN_TEXT, " " },
		{ "source", "", 0, COLUMN_TEXT },
		{ "destination", " ", 0, COLUMN_TEXT },
	},
};

/* Addresses and ports of both ends of an INET socket: from inet_sock and sock_common. */
static void put_ends(struct net *n, const struct record *sock, uint64_t family)
{
	struct kernel *k = n->m->k;
	AUTO(buf) source = { 0 };
	AUTO(buf) destination = { 0 };
	struct record inet;

	record_read(k, &inet_record, sock->va, RECORD_ALL, &inet);
	if (family == AF_INET)
		put_ip4(&inet, INET_SADDR, &source);
	else
		put_ip_at(k, record_pointer(sock, SOCK_SADDR6), 16, &source);
	put_port(&inet, INET_SPORT, &source);
	if (family == AF_INET)
		put_ip4(sock, SOCK_DADDR4, &destination);
	else
		put_ip_at(k, record_pointer(sock, SOCK_DADDR6), 16, &destination);
	put_port(sock, SOCK_DPORT, &destination);
	table_text(&n->inner, buf_str(&source));
	table_text(&n->inner, buf_str(&destination));
}

/* A name of a unix socket, "*" if it has none as in `ss -x`, "?" if it cannot be read. */
static void put_unix_name(struct net *n, kva_t sock)
{
	AUTO(buf) name = { 0 };

	if (net_unix_name(n->m->k, sock, &name, NULL)) {
		table_unknown(&n->inner);
		return;
	}
	if (!name.len)
		table_show(&n->inner, "*");
	table_text(&n->inner, buf_str(&name));
}

/* The names of a unix socket and of the socket at its other end. */
static void put_unix_ends(struct net *n, kva_t sock)
{
	kva_t peer;

	put_unix_name(n, sock);
	if (net_unix_peer(n->m->k, sock, &peer, NULL))
		table_unknown(&n->inner);
	else if (peer)
		put_unix_name(n, peer);
}

static bool put_socket(void *ctx, unsigned fd, kva_t file)
{
	struct net *n = ctx;
	struct kernel *k = n->m->k;
	struct record of_file, socket, sock;
	struct fs_file f;
	uint64_t family, type;

	if (fs_file_load(k, file, &f, NULL) || (f.inode && !f.knows_inode)) {
		n->unreadable++;
		return true;
	}
	if (!S_ISSOCK(f.mode))
		return true;
	// A socket's file points to its struct socket.
	record_read(k, &file_record, file, RECORD_BIT(FILE_PRIVATE), &of_file);
	record_read(k, &socket_record, record_pointer(&of_file, FILE_PRIVATE), RECORD_ALL, &socket);
	record_read(k, &sock_record, record_pointer(&socket, SOCKET_SK), RECORD_ALL, &sock);
	table_uint(&n->inner, fd);
	table_field(&n->inner, &of_file, FILE_PRIVATE);
	table_field(&n->inner, &socket, SOCKET_SK);
	// A closed socket has no sock.
	table_hide(&n->inner, !sock.va && record_knows(&socket, SOCKET_SK));
	put_known_text(&n->inner,
		       record_get(&sock, SOCK_FAMILY, &family) ? family_name(family) : "?");
	put_known_text(&n->inner, record_get(&socket, SOCKET_TYPE, &type) ? type_name(type) : "?");
	if (!n->inner.hidden && record_get(&sock, SOCK_FAMILY, &family)) {
		if (family == AF_INET || family == AF_INET6)
			put_ends(n, &sock, family);
		else if (family == AF_UNIX)
			put_unix_ends(n, sock.va);
	}
	table_end_row(&n->inner);
	return true;
}

static vs_status put_sockets(struct net *n, kva_t task, struct err *err)
{
	struct task t;
	vs_status st = task_load(n->m->k, task, &t, err);

	if (st)
		return st;
	table_begin(&n->t, &task_table, n->m, n->out);
	cmd_task_cells(&t, &n->t);
	table_nest(&n->inner, &socket_table, &n->t);
	st = fs_each_fd(n->m->k, task, put_socket, n, err);
	if (st == VS_NOTFOUND) // a kernel thread or an exiting task has no files
		st = VS_OK;
	table_end(&n->inner);
	if (st == VS_OK && n->unreadable)
		table_remark(&n->t, "", "%u more files cannot be read", n->unreadable);
	else if (st == VS_OK && !n->inner.rows)
		table_layout(&n->t, "No open sockets.\n");
	table_end_row(&n->t);
	table_end(&n->t);
	return st;
}

/* --- the verb */

static vs_status namespace_of(struct net *n, const char *who, kva_t *ret, struct err *err)
{
	kva_t task;
	vs_status st;

	if (!who)
		return kernel_symbol(n->m->k, "init_net", ret, err);
	st = cmd_find_task(n->m, who, &task, err);
	return st ? st : net_of_task(n->m->k, task, ret, err);
}

static vs_status cmd_net(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct net n = { .m = m, .out = out };
	char what = cmd_last(a, "asS");
	kva_t net, task;
	vs_status st = kernel_need_types(m->k, err);

	if (st)
		return st;
	if (what == 'a')
		return put_neighbours(&n, err);
	if (what) {
		st = a->argc ? cmd_find_task(m, a->argv[0], &task, err)
			     : cmd_selected_task(m, &task, err);
		return st ? st : put_sockets(&n, task, err);
	}
	st = namespace_of(&n, cmd_value(a, "n"), &net, err);
	return st ? st : put_devices(&n, net, err);
}

static const struct cmd_opt options[] = {
	{ "n", "PID | TASK", .help = "in the network namespace of this task" },
	{ "a", .help = "the ARP cache", OPERANDS(0, 0) },
	{ "s", .help = "sockets of a task with addresses and ports, or names of unix sockets",
	  OPERANDS(0, 1) },
	{ "S", .help = "same as -s", OPERANDS(0, 1) },
	{ 0 },
};

const struct cmd verb_net = {
	.name = "net",
	.run = cmd_net,
	.brief = "network devices, sockets, neighbours",
	.synopsis = "net [-n PID | TASK] | -a | -s | -S [PID | TASK]",
	.help = "Without options, list network devices with their addresses.\n",
	.example = "  net -s 137\n"
		   "  FD      SOCKET            SOCK       FAMILY:TYPE SOURCE-PORT "
		   "DESTINATION-PORT\n"
		   "   3 ff4a5aa2c2a56f80 ff4a5aa2c2a3c000 INET:STREAM 127.0.0.1-5001 0.0.0.0-0\n",
	.options = options,
	.json = true,
};
