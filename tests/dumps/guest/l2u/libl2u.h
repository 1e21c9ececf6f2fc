/* libl2u.h - a library of a program of the guest. */
#pragma once

/* Sleeps for ever. */
int lib_outer(int level);
