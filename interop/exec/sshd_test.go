//go:build interop

package exec_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// server is OpenSSH's, on a free port of this machine. It lets in who has a key
// that it knows, and runs in no namespace of ours.
type server struct {
	port     string
	user     string
	known    string // file of the client's with the server's own key
	accepted string // file with the keys that it lets in
	log      *output
}

// output is what a program printed until now.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// newServer starts a server with lines of its own in the configuration.
func newServer(t *testing.T, configuration ...string) *server {
	t.Helper()
	folder := t.TempDir()
	hostKey := filepath.Join(folder, "host")
	out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", hostKey).CombinedOutput()
	require.NoError(t, err, "%s", out)
	me, err := user.Current()
	require.NoError(t, err)
	s := &server{user: me.Username, known: filepath.Join(folder, "known"), accepted: filepath.Join(folder, "accepted"), log: new(output)}
	config := fmt.Sprintf("HostKey %s\nAuthorizedKeysFile %s\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nLogLevel VERBOSE\n", hostKey, s.accepted)
	for _, line := range configuration {
		config += line + "\n"
	}
	configFile := filepath.Join(folder, "config")
	require.NoError(t, os.WriteFile(configFile, []byte(config), 0o600))
	require.NoError(t, os.MkdirAll("/run/sshd", 0o755), "the folder in which sshd locks up what is not to be trusted")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, s.port, err = net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	public, err := os.ReadFile(hostKey + ".pub")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(s.known, fmt.Appendf(nil, "[127.0.0.1]:%s %s", s.port, public), 0o600))
	s.serve(t, listener, configFile)
	return s
}

// serve hands every connection to an sshd of its own, as inetd does.
func (s *server) serve(t *testing.T, listener net.Listener, config string) {
	var connections sync.WaitGroup
	connections.Go(func() {
		for {
			accepted, err := listener.Accept()
			if err != nil {
				return
			}
			socket, err := accepted.(*net.TCPConn).File()
			_ = accepted.Close()
			if err != nil {
				return
			}
			sshd := exec.Command("/usr/sbin/sshd", "-i", "-e", "-f", config)
			sshd.Stdin, sshd.Stdout, sshd.Stderr = socket, socket, s.log
			connections.Go(func() {
				defer socket.Close()
				_ = sshd.Run() // how it ended is in the log
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		connections.Wait()
	})
}

// lets adds a public key to those that the server lets in.
func (s *server) lets(t *testing.T, publicKey string) {
	t.Helper()
	require.NoError(t, os.WriteFile(s.accepted, []byte(publicKey), 0o600))
}

// login is the command line that logs in with an identity and has the server say
// hello.
func (s *server) login(identity string) []string {
	return []string{
		"ssh", "-F", "none", "-p", s.port, "-i", identity,
		"-o", "UserKnownHostsFile=" + s.known, "-o", "IdentitiesOnly=yes", "-o", "PreferredAuthentications=publickey",
		s.user + "@127.0.0.1", "echo hello",
	}
}
