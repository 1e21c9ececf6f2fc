// SPDX-License-Identifier: GPL-3.0-or-later
/* verbs.c - the list of all verbs, by name. Each is defined as verb_NAME at the end of its file. */
#include <string.h>

#include "stub/monitor/cmd.h"

#define VERBS(V)                                                                                   \
	V(bpf)                                                                                     \
	V(btop)                                                                                    \
	V(ccat)                                                                                    \
	V(dev)                                                                                     \
	V(dis)                                                                                     \
	V(eval)                                                                                    \
	V(explain)                                                                                 \
	V(files)                                                                                   \
	V(foreach)                                                                                 \
	V(fuser)                                                                                   \
	V(hang)                                                                                    \
	V(help)                                                                                    \
	V(ipcs)                                                                                    \
	V(irq)                                                                                     \
	V(kbt)                                                                                     \
	V(klist)                                                                                   \
	V(kmem)                                                                                    \
	V(lines)                                                                                   \
	V(locks)                                                                                   \
	V(log)                                                                                     \
	V(mach)                                                                                    \
	V(mod)                                                                                     \
	V(mount)                                                                                   \
	V(net)                                                                                     \
	V(oom)                                                                                     \
	V(p)                                                                                       \
	V(percpu)                                                                                  \
	V(ps)                                                                                      \
	V(pte)                                                                                     \
	V(ptob)                                                                                    \
	V(ptov)                                                                                    \
	V(rd)                                                                                      \
	V(runq)                                                                                    \
	V(search)                                                                                  \
	V(set)                                                                                     \
	V(sig)                                                                                     \
	V(stacks)                                                                                  \
	V(struct)                                                                                  \
	V(swap)                                                                                    \
	V(sym)                                                                                     \
	V(sys)                                                                                     \
	V(task)                                                                                    \
	V(timer)                                                                                   \
	V(trace)                                                                                   \
	V(tree)                                                                                    \
	V(union)                                                                                   \
	V(vm)                                                                                      \
	V(vtop)                                                                                    \
	V(waitq)                                                                                   \
	V(whatis)                                                                                  \
	V(why)

#define DECLARE(name) extern const struct cmd verb_##name;
VERBS(DECLARE)

#define POINT_TO(name) &verb_##name,
static const struct cmd *const verbs[] = { VERBS(POINT_TO) };

#define NVERBS (sizeof(verbs) / sizeof(verbs[0]))

size_t cmd_all(const struct cmd *const **ret)
{
	*ret = verbs;
	return NVERBS;
}

/* crash's names for verbs, which gdb uses for its own commands. */
static const struct {
	const char *name, *verb;
} crash_names[] = { { "bt", "kbt" }, { "list", "klist" } };

const struct cmd *cmd_find(const char *name)
{
	for (size_t i = 0; i < sizeof(crash_names) / sizeof(crash_names[0]); i++)
		if (strcmp(crash_names[i].name, name) == 0)
			name = crash_names[i].verb;
	for (size_t i = 0; i < NVERBS; i++)
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	return NULL;
}
