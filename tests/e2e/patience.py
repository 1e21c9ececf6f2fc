# SPDX-License-Identifier: GPL-3.0-or-later
"""Time limits: many times what an idle machine needs, scaled by the load of this machine."""
import os


def limit(seconds):
    return seconds * max(1.0, 2 * os.getloadavg()[0] / os.cpu_count())
