// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* nodes.h - the memory nodes (NUMA) of the kernel: where their struct pglist_data are. */
#include "stub/kernel/kernel.h"

#define KERNEL_NODES_MAX 1024 /* MAX_NUMNODES is at most that */

struct kernel_node {
	unsigned id;
	kva_t va; /* of its struct pglist_data */
};

/* Lists the nodes by id: those in node_data[], or contig_page_data in a kernel without NUMA. ret
 * has room for KERNEL_NODES_MAX. VS_NOTFOUND: the kernel's symbols have neither, or no node is
 * there. */
vs_status kernel_nodes(struct kernel *k, struct kernel_node *ret, size_t *n, struct err *err);
