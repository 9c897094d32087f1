/* The words behind a command, which say what its tables are asked about. Only plan.c uses this. Each
 * returns MML_OK, or MML_USAGE or MML_FAILED after a line on stderr. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "plan.h"

/* Takes the words from FIRST on as the names of tables. */
int mml_take_tables(struct mml_plan *plan, int first);

/* Takes the words of `diff A B TABLE...`. */
int mml_take_compared(struct mml_plan *plan);

/* Takes the word of `recordings`. */
int mml_take_recording(struct mml_plan *plan);

/* Refuses options of recordings that make no sense together. */
int mml_check_recording(const struct mml_plan *plan);

/* Takes the words of `translate PID ADDRESS...`. */
int mml_take_addresses(struct mml_plan *plan);

/* Takes the word of `oom FILE`. Unless WHOLE is false, because columns or rows were chosen, a
 * document has all the parts of a report; elsewhere they are tables of their own. */
int mml_take_log(struct mml_plan *plan, bool whole);

/* Reads the files that the scope names. */
int mml_read_input(struct mml_plan *plan);
