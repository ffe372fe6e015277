package bench

import (
	"net"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"
)

// The broker's processor time is that of whoever listens where the brokers are said to be.
func TestWhoListensIsFound(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems have no /proc")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if pid := broker(l.Addr().String()); pid != os.Getpid() {
		t.Errorf("process %d listens, found was %d", os.Getpid(), pid)
	}
	if seconds, resident := processor(os.Getpid()); seconds < 0 || resident < 1 {
		t.Errorf("this process took %v s and %v MiB", seconds, resident)
	}
}

// A script that is interrupted leaves nobody behind it.
func TestWhatAScriptStartedEndsWithIt(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems have no /proc")
	}
	log := t.TempDir() + "/log"
	p, err := command("sh", log, []string{"-c", "sleep 1000 & echo $!; wait"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for text(log) == "" {
		time.Sleep(10 * time.Millisecond)
	}
	pid := text(log)
	killTree(p.ID())
	<-p.Ended()
	for exec.Command("kill", "-0", pid[:len(pid)-1]).Run() == nil && !zombie(pid[:len(pid)-1]) {
		time.Sleep(10 * time.Millisecond)
	}
}

// zombie says of a process that it has ended, and nobody asked how.
func zombie(pid string) bool {
	return len(text("/proc/"+pid+"/stat")) > 0 && text("/proc/"+pid+"/cmdline") == ""
}
