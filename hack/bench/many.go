package main

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// serial runs n containers one after another. It gives the milliseconds of each,
// and how much longer the last ten took than the first ten: their medians.
func serial(r runtime, bundle string, n int) (each, growth float64, err error) {
	var times []float64
	for i := range n {
		s, err := once(r.run(bundle, fmt.Sprintf("serial-%d", i)))
		if err != nil {
			return 0, 0, err
		}
		times = append(times, milliseconds(s.Wall))
	}
	ten := min(10, n)
	first, last := append([]float64{}, times[:ten]...), append([]float64{}, times[n-ten:]...)
	return middle(times), middle(last) / middle(first), nil
}

// parallel runs n containers, a few at a time: milliseconds of all by n.
func parallel(r runtime, bundle string, n, atOnce int) (float64, error) {
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
	return milliseconds(took) / float64(n), <-failed
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
