/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader.h"

#include <bpf/btf.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../core/trouble.h"
#include "../core/unit.h"

#define LOG_LIMIT (1u << 20)
#define BATCH 256

struct log {
	char *text;
	size_t length;
};

/*
 * libbpf gives its messages to a function that gets no context from us. This TLS model is needed
 * because LeakSanitizer fails over other thread-locals of a module. There is always room for eight
 * bytes of it.
 */
static _Thread_local struct log *listening __attribute__((tls_model("initial-exec")));
static pthread_once_t listen_once = PTHREAD_ONCE_INIT;

static int catch_message(enum libbpf_print_level level, const char *format, va_list args)
{
	struct log *log = listening;
	va_list again;
	char *text;
	int length;

	if (!log || level == LIBBPF_DEBUG || log->length >= LOG_LIMIT)
		return 0;
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length <= 0)
		return 0;
	text = mml_realloc(log->text, log->length + (size_t)length + 1, 1);
	if (!text)
		return 0;
	log->text = text;
	vsnprintf(text + log->length, (size_t)length + 1, format, args);
	log->length += (size_t)length;
	return 0;
}

static void listen_to_libbpf(void)
{
	libbpf_set_print(catch_message);
}

/* Returns the first text between two marks and its length, or NULL if there is none. */
static const char *text_between(const char *text, const char *before, const char *after,
				size_t *ret_length)
{
	const char *start = strstr(text, before), *end;

	if (!start)
		return NULL;
	start += strlen(before);
	end = strstr(start, after);
	if (!end)
		return NULL;
	*ret_length = (size_t)(end - start);
	return start;
}

/* Returns what the verifier has said: the last line before its statistics. */
static const char *verdict(const char *log, size_t *ret_length)
{
	size_t length;
	const char *text = text_between(log, "-- BEGIN PROG LOAD LOG --\n",
					"-- END PROG LOAD LOG --", &length);
	const char *end, *line;

	if (!text)
		return NULL;
	for (end = text + length; end > text; end = line) {
		for (line = end - 1; line > text && line[-1] != '\n'; line--)
			;
		length = (size_t)(end - line);
		while (length && (line[length - 1] == '\n' || line[length - 1] == ' '))
			length--;
		if (!length || !strncmp(line, "processed ", 10) || !strncmp(line, "libbpf: ", 8))
			continue;
		*ret_length = length;
		return line;
	}
	return NULL;
}

static void explain_with(int err, const char *log, const struct mml_bpf_obstacles *in_way,
			 struct mml_bpf_failure *ret)
{
	const char *found;
	size_t length;

	if (in_way->ran_out && mml_bpf_explain_refusal(err, log, in_way, ret))
		return;
	if ((found = text_between(log, "failed to find kernel BTF type ID of '", "'", &length))) {
		mml_bpf_fail(ret, 0, "kernel has no tracepoint %.*s with a BTF type", (int)length,
			     found);
		return;
	}
	if (strstr(log, "kernel BTF is missing") || strstr(log, "failed to find valid kernel BTF")) {
		mml_bpf_fail(ret, 0, "kernel has no BTF");
		mml_bpf_needs(ret, "a kernel built with CONFIG_DEBUG_INFO_BTF");
		return;
	}
	if ((found = verdict(log, &length))) {
		mml_bpf_fail(ret, 0, "the kernel refused the program: %.*s", (int)length, found);
		return;
	}
	if (mml_bpf_explain_refusal(err, log, in_way, ret))
		return;
	if (err == -EPERM || err == -EACCES) {
		mml_bpf_fail(ret, 0, "the kernel refused to load BPF programs (%s)",
			     strerror(-err));
		mml_bpf_needs(ret, "CAP_BPF and CAP_PERFMON, and no security module that refuses");
		return;
	}
	mml_bpf_fail(ret, 0, "BPF programs cannot be loaded: %s", strerror(-err));
}

/* Explains why loading gave ERR. Returns what it gave, or what ran out. */
static int explain_here(int err, const char *log, struct mml_bpf_failure *ret)
{
	struct mml_bpf_obstacles in_way;

	mml_bpf_obstacles(&in_way);
	explain_with(err, log, &in_way, ret);
	if (in_way.ran_out)
		return mml_trouble(in_way.ran_out);
	return err == -ENOMEM ? mml_trouble(err) : err;
}

static void explain(int err, const char *log, const struct mml_bpf_obstacles *in_way,
		    struct mml_bpf_failure *ret)
{
	static const struct mml_bpf_obstacles none = { .asked = -EBADF };

