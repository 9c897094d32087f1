/* Walks the inodes of all file systems and tells of those that have pages in memory, for the table `files`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"
#include "files.h"

char LICENSE[] SEC("license") = "GPL";

enum { SB_KERNMOUNT = 1 << 22, TMPFS = 0x01021994, BDEVFS = 0x62646576 };

/* Far more steps than there are file systems: those that were walked before are passed by. */
enum { STEPS = 1 << 20, RETRIES = 8, DEEPEST = 64 };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct file_system_type {
	const char *name;
};

struct super_block {
	struct list_head s_list;
	__u32 s_dev;
	unsigned long s_flags;
	unsigned long s_magic;
	struct file_system_type *s_type;
	struct dentry *s_root;
	struct list_head s_inodes;
};

struct address_space {
	unsigned long nrpages;
};

struct inode {
	unsigned short i_mode;
	kuid_t i_uid;
	struct super_block *i_sb;
	unsigned long i_ino;
	const unsigned int i_nlink;
	__u32 i_rdev;
	__s64 i_size;
	struct list_head i_sb_list;
	struct hlist_head i_dentry;
	struct address_space i_data;
};

/* Since 7.0 it has 64 bits on all machines. */
struct inode___wide_number {
	__u64 i_ino;
};

struct shmem_inode_info {
	unsigned long swapped;
	struct inode vfs_inode;
};

struct qstr {
	const unsigned char *name;
};


struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct super_block *d_sb;
	struct hlist_node d_alias; /* since 7.0 */
};

struct dentry___union {
	union {
		struct hlist_node d_alias;
	} d_u;
};

struct file {
	struct inode *f_inode;
};

struct vm_area_struct {
	struct file *vm_file;
};

struct path___files {
	struct dentry *dentry;
};

struct fs_struct {
	struct path___files root;
};

struct task_struct___fs {
	struct fs_struct *fs;
};

#pragma clang attribute pop

struct bpf_map;

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

struct bpf_iter__task_vma {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	struct vm_area_struct *vma;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MML_FILES_ROOM);
	__type(key, __u32);
	__type(value, struct mml_files_row);
} rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MML_FILES_FS_MAX);
	__type(key, __u32);
	__type(value, struct mml_files_fs);
} systems SEC(".maps");

/* The place of a file system among them. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MML_FILES_FS_MAX);
	__type(key, __u64);
	__type(value, __u32);
} met SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MML_FILES_KEEP);
	__type(key, __u32);
	__type(value, struct mml_files_wanted);
} wanted SEC(".maps");

/* The place of each inode whose holders are wanted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MML_FILES_KEEP);
	__type(key, __u64);
	__type(value, __u32);
} places SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[MML_FILES_NAME_MAX]);
} part SEC(".maps");

/* What is set from outside: the least pages that make a row, and how many names are wanted. */
__u64 least;
__u32 nwanted;
bool memory_only; /* walk only what lives in memory */

/* Where the walk is. Between two chunks, `at` is the next inode, and `ino` what its number was. */
__u64 head; /* the kernel's list of file systems */
__u64 sb, at, ino;
__u32 fs;
bool shared; /* the file system is that of shared memory without a mount */
__u32 nfs, nrows;
bool done;
__u64 inodes, evicted, full;

/*
 * What the steps of one call share. Older verifiers look at a step only once, and take what it finds on the
 * stack for all there will ever be: so it is not there.
 */
__u64 node_at, started_at, found;
__u32 left, others;
bool around;

static __always_inline struct super_block *of_list(struct list_head *node)
{
	return (void *)((char *)node - bpf_core_field_offset(struct super_block, s_list));
}

static __always_inline struct inode *of_sb_list(struct list_head *node)
{
	return (void *)((char *)node - bpf_core_field_offset(struct inode, i_sb_list));
}

static __always_inline struct list_head *inodes_of(struct super_block *of)
{
	return (void *)((char *)of + bpf_core_field_offset(struct super_block, s_inodes));
}

static __always_inline __u64 number_of(struct inode *inode)
{
	struct inode___wide_number *wide = (void *)inode;

	if (bpf_core_field_size(wide->i_ino) == 8)
		return BPF_CORE_READ(wide, i_ino);
	return BPF_CORE_READ(inode, i_ino);
}

