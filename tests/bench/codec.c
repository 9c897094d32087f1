/* codec WHAT ROUNDS MS: read the machine's files ROUNDS times, MS apart, and say what a sample of
 * them takes when told by the one before: WHAT is machine, slab, processes, or all. codec WHAT
 * ROUNDS MS PATH: record them to PATH, as if ten seconds apart, and say what that took, and what
 * reading it takes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../src/core/module.h"
#include "../../src/record/delta.h"
#include "../../src/record/pack.h"
#include "../../src/record/reader.h"
#include "../../src/record/writer.h"

static const struct mml_module_record *module;
static struct mml_builder *builder;
static struct mml_buf text;
static size_t files, bytes;

static void must(bool good, const char *what)
{
	if (!good) {
		perror(what);
		exit(1);
	}
}

static void read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error = fd < 0 ? -errno : 0;
	ssize_t n = 1;

	for (text.len = 0; !error && n > 0; text.len += n > 0 ? (size_t)n : 0) {
		must(!mml_buf_reserve(&text, 8 << 10), "memory");
		n = read(fd, text.data + text.len, text.cap - 1 - text.len);
		if (n < 0)
			error = -errno;
	}
	if (fd >= 0)
		close(fd);
	files++;
	bytes += error ? 0 : text.len;
	must(!mml_builder_add(builder, path, MML_ASKED_FILE, error, text.data,
			      error ? 0 : text.len),
	     path);
}

/* NAMES in each directory of DIR whose name begins with FIRST to LAST. */
static void read_each(const char *dir, char first, char last, const char *const *names)
{
	DIR *d = opendir(dir);
	char path[4096];

	for (struct dirent *entry; d && (entry = readdir(d));)
		for (size_t i = 0; *entry->d_name >= first && *entry->d_name <= last && names[i];
		     i++) {
			snprintf(path, sizeof(path), "%s/%s/%s", dir, entry->d_name, names[i]);
			read_file(path);
		}
	if (d)
		closedir(d);
}

static void read_tree(const char *dir)
{
	DIR *d = opendir(dir);
	char path[4096];

	for (struct dirent *entry; d && (entry = readdir(d));) {
		if (*entry->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "%.2000s/%s", dir, entry->d_name);
		if (entry->d_type == DT_DIR)
			read_tree(path);
		else if (entry->d_type == DT_REG && !access(path, R_OK))
			read_file(path);
	}
	if (d)
		closedir(d);
}

