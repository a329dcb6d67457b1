package seccomp

import (
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Some architectures have, or once had, all socket calls behind socketcall(2)
// and all System V IPC calls behind ipc(2), told apart by the first argument.
// These are the calls in the order of that number, from 1 (linux/net.h,
// linux/ipc.h); "-" has no meaning.
const (
	socketCalls = "socket bind connect listen accept getsockname getpeername socketpair send recv " +
		"sendto recvfrom shutdown setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg"
	ipcCalls = "semop semget semctl semtimedop - - - - - - msgsnd msgrcv msgget msgctl " +
		"- - - - - - shmat shmdt shmget shmctl"
)

// addMultiplexed extends what holds for a call, whatever its arguments, to the
// same call through its multiplexer.
func (pol *policy) addMultiplexed() {
	pol.multiplex("socketcall", socketCalls, 0xffffffff)
	// The upper half of ipc's first argument is a version.
	pol.multiplex("ipc", ipcCalls, 0xffff)
}

func (pol *policy) multiplex(name, calls string, mask uint64) {
	n := find(name)
	number := uint64(0)
	for call := range strings.FieldsSeq(calls) {
		number++
		k := find(call)
		if k < 0 || pol.of[k] == 0 || pol.conditional(pol.of[k]) {
			continue
		}
		is := specs.LinuxSeccompArg{Value: mask, ValueTwo: number, Op: specs.OpMaskedEqual}
		pol.add(n, 0, []rule{{[]specs.LinuxSeccompArg{is}, pol.verdicts[pol.of[k]].ret}})
	}
}
