/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trend.h"

#include <stdlib.h>
#include <string.h>

static void thin(struct mml_trend *trend)
{
	unsigned n = 0;

	for (unsigned i = 0; i < trend->n; i += 2) {
		trend->when_ns[n] = trend->when_ns[i];
		trend->value[n++] = trend->value[i];
	}
	trend->n = n;
	trend->spacing_ns *= 2;
}

void mml_trend_add(struct mml_trend *trend, uint64_t now_ns, uint64_t value)
{
	uint64_t last = trend->n ? trend->when_ns[trend->n - 1] : 0;

	if (trend->n && now_ns <= last)
		memset(trend, 0, sizeof(*trend));
	else if (trend->n && now_ns - last < trend->spacing_ns)
		return;
	if (trend->n == 1)
		trend->spacing_ns = (now_ns - last) / 2;
	if (trend->n == MML_TREND_POINTS)
		thin(trend);
	trend->when_ns[trend->n] = now_ns;
	trend->value[trend->n++] = value;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

bool mml_trend_slope(const struct mml_trend *trend, double *ret_slope,
		     enum mml_trend_confidence *ret_confidence)
{
	double slopes[MML_TREND_POINTS * (MML_TREND_POINTS - 1) / 2];
	int pairs = 0, agree = 0;

	if (trend->n < MML_TREND_LEAST)
		return false;
	for (unsigned i = 0; i < trend->n; i++)
		for (unsigned k = i + 1; k < trend->n; k++) {
			double change = (double)trend->value[k] - (double)trend->value[i];
			double time = (double)(trend->when_ns[k] - trend->when_ns[i]) / 1e9;

			slopes[pairs++] = change / time;
			agree += (change > 0) - (change < 0);
		}
	agree = abs(agree);
	if (agree * 10 < pairs * 4)
		return false;
	qsort(slopes, (size_t)pairs, sizeof(*slopes), by_size);
	*ret_slope =
		pairs % 2 ? slopes[pairs / 2] : (slopes[pairs / 2 - 1] + slopes[pairs / 2]) / 2;
	*ret_confidence = agree * 10 >= pairs * 9   ? MML_TREND_SURE
			  : agree * 10 >= pairs * 6 ? MML_TREND_FAIR
						    : MML_TREND_WEAK;
	return true;
}
