//go:build !unix

package logging

import "go.uber.org/zap"

// OnSignal does nothing here: there is no SIGUSR1.
func OnSignal(*zap.Logger, zap.AtomicLevel) (stop func()) { return func() {} }
