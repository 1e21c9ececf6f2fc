// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* net.h - network devices and their addresses, neighbours (ARP), sockets. Objects are given by
 * address; their tables say what is in them. */
#include <stdbool.h>

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
/* The struct net_device of a namespace (struct net), until fn returns false. */
vs_status net_each_device(struct kernel *k, kva_t net, net_fn fn, void *ctx, struct err *err);
/* IPv4's ARP table: each struct neighbour. */
vs_status net_each_neighbour(struct kernel *k, net_fn fn, void *ctx, struct err *err);
/* Addresses of a device, in network order: 4 or 16 bytes; NULL: one that cannot be read. A failure
 * says why there may be more. */
typedef void (*net_address_fn)(void *ctx, const uint8_t *address, size_t len);
vs_status net_each_address(struct kernel *k, kva_t dev, net_address_fn fn, void *ctx,
			   struct err *err);
/* The namespace of a task. VS_NOTFOUND: the task has left its namespaces. */
vs_status net_of_task(struct kernel *k, kva_t task, kva_t *ret, struct err *err);

enum sock_field { SOCK_FAMILY, SOCK_DADDR4, SOCK_DPORT, SOCK_SADDR6, SOCK_DADDR6 };
extern const struct record_def sock_record;
enum inet_field { INET_SADDR, INET_SPORT };
extern const struct record_def inet_record;
enum socket_field { SOCKET_SK, SOCKET_TYPE };
extern const struct record_def socket_record;
