#pragma once
/* hash.h - one hash of names for the tables that index by name. */
#include <stdint.h>

/* 32-bit FNV-1a. */
static inline uint32_t hash_str(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}