/* The list's head has no file system around it: what lies there does not lead back to itself. */
static __always_inline bool is_system(struct super_block *of)
{
	struct list_head *first = BPF_CORE_READ(of, s_inodes.next);
	struct list_head *last = BPF_CORE_READ(of, s_inodes.prev);
	char letter = 0;

	if (!first || !last || BPF_CORE_READ(first, prev) != inodes_of(of) ||
	    BPF_CORE_READ(last, next) != inodes_of(of))
		return false;
	bpf_probe_read_kernel(&letter, 1, BPF_CORE_READ(of, s_type, name));
	return letter > ' ' && letter < 127;
}

static long search_step(__u32 index, void *none)
{
	struct list_head *node = (void *)node_at;

	if (!is_system(of_list(node))) {
		found = node_at;
		others++;
	}
	node_at = (__u64)BPF_CORE_READ(node, next);
	around = node_at == started_at;
	return around || !node_at;
}

/* Any task leads to a file system, and the list it is in leads to all. */
static __always_inline void find_head(struct task_struct *task)
{
	struct super_block *first = BPF_CORE_READ((struct task_struct___fs *)task, fs, root.dentry, d_sb);

	if (!first)
		return;
	node_at = started_at = (__u64)first + bpf_core_field_offset(struct super_block, s_list);
	others = 0;
	around = false;
	bpf_loop(STEPS, search_step, NULL, 0);
	if (around && others == 1)
		head = found;
}

/* The walk of this file system begins again, unless that was tried often enough. */
static __always_inline void lose(void)
{
	struct mml_files_fs *f = bpf_map_lookup_elem(&systems, &fs);
	int i;

	evicted++;
	sb = 0;
	if (!f)
		return;
	if (f->pass >= RETRIES) {
		f->state = MML_FILES_CUT;
		return;
	}
	f->pass++;
	f->inodes = 0;
	for (i = 0; i < MML_FILES_KINDS; i++)
		f->sum[i].files = f->sum[i].pages = f->sum[i].swapped = 0;
}

static __always_inline void enter(struct super_block *of, struct mml_files_fs *f)
{
	sb = (__u64)of;
	at = (__u64)BPF_CORE_READ(of, s_inodes.next);
	f->dev = BPF_CORE_READ(of, s_dev);
	f->magic = BPF_CORE_READ(of, s_magic);
	f->flags = (__u32)BPF_CORE_READ(of, s_flags);
	bpf_probe_read_kernel_str(f->type, sizeof(f->type), BPF_CORE_READ(of, s_type, name));
	shared = f->magic == TMPFS && f->flags & SB_KERNMOUNT;
}

/* Goes on to the next file system that was not walked. */
static __always_inline long next_system(void)
{
	struct list_head *node = (void *)node_at, *next = BPF_CORE_READ(node, next);
	struct super_block *of = of_list(node);
	struct mml_files_fs *f;
	__u32 *known, place = nfs;
	__u64 key = (__u64)of;

	if ((__u64)node == head) {
		done = true;
		return 1;
	}
	/* It was taken out of the list: the next chunk looks again from the beginning. */
	if (!next || next == node)
		return 1;
	node_at = (__u64)next;
	if (memory_only && BPF_CORE_READ(of, s_magic) != TMPFS)
		return 0;
	known = bpf_map_lookup_elem(&met, &key);
	if (known)
		place = *known;
	f = bpf_map_lookup_elem(&systems, &place);
	if (!f) {
		full++;
		return 0;
	}
	if (known && f->state)
		return 0;
	if (!known) {
		if (bpf_map_update_elem(&met, &key, &place, BPF_ANY)) {
			full++;
			return 0;
		}
		__builtin_memset(f, 0, sizeof(*f));
		nfs = place + 1;
	}
	fs = place;
	enter(of, f);
	return 0;
}

static __always_inline struct dentry *first_name(struct inode *inode)
{
	struct hlist_node *node = BPF_CORE_READ(inode, i_dentry.first);
	struct dentry *new = NULL;

	if (!node)
		return NULL;
	if (bpf_core_field_exists(new->d_alias))
		return (void *)((char *)node - bpf_core_field_offset(struct dentry, d_alias));
	return (void *)((char *)node - bpf_core_field_offset(struct dentry___union, d_u.d_alias));
}

