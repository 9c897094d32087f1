/* How something has gone over the last looks, and how sure that is. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { MML_TREND_POINTS = 24, MML_TREND_LEAST = 6 };

/* These are the words of the column orders.confidence. */
enum mml_trend_confidence { MML_TREND_WEAK, MML_TREND_FAIR, MML_TREND_SURE };

/* The points are as far apart as the memory of them is long: when there are too many, every second
 * one is forgotten. */
struct mml_trend {
	uint64_t when_ns[MML_TREND_POINTS];
	uint64_t value[MML_TREND_POINTS];
	unsigned n;
	uint64_t spacing_ns;
};

/* Adds VALUE at NOW, unless that is too soon after the last point. Time that goes back begins anew.
 */
void mml_trend_add(struct mml_trend *trend, uint64_t now_ns, uint64_t value);

/*
 * Sets RET_SLOPE to the median of the slopes between any two points, a second, which a single odd
 * look does not change, and RET_CONFIDENCE by how many pairs of points agree in their direction
 * (Kendall's tau): nine in ten, six, or four more than disagree. Returns false if there are too few
 * points, or if the pairs do not agree: then there is no trend.
 */
bool mml_trend_slope(const struct mml_trend *trend, double *ret_slope,
		     enum mml_trend_confidence *ret_confidence);
