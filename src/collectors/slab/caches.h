/* What slab caches hold, in words. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Returns what the cache NAME holds, such as "open files", by its name or by how that begins or ends.
 * NULL: that is not known. */
const char *mml_cache_holds(const char *name);
