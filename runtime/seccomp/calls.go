package seccomp

// ordinaryCalls are allowed to every container, whatever their arguments. Some
// of them need a capability for some uses; the kernel sees to that.
const ordinaryCalls = "" +
	// files by name
	"access faccessat faccessat2 open openat openat2 creat stat stat64 lstat lstat64 newfstatat fstatat64 statx " +
	"readlink readlinkat link linkat symlink symlinkat rename renameat renameat2 unlink unlinkat " +
	"mkdir mkdirat rmdir mknod mknodat chdir fchdir getcwd umask truncate truncate64 " +
	"chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32 fchownat lchown lchown32 " +
	"utime utimes futimesat utimensat utimensat_time64 statfs statfs64 fstatfs fstatfs64 sync syncfs " +
	"getxattr lgetxattr fgetxattr getxattrat listxattr llistxattr flistxattr listxattrat " +
	"setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat " +
	"file_getattr file_setattr name_to_handle_at statmount listmount " +
	"inotify_init inotify_init1 inotify_add_watch inotify_rm_watch " +
	// open files
	"read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek _llseek " +
	"close close_range dup dup2 dup3 fcntl fcntl64 flock ioctl fstat fstat64 getdents getdents64 " +
	"ftruncate ftruncate64 fallocate fadvise64 fadvise64_64 arm_fadvise64_64 readahead cachestat " +
	"fsync fdatasync sync_file_range sync_file_range2 arm_sync_file_range " +
	"copy_file_range sendfile sendfile64 splice tee vmsplice pipe pipe2 " +
	// waiting
	"poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 " +
	"epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2 " +
	"eventfd eventfd2 signalfd signalfd4 timerfd_create timerfd_settime timerfd_settime64 timerfd_gettime timerfd_gettime64 " +
	"io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64 " +
	// memory
	"brk mmap mmap2 munmap mremap mprotect madvise mincore msync mseal remap_file_pages map_shadow_stack " +
	"mlock mlock2 mlockall munlock munlockall pkey_alloc pkey_free pkey_mprotect " +
	"memfd_create memfd_secret membarrier cacheflush cachectl riscv_flush_icache " +
	// processes and threads
	"fork vfork execve execveat exit exit_group wait4 waitpid waitid kill tkill tgkill pidfd_open pidfd_send_signal " +
	"getpid getppid gettid getpgid getpgrp setpgid getsid setsid ptrace process_vm_readv process_vm_writev process_mrelease " +
	"set_tid_address set_robust_list get_robust_list futex futex_time64 futex_waitv futex_wait futex_wake futex_requeue " +
	"rseq rseq_slice_yield arch_prctl prctl set_thread_area get_thread_area set_tls get_tls swapcontext sysmips breakpoint " +
	"uretprobe uprobe riscv_hwprobe s390_runtime_instr " +
	"getrlimit ugetrlimit setrlimit prlimit64 getrusage times getpriority setpriority nice ioprio_get ioprio_set " +
	"sched_yield sched_getaffinity sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam " +
	"sched_getscheduler sched_setscheduler sched_get_priority_max sched_get_priority_min " +
	"sched_rr_get_interval sched_rr_get_interval_time64 getcpu " +
	// who
	"getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid getresgid32 " +
	"setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 setresuid setresuid32 setresgid setresgid32 " +
	"setfsuid setfsuid32 setfsgid setfsgid32 getgroups getgroups32 setgroups setgroups32 capget capset " +
	"seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self " +
	// signals
	"rt_sigaction rt_sigprocmask rt_sigpending rt_sigsuspend rt_sigreturn rt_sigqueueinfo rt_tgsigqueueinfo " +
	"rt_sigtimedwait rt_sigtimedwait_time64 sigaltstack signal sigaction sigprocmask sigpending sigsuspend sigreturn " +
	"pause restart_syscall " +
	// time
	"time gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 adjtimex clock_adjtime clock_adjtime64 " +
	"nanosleep clock_nanosleep clock_nanosleep_time64 alarm getitimer setitimer timer_create timer_delete timer_getoverrun " +
	"timer_gettime timer_gettime64 timer_settime timer_settime64 " +
	// network; socket itself depends on the family
	"socketpair bind connect listen accept accept4 getsockname getpeername getsockopt setsockopt shutdown " +
	"send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64 " +
	// System V and POSIX messages
	"semget semop semtimedop semtimedop_time64 semctl shmget shmat shmdt shmctl msgget msgsnd msgrcv msgctl " +
	"mq_open mq_unlink mq_timedsend mq_timedsend_time64 mq_timedreceive mq_timedreceive_time64 mq_notify mq_getsetattr " +
	// the machine
	"uname sysinfo getrandom"

// capabilityCalls are allowed to a container that has the capability.
var capabilityCalls = [...]struct{ capability, calls string }{
	{"CAP_SYS_ADMIN", "mount umount umount2 mount_setattr move_mount open_tree open_tree_attr fsopen fsconfig fsmount fspick " +
		"clone clone3 unshare setns listns sethostname setdomainname quotactl quotactl_fd fanotify_init fanotify_mark " +
		"bpf perf_event_open syslog lsm_get_self_attr lsm_set_self_attr lsm_list_modules"},
	{"CAP_SYS_CHROOT", "chroot"},
	{"CAP_SYS_PTRACE", "kcmp pidfd_getfd process_madvise"},
	{"CAP_SYS_NICE", "get_mempolicy set_mempolicy set_mempolicy_home_node mbind migrate_pages move_pages"},
	{"CAP_SYS_TIME", "settimeofday stime clock_settime clock_settime64"},
	{"CAP_SYS_MODULE", "init_module finit_module delete_module"},
	{"CAP_SYS_BOOT", "reboot"},
	{"CAP_SYS_PACCT", "acct"},
	{"CAP_SYS_RAWIO", "iopl ioperm"},
	{"CAP_SYS_TTY_CONFIG", "vhangup"},
	{"CAP_DAC_READ_SEARCH", "open_by_handle_at"},
	{"CAP_SYSLOG", "syslog"},
	{"CAP_BPF", "bpf"},
	{"CAP_PERFMON", "perf_event_open"},
}
