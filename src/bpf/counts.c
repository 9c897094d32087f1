/* The sources in sources.def that only count by process. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader.h"
#include <objects.h>

#define SOURCE(...)
#define COUNTS(kind_, number, name, tracepoint)                                              \
	MML_BPF_SKELETON(name)                                                               \
	static int read_##name(struct mml_bpf_session *session, struct mml_trace_head *head, \
			       struct mml_buf *ret)                                          \
	{                                                                                    \
		struct name *own = session->skeleton;                                        \
                                                                                             \
		head->dropped = own->bss->dropped + mml_bpf_missed(own->obj);                \
		return mml_bpf_read_threads(own->links.name##_dump, own->maps.dead,          \
					    bpf_map__value_size(own->maps.dead), head, ret); \
	}                                                                                    \
	extern const struct mml_bpf_source mml_bpf_##name;                                   \
	const struct mml_bpf_source mml_bpf_##name = {                                       \
		.kind = MML_TRACE_##kind_,                                                   \
		.open = open_##name,                                                         \
		.load = load_##name,                                                         \
		.attach = attach_##name,                                                     \
		.destroy = destroy_##name,                                                   \
		.read = read_##name,                                                         \
		.task_storage = true,                                                        \
	};
#include "sources.def"
