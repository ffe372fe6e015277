//go:build unix

package logging

import (
	"os"
	"os/signal"
	"syscall"

	"go.uber.org/zap"
)

// OnSignal has SIGUSR1 make the log tell everything (debug), and the next one as much as it
// told before, until stop is called.
func OnSignal(log *zap.Logger, level zap.AtomicLevel) (stop func()) {
	configured := level.Level()
	came, ended, over := make(chan os.Signal, 1), make(chan struct{}), make(chan struct{})
	signal.Notify(came, syscall.SIGUSR1)
	go func() {
		defer close(over)
		for {
			select {
			case <-came:
			case <-ended:
				return
			}
			to := zap.DebugLevel
			if level.Level() == zap.DebugLevel {
				to = configured
			}
			level.SetLevel(to)
			Audit(log).Info("the log level is another, by SIGUSR1", zap.Stringer("level", to))
		}
	}()
	return func() {
		signal.Stop(came)
		close(ended)
		<-over
	}
}
