/*
 * The user side of the guest: processes in known states, so that a dump has
 * something to find. One line a process goes to stdout: name, pid, and the
 * address of a string in that process's own memory. An argument names one
 * process that is not for every dump.
 *
 * Static and only libc: the guest has no shared libraries of ours.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Each process has its own text here: the same address reads differently by process. */
static char greeting[64] = "greeting of nobody yet";

static void work_busy(void)
{
	for (volatile unsigned long turns = 0;; turns++)
		;
}

static void work_pipe(void)
{
	int ends[2];
	char byte;

	if (pipe(ends) == 0)
		(void)!read(ends[0], &byte, 1);
}

static void work_sleep(void)
{
	struct timespec hour = { .tv_sec = 3600 };

	nanosleep(&hour, NULL);
}

static void *wait_on_futex(void *word)
{
	prctl(PR_SET_NAME, "w_futex_thread");
	syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0);
	return NULL;
}

/* A process of three threads. */
static void work_threads(void)
{
	static int word;
	pthread_t thread[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, wait_on_futex, &word);
	pthread_join(thread[0], NULL);
}

/* Its child is dead and never waited for. */
static void work_zombie(void)
{
	if (fork() == 0) {
		prctl(PR_SET_NAME, "w_dead");
		_exit(3);
	}
	pause();
}

/* Its child is never run: both are real-time, and the parent does not let go of the CPU. */
static void work_unborn(void)
{
	struct sched_param priority = { .sched_priority = 1 };

	sched_setscheduler(0, SCHED_FIFO, &priority);
	prctl(PR_SET_NAME, "w_unborn_child");
	if (fork() == 0)
		_exit(4);
	prctl(PR_SET_NAME, "w_unborn");
	work_busy();
}

/* Files of every kind: plain, deleted, of /proc, pipe, event, epoll. */
static void work_files(void)
{
	int ends[2];
	int fd = open("/tmp/w_plain", O_CREAT | O_RDWR, 0644);

	(void)!write(fd, "plain file\n", 11);
	lseek(fd, 5, SEEK_SET);
	open("/tmp/w_deleted", O_CREAT | O_RDWR, 0644);
	unlink("/tmp/w_deleted");
	open("/proc/version", O_RDONLY);
	(void)!pipe(ends);
	eventfd(3, 0);
	epoll_create1(0);
	(void)!chdir("/tmp");
	pause();
}

/* TCP: one that listens on 127.0.0.1:5001 and both ends of a connection; UDP; UNIX. */
static void work_sockets(void)
{
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons(5001) };
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "/tmp/w_socket" };
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	int udp = socket(AF_INET, SOCK_DGRAM, 0), plain = socket(AF_UNIX, SOCK_STREAM, 0);

	local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(listener, (void *)&local, sizeof(local));
	listen(listener, 5);
	connect(client, (void *)&local, sizeof(local));
	accept(listener, NULL, NULL);
	local.sin_port = htons(5002);
	bind(udp, (void *)&local, sizeof(local));
	bind(plain, (void *)&name, sizeof(name));
	listen(plain, 5);
	pause();
}

static void on_signal(int number)
{
	(void)number;
}

/* Two signals pending and blocked, one with a handler, one ignored. */
static void work_signals(void)
{
	union sigval value = { .sival_int = 42 };
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGRTMIN + 2);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	signal(SIGUSR2, on_signal);
	signal(SIGHUP, SIG_IGN);
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1);
	sigqueue(getpid(), SIGRTMIN + 2, value);
	pause();
}

/* Shared memory, attached; semaphores; a queue with one message. */
static void work_ipc(void)
{
	struct {
		long type;
		char text[16];
	} message = { 1, "w_ipc message" };
	int shm = shmget(0x6c327701, 8192, IPC_CREAT | 0600);
	int queue = msgget(0x6c327703, IPC_CREAT | 0644);

	strcpy(shmat(shm, NULL, 0), "w_ipc shared");
	semget(0x6c327702, 3, IPC_CREAT | 0666);
	msgsnd(queue, &message, sizeof(message.text), 0);
	pause();
}

/* Pages that are on the swap device and nowhere else, as far as the kernel follows the advice. */
static void work_swap(void)
{
	size_t size = 64 * 4096;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < size; i += 4096)
		snprintf(memory + i, 4096, "w_swap page %zu", i / 4096);
	madvise(memory, size, 21 /* MADV_PAGEOUT, Linux 5.4 */);
	pause();
}

/* An interval timer and a POSIX timer, both far away. */
static void work_timers(void)
{
	struct itimerval hours = { .it_value.tv_sec = 7200 };
	struct itimerspec days = { .it_value.tv_sec = 86400 };
	timer_t timer;

	setitimer(ITIMER_REAL, &hours, NULL);
	timer_create(CLOCK_MONOTONIC, NULL, &timer);
	timer_settime(timer, 0, &days, NULL);
	pause();
}

