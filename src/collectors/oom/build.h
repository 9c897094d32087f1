/* Reports under construction: what the parsers of lines fill in. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/intern.h"
#include "lines.h"

/* No kernel has more nodes; a hostile log shall not make the searches among them long. */
enum { MML_OOM_MAX_TASK_COLUMNS = 24, MML_OOM_MAX_NODES = 1024 };

/* How far a report has come: its parts come in this order. */
enum mml_oom_stage {
	MML_OOM_AT_HEADER,
	MML_OOM_AT_GLOBAL,
	MML_OOM_AT_NODES,
	MML_OOM_AT_ZONES,
	MML_OOM_AT_BUDDY,
	MML_OOM_AT_TAIL,
	MML_OOM_AT_TASKS,
	MML_OOM_AT_VERDICT,
};

/* Records that can belong together: of one printer, quoted alike. */
struct mml_oom_stream {
	struct mml_oom_stream *next;
	uint64_t used; /* the line it was used on last */
	unsigned char quote;
	enum mml_oom_form form;
	uint32_t caller;
	const char *host;
	struct mml_oom_logical cur;
	struct mml_oom_report *report, *open; /* of CUR; the one further lines go to */
	enum mml_oom_stage stage;
	enum mml_oom_section section;
	bool has_node, prefixed;
	unsigned node; /* "Node 0 " that was printed ahead */
	struct mml_oom_zone *zone;
	struct mml_oom_cgroup *cgroup;
	/* Of the task table: an enum mml_oom_task_column, or -1 for a column that is not kept. */
	signed char column[MML_OOM_MAX_TASK_COLUMNS];
	unsigned columns;
	const char *comm; /* a name printed ahead of "page allocation failure" */
	uint64_t comm_line;
	struct mml_oom_value suppressed;
	uint64_t space_line;   /* of a vmalloc range that was too small */
	const char *kernel, *arch; /* of a trace that no report was open for */
	uint64_t kernel_line;
};

struct mml_oom_build {
	struct mml_arena *arena;
	struct mml_intern names;
	const struct mml_oom_scan *scan;
	struct mml_oom_log *log;
	struct mml_oom_report **last_report;
	struct mml_oom_line **last_line;
	struct mml_oom_kill **last_kill;
	struct mml_oom_kill *recent[32]; /* the last kills, to find what is said of them again */
	size_t kills;
	struct mml_oom_stream *streams, *prev;
	bool any_prefixed;
	unsigned nstreams;
	uint64_t idle; /* records since one that belonged to a report */
};

/* A terminated copy of S that lives as long as the log; NULL when out of memory. */
const char *mml_oom_text(struct mml_oom_build *b, struct mml_span s);

int mml_oom_note_line(struct mml_oom_build *b, struct mml_oom_report *report, uint64_t line,
		      enum mml_oom_line_class class, uint64_t n);

struct mml_oom_report *mml_oom_report_new(struct mml_oom_build *b, enum mml_oom_kind kind,
					  uint64_t line);

/* A new kill of REPORT (NULL: of user space); NULL when out of memory. */
struct mml_oom_kill *mml_oom_kill_new(struct mml_oom_build *b, struct mml_oom_report *report,
				      uint64_t line);

/* The last kill of PID that COMM, unless it is empty, was the name of; NULL: none lately. */
struct mml_oom_kill *mml_oom_kill_find(const struct mml_oom_build *b, uint64_t pid,
				       struct mml_span comm);

/* "123 (name)" in a kill's line: the number and the name. */
bool mml_oom_pid_name(struct mml_span text, const char *before, struct mml_span *ret_pid,
		      struct mml_span *ret_name);

/* Where lines go, route.c. OURS: part of a report by itself; what can only be told within a report
 * begins none, and needs no stream. */
bool mml_oom_line_ours(enum mml_oom_line_kind kind);
bool mml_oom_line_belongs(const struct mml_oom_stream *s, enum mml_oom_line_kind kind);

/* The kind of report that a line opens which belongs to none; -1: none. */
int mml_oom_line_opens(enum mml_oom_line_kind kind);

/* How far a line brings a report that is at NOW; the section it begins; the part of one it is. */
enum mml_oom_stage mml_oom_line_stage(enum mml_oom_line_kind kind, enum mml_oom_stage now);
enum mml_oom_section mml_oom_line_section(enum mml_oom_line_kind kind);
unsigned mml_oom_line_part(enum mml_oom_line_kind kind);

/* Feed one record. 0 or -ENOMEM. */
int mml_oom_feed(struct mml_oom_build *b, const struct mml_oom_record *record);

/* Parse what is still open. */
int mml_oom_flush(struct mml_oom_build *b);

/* Parsers of whole lines: L's text goes into REPORT. 0 or -ENOMEM. */
#define PARSER(name) \
	int mml_oom_parse_##name(struct mml_oom_build *b, struct mml_oom_stream *s, \
				 struct mml_oom_report *report, const struct mml_oom_logical *l)
PARSER(oom);
PARSER(failure);
PARSER(vmalloc);
PARSER(cpu);
PARSER(cpuset);
PARSER(oomkill);
PARSER(global);
PARSER(node);
PARSER(zone);
PARSER(reserve);
PARSER(buddy);
PARSER(hugepages);
PARSER(single);
PARSER(swap);
PARSER(slab);
PARSER(tag);
PARSER(task_head);
PARSER(task);
PARSER(kill);
PARSER(reaped);
PARSER(userspace);
PARSER(task_in);
PARSER(usage);
PARSER(stats);
PARSER(stat);
PARSER(panic);
#undef PARSER

/* A frame of the call trace, text of one line. */
int mml_oom_parse_frame(struct mml_oom_build *b, struct mml_oom_report *report,
			struct mml_span text, uint64_t line);

/* Conclusions, once every line is in. 0 or -ENOMEM. */
int mml_oom_conclude(struct mml_arena *arena, struct mml_oom_log *log, unsigned flags);
