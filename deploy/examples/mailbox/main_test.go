package main

import (
	"bufio"
	"context"
	"io"
	"net/smtp"
	"slices"
	"strings"
	"testing"
)

// It takes a mail and tells it as it came, and refuses one for somebody at full.example.
func TestTheMailboxTellsWhatItTakes(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, "127.0.0.1:0", write)
		write.Close()
	}()
	lines := bufio.NewScanner(read)
	if !lines.Scan() {
		t.Fatal(<-ended)
	}
	addr, ok := strings.CutPrefix(lines.Text(), "taking mails at ")
	if !ok {
		t.Fatalf("it says %q", lines.Text())
	}
	sent := make(chan []error, 1)
	go func() {
		mail := []byte("Subject: spring\r\nList-Unsubscribe: <https://leave.example.org/leave/t>\r\n\r\nHello.\r\n")
		one := smtp.SendMail(addr, nil, "a@example.com", []string{"ada@example.org"}, mail)
		sent <- []error{one, smtp.SendMail(addr, nil, "a@example.com", []string{"ben@full.example"}, mail)}
		stop()
	}()
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
	}
	if errs := <-sent; errs[0] != nil || errs[1] == nil || !strings.HasPrefix(errs[1].Error(), "550") {
		t.Errorf("got %v", errs)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(said) != 5 || !strings.HasPrefix(said[0], "--- a mail to ada@example.org, ") || !slices.Contains(said, "List-Unsubscribe: <https://leave.example.org/leave/t>") {
		t.Errorf("it says %q", said)
	}
}
