package main

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// growth is how much more CPU time the last ten of many runs took than the first
// ten: their medians. Wall time would tell of the machine's other work.
func growth(samples []sample) float64 {
	ten := min(10, len(samples))
	return median(samples[len(samples)-ten:], cpu) / median(samples[:ten], cpu)
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
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if info, err := os.Stat(file); err == nil && info.Size() > 0 {
			return nil
		}
	}
	return fmt.Errorf("%s did not appear", file)
}
