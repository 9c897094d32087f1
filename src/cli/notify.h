/* What a service tells its manager: see sd_notify(3) and NOTIFY_SOCKET. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

/* Sends lines such as "READY=1" to the manager. Without one, nothing is done. */
void mml_notify(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Returns within which time the manager wants to hear from this process, in ns. 0: it does not care. */
uint64_t mml_notify_watchdog(void);