/* What has no mount is told apart by the name that the kernel gives it. */
static __always_inline __u32 shared_kind(struct inode *inode)
{
	struct dentry *dentry = first_name(inode);
	char name[8] = {};

	if (dentry)
		bpf_probe_read_kernel(name, sizeof(name), BPF_CORE_READ(dentry, d_name.name));
	if (name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f' && name[4] == 'd' &&
	    name[5] == ':')
		return MML_FILES_MEMFD;
	if (name[0] == 'S' && name[1] == 'Y' && name[2] == 'S' && name[3] == 'V')
		return MML_FILES_SYSV;
	if (name[0] == 'd' && name[1] == 'e' && name[2] == 'v' && name[3] == '/' && name[4] == 'z')
		return MML_FILES_ANON;
	return MML_FILES_KERNEL;
}

static __always_inline __u64 swapped_of(struct inode *inode)
{
	struct shmem_inode_info *info;

	info = (void *)((char *)inode - bpf_core_field_offset(struct shmem_inode_info, vfs_inode));
	return BPF_CORE_READ(info, swapped);
}

static __always_inline void put(struct inode *inode, struct mml_files_fs *f, __u32 kind, __u64 pages,
				__u64 swapped)
{
	__u32 place = nrows;
	struct mml_files_row *row = bpf_map_lookup_elem(&rows, &place);

	if (!row)
		return;
	nrows = place + 1;
	row->ino = number_of(inode);
	row->pages = pages;
	row->size = BPF_CORE_READ(inode, i_size);
	row->swapped = swapped;
	row->inode = (__u64)inode;
	row->fs = fs;
	row->pass = f->pass;
	row->rdev = BPF_CORE_READ(inode, i_rdev);
	row->uid = BPF_CORE_READ(inode, i_uid.val);
	row->kind = kind;
	row->flags = BPF_CORE_READ(inode, i_nlink) ? 0 : MML_FILES_DELETED;
	row->name = row->pad = 0;
}

static __always_inline void visit(struct inode *inode, struct mml_files_fs *f)
{
	__u64 pages = BPF_CORE_READ(inode, i_data.nrpages), swapped = 0;
	__u32 kind = MML_FILES_FILE;

	f->inodes++;
	inodes++;
	if (f->magic == TMPFS)
		swapped = swapped_of(inode);
	if (!pages && !swapped)
		return;
	if (f->magic == TMPFS)
		kind = shared ? shared_kind(inode) : MML_FILES_TMPFS;
	else if (f->magic == BDEVFS)
		kind = MML_FILES_DEVICE;
	if (kind >= MML_FILES_KINDS)
		return;
	f->sum[kind].files++;
	f->sum[kind].pages += pages;
	f->sum[kind].swapped += swapped;
	if (pages + swapped >= least)
		put(inode, f, kind, pages, swapped);
}

static long step(__u32 index, void *none)
{
	struct list_head *node = (void *)at, *next;
	struct mml_files_fs *f;

	if (!sb)
		return next_system();
	f = bpf_map_lookup_elem(&systems, &fs);
	if (!f)
		return 1;
	if (node == inodes_of((void *)sb)) {
		f->state = MML_FILES_WHOLE;
		sb = 0;
		return 0;
	}
	/* Where to stop, there must be an inode to find the way back by. */
	if (!left) {
		ino = number_of(of_sb_list(node));
		return 1;
	}
	left--;
	next = BPF_CORE_READ(node, next);
	if (!next || next == node) {
		lose();
		return 0;
	}
	visit(of_sb_list(node), f);
	at = (__u64)next;
	return 0;
}

/* Whether the inode that is to come next is still the one it was. */
static __always_inline bool is_there(void)
{
	struct list_head *node = (void *)at, *next = BPF_CORE_READ(node, next), *prev = BPF_CORE_READ(node, prev);
	struct inode *inode = of_sb_list(node);

	return next && prev && next != node && BPF_CORE_READ(next, prev) == node &&
	       BPF_CORE_READ(prev, next) == node && (__u64)BPF_CORE_READ(inode, i_sb) == sb &&
	       number_of(inode) == ino;
}

