// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// A frame is one letter, the length of its content in four bytes, and the content.
const (
	frameInput  = 'i' // to the command: bytes of its stdin
	frameEnd    = 'e' // to the command: its stdin ends
	frameSize   = 'w' // to the command: its terminal's size, rows and columns in two bytes each
	frameOut    = 'o' // from the command: bytes of its stdout
	frameErr    = 'r' // from the command: bytes of its stderr
	frameExit   = 'x' // from the command: its exit code, in decimal; the last frame
	frameGood   = 'k' // what was asked for is done
	frameFailed = 'f' // it failed, for the reason in the frame
)

const frameHead = 5

type size struct {
	Rows    uint16 `json:"rows"`
	Columns uint16 `json:"columns"`
}

type frameWriter struct {
	mutex sync.Mutex
	out   io.Writer
}

func (w *frameWriter) send(kind byte, content []byte) error {
	frame := make([]byte, frameHead, frameHead+len(content))
	frame[0] = kind
	binary.BigEndian.PutUint32(frame[1:], uint32(len(content)))
	w.mutex.Lock()
	defer w.mutex.Unlock()
	_, err := w.out.Write(append(frame, content...))
	return err
}

func (w *frameWriter) sendResult(err error) {
	if err != nil {
		_ = w.send(frameFailed, []byte(err.Error()))
		return
	}
	_ = w.send(frameGood, nil)
}

// sink makes frames of one kind out of what is written to it.
type sink struct {
	frames *frameWriter
	kind   byte
}

func (s sink) Write(bytes []byte) (int, error) { return len(bytes), s.frames.send(s.kind, bytes) }

// session is one command and the connection that it talks over.
type session struct {
	frames   *frameWriter
	in       io.Reader
	node     *node
	terminal *os.File // the master's side; nil without a terminal
	over     atomic.Bool
	hangUp   func() // from now on the driver is waited for with a limit
}

// serve returns when the command has ended and the driver, which has its exit code then, has closed the connection: one
// that is closed here while the driver's bytes lie unread is reset, and a reset overtakes the last answer.
func (s *session) serve(wanted *request) {
	command := &exec.Cmd{Args: wanted.Exec, Dir: "/", Env: []string{"PATH=" + path, "HOME=/root"}}
	for name, value := range wanted.Env {
		command.Env = append(command.Env, name+"="+value)
	}
	stdin, err := s.begin(command, wanted)
	if err != nil {
		_ = s.frames.send(frameErr, []byte(wanted.Exec[0]+": "+err.Error()+"\n"))
		_ = s.frames.send(frameExit, []byte("127"))
		s.hangUp()
		_, _ = io.Copy(io.Discard, s.in)
		return
	}
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		s.feed(command, stdin)
	}()
	if s.terminal != nil {
		_, _ = io.Copy(sink{s.frames, frameOut}, s.terminal) // ends with an error when the last program has let go of it
		s.terminal.Close()
	}
	code := exitCode(command.Wait())
	s.over.Store(true)
	_ = s.frames.send(frameExit, []byte(strconv.Itoa(code)))
	s.hangUp()
	<-fed
}

func (s *session) begin(command *exec.Cmd, wanted *request) (io.WriteCloser, error) {
	program, err := exec.LookPath(wanted.Exec[0])
	if err != nil {
		return nil, err
	}
	command.Path = program
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if wanted.Terminal == nil {
		command.Stdout, command.Stderr = sink{s.frames, frameOut}, sink{s.frames, frameErr}
		stdin, err := command.StdinPipe()
		if err != nil {
			return nil, err
		}
		return stdin, s.node.start(command)
	}
	master, slave, err := openTerminal()
	if err != nil {
		return nil, err
	}
	defer slave.Close()
	s.terminal = master
	s.resize(*wanted.Terminal)
	command.Stdin, command.Stdout, command.Stderr = slave, slave, slave
	command.SysProcAttr.Setctty = true
	return master, s.node.start(command)
}

// feed hands over what the driver sends. When its connection breaks, nobody waits for the command any more.
func (s *session) feed(command *exec.Cmd, stdin io.WriteCloser) {
	head := make([]byte, frameHead)
	for {
		if _, err := io.ReadFull(s.in, head); err != nil {
			if !s.over.Load() {
				_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
			}
			return
		}
		content := make([]byte, binary.BigEndian.Uint32(head[1:]))
		if _, err := io.ReadFull(s.in, content); err != nil {
			continue
		}
		switch head[0] {
		case frameInput:
			_, _ = stdin.Write(content) // a command may close its stdin early
		case frameEnd:
			if s.terminal == nil {
				stdin.Close()
			}
		case frameSize:
			s.resize(size{binary.BigEndian.Uint16(content), binary.BigEndian.Uint16(content[2:])})
		}
	}
}

func (s *session) resize(to size) {
	if s.terminal == nil {
		return
	}
	window := [4]uint16{to.Rows, to.Columns, 0, 0}
	_ = ioctl(int(s.terminal.Fd()), syscall.TIOCSWINSZ, uintptr(unsafe.Pointer(&window)))
}

// The code that a shell would tell.
func exitCode(err error) int {
	var ended *exec.ExitError
	if !errors.As(err, &ended) {
		return 0
	}
	if status := ended.Sys().(syscall.WaitStatus); status.Signaled() {
		return 128 + int(status.Signal())
	}
	return ended.ExitCode()
}

func openTerminal() (master, slave *os.File, err error) {
	if master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		return nil, nil, err
	}
	var number, locked uint32
	if err = ioctl(int(master.Fd()), syscall.TIOCGPTN, uintptr(unsafe.Pointer(&number))); err == nil {
		if err = ioctl(int(master.Fd()), syscall.TIOCSPTLCK, uintptr(unsafe.Pointer(&locked))); err == nil {
			slave, err = os.OpenFile("/dev/pts/"+strconv.Itoa(int(number)), os.O_RDWR|syscall.O_NOCTTY, 0)
		}
	}
	if err != nil {
		master.Close()
	}
	return master, slave, err
}
