package main

// roomy makes the stack of its goroutine 32 KB at once, where a container takes 16.
// Go begins with 2 KB and doubles: each time it walks up all callers, through tables
// that are not in memory yet, copies what is there, and lays out a span of stacks of
// that size, writing to each of its pages. The room that a frame needs is looked for
// on the way into a function, so that this one, with a frame of 20 KB, has nothing
// else to do; pages that nobody comes to cost nothing.
//
//go:noinline
func roomy(use bool) (sum byte) {
	if use { // never: it is what the frame is for
		var frame [20 << 10]byte
		for i := range frame {
			frame[i] = byte(i) + sum
		}
		sum = frame[len(frame)-1]
	}
	return sum
}
