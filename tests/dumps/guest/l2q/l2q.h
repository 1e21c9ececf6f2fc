/* SPDX-License-Identifier: GPL-2.0 */
/* l2q.h - a disk that never answers and a workqueue whose worker sleeps. */
#pragma once

int l2q_stuck_start(void);
