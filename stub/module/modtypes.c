// SPDX-License-Identifier: GPL-3.0-or-later
/* modtypes.c - types by name, from the kernel or a module. */
#include "stub/module/modtypes.h"

#include "stub/kernel/kernel.h"
#include "stub/kernel/vmlinux.h"
#include "stub/module/lines.h"
#include "stub/module/modbtf.h"
#include "stub/module/modules.h"

static vs_status load_types(struct kernel *k, void *owner, struct err *err)
{
	struct module *mod = owner;
	void *data;
	size_t len;
	int fd;
	vs_status st = module_need_file(k, mod, err);

	if (st == VS_OK)
		st = lines_module_image(k, mod, &fd, err);
	if (st == VS_OK)
		st = types_from_dwarf_fd(fd, mod->name, &mod->types, err);
	// Without debug information here, what the kernel keeps itself.
	if (st && module_btf(k, mod, &data, &len, NULL) == VS_OK)
		st = types_from_split_btf(data, len, k->types, &mod->types, err);
	return st;
}

static void unload_types(struct kernel *k, void *owner)
{
	struct module *mod = owner;

	(void)k;
	types_destroy(mod->types);
	mod->types = NULL;
}

static const struct slot_ops types_slot_ops = { load_types, unload_types };

static struct types *types_of(struct kernel *k, struct module *mod)
{
	return slot_need(k, &mod->types_slot, &types_slot_ops, mod, NULL) ? NULL : mod->types;
}

void modtypes_forget(struct kernel *k, struct module *mod)
{
	slot_forget(k, &k->swapped_slot); // refers to the types of zram
	slot_forget(k, &mod->types_slot);
}

vs_status kernel_find_type(struct kernel *k, const char *name, struct types **t, type_ref *ret,
			   struct err *err)
{
	struct modules *mods;
	vs_status st = kernel_need_types(k, err);

	if (st == VS_OK)
		st = types_find(k->types, name, ret, err);
	if (st == VS_OK) {
		*t = k->types;
		return st;
	}
	if (kernel_need_modules(k, &mods, NULL) == VS_OK)
		for (size_t i = 0; i < mods->n; i++) {
			struct types *own = types_of(k, &mods->v[i]);

			if (own && types_find(own, name, ret, NULL) == VS_OK) {
				*t = own;
				return VS_OK;
			}
		}
	return st;
}

/* vmlinux's DWARF in addition to BTF, which lacks ordinary variables. */
static vs_status load_dwarf(struct kernel *k, void *owner, struct err *err)
{
	vs_status st = kernel_need_vmlinux(k, err);

	(void)owner;
	return st ? st
		  : types_from_dwarf(vmlinux_debug_path(k) ? vmlinux_debug_path(k)
							   : k->vmlinux_path,
				     &k->dwarf, err);
}

static void unload_dwarf(struct kernel *k, void *owner)
{
	(void)owner;
	types_destroy(k->dwarf);
	k->dwarf = NULL;
}

static const struct slot_ops dwarf_slot_ops = { load_dwarf, unload_dwarf };

static struct types *dwarf_of_vmlinux(struct kernel *k)
{
	return slot_need(k, &k->dwarf_slot, &dwarf_slot_ops, k, NULL) ? NULL : k->dwarf;
}

vs_status kernel_find_variable(struct kernel *k, const char *name, struct types **t, type_ref *ret,
			       struct err *err)
{
	struct modules *mods;
	kva_t va;

	if (kernel_need_types(k, NULL) == VS_OK && (*ret = types_variable(k->types, name))) {
		*t = k->types;
		return VS_OK;
	}
	if (kernel_symbol(k, name, &va, NULL) && kernel_need_modules(k, &mods, NULL) == VS_OK)
		for (size_t i = 0; i < mods->n; i++) {
			*t = types_of(k, &mods->v[i]);
			if (*t && (*ret = types_variable(*t, name)))
				return VS_OK;
		}
	*t = dwarf_of_vmlinux(k);
	if (*t && (*ret = types_variable(*t, name)))
		return VS_OK;
	return fail(err, VS_NOTFOUND, "the type of %s is unknown", name);
}

vs_status kernel_find_type_in(struct kernel *k, const char *module, const char *name,
			      struct types **t, type_ref *ret, struct err *err)
{
	struct modules *mods;
	struct module *m = NULL;
	vs_status st = kernel_need_types(k, err);

	if (st)
		return st;
	if (kernel_need_modules(k, &mods, NULL) == VS_OK)
		m = modules_by_name(mods, module);
	*t = m ? types_of(k, m) : NULL;
	if (*t && types_find(*t, name, ret, NULL) == VS_OK)
		return VS_OK;
	*t = k->types;
	return types_find(k->types, name, ret, err);
}

static struct types *types_near(struct kernel *k, kva_t va)
{
	struct modules *mods;
	struct module *m = NULL;

	if (kernel_need_modules(k, &mods, NULL) == VS_OK)
		m = modules_by_va(mods, va);
	return m ? types_of(k, m) : NULL;
}

vs_status kernel_find_type_near(struct kernel *k, kva_t va, const char *name, struct types **t,
				type_ref *ret, struct err *err)
{
	*t = types_near(k, va);
	if (*t && types_find(*t, name, ret, NULL) == VS_OK)
		return VS_OK;
	return kernel_find_type(k, name, t, ret, err);
}

vs_status kernel_find_variable_near(struct kernel *k, kva_t va, const char *name, struct types **t,
				    type_ref *ret, struct err *err)
{
	*t = types_near(k, va);
	if (*t && (*ret = types_variable(*t, name)))
		return VS_OK;
	return kernel_find_variable(k, name, t, ret, err);
}
