// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* write.h - a report as text or as JSON. docs/report.schema.json describes the JSON. */
#include "stub/base/buf.h"
#include "stub/report/crash_report.h"

/* Lines, each with a label. */
void crash_report_text(const struct crash_report *r, struct buf *out);
/* The same for a dump that could not be read. */
void crash_failure_text(const char *file, const char *why, struct buf *out);
/* One line with a newline. VS_UNSUPPORTED: built without jansson. */
vs_status crash_report_json(const struct crash_report *r, struct buf *out, struct err *err);
vs_status crash_failure_json(const char *file, const char *why, struct buf *out, struct err *err);
/* "2026-11-23T03:44:01Z" for seconds since 1970. */
#define CRASH_TIME_BYTES 32
void crash_time(uint64_t seconds, char ret[CRASH_TIME_BYTES]);
