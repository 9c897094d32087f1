/* What container runtimes call their containers, and the JSON they tell it in. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "groups.h"
#include "../../src/core/json.h"

#define ID(digit) "0000000000000000000000000000000000000000000000000000000000000" digit
#define UID "b1c2d3e4-0001-0002-0003-000000000004"
#define UID_ "b1c2d3e4_0001_0002_0003_000000000004"
#define POD "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice"

static const char *member(const char *text, const char *key)
{
	static char seen[64];
	struct mml_arena *arena = mml_arena_new();
	struct mml_span value;
	const char *s = NULL;

	if (mml_json_member(mml_span_str(text), key, &value)) {
		s = mml_json_string(arena, value);
		if (s)
			snprintf(seen, sizeof(seen), "%s", s);
		else
			snprintf(seen, sizeof(seen), "%.*s", (int)mml_span_len(value), value.p);
	} else {
		snprintf(seen, sizeof(seen), "(none)");
	}
	mml_arena_free(arena);
	return seen;
}

static void json(void)
{
	static const char *const broken[] = { "",	  "{",		"[\"a\"]",	"{\"a\"",
					      "{\"a\":",  "{\"a\" \"b\"}", "{\"b\":[}]",	"{\"b\":\"x",
					      "{b:1,\"a\":2}", "{\"b\":{\"a\":3}", "{\"b\":\"\\" };
	const char *at = NULL;
	struct mml_span item;
	int n = 0;

	is_str(member("{\"a\":1}", "a"), "1");
	is_str(member(" {\n \"b\" : { \"a\" : \"no\" , \"c\":[\"]\",{}] } , \"a\" : \"yes\" }", "a"), "yes");
	is_str(member("{\"b\":\"\\\"a\\\":\\\\\",\"a\":\"y\"}", "a"), "y");
	is_str(member("{\"a\":\"\\u00fc\\n\\/\\\\\\\"\\u20ac\\ud83d\"}", "a"), "\xc3\xbc\n/\\\"\xe2\x82\xacud83d");
	is_str(member("{\"a\":\"\\u12\"}", "a"), "u12");
	is_str(member("{\"a\":[1,2],\"a\":3}", "a"), "[1,2]");
	is_str(member("{\"A\":1}", "a"), "(none)");
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++)
		tap_ok(!strcmp(member(broken[i], "a"), "(none)"), "nothing is found in %s", broken[i]);
	while (mml_json_next(mml_span_str("[1, {\"x\":[2]} ,\"3,\"]"), &at, &item))
		n++;
	is_u64((uint64_t)n, 3);
	at = NULL;
	ok(!mml_json_next(mml_span_str("[]"), &at, &item));
	at = NULL;
	ok(!mml_json_next(mml_span_str("{}"), &at, &item));
	at = NULL;
	ok(!mml_json_next(mml_span_str("[\"x"), &at, &item));
}

static void is_called(const struct mml_table *table, const char *path, const char *name,
		      const char *container)
{
	size_t i = group_row(table, path);
	const char *in = tree_str(table, i, "container");

	tap_ok(tree_str(table, i, "name") && !strcmp(tree_str(table, i, "name"), name) &&
		       (container ? in && !strcmp(in, container) : !in),
	       "%s is called %s, in %s", path, tree_str(table, i, "name"), in ? in : "none");
}

static void make(struct tree *t)
{
	v2_tree(t);
	v2_group(t, "/system.slice/docker-" ID("001") ".scope", 1, "max");
	v2_group(t, "/system.slice/docker-" ID("001") ".scope/init.scope", 1, "max");
	v2_group(t, "/system.slice/docker-" ID("002") ".scope", 1, "max");
	v2_group(t, "/machine.slice/libpod-" ID("003") ".scope/container", 1, "max");
	v2_group(t, POD "/cri-containerd-" ID("004") ".scope", 1, "max");
	v2_group(t, POD "/cri-containerd-" ID("005") ".scope", 1, "max");
	v2_group(t, POD "/cri-containerd-" ID("006") ".scope", 1, "max");
	v2_group(t, POD "/crio-" ID("007") ".scope", 1, "max");
	tree_file(t, "/var/lib/docker/containers/" ID("001") "/config.v2.json",
		  "{\"Config\":{\"Name\":\"no\",\"Env\":[\"PASSWORD=sesame\"]},\"Name\":\"/web one\"}");
	tree_file(t, "/var/lib/docker/containers/" ID("002") "/config.v2.json", "{\"Name\":");
	tree_file(t, "/var/lib/containers/storage/overlay-containers/containers.json",
		  "[{\"id\":\"" ID("00a") "\",\"names\":[\"other\"]},"
		  "{\"id\":\"" ID("003") "\",\"metadata\":\"{}\",\"names\":[\"db\",\"alias\"]}]");
	tree_file(t, "/var/log/containers/shop-7d9f_default_php-" ID("004") ".log", "");
	tree_file(t, "/var/log/containers/" ID("005") ".log", "");
	tree_file(t, "/var/log/pods/default_shop-7d9f_" UID "/php/0.log", "");
	tree_file(t, "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" ID("005") "/config.json",
		  "{\"process\":{\"env\":[\"TOKEN=sesame\"]},"
		  "\"annotations\":{\"io.kubernetes.cri.container-type\":\"container\","
		  "\"io.kubernetes.cri.container-name\":\"nginx\"}}");
	tree_file(t, "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" ID("006") "/config.json",
		  "{\"annotations\":{\"io.kubernetes.cri.container-type\":\"sandbox\"}}");
	tree_file(t, "/run/containers/storage/overlay-containers/" ID("007") "/userdata/config.json",
		  "{\"annotations\":{\"io.kubernetes.container.name\":\"redis\"}}");
}

static void names(void)
{
	struct mml_table *table;
	struct tree t;

	make(&t);
	table = tree_table(&t, "cgroups");
	ok(table && !table->error);
	is_called(table, "/system.slice/docker-" ID("001") ".scope", "web one", "web one");
	is_called(table, "/system.slice/docker-" ID("001") ".scope/init.scope", "init.scope", "web one");
	is_called(table, "/system.slice/docker-" ID("002") ".scope", "000000000000", "000000000000");
	is_called(table, "/machine.slice/libpod-" ID("003") ".scope", "db", "db");
	is_called(table, "/machine.slice/libpod-" ID("003") ".scope/container", "container", "db");
	is_called(table, POD, "shop-7d9f (burstable)", NULL);
	is_called(table, POD "/cri-containerd-" ID("004") ".scope", "php", "php");
	is_called(table, POD "/cri-containerd-" ID("005") ".scope", "nginx", "nginx");
	is_called(table, POD "/cri-containerd-" ID("006") ".scope", "pause", "pause");
	is_called(table, POD "/crio-" ID("007") ".scope", "redis", "redis");
	is_cell_str(table, group_row(table, POD "/crio-" ID("007") ".scope"), "container_id", ID("007"));
	is_cell_str(table, group_row(table, POD "/crio-" ID("007") ".scope"), "pod", UID);
	/* A capture has the names alone. */
	tree_file(&t, "/mmlens/containers", ID("001") " web\\040two\n" UID " \nnonsense\n");
	table = tree_table(&t, "cgroups");
	is_called(table, "/system.slice/docker-" ID("001") ".scope", "web two", "web two");
	is_called(table, POD, "pod b1c2d3e4 (burstable)", NULL);
	is_called(table, POD "/crio-" ID("007") ".scope", "000000000000", "000000000000");
	tree_free(&t);
}

int main(void)
{
	struct mml_root *root;

	json();
	if (mml_root_open("/", &root)) {
		tap_skip("trees need openat2(), Linux 5.6");
		return tap_done();
	}
	mml_root_close(root);
	names();
	return tap_done();
}
