// The official Go client in the contest: so many goroutines as calls are in flight, each of which calls
// again and again. See ../worker.rs for the lines that are read and written.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/logger"
)

const keys = 1000

func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func work(m *hazelcast.Map, names []string, operation string, depth int, seconds float64) int64 {
	ctx := context.Background()
	value := make([]byte, 64)
	var over atomic.Bool
	time.AfterFunc(time.Duration(seconds*1e9), func() { over.Store(true) })
	var done atomic.Int64
	var all sync.WaitGroup
	for n := 0; n < depth; n++ {
		all.Add(1)
		go func(next int) {
			defer all.Done()
			var mine int64
			for !over.Load() {
				key := names[next%keys]
				var stored interface{}
				var err error
				if operation == "get" {
					stored, err = m.Get(ctx, key)
				} else {
					stored, err = m.Put(ctx, key, value)
				}
				if err != nil {
					panic(err)
				}
				if len(stored.([]byte)) != 64 {
					panic("another value was stored")
				}
				next++
				mine++
			}
			done.Add(mine)
		}(n * keys / depth)
	}
	all.Wait()
	return done.Load()
}

func main() {
	ctx := context.Background()
	config := hazelcast.Config{}
	config.Cluster.Network.SetAddresses(os.Args[len(os.Args)-1])
	config.Logger.Level = logger.ErrorLevel
	client, err := hazelcast.StartNewClientWithConfig(ctx, config)
	if err != nil {
		panic(err)
	}
	m, err := client.GetMap(ctx, "bench")
	if err != nil {
		panic(err)
	}
	names := make([]string, keys)
	for n := range names {
		names[n] = fmt.Sprintf("key-%04d", n)
	}
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var operation string
		var depth int
		var seconds float64
		if _, err := fmt.Sscan(lines.Text(), &operation, &depth, &seconds); err != nil {
			panic(err)
		}
		work(m, names, operation, depth, seconds/10)
		began, before := time.Now(), cpu()
		done := work(m, names, operation, depth, seconds)
		fmt.Println(done, time.Since(began).Microseconds(), (cpu() - before).Microseconds())
	}
	if err := client.Shutdown(ctx); err != nil {
		panic(err)
	}
}
