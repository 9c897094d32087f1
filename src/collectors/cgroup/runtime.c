/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "../../core/json.h"
#include "../../core/text.h"

enum { ID_DIGITS = 64, LARGEST = 4 << 20 };

/* What was found when a tree was captured, in lines of an id and a name. The files themselves are not
 * saved, for they have the environments of containers and with that passwords. */
static const char saved_path[] = "/mmlens/containers";

void mml_runtimes_open(struct mml_take *take, struct mml_runtimes *ret)
{
	*ret = (struct mml_runtimes){ .root = take->root };
	if (!mml_root_live(take->root) && !mml_take_file(take, NULL, saved_path, &ret->saved))
		return;
	ret->saved.p = NULL;
	ret->logs = mml_take_names(take, "/var/log/containers");
	ret->pods = mml_take_names(take, "/var/log/pods");
}

/* 0123...cdef web\040server */
static const char *from_saved(const struct mml_runtimes *runtimes, struct mml_arena *arena,
			      const char *id)
{
	struct mml_span text = runtimes->saved, line, word;

	while (mml_next_line(&text, &line))
		if (mml_next_field(&line, ' ', &word) && mml_span_eq(word, id) && line.p < line.end)
			return mml_unescape(arena, line);
	return NULL;
}

/* Reads the whole of PATH, which no sink sees. */
static int read_quietly(struct mml_root *root, const char *path, struct mml_buf *ret)
{
	int fd = mml_root_openfd(root, path);
	ssize_t n = 0;

	if (fd < 0)
		return fd;
	do {
		if (mml_buf_reserve(ret, 16 << 10)) {
			n = -ENOMEM;
			break;
		}
		n = read(fd, ret->data + ret->len, ret->cap - 1 - ret->len);
		ret->len += n > 0 ? (size_t)n : 0;
	} while (n > 0 && ret->len < LARGEST);
	close(fd);
	return n < 0 ? -EIO : n > 0 ? -EFBIG : 0;
}

/* POD_NAMESPACE_CONTAINER-ID.log: what Kubernetes keeps for each container, whatever its runtime. */
static const char *from_logs(const struct mml_runtimes *runtimes, struct mml_arena *arena,
			     const char *id)
{
	static const char end[] = ".log";

	for (const char *const *log = runtimes->logs; log && *log; log++) {
		size_t len = strlen(*log), tail = strlen(end) + ID_DIGITS + 1;
		struct mml_span name = { *log, *log + len }, word = { 0 };

		if (len <= tail || strcmp(*log + len - strlen(end), end) != 0 ||
		    strncmp(*log + len - tail + 1, id, ID_DIGITS) != 0 || name.end[-(long)tail] != '-')
			continue;
		name.end -= tail;
		for (int i = 0; i < 3; i++)
			if (i < 2 ? !mml_next_field(&name, '_', &word) : name.p == name.end)
				return NULL;
		return mml_arena_strndup(arena, name.p, mml_span_len(name));
	}
	return NULL;
}

/* NAMESPACE_POD_UID */
const char *mml_runtime_pod(const struct mml_runtimes *runtimes, struct mml_arena *arena,
			    const char *uid)
{
	if (runtimes->saved.p)
		return from_saved(runtimes, arena, uid);
	for (const char *const *pod = runtimes->pods; pod && *pod; pod++) {
		struct mml_span rest = mml_span_str(*pod), namespace, name;

		if (mml_next_field(&rest, '_', &namespace) && mml_next_field(&rest, '_', &name) &&
		    mml_span_eq(rest, uid) && mml_span_len(name))
			return mml_arena_strndup(arena, name.p, mml_span_len(name));
	}
	return NULL;
}

/* {"StreamConfig":{},"State":{...},"ID":"0123...","Name":"/web",...} */
static const char *of_docker(struct mml_arena *arena, struct mml_span text, const char *id)
{
	struct mml_span value;
	const char *name;

	(void)id;
	name = mml_json_member(text, "Name", &value) ? mml_json_string(arena, value) : NULL;
	return name && *name == '/' ? name + 1 : name;
}

/* {"ociVersion":"1.0.2",...,"annotations":{"io.kubernetes.cri.container-name":"web",...}}: what a
 * runtime of the Open Container Initiative is started with. A pod has one container more, which holds
 * it together. */
static const char *of_oci(struct mml_arena *arena, struct mml_span text, const char *id)
{
	static const char *const keys[] = { "io.kubernetes.cri.container-name",
					    "io.kubernetes.container.name", "nerdctl/name" };
	static const char *const types[] = { "io.kubernetes.cri.container-type",
					     "io.kubernetes.cri-o.ContainerType" };
	struct mml_span annotations, value;

	(void)id;
	if (!mml_json_member(text, "annotations", &annotations))
		return NULL;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (mml_json_member(annotations, types[i], &value) && mml_span_eq(value, "\"sandbox\""))
			return "pause";
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (mml_json_member(annotations, keys[i], &value))
			return mml_json_string(arena, value);
	return NULL;
}

/* [{"id":"0123...","names":["web"],...},...] */
static const char *of_podman(struct mml_arena *arena, struct mml_span text, const char *id)
{
	const char *at = NULL, *name = NULL;
	struct mml_span item, value;

	while (mml_json_next(text, &at, &item)) {
		if (!mml_json_member(item, "id", &value) || mml_span_len(value) != ID_DIGITS + 2 ||
		    strncmp(value.p + 1, id, ID_DIGITS) != 0)
			continue;
		if (mml_json_member(item, "names", &item) && mml_json_next(item, &name, &value))
			return mml_json_string(arena, value);
		return NULL;
	}
	return NULL;
}

/* The id stands between the two parts of the path, unless the file is one for all. */
static const struct {
	const char *dir, *file;
	const char *(*name)(struct mml_arena *arena, struct mml_span text, const char *id);
} files[] = {
	{ "/var/lib/docker/containers/", "/config.v2.json", of_docker },
	{ "/run/containerd/io.containerd.runtime.v2.task/k8s.io/", "/config.json", of_oci },
	{ "/run/containerd/io.containerd.runtime.v2.task/default/", "/config.json", of_oci },
	{ "/run/containers/storage/overlay-containers/", "/userdata/config.json", of_oci },
	{ "/var/lib/containers/storage/overlay-containers/containers.json", NULL, of_podman },
	{ "/var/lib/containers/storage/overlay-containers/volatile-containers.json", NULL, of_podman },
};

const char *mml_runtime_container(const struct mml_runtimes *runtimes, struct mml_arena *arena,
				  const char *id)
{
	const char *name;

	if (runtimes->saved.p)
		return from_saved(runtimes, arena, id);
	name = from_logs(runtimes, arena, id);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files) && !name; i++) {
		struct mml_buf text = { 0 };
		char path[192];

		snprintf(path, sizeof(path), "%s%s%s", files[i].dir, files[i].file ? id : "",
			 files[i].file ? files[i].file : "");
		if (!read_quietly(runtimes->root, path, &text))
			name = files[i].name(arena, (struct mml_span){ text.data, text.data + text.len },
					     id);
		mml_buf_free(&text);
	}
	return name && *name ? name : NULL;
}

void mml_runtimes_save(struct mml_root *root, const struct mml_buf *list)
{
	if (!list->error && list->len)
		mml_root_save(root, saved_path, list->data, list->len);
}
