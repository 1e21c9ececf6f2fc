/* w_jit.c - sleeps in code that it wrote into anonymous memory itself, as a just-in-time compiler
 * does. */
#include <string.h>
#include <sys/mman.h>

#include "stay.h"

/* push %rbp; mov %rsp,%rbp; again: mov $34,%eax; syscall (pause); jmp again */
static const unsigned char code[] = { 0x55, 0x48, 0x89, 0xe5, 0xb8, 0x22, 0x00,
				      0x00, 0x00, 0x0f, 0x05, 0xeb, 0xf7 };

__attribute__((noinline)) static void enter(void *memory)
{
	void (*volatile generated)(void) = (void (*)(void))memory;

	generated();
}

int main(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memcpy(memory, code, sizeof(code));
	mprotect(memory, 4096, PROT_READ | PROT_EXEC);
	say("w_jit");
	enter(memory);
	return 1;
}
