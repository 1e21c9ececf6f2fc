/* net.h - lo with 127.0.0.1 and ::1, eth0 with 10.0.0.1 and 10.0.1.1; two neighbours; two sockets.
 */
#define BE32(a, b, c, d) ((a) | (b) << 8 | (c) << 16 | (u32)(d) << 24)
#define BE16(n)		 (((n)&255) << 8 | (n) >> 8)

extern struct net_device lo, eth0;
extern struct in_device lo_in, eth0_in;
extern struct inet6_dev lo_in6;
extern struct inet6_ifaddr lo_address6;

AT(ffffffff82242000) struct net init_net = { .dev_base_head = LINKS(&lo.dev_list, &eth0.dev_list) };
AT(ffff888000140100)
struct net_device lo = {
	.name = "lo",
	.type = 772,
	.ip_ptr = &lo_in,
	.ip6_ptr = &lo_in6,
	.dev_list = LINKS(&eth0.dev_list, &init_net.dev_base_head),
};
AT(ffff888000140200)
struct net_device eth0 = {
	.name = "eth0",
	.type = 1,
	.addr_len = 6,
	.ip_ptr = &eth0_in,
	.dev_list = LINKS(&init_net.dev_base_head, &lo.dev_list),
};
struct in_ifaddr lo_address = { .ifa_local = BE32(127, 0, 0, 1) };
struct in_ifaddr eth0_second = { .ifa_local = BE32(10, 0, 1, 1) };
struct in_ifaddr eth0_first = { .ifa_local = BE32(10, 0, 0, 1), .ifa_next = &eth0_second };
struct in_device lo_in = { .dev = &lo, .ifa_list = &lo_address };
struct in_device eth0_in = { .dev = &eth0, .ifa_list = &eth0_first };
struct inet6_dev lo_in6 = { .dev = &lo,
			    .addr_list = LINKS(&lo_address6.if_list, &lo_address6.if_list) };
struct inet6_ifaddr lo_address6 = { .addr = { { { [15] = 1 } } },
				    .if_list = LINKS(&lo_in6.addr_list, &lo_in6.addr_list) };

/* 10.0.0.2 in the first of two chains, and behind it 10.0.0.3, which does not answer */
#if NEW
#define BEFORE(other) .hash = { .next = &(other).hash }
#else
#define BEFORE(other) .next = &(other)
#endif
extern struct neighbour silent;
AT(ffff888000141000)
struct neighbour router = {
	BEFORE(silent),
	.nud_state = 2,
	.ha = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 },
	.dev = &eth0,
	.primary_key = { 10, 0, 0, 2 },
};
AT(ffff888000141100)
struct neighbour silent = { .nud_state = 0x20, .dev = &eth0, .primary_key = { 10, 0, 0, 3 } };
#if NEW
struct hlist_head heads[2] = { { &router.hash } };
struct neigh_hash_table hash = { .hash_heads = heads, .hash_shift = 1 };
#else
struct neighbour *chains[2] = { &router };
struct neigh_hash_table hash = { .hash_buckets = chains, .hash_shift = 1 };
#endif
struct neigh_table arp_tbl = { .family = 2, .nht = &hash };

/* worm's descriptor 3 is 10.0.0.1 port 80 to 10.0.0.2 port 4660, 6 is ::1 port 53 to nobody. */
struct proto tcp_prot = { .name = "TCP" }, udp_prot = { .name = "UDPv6" };
AT(ffff888000142000)
struct inet_sock tcp_sock = {
	.sk = { .__sk_common = { .skc_family = 2,
				 .skc_prot = &tcp_prot,
				 .skc_daddr = BE32(10, 0, 0, 2),
				 .skc_dport = BE16(4660) } },
	.inet_saddr = BE32(10, 0, 0, 1),
	.inet_sport = BE16(80),
};
AT(ffff888000142200)
struct inet_sock udp_sock = {
	.sk = { .__sk_common = { .skc_family = 10,
				 .skc_prot = &udp_prot,
				 .skc_v6_rcv_saddr = { { { [15] = 1 } } } } },
	.inet_sport = BE16(53),
};
AT(ffff888000142400)
struct socket_alloc tcp_socket = {
	.socket = { .type = 1, .sk = (struct sock *)&tcp_sock },
	.vfs_inode = { .i_mode = S_IFSOCK, .i_ino = 51, .i_sb = &sock_sb },
};
AT(ffff888000142600)
struct socket_alloc udp_socket = {
	.socket = { .type = 2, .sk = (struct sock *)&udp_sock },
	.vfs_inode = { .i_mode = S_IFSOCK, .i_ino = 52, .i_sb = &sock_sb },
};
