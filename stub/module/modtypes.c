/* modtypes.c - types by name, whoever defines them. */
#include "stub/module/modtypes.h"

#include "stub/kernel/kernel.h"
#include "stub/module/lines.h"
#include "stub/module/modules.h"

static struct types *types_of(struct kernel *k, struct module *mod)
{
	int fd;

	if (!mod->types_tried) {
		mod->types_tried = true;
		if (module_need_file(k, mod, NULL) == VS_OK &&
		    lines_module_image(k, mod, &fd, NULL) == VS_OK)
			(void)types_from_dwarf_fd(fd, mod->name, &mod->types, NULL);
	}
	return mod->types;
}

void modtypes_forget(struct module *mod)
{
	types_destroy(mod->types);
	mod->types = NULL;
	mod->types_tried = false;
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

/* vmlinux's DWARF beside BTF, which does not know plain variables. */
static struct types *dwarf_of_vmlinux(struct kernel *k)
{
	if (!k->dwarf_tried) {
		k->dwarf_tried = true;
		if (kernel_need_vmlinux(k, NULL) == VS_OK)
			(void)types_from_dwarf(k->vmlinux_path, &k->dwarf, NULL);
	}
	return k->dwarf;
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
	return fail(err, VS_NOTFOUND, "the type of %s is not known", name);
}
