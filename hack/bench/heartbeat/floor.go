package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

const floorSection = "a connection by bare system calls: what the kernel and cold caches take of a tcp probe"

// floor connects to a server here, after pauses of several lengths: the longer
// others had the processor, the more of what is needed has left its caches.
func (b *bench) floor() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	at := netip.MustParseAddrPort(l.Addr().String())
	to := &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}
	for range b.rounds {
		for _, pause := range []time.Duration{time.Microsecond, time.Millisecond, 20 * time.Millisecond, 100 * time.Millisecond} {
			cpu, err := connects(to, pause, 20)
			if err != nil {
				return err
			}
			b.add(floorSection, fmt.Sprintf("each %s: CPU", pause), "ms", "mini", float64(cpu.Nanoseconds())/1e6)
		}
	}
	return nil
}

// connects is the CPU time that one connection takes this thread.
func connects(to unix.Sockaddr, pause time.Duration, n int) (time.Duration, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, after unix.Rusage
	err := unix.Getrusage(unix.RUSAGE_THREAD, &before)
	for range n {
		wait := unix.NsecToTimespec(pause.Nanoseconds())
		err = errors.Join(err, unix.Nanosleep(&wait, nil), connectOnce(to))
	}
	err = errors.Join(err, unix.Getrusage(unix.RUSAGE_THREAD, &after))
	used := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
	return time.Duration(used / int64(n)), err
}

func connectOnce(to unix.Sockaddr) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	return errors.Join(unix.Connect(fd, to), unix.Close(fd))
}
