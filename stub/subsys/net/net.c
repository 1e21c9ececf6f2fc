// SPDX-License-Identifier: GPL-3.0-or-later
/* net.c - network devices, their addresses, neighbours; record tables of sockets. */
#include "stub/subsys/net/net.h"

#include <inttypes.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/fs/fs_record.h"
#include "stub/task/task_record.h"

#define MAX_HASH_SHIFT 24

/* --- devices */

enum { NET_DEVICES };
static const struct record_field net_fields[] = {
	[NET_DEVICES] = { { "dev_base_head" }, RECORD_ADDRESS },
};
RECORD(net_record, "net", net_fields);

static const struct record_field netdev_fields[] = {
	[NETDEV_NAME] = { { "name" }, RECORD_ADDRESS },
	[NETDEV_LIST] = { { "dev_list" }, RECORD_ADDRESS },
	[NETDEV_IP4] = { { "ip_ptr" }, RECORD_POINTER },
	[NETDEV_IP6] = { { "ip6_ptr" }, RECORD_POINTER, "CONFIG_IPV6" },
	[NETDEV_ADDRESS_LEN] = { { "addr_len" }, RECORD_UINT },
	[NETDEV_TYPE] = { { "type" }, RECORD_UINT },
};
RECORD(netdev_record, "net_device", netdev_fields);

struct each {
	net_fn fn;
	void *ctx;
	uint64_t off; /* of the node in the object */
};

static bool give(void *ctx, kva_t node)
{
	const struct each *e = ctx;

	return e->fn(e->ctx, node - e->off);
}

vs_status net_each_device(struct kernel *k, kva_t net, net_fn fn, void *ctx, struct err *err)
{
	struct each e = { .fn = fn, .ctx = ctx };
	struct member head, node;
	vs_status st = record_member(k, &net_record, NET_DEVICES, &head, err);

	if (st == VS_OK)
		st = record_member(k, &netdev_record, NETDEV_LIST, &node, err);
	if (st)
		return st;
	e.off = node.off;
	return walk_list(k, net + head.off, give, &e, err);
}

vs_status net_of_task(struct kernel *k, kva_t task, kva_t *ret, struct err *err)
{
	uint64_t proxy;
	vs_status st = record_field_read(k, &task_record, task, TASK_NSPROXY, &proxy, err);

	if (st == VS_OK && !proxy)
		return fail(err, VS_NOTFOUND, "no namespaces: the task is exiting");
	return st ? st : record_field_read(k, &nsproxy_record, proxy, NSPROXY_NET, ret, err);
}

/* --- addresses */

enum { IN4_LIST };
static const struct record_field in4_fields[] = { [IN4_LIST] = { { "ifa_list" }, RECORD_POINTER } };
RECORD(in4_record, "in_device", in4_fields);

enum { IFA4_LOCAL, IFA4_NEXT };
static const struct record_field ifa4_fields[] = {
	[IFA4_LOCAL] = { { "ifa_local" }, RECORD_ADDRESS },
	[IFA4_NEXT] = { { "ifa_next" }, RECORD_POINTER },
};
RECORD(ifa4_record, "in_ifaddr", ifa4_fields);

enum { IN6_LIST };
static const struct record_field in6_fields[] = {
	[IN6_LIST] = { { "addr_list" }, RECORD_ADDRESS, "CONFIG_IPV6" },
};
RECORD(in6_record, "inet6_dev", in6_fields);

enum { IFA6_ADDRESS, IFA6_LIST };
static const struct record_field ifa6_fields[] = {
	[IFA6_ADDRESS] = { { "addr" }, RECORD_ADDRESS, "CONFIG_IPV6" },
	[IFA6_LIST] = { { "if_list" }, RECORD_ADDRESS, "CONFIG_IPV6" },
};
RECORD(ifa6_record, "inet6_ifaddr", ifa6_fields);

struct addresses {
	struct kernel *k;
	net_address_fn fn;
	void *ctx;
	uint64_t node_off, off;
	size_t len;
};

static bool give_address(void *ctx, kva_t node)
{
	const struct addresses *a = ctx;
	uint8_t data[16];
	bool known = mem_read(a->k->mem, node - a->node_off + a->off, data, a->len, NULL) == VS_OK;

	a->fn(a->ctx, known ? data : NULL, a->len);
	return true;
}

static vs_status addresses4(struct addresses *a, kva_t in4, struct err *err)
{
	struct member local, next;
	uint64_t first;
	vs_status st = record_field_read(a->k, &in4_record, in4, IN4_LIST, &first, err);

	if (st == VS_OK)
		st = record_member(a->k, &ifa4_record, IFA4_LOCAL, &local, err);
	if (st == VS_OK)
		st = record_member(a->k, &ifa4_record, IFA4_NEXT, &next, err);
	if (st)
		return st;
	a->node_off = 0;
	a->off = local.off;
	a->len = 4;
	return walk_chain(a->k, first, next.off, 0, give_address, a, err);
}

static vs_status addresses6(struct addresses *a, kva_t in6, struct err *err)
{
	struct member head, node, address;
	vs_status st = record_member(a->k, &in6_record, IN6_LIST, &head, err);

	if (st == VS_OK)
		st = record_member(a->k, &ifa6_record, IFA6_LIST, &node, err);
	if (st == VS_OK)
		st = record_member(a->k, &ifa6_record, IFA6_ADDRESS, &address, err);
	if (st)
		return st;
	a->node_off = node.off;
	a->off = address.off;
	a->len = 16;
	return walk_list(a->k, in6 + head.off, give_address, a, err);
}

