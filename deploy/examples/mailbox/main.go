// Mailbox is a mail server for trying the mailer out: it takes every mail, tells who it
// was for and what was in it, and delivers it to nobody. People at full.example refuse
// mails, for good.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/emersion/go-smtp"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:2525", "where mails are taken, host:port")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *listen, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mailbox:", err)
		os.Exit(1)
	}
}

// run takes mails until ctx ends.
func run(ctx context.Context, listen string, out io.Writer) error {
	at, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	s := smtp.NewServer(&mailbox{out: out})
	s.Domain, s.MaxMessageBytes = "mailbox.example", 1<<20
	s.ReadTimeout, s.WriteTimeout = time.Minute, time.Minute
	defer context.AfterFunc(ctx, func() { _ = s.Close() })()
	fmt.Fprintln(out, "taking mails at", at.Addr())
	if err := s.Serve(at); ctx.Err() == nil {
		return err
	}
	return nil
}

// mailbox is where all mails go. It tells one mail at a time.
type mailbox struct {
	mu  sync.Mutex
	out io.Writer
}

// NewSession implements smtp.Backend.
func (b *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{box: b}, nil }

// session is one connection.
type session struct {
	box *mailbox
	to  string
}

// Mail implements smtp.Session.
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasSuffix(to, "@full.example") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "nobody of that name"}
	}
	s.to = to
	return nil
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	mail, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	fmt.Fprintf(s.box.out, "--- a mail to %s, %s\n%s", s.to, time.Now().UTC().Format("15:04:05.000"), bytes.ReplaceAll(mail, []byte("\r\n"), []byte("\n")))
	return nil
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.to = "" }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }
