/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "name.h"

enum { ID_DIGITS = 64, SHORT_ID = 12, SHORT_UID = 8 };

const char *mml_cgroup_kind_word(enum mml_cgroup_kind kind)
{
	static const char *const words[] = {
#define K(id, word) word,
		MML_CGROUP_KINDS(K)
#undef K
	};

	return words[kind];
}

static bool ends_with(struct mml_span s, const char *end)
{
	size_t n = strlen(end);

	return mml_span_len(s) > n && !memcmp(s.end - n, end, n);
}

/* Returns S without END, if it ends with that and has something in front of it. */
static struct mml_span without_end(struct mml_span s, const char *end)
{
	if (ends_with(s, end))
		s.end -= strlen(end);
	return s;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* systemd writes a byte that may not be in the name of a unit as \xNN. */
static const char *unescaped(struct mml_arena *arena, struct mml_span s)
{
	char *copy = mml_arena_strndup(arena, s.p, mml_span_len(s)), *to = copy;

	if (!copy)
		return NULL;
	for (const char *p = s.p; p < s.end;) {
		int high = s.end - p >= 4 && p[0] == '\\' && p[1] == 'x' ? hex_digit(p[2]) : -1;
		int low = high >= 0 ? hex_digit(p[3]) : -1;

		if (low >= 0 && (high || low)) {
			*to++ = (char)(high << 4 | low);
			p += 4;
		} else {
			*to++ = *p++;
		}
	}
	*to = '\0';
	return copy;
}

static const char *copy_of(struct mml_arena *arena, struct mml_span s)
{
	return mml_arena_strndup(arena, s.p, mml_span_len(s));
}

static void set_container(struct mml_cgroup_name *ret, const char *name, const char *runtime)
{
	ret->kind = MML_CGROUP_IS_CONTAINER;
	ret->name = ret->container = name;
	ret->id = NULL;
	ret->runtime = runtime;
}

/* Cuts 64 hexadecimal digits off the end of S. Returns false if S does not end with so many behind a
 * dash, or consist of them. */
static bool cut_id(struct mml_span *s, struct mml_span *ret_id)
{
	size_t len = mml_span_len(*s);

	if (len < ID_DIGITS || (len > ID_DIGITS && s->end[-ID_DIGITS - 1] != '-'))
		return false;
	*ret_id = (struct mml_span){ s->end - ID_DIGITS, s->end };
	for (const char *p = ret_id->p; p < ret_id->end; p++)
		if (hex_digit(*p) < 0)
			return false;
	s->end = len > ID_DIGITS ? ret_id->p - 1 : ret_id->p;
	return true;
}

static const char *runtime_of(struct mml_arena *arena, struct mml_span prefix,
			      const struct mml_cgroup_name *parent)
{
	static const char *const runtimes[][2] = {
		{ "libpod", "podman" },
		{ "cri-containerd", "containerd" },
		{ "crio", "cri-o" },
	};

	if (prefix.p == prefix.end)
		return mml_span_eq(parent->part, "docker") ? "docker" : NULL;
	for (size_t i = 0; i < sizeof(runtimes) / sizeof(*runtimes); i++)
		if (mml_span_eq(prefix, runtimes[i][0]))
			return runtimes[i][1];
	return copy_of(arena, prefix);
}

/* machine-libpod_pod_ID.slice */
static bool name_podman_pod(struct mml_arena *arena, struct mml_cgroup_name *ret)
{
	static const char mark[] = "libpod_pod_";
	struct mml_span rest = without_end(ret->part, ".slice"), id;

	if (mml_span_len(rest) < strlen(mark) + ID_DIGITS)
		return false;
	rest.p = rest.end - ID_DIGITS;
	if (memcmp(rest.p - strlen(mark), mark, strlen(mark)) != 0 || !cut_id(&rest, &id))
		return false;
	ret->kind = MML_CGROUP_IS_POD;
	ret->pod = mml_arena_strndup(arena, id.p, SHORT_ID);
	ret->name = mml_arena_printf(arena, "pod %.*s", SHORT_ID, id.p);
	ret->runtime = "podman";
	return true;
}

/*
 * docker-ID.scope, cri-containerd-ID.scope, crio-ID.scope, libpod-ID.scope, or ID alone (Docker and
 * Kubernetes with cgroupfs). In libpod-conmon-ID.scope and crio-conmon-ID.scope runs the program that
 * watches over the container, which is not a part of it.
 */
static bool name_by_id(struct mml_arena *arena, const struct mml_cgroup_name *parent,
		       struct mml_cgroup_name *ret)
{
	struct mml_span part = without_end(ret->part, ".scope"), id;

