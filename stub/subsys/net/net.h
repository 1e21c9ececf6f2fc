// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* net.h - network devices and their addresses, neighbours (ARP), sockets. Callers get addresses of
 * objects and read them with the record tables. */
#include <stdbool.h>

#include "stub/base/buf.h"
#include "stub/kernel/record.h"

enum netdev_field {
	NETDEV_NAME,
	NETDEV_LIST,
	NETDEV_IP4,
	NETDEV_IP6,
	NETDEV_ADDRESS_LEN,
	NETDEV_TYPE, /* ARPHRD_* */
};
extern const struct record_def netdev_record;

enum neighbour_field {
	NEIGHBOUR_KEY, /* its IPv4 address */
	NEIGHBOUR_HARDWARE,
	NEIGHBOUR_DEVICE,
	NEIGHBOUR_STATE, /* NUD_* */
	NEIGHBOUR_CHAIN,
	NEIGHBOUR_HASH,
};
extern const struct record_def neighbour_record;

typedef bool (*net_fn)(void *ctx, kva_t object);
/* Calls fn for each struct net_device of a namespace (struct net) until it returns false. */
vs_status net_each_device(struct kernel *k, kva_t net, net_fn fn, void *ctx, struct err *err);
/* Calls fn for each struct neighbour of IPv4's ARP table. */
vs_status net_each_neighbour(struct kernel *k, net_fn fn, void *ctx, struct err *err);
/* Calls fn for the addresses of a device, in network byte order: 4 or 16 bytes, or NULL for one
 * that cannot be read. If it fails, there may be more. */
typedef void (*net_address_fn)(void *ctx, const uint8_t *address, size_t len);
vs_status net_each_address(struct kernel *k, kva_t dev, net_address_fn fn, void *ctx,
			   struct err *err);
/* The network namespace of a task. VS_NOTFOUND: the exiting task has none any more. */
vs_status net_of_task(struct kernel *k, kva_t task, kva_t *ret, struct err *err);

enum sock_field { SOCK_FAMILY, SOCK_DADDR4, SOCK_DPORT, SOCK_SADDR6, SOCK_DADDR6 };
extern const struct record_def sock_record;
enum inet_field { INET_SADDR, INET_SPORT };
extern const struct record_def inet_record;
enum socket_field { SOCKET_SK, SOCKET_TYPE };
extern const struct record_def socket_record;

/* Appends the name of a unix socket (struct sock) as /proc/net/unix shows it: a path, or an
 * abstract name with '@' for each NUL, but with '?' for control characters. Nothing if it has no
 * name. */
vs_status net_unix_name(struct kernel *k, kva_t sock, struct buf *out, struct err *err);
/* The struct sock at the other end of a unix socket; 0: it is not connected. */
vs_status net_unix_peer(struct kernel *k, kva_t sock, kva_t *ret, struct err *err);