/*
 * Each call goes some steps further. Between two of them other tasks run, and what RCU keeps may be freed.
 * Within one, an inode that is evicted keeps its memory, but is out of the list and leads to itself.
 */
SEC("iter/task")
int files_walk(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (!task || done || nrows > MML_FILES_ROOM - MML_FILES_CHUNK)
		return 0;
	if (!head)
		find_head(task);
	if (!head)
		return 0;
	if (sb && !is_there())
		lose();
	left = MML_FILES_CHUNK;
	node_at = (__u64)BPF_CORE_READ((struct list_head *)head, next);
	if (node_at)
		bpf_loop(STEPS, step, NULL, 0);
	return 0;
}

static __always_inline long write_name(struct seq_file *seq, const char *name)
{
	__u32 none = 0;
	char *room = bpf_map_lookup_elem(&part, &none);
	long n;

	if (!room)
		return -1;
	n = bpf_probe_read_kernel_str(room, MML_FILES_NAME_MAX, name);
	if (n <= 1 || n > MML_FILES_NAME_MAX)
		return -1;
	return bpf_seq_write(seq, room, n);
}

/*
 * For each file that is wanted: its place, the parts of its path from the last to the first, each with a
 * NUL behind it, an empty one, and the flags.
 */
SEC("iter/bpf_map_elem")
int files_names(struct bpf_iter__bpf_map_elem *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct mml_files_wanted *want = ctx->value;
	__u32 *key = ctx->key, place;
	struct dentry *dentry, *parent;
	struct inode *inode;
	char end[2] = {};
	int i;

	if (!key || !want || !want->inode)
		return 0;
	place = *key;
	if (place >= nwanted)
		return 0;
	inode = (void *)want->inode;
	if (number_of(inode) != want->ino || BPF_CORE_READ(inode, i_sb) == NULL)
		return 0;
	dentry = first_name(inode);
	if (!dentry)
		return 0;
	bpf_seq_write(seq, &place, sizeof(place));
	end[1] = MML_FILES_NAMED;
	for (i = 0; i < DEEPEST && dentry; i++) {
		parent = BPF_CORE_READ(dentry, d_parent);
		if (parent == dentry && i) {
			if (BPF_CORE_READ(inode, i_sb, s_root) == dentry)
				end[1] |= MML_FILES_ROOTED;
			break;
		}
		if (write_name(seq, (const char *)BPF_CORE_READ(dentry, d_name.name)))
			break;
		if (parent == dentry)
			break;
		dentry = parent;
	}
	bpf_seq_write(seq, end, sizeof(end));
	return 0;
}

/* Whose mapping was told last: neighbours are often of one file. */
__u64 last_inode;
__u32 last_tgid;

/* Tells that TASK holds INODE, if that is asked about. Returns whether there was room to tell it. */
static __always_inline bool hold(struct seq_file *seq, struct task_struct *task, struct inode *inode, __s32 fd)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	__u64 key = (__u64)inode;
	__u32 *place = bpf_map_lookup_elem(&places, &key);
	struct mml_files_holder row = {};

	if (!place)
		return true;
	row.row = *place;
	row.tgid = BPF_CORE_READ(task, tgid);
	row.fd = fd;
	bpf_probe_read_kernel_str(row.comm, sizeof(row.comm), leader->comm);
	return !bpf_seq_write(seq, &row, sizeof(row));
}

SEC("iter/task_file")
int files_open(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;

	if (!task || !file)
		return 0;
	hold(ctx->meta->seq, task, BPF_CORE_READ(file, f_inode), (__s32)ctx->fd);
	return 0;
}

SEC("iter/task_vma")
int files_mapped(struct bpf_iter__task_vma *ctx)
{
	struct task_struct *task = ctx->task;
	struct vm_area_struct *vma = ctx->vma;
	struct inode *inode;
	__u32 tgid;

	if (!task || !vma)
		return 0;
	inode = BPF_CORE_READ(vma, vm_file, f_inode);
	tgid = BPF_CORE_READ(task, tgid);
	if (!inode || ((__u64)inode == last_inode && tgid == last_tgid))
		return 0;
	/* What found no room is asked for once more. */
	if (hold(ctx->meta->seq, task, inode, -1)) {
		last_inode = (__u64)inode;
		last_tgid = tgid;
	}
	return 0;
}
