/* What the paths of control groups are called in words. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/collectors/cgroup/name.h"
#include "../tap.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define UID "b1c2d3e4-0001-0002-0003-000000000004"
#define UID_ "b1c2d3e4_0001_0002_0003_000000000004"
#define IN_USER "/user.slice/user-1000.slice/user@1000.service/app.slice/"

static const struct {
	const char *path, *kind, *name, *unit, *container, *runtime, *pod, *qos;
} cases[] = {
	{ "/", "root", "root", NULL, NULL, NULL, NULL, NULL },
	{ "/system.slice", "slice", "system.slice", "system.slice", NULL, NULL, NULL, NULL },
	{ "/system.slice/ssh.service", "service", "ssh.service", "ssh.service", NULL, NULL, NULL, NULL },
	{ "/system.slice/dev-disk-by\\x2duuid.swap", "unit", "dev-disk-by-uuid.swap",
	  "dev-disk-by\\x2duuid.swap", NULL, NULL, NULL, NULL },
	{ "/a.slice/nul\\x00.service", "service", "nul\\x00.service", "nul\\x00.service", NULL, NULL,
	  NULL, NULL },
	{ "/system.slice/app-server-1.service", "service", "app-server-1.service",
	  "app-server-1.service", NULL, NULL, NULL, NULL },
	{ "/init.scope", "scope", "init.scope", "init.scope", NULL, NULL, NULL, NULL },
	{ "/user.slice/user-1000.slice", "user", "user 1000", "user-1000.slice", NULL, NULL, NULL, NULL },
	{ "/user.slice/user-1000.slice/session-3.scope", "session", "session 3", "session-3.scope", NULL,
	  NULL, NULL, NULL },
	{ IN_USER "app-gnome-org.gnome.Terminal-1234.scope", "app", "org.gnome.Terminal",
	  "app-gnome-org.gnome.Terminal-1234.scope", NULL, NULL, NULL, NULL },
	{ IN_USER "app-my\\x2deditor-7.scope", "app", "my-editor", "app-my\\x2deditor-7.scope", NULL, NULL,
	  NULL, NULL },
	{ IN_USER "app-org.kde.kate@1f.service", "app", "org.kde.kate", "app-org.kde.kate@1f.service",
	  NULL, NULL, NULL, NULL },
	{ IN_USER "app-x.scope", "scope", "app-x.scope", "app-x.scope", NULL, NULL, NULL, NULL },
	{ "/docker/" ID, "container", "0123456789ab", NULL, "0123456789ab", "docker", NULL, NULL },
	{ "/system.slice/docker-" ID ".scope", "container", "0123456789ab", "docker-" ID ".scope",
	  "0123456789ab", "docker", NULL, NULL },
	{ "/system.slice/docker-" ID ".scope/init.scope", "scope", "init.scope", "init.scope",
	  "0123456789ab", "docker", NULL, NULL },
	{ "/machine.slice/libpod-" ID ".scope/container", "group", "container", "libpod-" ID ".scope",
	  "0123456789ab", "podman", NULL, NULL },
	{ "/libpod_parent/libpod-" ID, "container", "0123456789ab", NULL, "0123456789ab", "podman", NULL,
	  NULL },
	{ "/machine.slice/libpod-conmon-" ID ".scope", "monitor", "conmon of 0123456789ab",
	  "libpod-conmon-" ID ".scope", NULL, NULL, NULL, NULL },
	{ "/system.slice/crio-conmon-" ID ".scope", "monitor", "conmon of 0123456789ab",
	  "crio-conmon-" ID ".scope", NULL, NULL, NULL, NULL },
	{ "/default/nerdctl-" ID, "container", "0123456789ab", NULL, "0123456789ab", "nerdctl", NULL, NULL },
	{ "/x" ID, "group", "x" ID, NULL, NULL, NULL, NULL, NULL },
	{ "/docker/0123456789ABCDEF" ID, "group", "0123456789ABCDEF" ID, NULL, NULL, NULL, NULL, NULL },
	{ "/kubepods.slice", "pods", "pods", "kubepods.slice", NULL, NULL, NULL, NULL },
	{ "/kubepods.slice/kubepods-besteffort.slice", "pods", "best effort pods",
	  "kubepods-besteffort.slice", NULL, NULL, NULL, "best effort" },
	{ "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice", "pod",
	  "pod b1c2d3e4 (burstable)", "kubepods-burstable-pod" UID_ ".slice", NULL, NULL, UID,
	  "burstable" },
	{ "/kubepods.slice/kubepods-pod" UID_ ".slice/cri-containerd-" ID ".scope", "container",
	  "0123456789ab", "cri-containerd-" ID ".scope", "0123456789ab", "containerd", UID, "guaranteed" },
	{ "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" UID_ ".slice/crio-" ID ".scope",
	  "container", "0123456789ab", "crio-" ID ".scope", "0123456789ab", "cri-o", UID, "guaranteed" },
	{ "/kubepods/burstable/pod" UID "/" ID, "container", "0123456789ab", NULL, "0123456789ab", NULL,
	  UID, "burstable" },
	{ "/kubepods/pod" UID, "pod", "pod b1c2d3e4 (guaranteed)", NULL, NULL, NULL, UID, "guaranteed" },
	{ "/kubepods/other", "group", "other", NULL, NULL, NULL, NULL, NULL },
	{ "/machine.slice/machine-libpod_pod_" ID ".slice/libpod-" ID ".scope", "container", "0123456789ab",
	  "libpod-" ID ".scope", "0123456789ab", "podman", "0123456789ab", NULL },
	{ "/machine.slice/machine-libpod_pod_" ID ".slice", "pod", "pod 0123456789ab",
	  "machine-libpod_pod_" ID ".slice", NULL, "podman", "0123456789ab", NULL },
	{ "/podman.slice", "slice", "podman.slice", "podman.slice", NULL, NULL, NULL, NULL },
	{ "/burstable", "group", "burstable", NULL, NULL, NULL, NULL, NULL },
	{ "/lxc.payload.db/system.slice/x.service", "service", "x.service", "x.service", "db", "lxc", NULL,
	  NULL },
	{ "/lxc.monitor.db", "monitor", "monitor of db", NULL, NULL, NULL, NULL, NULL },
	{ "/lxc.payload.", "group", "lxc.payload.", NULL, NULL, NULL, NULL, NULL },
	{ "/libvirt/lxc/web", "container", "web", NULL, "web", "lxc", NULL, NULL },
	{ "/machine.slice", "slice", "machine.slice", "machine.slice", NULL, NULL, NULL, NULL },
	{ "/machine.slice/machine-deb\\x2d12.scope", "container", "deb-12", "machine-deb\\x2d12.scope",
	  "deb-12", NULL, NULL, NULL },
	{ "/machine.slice/machine-qemu\\x2d1\\x2dweb\\x2d2.scope/libvirt/vcpu0", "group", "vcpu0",
	  "machine-qemu\\x2d1\\x2dweb\\x2d2.scope", "web-2", "qemu", NULL, NULL },
	{ "/machine.slice/machine-qemu\\x2d1\\x2dweb\\x2d2.scope", "vm", "web-2",
	  "machine-qemu\\x2d1\\x2dweb\\x2d2.scope", "web-2", "qemu", NULL, NULL },
	{ "/machine.slice/machine-qemu\\x2dweb.scope", "container", "qemu-web",
	  "machine-qemu\\x2dweb.scope", "qemu-web", NULL, NULL, NULL },
	{ "/machine.slice/systemd-nspawn@deb.service/payload", "group", "payload",
	  "systemd-nspawn@deb.service", "deb", "nspawn", NULL, NULL },
	{ "/a b\n\xff/c:d", "group", "c:d", NULL, NULL, NULL, NULL, NULL },
	{ "//x//", "group", "x", NULL, NULL, NULL, NULL, NULL },
	{ "/.service/.slice/.scope", "group", ".scope", NULL, NULL, NULL, NULL, NULL },
};

static bool same(const char *got, const char *wanted)
{
	return got && wanted ? !strcmp(got, wanted) : got == wanted;
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mml_arena *arena = mml_arena_new();
		struct mml_cgroup_name n;

		mml_cgroup_name_path(arena, mml_span_str(cases[i].path), &n);
		tap_ok(same(n.name, cases[i].name) && same(mml_cgroup_kind_word(n.kind), cases[i].kind),
		       "%s is a %s: %s", strchr(cases[i].path, '\n') ? "bytes" : cases[i].path,
		       mml_cgroup_kind_word(n.kind), n.name);
		tap_ok(same(n.unit, cases[i].unit) && same(n.container, cases[i].container) &&
			       same(n.runtime, cases[i].runtime) && same(n.pod, cases[i].pod) &&
			       same(n.qos, cases[i].qos),
		       "what it lies in: %s %s %s %s %s", n.unit, n.container, n.runtime, n.pod, n.qos);
		tap_ok(!n.id || same(n.id, ID), "the whole id");
		mml_arena_free(arena);
	}
	return tap_done();
}