	if (part.end == ret->part.end && ends_with(part, ".slice"))
		return name_podman_pod(arena, ret);
	if (!cut_id(&part, &id))
		return false;
	if (ends_with(part, "-conmon")) {
		ret->kind = MML_CGROUP_IS_MONITOR;
		ret->name = mml_arena_printf(arena, "conmon of %.*s", SHORT_ID, id.p);
		return true;
	}
	set_container(ret, mml_arena_strndup(arena, id.p, SHORT_ID),
		      runtime_of(arena, part, parent));
	ret->id = copy_of(arena, id);
	return true;
}

/* machine-qemu\x2d1\x2dNAME.scope is a virtual machine of libvirt's, with its number, and
 * machine-NAME.scope a container that registered with systemd-machined. */
static bool name_machine(struct mml_arena *arena, struct mml_cgroup_name *ret)
{
	struct mml_span part = without_end(ret->part, ".scope"), number;
	const char *name;

	if (!mml_span_starts(part, "machine-") || part.end == ret->part.end)
		return false;
	part.p += strlen("machine-");
	name = unescaped(arena, part);
	set_container(ret, name, NULL);
	if (!name || strncmp(name, "qemu-", 5))
		return true;
	part = mml_span_str(name + strlen("qemu-"));
	if (!mml_next_field(&part, '-', &number) || mml_parse_u64(number, &(uint64_t){ 0 }) ||
	    part.p == part.end)
		return true;
	set_container(ret, part.p, "qemu");
	ret->kind = MML_CGROUP_IS_VM;
	return true;
}

/* lxc.payload.NAME, lxc.monitor.NAME, lxc/NAME, systemd-nspawn@NAME.service, garden/ID */
static bool name_by_prefix(struct mml_arena *arena, const struct mml_cgroup_name *parent,
			   struct mml_cgroup_name *ret)
{
	static const char payload[] = "lxc.payload.", monitor[] = "lxc.monitor.";
	static const char nspawn[] = "systemd-nspawn@";
	struct mml_span part = ret->part;

	if (mml_span_starts(part, payload) && mml_span_len(part) > strlen(payload)) {
		part.p += strlen(payload);
		set_container(ret, copy_of(arena, part), "lxc");
	} else if (mml_span_starts(part, monitor) && mml_span_len(part) > strlen(monitor)) {
		part.p += strlen(monitor);
		ret->kind = MML_CGROUP_IS_MONITOR;
		ret->name = mml_arena_printf(arena, "monitor of %.*s", (int)mml_span_len(part), part.p);
	} else if (mml_span_starts(part, nspawn) && ends_with(part, ".service")) {
		part.p += strlen(nspawn);
		set_container(ret, unescaped(arena, without_end(part, ".service")), "nspawn");
	} else if (mml_span_eq(parent->part, "lxc") || mml_span_eq(parent->part, "garden")) {
		set_container(ret, copy_of(arena, part),
			      mml_span_eq(parent->part, "lxc") ? "lxc" : "garden");
	} else {
		return false;
	}
	return true;
}

static const char *qos_of(struct mml_span part)
{
	if (mml_span_eq(part, "burstable"))
		return "burstable";
	return mml_span_eq(part, "besteffort") ? "best effort" : NULL;
}

/* In the name of a slice, the dashes of the uid are written as underscores. */
static void name_pod(struct mml_arena *arena, struct mml_span uid, const char *qos,
		     struct mml_cgroup_name *ret)
{
	char *copy = mml_arena_strndup(arena, uid.p, mml_span_len(uid));

	for (char *p = copy; p && *p; p++)
		if (*p == '_')
			*p = '-';
	ret->kind = MML_CGROUP_IS_POD;
	ret->pod = copy;
	ret->qos = qos ? qos : "guaranteed";
	ret->name = copy ? mml_arena_printf(arena, "pod %.*s (%s)", SHORT_UID, copy, ret->qos) : NULL;
}

static void name_pods(struct mml_arena *arena, const char *qos, struct mml_cgroup_name *ret)
{
	ret->kind = MML_CGROUP_IS_PODS;
	ret->qos = qos;
	ret->name = qos ? mml_arena_printf(arena, "%s pods", qos) : "pods";
}

/*
 * kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUID.slice, or with cgroupfs
 * kubepods/burstable/podUID. A guaranteed pod lies in kubepods itself. The slices may begin with
 * those around them, as in kubelet-kubepods.slice.
 */
static bool name_kubernetes(struct mml_arena *arena, const struct mml_cgroup_name *parent,
			    struct mml_cgroup_name *ret)
{
	struct mml_span part = without_end(ret->part, ".slice"), level = { 0 }, word;
	bool kubepods = false, slice = part.end != ret->part.end;