static long bpf(int command, union bpf_attr *attributes)
{
	return syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

/* A hash map and a program of two instructions: return 0. */
static void work_bpf(void)
{
	struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr map = {
		.map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 77
	};
	union bpf_attr program = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insn_cnt = 2 };

	strcpy(map.map_name, "w_map");
	strcpy(program.prog_name, "w_prog");
	program.insns = (uintptr_t)code;
	program.license = (uintptr_t) "GPL";
	bpf(BPF_MAP_CREATE, &map);
	bpf(BPF_PROG_LOAD, &program);
	pause();
}

/* Sends through a socket whose filter is this program, for ever. */
static void send_through(struct bpf_insn *code, size_t n, unsigned pause_us)
{
	union bpf_attr program = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insn_cnt = n };
	int ends[2], fd;

	strcpy(program.prog_name, "w_filter");
	program.insns = (uintptr_t)code;
	program.license = (uintptr_t) "GPL";
	fd = bpf(BPF_PROG_LOAD, &program);
	if (fd < 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) ||
	    setsockopt(ends[1], SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof(fd))) {
		perror("w_filter");
		return;
	}
	for (;;) {
		(void)!write(ends[0], "datagram", 8); /* dropped: the program returns 0 */
		if (pause_us)
			usleep(pause_us);
	}
}

/* A program that turns long enough for whoever looks to find it at that: 1000 times many additions,
 * as the verifier walks through each turn. */
static void work_bpf_loop(void)
{
	enum { BODY = 200 };
	struct bpf_insn code[BODY + 5] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1000 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1 },
		[BODY + 2] = { .code = BPF_ALU64 | BPF_SUB | BPF_K,
			       .dst_reg = BPF_REG_0,
			       .imm = 1 },
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_0, .off = -BODY - 2 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	for (int i = 2; i < BODY + 2; i++)
		code[i] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_ADD | BPF_K,
					     .dst_reg = BPF_REG_1,
					     .imm = i };
	setpriority(PRIO_PROCESS, 0, -20); /* real-time would be throttled, or in RCU's way */
	send_through(code, sizeof(code) / sizeof(code[0]), 0);
}

/* A program that calls a function of the kernel: bpf_skb_load_bytes(skb, 0, fp - 8, 4). */
static void work_bpf_call(void)
{
	struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X,
		  .dst_reg = BPF_REG_3,
		  .src_reg = BPF_REG_10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_3, .imm = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_4, .imm = 4 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_skb_load_bytes },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	send_through(code, sizeof(code) / sizeof(code[0]), 10000);
}

/* Enters the kernel by an interrupt gate, all the time: a system call that there is not. */
static void work_int80(void)
{
	for (;;) {
		long number = 100000;

		__asm__ volatile("int $0x80" : "+a"(number) : : "r8", "r9", "r10", "r11", "memory");
	}
}

/* A machine with as many processes as a large one has. */
static void work_many(void)
{
	char name[16];

	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "w_many_%d", i);
		if (fork() == 0) {
			prctl(PR_SET_NAME, name);
			pause();
		}
	}
	close(open("/tmp/w_many_done", O_CREAT | O_WRONLY, 0644));
	pause();
}

static void work_realtime(void)
{
	struct sched_param priority = { .sched_priority = 7 };

	sched_setscheduler(0, SCHED_RR, &priority);
	pause();
}

static const struct worker {
	const char *name;
	void (*work)(void);
	int cpu;	/* -1: where the scheduler puts it */
	int on_request; /* only when its name is an argument */
} workers[] = {
	{ "w_busy", work_busy, 2, 0 },		{ "w_pipe", work_pipe, -1, 0 },
	{ "w_sleep", work_sleep, -1, 0 },	{ "w_threads", work_threads, -1, 0 },
	{ "w_zombie", work_zombie, -1, 0 },	{ "w_files", work_files, -1, 0 },
	{ "w_sockets", work_sockets, -1, 0 },	{ "w_signals", work_signals, -1, 0 },
	{ "w_ipc", work_ipc, -1, 0 },		{ "w_swap", work_swap, -1, 0 },
	{ "w_timers", work_timers, -1, 0 },	{ "w_bpf", work_bpf, -1, 0 },
	{ "w_realtime", work_realtime, -1, 0 }, { "w_unborn", work_unborn, 2, 1 },
	{ "w_bpf_loop", work_bpf_loop, 2, 1 },	{ "w_bpf_call", work_bpf_call, 3, 1 },
	{ "w_int80", work_int80, 1, 1 },	{ "w_many", work_many, -1, 1 },
};

static void become(const struct worker *worker)
{
	cpu_set_t cpus;

	prctl(PR_SET_NAME, worker->name);
	snprintf(greeting, sizeof(greeting), "greeting of %s", worker->name);
	if (worker->cpu >= 0) {
		CPU_ZERO(&cpus);
		CPU_SET(worker->cpu, &cpus);
		sched_setaffinity(0, sizeof(cpus), &cpus);
	}
	worker->work();
	exit(1);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(workers) / sizeof(workers[0]); i++) {
		pid_t pid;

		if (argc > 1 ? strcmp(argv[1], workers[i].name) != 0 : workers[i].on_request)
			continue;
		pid = fork();
		if (pid == 0)
			become(&workers[i]);
		printf("%s %d %p\n", workers[i].name, (int)pid, (void *)greeting);
	}
	return 0;
}
