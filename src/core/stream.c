/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "thread.h"
#include "trouble.h"

/* There are two pieces: one is parsed while the other is filled. The longest line that the kernel
 * writes has a path of 4 KiB in which every byte is escaped. */
enum { PIECE = 256 << 10, SILENCE_MS = 10000 };

struct piece {
	char *data;
	size_t len;
	int status; /* what follows the piece: 1 more of the file, 0 nothing, or -errno */
	bool full;  /* filled, and not given back yet */
};

struct mml_stream {
	struct mml_root *root;
	const char *path;
	int fd;
	bool saved; /* the sink has the beginning */
	struct piece pieces[2];
	unsigned filling, taking;
	char *tail; /* the beginning of a line that was cut off the end of the piece before */
	size_t tail_len;
	bool begun, threaded, stop;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

static ssize_t read_some(int fd, char *buf, size_t len)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n = read(fd, buf, len);

		if (n >= 0)
			return n;
		if (errno == EAGAIN && poll(&p, 1, SILENCE_MS) == 0)
			return -ETIMEDOUT;
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
}

/* Reads until P is full. What was read goes to the sink, too. */
static void piece_read(struct mml_stream *s, struct piece *p)
{
	size_t fresh = p->len;
	ssize_t n = 1;

	while (p->len < PIECE && n > 0) {
		n = read_some(s->fd, p->data + p->len, PIECE - p->len);
		p->len += n > 0 ? (size_t)n : 0;
	}
	p->status = n > 0 ? 1 : (int)n;
	if (n < 0 && !s->saved)
		mml_root_save_error(s->root, s->path, (int)n);
	else if (p->len > fresh || !s->saved)
		mml_root_save_part(s->root, s->path, p->data + fresh, p->len - fresh, !s->saved);
	s->saved = true;
}

/* Fills the next piece with whole lines. What an error has cut off is not a line, and is dropped. */
static void piece_fill(struct mml_stream *s)
{
	struct piece *p = &s->pieces[s->filling];
	const char *nl;

	memcpy(p->data, s->tail, s->tail_len);
	p->len = s->tail_len;
	s->tail_len = 0;
	piece_read(s, p);
	s->filling = !s->filling;
	if (!p->status)
		return;
	nl = p->len ? memrchr(p->data, '\n', p->len) : NULL;
	if (!nl && p->status > 0)
		p->status = -EBADMSG;
	s->tail_len = nl ? (size_t)(p->data + p->len - (nl + 1)) : p->len;
	p->len -= s->tail_len;
	if (p->status > 0)
		memcpy(s->tail, p->data + p->len, s->tail_len);
}

static void *read_ahead(void *arg)
{
	struct mml_stream *s = arg;
	bool more = true;

	pthread_mutex_lock(&s->lock);
	while (more && !s->stop) {
		struct piece *p = &s->pieces[s->filling];

		if (p->full) {
			pthread_cond_wait(&s->changed, &s->lock);
			continue;
		}
		pthread_mutex_unlock(&s->lock);
		piece_fill(s);
		pthread_mutex_lock(&s->lock);
		p->full = true;
		more = p->status > 0;
		pthread_cond_signal(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* Gives back the piece that was taken last. Returns false if nothing follows it. */
static bool piece_return(struct mml_stream *s, int *ret_status)
{
	struct piece *p = &s->pieces[s->taking];

	if (!s->begun)
		return true;
	*ret_status = p->status;
	if (p->status <= 0)
		return false;
	pthread_mutex_lock(&s->lock);
	p->full = false;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
	s->taking = !s->taking;
	/* The file is larger than one piece. If there can be no thread, reading it just takes
	 * longer. */
	if (!s->threaded)
		s->threaded = !mml_thread_start(&s->thread, read_ahead, s);
	return true;
}

int mml_stream_next(struct mml_stream *s, struct mml_span *ret)
{
	struct piece *p;
	int status;

	if (!piece_return(s, &status))
		return status;
	p = &s->pieces[s->taking];
	if (s->threaded) {
		pthread_mutex_lock(&s->lock);
		while (!p->full)
			pthread_cond_wait(&s->changed, &s->lock);
		pthread_mutex_unlock(&s->lock);
	} else {
		piece_fill(s);
	}
	s->begun = true;
	*ret = (struct mml_span){ p->data, p->data + p->len };
	return p->len ? 1 : p->status;
}

int mml_stream_open(struct mml_root *root, const char *path, struct mml_stream **ret)
{
	struct mml_stream *s = mml_calloc(1, sizeof(*s));
	int rc = -ENOMEM;

	if (!s)
		return rc;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	s->root = root;
	s->path = path;
	s->fd = -1;
	s->pieces[0].data = mml_malloc(PIECE);
	s->pieces[1].data = mml_malloc(PIECE);
	s->tail = mml_malloc(PIECE);
	if (!s->pieces[0].data || !s->pieces[1].data || !s->tail)
		goto fail;
	s->fd = mml_root_openfd(root, path);
	if (s->fd < 0) {
		rc = s->fd;
		mml_root_save_error(root, path, rc);
		goto fail;
	}
	*ret = s;
	return 0;
fail:
	mml_stream_close(s);
	return rc;
}

void mml_stream_close(struct mml_stream *s)
{
	if (!s)
		return;
	if (s->threaded) {
		pthread_mutex_lock(&s->lock);
		s->stop = true;
		pthread_cond_signal(&s->changed);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->thread, NULL);
	}
	if (s->fd >= 0)
		close(s->fd);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s->pieces[0].data);
	free(s->pieces[1].data);
	free(s->tail);
	free(s);
}