	explain_with(err, log, in_way ? in_way : &none, ret);
}

int mml_bpf_keep_link(struct mml_bpf_session *session, struct bpf_link *link)
{
	struct bpf_link **links;

	if (!link)
		return -errno;
	links = mml_realloc(session->links, session->nlinks + 1, sizeof(*links));
	if (!links) {
		bpf_link__destroy(link);
		return -ENOMEM;
	}
	session->links = links;
	links[session->nlinks++] = link;
	return 0;
}

int mml_bpf_read_iterator(const struct bpf_link *link, struct mml_buf *ret)
{
	/* The kernel's buffer for an iterator has 8 pages, and a read returns no more than that. */
	const size_t chunk = 1u << 16;
	int fd = bpf_iter_create(bpf_link__fd(link));
	int rc = 0;

	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t n;

		rc = mml_buf_reserve(ret, chunk);
		if (rc)
			break;
		n = read(fd, ret->data + ret->len, chunk);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			rc = -errno;
		if (n <= 0)
			break;
		ret->len += (size_t)n;
	}
	close(fd);
	return rc;
}

static void put_batch(const char *keys, size_t key_size, const char *values, size_t value_size,
		      uint32_t count, struct mml_buf *ret)
{
	for (uint32_t i = 0; i < count; i++) {
		if (keys)
			mml_buf_put(ret, keys + i * key_size, key_size);
		mml_buf_put(ret, values + i * value_size, value_size);
	}
}

int mml_bpf_read_hash(const struct bpf_map *map, bool drain, bool with_keys, struct mml_buf *ret,
		      uint64_t *ret_count)
{
	size_t key_size = bpf_map__key_size(map), value_size = bpf_map__value_size(map);
	int (*lookup)(int, void *, void *, void *, void *, __u32 *,
		      const struct bpf_map_batch_opts *) =
		drain ? bpf_map_lookup_and_delete_batch : bpf_map_lookup_batch;
	uint32_t room = BATCH, count, position;
	char *keys = NULL, *values = NULL;
	void *in = NULL;
	int rc;

	*ret_count = 0;
	do {
		char *more_keys = mml_realloc(keys, room, key_size);
		char *more_values;

		keys = more_keys ? more_keys : keys;
		more_values = mml_realloc(values, room, value_size);
		values = more_values ? more_values : values;
		if (!more_keys || !more_values) {
			rc = -ENOMEM;
			break;
		}
		count = room;
		rc = lookup(bpf_map__fd(map), in, &position, keys, values, &count, NULL);
		/* One of the kernel's buckets has more entries than there is room for. */
		if (rc == -ENOSPC) {
			room *= 2;
			continue;
		}
		if (rc && rc != -ENOENT)
			break;
		put_batch(with_keys ? keys : NULL, key_size, values, value_size, count, ret);
		*ret_count += count;
		in = &position;
	} while (rc != -ENOENT);
	free(keys);
	free(values);
	return rc == -ENOENT ? ret->error : rc;
}

int mml_bpf_read_threads(const struct bpf_link *dump, const struct bpf_map *dead, size_t row_size,
			 struct mml_trace_head *head, struct mml_buf *ret)
{
	size_t start = ret->len;
	uint64_t count;
	int rc = mml_bpf_read_iterator(dump, ret);

	if (rc)
		return rc;
	head->living = (ret->len - start) / row_size;
	rc = mml_bpf_read_hash(dead, true, false, ret, &count);
	head->dead = count;
	return rc;
}

uint64_t mml_bpf_missed(const struct bpf_object *object)
{
	struct bpf_program *program;
	uint64_t missed = 0;

	bpf_object__for_each_program(program, object) {
		struct bpf_prog_info info = {};
		uint32_t length = sizeof(info);

		if (bpf_program__fd(program) >= 0 &&
		    !bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &length))
			missed += info.recursion_misses;
	}
	return missed;
}

static int load_and_attach(struct mml_bpf_session *session)
{
	const struct mml_bpf_source *source = session->source;
	int rc;

	session->skeleton = source->open();
	if (!session->skeleton)
		return -errno;
	if (source->prepare)
		source->prepare(session);
	rc = source->load(session->skeleton);
	return rc ? rc : source->attach(session);
}

static void unload(struct mml_bpf_session *session)
{
	for (size_t i = 0; i < session->nlinks; i++)
		bpf_link__destroy(session->links[i]);
	free(session->links);
	session->links = NULL;
	session->nlinks = 0;
	free(session->before);
	session->before = NULL;
	session->source->destroy(session->skeleton);
	session->skeleton = NULL;
}

