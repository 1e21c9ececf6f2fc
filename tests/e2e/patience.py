# SPDX-License-Identifier: GPL-3.0-or-later
"""Time limits: what an idle machine needs many times over, and longer by as much as this one has to do."""
import os


def limit(seconds):
    return seconds * max(1.0, 2 * os.getloadavg()[0] / os.cpu_count())
