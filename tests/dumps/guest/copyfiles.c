/*
 * Copies files into a directory: copyfiles DIRECTORY FILE... A copy of net/tcp is called net-tcp; a
 * file that does not exist is left out. One process, as starting a cat for each takes an emulated
 * CPU 0.1 s.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char data[1 << 16];

static int copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY), out;
	ssize_t size;

	if (in < 0)
		return 0;
	out = open(to, O_CREAT | O_TRUNC | O_WRONLY, 0644);
	while ((size = read(in, data, sizeof(data))) > 0)
		if (write(out, data, size) != size)
			break;
	close(in);
	close(out);
	return size;
}

int main(int count, char **arguments)
{
	int bad = count < 3;

	for (int i = 2; i < count; i++) {
		char to[512];
		int start = snprintf(to, sizeof(to), "%s/", arguments[1]);

		snprintf(to + start, sizeof(to) - start, "%s", arguments[i]);
		for (char *slash = to + start; (slash = strchr(slash, '/'));)
			*slash = '-';
		if (copy(arguments[i], to) != 0) {
			perror(arguments[i]);
			bad = 1;
		}
	}
	return bad;
}
