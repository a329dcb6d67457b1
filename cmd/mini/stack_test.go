package main

import (
	"runtime/debug"
	"testing"
	"unsafe"
)

// TestRoomy: behind it a stack need not move any more.
func TestRoomy(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection moves stacks too
	for name, test := range map[string]struct {
		prepare func()
		moves   bool
	}{
		"without": {func() {}, true},
		"with":    {func() { roomy(false) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			moved := make(chan bool)
			go func() { // each goroutine begins with a small stack
				test.prepare()
				moved <- moves()
			}()
			if got := <-moved; got != test.moves {
				t.Errorf("the stack has moved: %v, want %v", got, test.moves)
			}
		})
	}
}

// moves says whether 16 KB of calls move the stack.
func moves() bool {
	var here byte
	before := uintptr(unsafe.Pointer(&here))
	deep(16)
	return uintptr(unsafe.Pointer(&here)) != before
}

//go:noinline
func deep(calls int) (sum byte) {
	var frame [1 << 10]byte
	if calls > 0 {
		frame[calls] = deep(calls - 1)
	}
	for i := range frame {
		sum += frame[i]
	}
	return sum
}