vs_status net_each_address(struct kernel *k, kva_t dev, net_address_fn fn, void *ctx,
			   struct err *err)
{
	struct addresses a = { .k = k, .fn = fn, .ctx = ctx };
	struct member in_kernel;
	struct record r;
	uint64_t in4, in6 = 0;
	vs_status st, second = VS_OK;

	record_read(k, &netdev_record, dev, RECORD_BIT(NETDEV_IP4) | RECORD_BIT(NETDEV_IP6), &r);
	st = record_need(&r, NETDEV_IP4, &in4, err);
	if (st == VS_OK && in4)
		st = addresses4(&a, in4, err);
	if (record_member(k, &netdev_record, NETDEV_IP6, &in_kernel, NULL) == VS_OK)
		second = record_need(&r, NETDEV_IP6, &in6, st ? NULL : err);
	if (second == VS_OK && in6)
		second = addresses6(&a, in6, st ? NULL : err);
	return st ? st : second;
}

/* --- neighbours */

static const struct record_field neighbour_fields[] = {
	[NEIGHBOUR_KEY] = { { "primary_key" }, RECORD_ADDRESS },
	[NEIGHBOUR_HARDWARE] = { { "ha" }, RECORD_ADDRESS },
	[NEIGHBOUR_DEVICE] = { { "dev" }, RECORD_POINTER },
	[NEIGHBOUR_STATE] = { { "nud_state" }, RECORD_UINT },
	// a01a67ab2fff (6.13): hlists instead of chains
	[NEIGHBOUR_CHAIN] = { { "next" }, RECORD_POINTER, "before 6.13" },
	[NEIGHBOUR_HASH] = { { "hash" }, RECORD_ADDRESS, "since 6.13" },
};
RECORD(neighbour_record, "neighbour", neighbour_fields);

enum { NEIGH_TABLE_HASH };
static const struct record_field neigh_table_fields[] = {
	[NEIGH_TABLE_HASH] = { { "nht" }, RECORD_POINTER },
};
RECORD(neigh_table_record, "neigh_table", neigh_table_fields);

enum { NEIGH_HASH_SHIFT, NEIGH_HASH_BUCKETS, NEIGH_HASH_HEADS };
static const struct record_field neigh_hash_fields[] = {
	[NEIGH_HASH_SHIFT] = { { "hash_shift" }, RECORD_UINT },
	[NEIGH_HASH_BUCKETS] = { { "hash_buckets" }, RECORD_POINTER, "before 6.13" },
	[NEIGH_HASH_HEADS] = { { "hash_heads" }, RECORD_POINTER, "since 6.13" },
};
RECORD(neigh_hash_record, "neigh_hash_table", neigh_hash_fields);

vs_status net_each_neighbour(struct kernel *k, net_fn fn, void *ctx, struct err *err)
{
	struct each e = { .fn = fn, .ctx = ctx };
	struct member next;
	struct record r;
	uint64_t hash, buckets, shift;
	bool chains = record_member(k, &neighbour_record, NEIGHBOUR_CHAIN, &next, NULL) == VS_OK;
	kva_t table;
	vs_status st = kernel_symbol(k, "arp_tbl", &table, err);

	if (st == VS_OK)
		st = record_field_read(k, &neigh_table_record, table, NEIGH_TABLE_HASH, &hash, err);
	if (st == VS_OK && !chains)
		st = record_member(k, &neighbour_record, NEIGHBOUR_HASH, &next, err);
	if (st)
		return st;
	record_read(k, &neigh_hash_record, hash, RECORD_ALL, &r);
	st = record_need(&r, NEIGH_HASH_SHIFT, &shift, err);
	if (st == VS_OK)
		st = record_need(&r, chains ? NEIGH_HASH_BUCKETS : NEIGH_HASH_HEADS, &buckets, err);
	if (st)
		return st;
	if (shift > MAX_HASH_SHIFT)
		return fail(err, VS_CORRUPT, "hash_shift of arp_tbl is %" PRIu64, shift);
	e.off = chains ? 0 : next.off;
	for (uint64_t i = 0; i < 1ULL << shift && st == VS_OK; i++) {
		kva_t first;

		st = mem_read_u64(k->mem, buckets + 8 * i, &first, err);
		if (st == VS_OK)
			st = walk_chain(k, first, chains ? next.off : 0, 0, give, &e, err);
	}
	return st;
}

/* --- sockets */

static const struct record_field sock_fields[] = {
	[SOCK_FAMILY] = { { "skc_family" }, RECORD_UINT },
	[SOCK_DADDR4] = { { "skc_daddr" }, RECORD_UINT },
	[SOCK_DPORT] = { { "skc_dport" }, RECORD_UINT },
	[SOCK_SADDR6] = { { "skc_v6_rcv_saddr" }, RECORD_ADDRESS, "CONFIG_IPV6" },
	[SOCK_DADDR6] = { { "skc_v6_daddr" }, RECORD_ADDRESS, "CONFIG_IPV6" },
};
RECORD(sock_record, "sock_common", sock_fields);

static const struct record_field inet_fields[] = {
	[INET_SADDR] = { { "inet_saddr" }, RECORD_UINT },
	[INET_SPORT] = { { "inet_sport" }, RECORD_UINT },
};
RECORD(inet_record, "inet_sock", inet_fields);

static const struct record_field socket_fields[] = {
	[SOCKET_SK] = { { "sk" }, RECORD_POINTER },
	[SOCKET_TYPE] = { { "type" }, RECORD_UINT },
};
RECORD(socket_record, "socket", socket_fields);