static void read_machine(void)
{
	static const char *const paths[] = {
		"/proc/meminfo",
		"/proc/vmstat",
		"/proc/zoneinfo",
		"/proc/buddyinfo",
		"/proc/pagetypeinfo",
		"/proc/slabinfo",
		"/proc/swaps",
		"/proc/pressure/memory",
		"/proc/pressure/io",
		"/sys/devices/system/node/node0/meminfo",
		"/sys/devices/system/node/node0/vmstat",
		"/sys/devices/system/node/node0/numastat",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		read_file(paths[i]);
	read_tree("/sys/kernel/mm/transparent_hugepage");
	read_tree("/sys/kernel/mm/hugepages");
}

static void read_what(const char *what)
{
	static const char *const slab[] = { "min_partial", "cpu_partial", "slabs_cpu_partial",
					    NULL };
	static const char *const cheap[] = { "stat", "statm", "status", NULL };
	static const char *const costly[] = { "stat", "statm", "status", "smaps_rollup", NULL };

	if (!strcmp(what, "all") || !strcmp(what, "machine"))
		read_machine();
	if (!strcmp(what, "slab"))
		read_each("/sys/kernel/slab", '0', 'z', slab);
	if (!strcmp(what, "processes"))
		read_each("/proc", '1', '9', cheap);
	if (!strcmp(what, "all"))
		read_each("/proc", '1', '9', costly);
}

static double cpu_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void same(const struct mml_sample *a, const struct mml_sample *b)
{
	must(a->count == b->count && a->bytes == b->bytes, "decoded: count");
	for (size_t i = 0; i < a->count; i++)
		must(mml_entry_same(a->entries[i], b->entries[i]), a->entries[i]->bytes);
}

/* One sample, told by *FORMER, of which *SEEN is what was read back. */
static void round_of(const char *what, void *pack, struct mml_text_room *room,
		     struct mml_sample **former, struct mml_sample **seen)
{
	struct mml_buf raw = { 0 }, packed = { 0 }, back = { 0 };
	struct mml_sample *sample, *decoded;
	size_t first;
	double at[7];

	files = bytes = 0;
	builder = mml_builder_new(*former);
	at[0] = cpu_ms();
	read_what(what);
	at[1] = cpu_ms();
	must(!mml_builder_end(builder, &sample), "sample");
	at[2] = cpu_ms();
	must(!mml_delta_encode(room, *former, sample, &raw, &first), "encode");
	at[3] = cpu_ms();
	must(!module->pack(pack, raw.data, raw.len, first, &packed), "pack");
	at[4] = cpu_ms();
	must(!module->unpack(pack, packed.data, packed.len, raw.len, &back), "unpack");
	at[5] = cpu_ms();
	must(!mml_delta_decode(*seen, (struct mml_span){ back.data, back.data + back.len },
			       &decoded),
	     "decode");
	at[6] = cpu_ms();
	same(sample, decoded);
	printf("%s %s: %zu files %zu bytes, told in %zu, packed %zu; ms: read %.2f, sample %.2f, "
	       "encode %.2f, pack %.2f; unpack %.2f, decode %.2f\n",
	       what, *former ? "delta" : "key", files, bytes, raw.len, packed.len, at[1] - at[0],
	       at[2] - at[1], at[3] - at[2], at[4] - at[3], at[5] - at[4], at[6] - at[5]);
	mml_sample_put(*former);
	mml_sample_put(*seen);
	*former = sample;
	*seen = decoded;
	mml_buf_free(&raw);
	mml_buf_free(&packed);
	mml_buf_free(&back);
}

static void codec(const char *what, long rounds, long ms)
{
	struct mml_sample *former = NULL, *seen = NULL;
	struct mml_text_room room = { 0 };
	void *pack;

	must(!module->open(&pack), "record.so");
	while (rounds-- > 0) {
		round_of(what, pack, &room, &former, &seen);
		if (rounds)
			usleep((useconds_t)ms * 1000);
	}
	mml_sample_put(former);
	mml_sample_put(seen);
	mml_text_room_free(&room);
	module->close(pack);
}

/* The most memory this process ever had, in KiB. */
static long most_memory(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long kib = 0;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "VmHWM:", 6))
			kib = strtol(line + 6, NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

/* Moment I, ten seconds after the one before. */
static struct mml_instant instant(long i)
{
	uint64_t ns = (uint64_t)(i + 1) * 10000000000;

	return (struct mml_instant){ ns, (int64_t)(ns + 1795630306000000000), ns };
}

static void record(const char *what, long rounds, long ms, const char *path)
{
	struct mml_writer_options options = { 0 };
	struct mml_writer_state state;
	struct mml_buf words = { 0 };
	struct mml_writer *w;
	double reading = 0, writing = 0;

	must(!mml_writer_open(path, &options, &words, &w), path);
	for (long i = 0; i < rounds; i++) {
		struct mml_instant time = instant(i);
		struct mml_sample *sample;
		double begin = cpu_ms(), read;

		builder = mml_builder_new(mml_writer_former(w));
		read_what(what);
		must(!mml_builder_end(builder, &sample), "sample");
		read = cpu_ms();
		must(!mml_writer_append(w, sample, &time, 0), "append");
		reading += read - begin;
		writing += cpu_ms() - read;
		mml_sample_put(sample);
		usleep((useconds_t)ms * 1000);
	}
	mml_writer_state(w, &state);
	mml_writer_close(w);
	printf("%s: %ld samples, %.0f bytes each; ms each: read %.2f, write %.3f (%.1f %%); %ld "
	       "KiB of "
	       "memory\n",
	       what, rounds, (double)state.bytes / (double)rounds, reading / (double)rounds,
	       writing / (double)rounds, 100 * writing / (reading + writing), most_memory());
}

/* Open it, and go to samples here and there. */
static void look(const char *path)
{
	enum { SEEKS = 200 };
	double begin = cpu_ms(), opened, most = 0, sum = 0;
	struct mml_buf words = { 0 };
	struct mml_reader *r;
	unsigned seed = 1;

	must(!mml_reader_open(path, &words, &r), path);
	opened = cpu_ms();
	for (int i = 0; i < SEEKS; i++) {
		size_t pos = (size_t)rand_r(&seed) % mml_reader_count(r);
		struct mml_sample *sample;
		double at = cpu_ms(), took;

		must(!mml_reader_sample(r, pos, &sample), "sample");
		took = cpu_ms() - at;
		sum += took;
		most = took > most ? took : most;
		mml_sample_put(sample);
	}
	printf("%zu samples opened in %.2f ms; a sample in %.2f ms, at most %.2f\n",
	       mml_reader_count(r), opened - begin, sum / SEEKS, most);
	mml_reader_close(r);
}

int main(int argc, char **argv)
{
	struct mml_absence why;
	long rounds, ms;

	if (argc < 4)
		return 2;
	rounds = strtol(argv[2], NULL, 10);
	ms = strtol(argv[3], NULL, 10);
	module = mml_module("record", &why);
	must(module, "record.so");
	if (argc == 4) {
		codec(argv[1], rounds, ms);
	} else {
		record(argv[1], rounds, ms, argv[4]);
		look(argv[4]);
	}
	mml_buf_free(&text);
	return 0;
}
