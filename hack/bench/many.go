package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"
)

// growth is how much more CPU time the last ten of many runs took than the first
// ten: the least of each ten, for whatever else the machine did only adds to it.
func growth(samples []sample) float64 {
	ten := min(10, len(samples))
	least := func(a, b sample) int { return cmp.Compare(a.CPU, b.CPU) }
	return cpu(slices.MinFunc(samples[len(samples)-ten:], least)) / cpu(slices.MinFunc(samples[:ten], least))
}

// parallel runs n containers, a few at a time: the time of all by n.
func parallel(r runtime, bundle string, n, atOnce int) (time.Duration, error) {
	numbers, failed := make(chan int), make(chan error, n)
	var workers sync.WaitGroup
	begin := time.Now()
	for range atOnce {
		workers.Go(func() {
			for i := range numbers {
				if _, err := once(r.run(bundle, fmt.Sprintf("parallel-%d", i))); err != nil {
					failed <- err
				}
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	workers.Wait()
	took := time.Since(begin)
	close(failed)
	return took / time.Duration(n), <-failed
}

// appears waits until a file has content.
func appears(file string) error {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if info, err := os.Stat(file); err == nil && info.Size() > 0 {
			return nil
		}
	}
	return fmt.Errorf("%s did not appear", file)
}
