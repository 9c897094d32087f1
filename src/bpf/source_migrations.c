/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader.h"
#include "migrations.h"

#include <bpf/btf.h>
#include <errno.h>

#include <migrations.skel.h>

static void *open_migrations(void)
{
	return migrations__open();
}

/* A kernel that has other arguments than those that are known is refused: what they mean would be a
 * guess. */
static int load_migrations(void *skeleton)
{
	struct migrations *own = skeleton;
	struct btf *btf = btf__load_vmlinux_btf();
	unsigned n;

	if (!btf)
		return -errno;
	n = mml_bpf_arguments(btf, "mm_migrate_pages");
	btf__free(btf);
	if (n != 7 && n != 8)
		return -EPROTONOSUPPORT;
	bpf_program__set_autoload(own->progs.migrations_of_7, n == 7);
	bpf_program__set_autoload(own->progs.migrations_of_8, n == 8);
	return migrations__load(own);
}

static int attach_migrations(struct mml_bpf_session *session)
{
	return migrations__attach(session->skeleton);
}

static void destroy_migrations(void *skeleton)
{
	migrations__destroy(skeleton);
}

static int read_migrations(struct mml_bpf_session *session, struct mml_trace_head *head,
			   struct mml_buf *ret)
{
	struct migrations *own = session->skeleton;

	head->dropped = own->bss->dropped + mml_bpf_missed(own->obj);
	return mml_bpf_read_threads(own->links.migrations_dump, own->maps.dead,
				    sizeof(struct mml_migrations_row), head, ret);
}

const struct mml_bpf_source mml_bpf_migrations = {
	.kind = MML_TRACE_MIGRATIONS,
	.open = open_migrations,
	.load = load_migrations,
	.attach = attach_migrations,
	.destroy = destroy_migrations,
	.read = read_migrations,
	.task_storage = true,
};
