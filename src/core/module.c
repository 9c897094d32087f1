/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "trouble.h"

/* Why a module is not there. WITHOUT is NULL if it was built. */
struct module {
	const char *name, *without, *missing;
};

#define MODULE(name, without) { name, without, name ".so is not installed" }

static const struct module modules[] = {
#ifdef MML_WITH_TUI
	MODULE("tui", NULL),
#else
	MODULE("tui", "built without the screen (--disable-tui)"),
#endif
#ifdef MML_WITH_WHO
	MODULE("who", NULL),
#else
	MODULE("who", "built without libproc2 (--disable-libproc2)"),
#endif
#ifdef MML_WITH_BPF
	MODULE("bpf", NULL),
#else
	MODULE("bpf", "built without BPF (--disable-bpf)"),
#endif
#ifdef MML_WITH_RECORD
	MODULE("record", NULL),
#else
	MODULE("record", "built without recordings (no libzstd)"),
#endif
#ifdef MML_WITH_JOURNAL
	MODULE("journal", NULL),
#else
	MODULE("journal", "built without libsystemd (--disable-journal)"),
#endif
#ifdef MML_WITH_NUMA
	MODULE("numa", NULL),
#else
	MODULE("numa", "built without libnuma (--disable-libnuma)"),
#endif
};

static const struct module *find(const char *name)
{
	for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++)
		if (!strcmp(modules[i].name, name))
			return &modules[i];
	return NULL;
}

/* Makes the path of a module beside the program: libtool puts it into .libs there. Only a program
 * that is run where it was built looks there, and none that has rights its user does not have: with a
 * link to it, anybody could choose what is beside it. */
static bool path_beside(const char *name, char *path, size_t len)
{
	ssize_t n;
	char *slash;

	if (!&mml_built_here || getauxval(AT_SECURE))
		return false;
	n = readlink("/proc/self/exe", path, len - 1);
	if (n <= 0 || (size_t)n == len - 1)
		return false;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return false;
	n = snprintf(slash, len - (size_t)(slash - path), "/.libs/%s.so", name);
	return (size_t)n < len - (size_t)(slash - path) && !access(path, F_OK);
}

/* Returns 0 if PATH can be read, or -errno. */
static int check(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* Returns what ran out, as -errno, according to the dynamic linker's words or else to the error ERR that
 * it left, or 0. */
static int ran_out(const char *words, int err)
{
	static const int errors[] = { EMFILE, ENFILE, ENOMEM };

	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (strstr(words, strerror(errors[i])))
			return -errors[i];
	return err == ENOMEM ? -ENOMEM : 0;
}

/* Returns why PATH, which is there, could not be read (RC) or loaded (ERR is what errno was then). */
static struct mml_absence why_not(const char *path, int rc, int err)
{
	/* The words are valid until this thread asks again. */
	static _Thread_local char words[512];
	const char *said = rc ? NULL : dlerror();

	if (!rc && said)
		rc = ran_out(said, err);
	if (rc == -EMFILE || rc == -ENFILE || rc == -ENOMEM)
		return (struct mml_absence){ mml_trouble_words(mml_trouble(rc)), NULL };
	if (rc)
		snprintf(words, sizeof(words), "%.400s: %.100s", path, strerror(-rc));
	else
		snprintf(words, sizeof(words), "%s", said ? said : "not a module of mmlens");
	return (struct mml_absence){ words, "mmlens installed whole, with what its modules use" };
}

const void *mml_module(const char *name, struct mml_absence *ret_why)
{
	const struct module *module = find(name);
	char path[PATH_MAX + 32], symbol[64];
	const void *functions = NULL;
	void *handle;
	int rc;

	*ret_why = (struct mml_absence){ module->without, "a build with it" };
	if (module->without)
		return NULL;
	snprintf(symbol, sizeof(symbol), "mml_module_%s", name);
	/* A test may have the module linked in. */
	functions = dlsym(RTLD_DEFAULT, symbol);
	if (functions)
		return functions;
	if (!path_beside(name, path, sizeof(path)))
		snprintf(path, sizeof(path), "%s/%s.so", PKGLIBDIR, name);
	rc = check(path);
	if (rc == -ENOENT || rc == -ENOTDIR) {
		*ret_why = (struct mml_absence){ module->missing,
						 "mmlens installed whole, with its modules" };
		return NULL;
	}
	dlerror();
	errno = 0;
	handle = rc ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
	functions = handle ? dlsym(handle, symbol) : NULL;
	if (!functions)
		*ret_why = why_not(path, rc, errno);
	return functions;
}
