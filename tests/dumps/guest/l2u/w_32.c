/* w_32.c - a 32-bit program, for machines without 32-bit libraries: it has no library, and its
 * system calls are those of the 32-bit kernel interface. */
enum { EXIT = 1, WRITE = 4, GETPID = 20, PAUSE = 29 };

static char greeting[64] = "greeting of w_32";
static char line[64];
static volatile int turns;

static long call(long number, long a, const void *b, long c)
{
	long ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "0"(number), "b"(a), "c"(b), "d"(c) : "memory");
	return ret;
}

static char *put(char *at, const char *text)
{
	while (*text)
		*at++ = *text++;
	return at;
}

static char *put_number(char *at, unsigned number, unsigned base)
{
	char digits[16], *end = digits + sizeof(digits), *first = end;

	do
		*--first = "0123456789abcdef"[number % base];
	while (number /= base);
	while (first < end)
		*at++ = *first++;
	return at;
}

__attribute__((noinline)) static int inner(int level)
{
	for (;;)
		turns += (int)call(PAUSE, 0, 0, 0) + level;
}

__attribute__((noinline)) static int outer(int level)
{
	volatile int kept = level * 10;

	return inner(level + 1) + kept;
}

/* As say() of stay.h. */
void _start(void)
{
	char *at = put(line, "w_32 ");

	at = put_number(at, (unsigned)call(GETPID, 0, 0, 0), 10);
	at = put(at, " 0x");
	at = put_number(at, (unsigned)greeting, 16);
	at = put(at, "\n");
	call(WRITE, 1, line, at - line);
	call(EXIT, outer(41), 0, 0);
}
