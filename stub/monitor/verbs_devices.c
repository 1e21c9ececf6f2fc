// SPDX-License-Identifier: GPL-3.0-or-later
/* verbs_devices.c - the table of verbs about interrupts, timers, devices and networks. */
#include "stub/monitor/cmd.h"

// clang-format off
static const struct cmd table[] = {
	{ "bpf", cmd_bpf, "BPF programs and maps", "bpf [-P | -M | -p ID | -m ID]",
	  "  -P  all programs, -M all maps, with details\n"
	  "  -p  the program, -m the map of that ID\n\n"
	  "  bpf -M\n"
	  "   ID      BPF_MAP      BPF_MAP_TYPE         MAP_FLAGS\n"
	  "    1  ff40e9129ffbd400 HASH                 00000000\n"
	  "       KEY_SIZE: 4  VALUE_SIZE: 8  MAX_ENTRIES: 77\n"
	  "       NAME: \"w_map\"\n" },
	{ "dev", cmd_dev, "character and block devices, PCI, I/O ports", "dev [-p | -i | -d]",
	  "Without options: majors with their cdev or gendisk and operations.\n"
	  "  -p  PCI devices\n"
	  "  -i  I/O ports and memory\n"
	  "  -d  disks with requests in flight\n\n"
	  "  dev -d\n"
	  "  MAJOR GENDISK            NAME       REQUEST_QUEUE      TOTAL  READ WRITE\n"
	  "    254 ff40e9128213e000   vda        ff40e912821b0790       0     0     0\n" },
	{ "irq", cmd_irq, "interrupts", "irq [-u] [NUMBER...] | irq -a | -s [-c CPUS] [NUMBER...] | irq -b | -d",
	  "Each interrupt's descriptor, and its handlers.\n"
	  "  -u  only those with a handler\n"
	  "  -a  the CPUs they may come to\n"
	  "  -s  how often they came, by CPU; -c of these CPUs\n"
	  "  -b  softirqs\n"
	  "  -d  the interrupt descriptor table\n\n"
	  "  irq 9\n"
	  "   IRQ   IRQ_DESC/_DATA      IRQACTION      NAME\n"
	  "    9   ff40e912811a8200  ff40e91281371f00  \"acpi\"\n" },
	{ "net", cmd_net, "network devices, sockets, neighbours", "net [-n PID | TASK] | -a | -s [PID | TASK]",
	  "Devices with their addresses.\n"
	  "  -n  of that task's network namespace\n"
	  "  -a  the ARP cache\n"
	  "  -s  sockets of a task with addresses and ports\n\n"
	  "  net -s 137\n"
	  "  FD      SOCKET            SOCK       FAMILY:TYPE SOURCE-PORT DESTINATION-PORT\n"
	  "   3 ff4a5aa2c2a56f80 ff4a5aa2c2a3c000 INET:STREAM 127.0.0.1-5001 0.0.0.0-0\n" },
	{ "timer", cmd_timer, "timers that are to expire", "timer [-r] [-C CPUS]",
	  "Each CPU's timer wheels, in jiffies.\n"
	  "  -r  high-resolution timers, in nanoseconds, by clock\n"
	  "  -C  of these CPUs\n\n"
	  "  timer -C 2\n"
	  "  TIMER_BASES[2][BASE_STD]: ff40e9129f520980\n"
	  "       EXPIRES          TTE        TIMER_LIST          FUNCTION\n"
	  "    4294967958        72348  ffffffffa019f0e0  ffffffff9e6b79d0  <delayed_work_timer_fn>\n" },
};
// clang-format on

const struct cmd_table cmds_devices = { table, sizeof(table) / sizeof(table[0]) };