	if (!slice && parent->kind == MML_CGROUP_IS_PODS) {
		if (mml_span_starts(part, "pod") && mml_span_len(part) > strlen("pod"))
			name_pod(arena, (struct mml_span){ part.p + 3, part.end }, parent->qos, ret);
		else if (qos_of(part))
			name_pods(arena, qos_of(part), ret);
		else
			return false;
		return true;
	}
	if (mml_span_eq(part, "kubepods")) {
		name_pods(arena, NULL, ret);
		return true;
	}
	while (slice && mml_next_field(&part, '-', &word)) {
		if (kubepods && mml_span_starts(word, "pod") && mml_span_len(word) > strlen("pod")) {
			word.p += strlen("pod");
			word.end = ret->part.end - strlen(".slice");
			name_pod(arena, word, qos_of(level), ret);
			return true;
		}
		kubepods |= mml_span_eq(word, "kubepods");
		level = word;
	}
	if (!kubepods || (!qos_of(level) && !mml_span_eq(level, "kubepods")))
		return false;
	name_pods(arena, qos_of(level), ret);
	return true;
}

static const char *const unit_types[] = { ".service", ".scope", ".socket", ".mount", ".swap" };

static bool is_unit(struct mml_span part)
{
	for (size_t i = 0; i < sizeof(unit_types) / sizeof(*unit_types); i++)
		if (ends_with(part, unit_types[i]))
			return true;
	return false;
}

/*
 * app[-LAUNCHER]-ID-RANDOM.scope, app[-LAUNCHER]-ID[@RANDOM].service: an application of a desktop.
 * Dashes inside the words are escaped.
 */
static bool name_app(struct mml_arena *arena, struct mml_cgroup_name *ret)
{
	struct mml_span rest = ret->part, word, id = { 0 }, random = { 0 };
	bool scope = ends_with(rest, ".scope");

	if (!ret->of_user || !mml_span_starts(rest, "app-") ||
	    (!scope && !ends_with(rest, ".service")))
		return false;
	rest = without_end(without_end(rest, ".scope"), ".service");
	mml_next_field(&rest, '-', &word);
	while (mml_next_field(&rest, '-', &word)) {
		id = random;
		random = word;
	}
	if (!scope)
		mml_next_field(&random, '@', &id);
	if (id.p == id.end)
		return false;
	ret->kind = MML_CGROUP_IS_APP;
	ret->name = unescaped(arena, id);
	return true;
}

/* user-1000.slice, session-3.scope */
static bool name_user(struct mml_arena *arena, struct mml_cgroup_name *ret)
{
	struct mml_span user = without_end(ret->part, ".slice");
	struct mml_span session = without_end(ret->part, ".scope");

	if (mml_span_starts(user, "user-") && user.end != ret->part.end) {
		ret->kind = MML_CGROUP_IS_USER;
		user.p += strlen("user-");
		ret->name = mml_arena_printf(arena, "user %.*s", (int)mml_span_len(user), user.p);
		return true;
	}
	if (!mml_span_starts(session, "session-") || session.end == ret->part.end)
		return false;
	ret->kind = MML_CGROUP_IS_SESSION;
	session.p += strlen("session-");
	ret->name = mml_arena_printf(arena, "session %.*s", (int)mml_span_len(session), session.p);
	return true;
}

static void name_unit(struct mml_arena *arena, struct mml_cgroup_name *ret)
{
	ret->name = unescaped(arena, ret->part);
	if (ends_with(ret->part, ".slice"))
		ret->kind = MML_CGROUP_IS_SLICE;
	else if (ends_with(ret->part, ".service"))
		ret->kind = MML_CGROUP_IS_SERVICE;
	else if (ends_with(ret->part, ".scope"))
		ret->kind = MML_CGROUP_IS_SCOPE;
	else if (is_unit(ret->part))
		ret->kind = MML_CGROUP_IS_UNIT;
	else
		ret->kind = MML_CGROUP_IS_GROUP;
}

static void set_unit(struct mml_arena *arena, struct mml_cgroup_name *ret)
{
	bool slice = ends_with(ret->part, ".slice");

	if (!is_unit(ret->part) && (!slice || (ret->unit && !ret->unit_is_slice)))
		return;
	ret->unit = copy_of(arena, ret->part);
	ret->unit_is_slice = slice;
	ret->of_user |= mml_span_starts(ret->part, "user@");
}

struct mml_cgroup_name mml_cgroup_name_root(void)
{
	return (struct mml_cgroup_name){ .kind = MML_CGROUP_IS_ROOT, .name = "root" };
}

void mml_cgroup_name_child(struct mml_arena *arena, const struct mml_cgroup_name *parent,
			   struct mml_span part, struct mml_cgroup_name *ret)
{
	const struct mml_cgroup_name around = *parent;

	*ret = around;
	ret->part = part;
	set_unit(arena, ret);
	if (!name_by_id(arena, &around, ret) && !name_machine(arena, ret) &&
	    !name_by_prefix(arena, &around, ret) && !name_kubernetes(arena, &around, ret) &&
	    !name_app(arena, ret) && !name_user(arena, ret))
		name_unit(arena, ret);
}

void mml_cgroup_name_path(struct mml_arena *arena, struct mml_span path,
			  struct mml_cgroup_name *ret)
{
	struct mml_span part;

	*ret = mml_cgroup_name_root();
	while (mml_next_field(&path, '/', &part))
		if (mml_span_len(part))
			mml_cgroup_name_child(arena, ret, part, ret);
}