#define COUNTS(kind, number, object, ...) extern const struct mml_bpf_source mml_bpf_##object;
#define SOURCE(kind, number, object, tracepoint, name) extern const struct mml_bpf_source mml_bpf_##name;
#include "sources.def"
#undef COUNTS
#undef SOURCE

static const struct {
	const struct mml_bpf_source *source;
	const char *tracepoint; /* or NULL */
} sources[] = {
#define COUNTS(kind, number, object, tracepoint) { &mml_bpf_##object, tracepoint },
#define SOURCE(kind, number, object, tracepoint, name) { &mml_bpf_##name, tracepoint },
#include "sources.def"
#undef COUNTS
#undef SOURCE
};

enum { SOURCES = sizeof(sources) / sizeof(*sources) };

/* Returns the place of KIND in the list, or -1: the program is of a version that has more kinds. */
static int place_of(enum mml_trace_kind kind)
{
	for (int i = 0; i < SOURCES; i++)
		if (sources[i].source->kind == kind)
			return i;
	return -1;
}

static int is_older(struct mml_bpf_failure *ret)
{
	mml_bpf_fail(ret, -ENOTSUP, "bpf.so is of another version than this program");
	mml_bpf_needs(ret, "the bpf.so of this program");
	return -ENOTSUP;
}

static int probe(enum mml_trace_kind kind, struct mml_bpf_failure *ret)
{
	int rc = mml_bpf_probe_machine(ret), at = place_of(kind);

	if (rc)
		return rc;
	if (at < 0)
		return is_older(ret);
	pthread_once(&listen_once, listen_to_libbpf);
	return mml_bpf_probe_kernel(sources[at].source, sources[at].tracepoint, ret);
}

static void stop(struct mml_bpf_session *session)
{
	if (!session)
		return;
	unload(session);
	free(session);
}

static int start(enum mml_trace_kind kind, const struct mml_bpf_options *options,
		 struct mml_bpf_failure *ret_failure, struct mml_bpf_session **ret)
{
	struct mml_bpf_session *session;
	int rc, at = place_of(kind);
	struct log log = { 0 };

	*ret = NULL;
	rc = mml_bpf_probe_machine(ret_failure);
	if (rc)
		return rc;
	if (at < 0)
		return is_older(ret_failure);
	session = mml_calloc(1, sizeof(*session));
	if (!session)
		return mml_bpf_fail(ret_failure, -ENOMEM, "out of memory");
	session->source = sources[at].source;
	session->options = *options;
	pthread_once(&listen_once, listen_to_libbpf);
	listening = &log;
	rc = load_and_attach(session);
	/* -ESRCH means that the kernel has no type for the tracepoint. */
	if (rc == -ESRCH && session->source->soft_fallback && !session->options.soft_events) {
		unload(session);
		log.length = 0;
		session->options.soft_events = true;
		rc = load_and_attach(session);
	}
	listening = NULL;
	if (rc) {
		int lacks = mml_bpf_probe_kernel(session->source, NULL, ret_failure);

		stop(session);
		/* The kernel itself does not say what it lacks. */
		if (!lacks)
			rc = explain_here(rc, log.length ? log.text : "", ret_failure);
	} else {
		session->options.pids = NULL;
		session->options.group = NULL;
		session->started_ns = mml_now_ns();
		*ret = session;
	}
	free(log.text);
	return rc;
}

static int read_session(struct mml_bpf_session *session, struct mml_buf *ret)
{
	struct mml_trace_head head = {
		.magic = MML_TRACE_MAGIC,
		.order = MML_TRACE_ORDER,
		.version = MML_TRACE_VERSION,
		.kind = session->source->kind,
		.flags = session->flags,
		.page_size = (uint32_t)sysconf(_SC_PAGESIZE),
		.reads = session->reads,
		.traced_ns = mml_now_ns() - session->started_ns,
	};
	size_t start = ret->len;
	int rc;

	mml_buf_put(ret, (const char *)&head, sizeof(head));
	rc = ret->error;
	if (!rc)
		rc = session->source->read(session, &head, ret);
	if (!rc)
		rc = ret->error;
	if (rc) {
		ret->len = start;
		return rc;
	}
	memcpy(head.names, session->names, sizeof(head.names));
	head.length = ret->len - start - sizeof(head);
	memcpy(ret->data + start, &head, sizeof(head));
	session->reads++;
	return 0;
}

const struct mml_module_bpf mml_module_bpf = {
	.probe = probe,
	.start = start,
	.read = read_session,
	.stop = stop,
	.explain = explain,
};
