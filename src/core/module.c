/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* If mmlens was built but not installed, libtool has put the modules into .libs beside the program. */
static void *open_beside(const char *name)
{
	char path[PATH_MAX + 32];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash;

	if (n <= 0 || n == PATH_MAX)
		return NULL;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return NULL;
	snprintf(slash, sizeof(path) - (size_t)(slash - path), "/.libs/%s.so", name);
	return access(path, R_OK) ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static const char *built_without(const char *name)
{
#ifndef MML_WITH_TUI
	if (!strcmp(name, "tui"))
		return "built without the screen (--disable-tui)";
#endif
#ifndef MML_WITH_WHO
	if (!strcmp(name, "who"))
		return "built without libproc2 (--disable-libproc2)";
#endif
#ifndef MML_WITH_BPF
	if (!strcmp(name, "bpf"))
		return "built without BPF (--disable-bpf)";
#endif
#ifndef MML_WITH_RECORD
	if (!strcmp(name, "record"))
		return "built without recordings (no libzstd)";
#endif
#ifndef MML_WITH_JOURNAL
	if (!strcmp(name, "journal"))
		return "built without libsystemd (--disable-journal)";
#endif
	(void)name;
	return NULL;
}

const void *mml_module(const char *name, struct mml_absence *ret_why)
{
	static const char needs[] = "mmlens installed whole, with its modules";
	char path[PATH_MAX], symbol[64];
	const void *functions;
	void *handle;

	*ret_why = (struct mml_absence){ built_without(name), "a build with it" };
	if (ret_why->reason)
		return NULL;
	snprintf(path, sizeof(path), "%s/%s.so", PKGLIBDIR, name);
	snprintf(symbol, sizeof(symbol), "mml_module_%s", name);
	/* A test may have the module linked in. */
	functions = dlsym(RTLD_DEFAULT, symbol);
	if (functions)
		return functions;
	handle = open_beside(name);
	if (!handle)
		handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	functions = handle ? dlsym(handle, symbol) : NULL;
	if (!functions)
		*ret_why = (struct mml_absence){ dlerror(), needs };
	return functions;
}
