package namespaces

import (
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Do moves the device and gives it back what the kernel takes from a device that
// changes namespaces: its addresses, and being up.
func (m *moveDevice) Do() error {
	if m.child.Pid == 0 {
		return errors.New("the process was not started")
	}
	target, err := unix.Open(fmt.Sprintf("/proc/%d/ns/net", m.child.Pid), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open the network namespace: %w", err)
	}
	defer unix.Close(target)
	index, err := deviceIndex(m.name)
	if err != nil {
		return err
	}
	addresses, err := permanentAddresses(index)
	if err != nil {
		return err
	}
	name, err := moveAs(index, target, m.inside)
	if err != nil {
		return err
	}
	return within(target, func() error { return restore(name, addresses) })
}

// moveAs renames along with the move, since in between either name may be taken.
// A template becomes the lowest number that the kernel does not refuse.
func moveAs(index, target int, inside string) (string, error) {
	for n := 0; ; n++ {
		name := strings.Replace(inside, template, strconv.Itoa(n), 1)
		body := linkMessage(index)
		body = attribute(body, unix.IFLA_NET_NS_FD, uint32Bytes(uint32(target)))
		body = attribute(body, unix.IFLA_IFNAME, append([]byte(name), 0))
		err := request(unix.RTM_NEWLINK, 0, body)
		switch {
		case err == nil:
			return name, nil
		case errors.Is(err, unix.EEXIST) && name != inside && len(name) <= maxDevice:
		case errors.Is(err, unix.EEXIST):
			return "", fmt.Errorf("%w: the container has a network device %s", err, name)
		case errors.Is(err, unix.EINVAL):
			return "", fmt.Errorf("%w: the kernel keeps this device in its namespace, as it does with lo and bridges", err)
		default:
			return "", err
		}
	}
}

// restore brings the device up, in the namespace that we are in.
func restore(name string, addresses []address) error {
	index, err := deviceIndex(name)
	if err != nil {
		return err
	}
	for _, a := range addresses {
		// EEXIST: there already, as a link-local one may be.
		err := request(unix.RTM_NEWADDR, unix.NLM_F_CREATE|unix.NLM_F_EXCL, a.message(index))
		if err != nil && !errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("add an address: %w", err)
		}
	}
	return linkUp(name)
}

// within calls f in a network namespace, on a thread of its own. A thread that
// cannot come back is thrown away: no other goroutine may ever find itself there.
func within(netns int, f func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		result <- visit(netns, f)
	}()
	return <-result
}

// visit unlocks the thread if it is where it was. It must come back even so: the
// main thread cannot be thrown away, and is what /proc/self tells of.
func visit(netns int, f func() error) error {
	here, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open our network namespace: %w", err)
	}
	defer unix.Close(here)
	if err := unix.Setns(netns, unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("setns: %w", err)
	}
	err = f()
	if back := unix.Setns(here, unix.CLONE_NEWNET); back != nil {
		return errors.Join(err, fmt.Errorf("setns back: %w", back))
	}
	runtime.UnlockOSThread()
	return err
}
