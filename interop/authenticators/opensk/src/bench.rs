//! The bench that the device stands on: CTAPHID reports over TCP, and the control
//! channel over HTTP, as docs/aiming-at-your-device.md has them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

pub type Report = [u8; 64];

/// What the user does when a device asks for a touch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Approve,
    Decline,
    Ignore,
}

/// What becomes of the power.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    Cycle,
    Reset,
}

struct State {
    act: Act,
    misses: u32,
    prompted: bool,
    wish: Option<Wish>,
    out: Option<TcpStream>,
}

/// What the network and the device have in common.
pub struct Bench {
    state: Mutex<State>,
    changed: Condvar,
    reports: Mutex<Receiver<Report>>,
}

impl Bench {
    /// Serves both channels from threads of their own, and prints where.
    pub fn open() -> Arc<Bench> {
        let (sender, receiver) = channel();
        let bench = Arc::new(Bench {
            state: Mutex::new(State {
                act: Act::Approve,
                misses: 0,
                prompted: false,
                wish: None,
                out: None,
            }),
            changed: Condvar::new(),
            reports: Mutex::new(receiver),
        });
        let [listener, control] =
            [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("an address"));
        println!("{}", listener.local_addr().expect("it is bound"));
        println!("{}", control.local_addr().expect("it is bound"));
        let b = bench.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                b.serve_reports(stream.unwrap(), &sender);
            }
        });
        let b = bench.clone();
        thread::spawn(move || {
            for stream in control.incoming() {
                let b = b.clone();
                thread::spawn(move || b.serve_control(stream.unwrap()));
            }
        });
        bench
    }

    fn serve_reports(&self, mut stream: TcpStream, sender: &Sender<Report>) {
        stream.set_nodelay(true).ok();
        self.state.lock().unwrap().out = stream.try_clone().ok();
        loop {
            let mut head = [0; 2];
            let mut report = [0; 64];
            if stream.read_exact(&mut head).is_err()
                || u16::from_be_bytes(head) != 64
                || stream.read_exact(&mut report).is_err()
            {
                self.state.lock().unwrap().out = None;
                return;
            }
            sender.send(report).unwrap();
        }
    }

    fn serve_control(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let mut length = 0;
            loop {
                let mut header = String::new();
                if reader.read_line(&mut header).unwrap_or(0) == 0 || header.trim().is_empty() {
                    break;
                }
                if let Some(n) = header.to_lowercase().strip_prefix("content-length:") {
                    length = n.trim().parse().unwrap_or(0);
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).ok();
            let path = line.split(' ').nth(1).unwrap_or("");
            let status = match self.carry_out(path) {
                true => "200 OK",
                false => "404 Not Found",
            };
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\n{{}}");
            if reader.get_mut().write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }

    /// Does what the control channel asks for, and waits until it has been done.
    fn carry_out(&self, path: &str) -> bool {
        let mut state = self.state.lock().unwrap();
        let wish = match path {
            "/reset" => Wish::Reset,
            "/power/cycle" => Wish::Cycle,
            "/prompt" => {
                while !state.prompted {
                    state = self.changed.wait(state).unwrap();
                }
                return true;
            }
            "/touch/auto" | "/touch/refuse" | "/touch/manual" => {
                state.act = match path {
                    "/touch/auto" => Act::Approve,
                    "/touch/refuse" => Act::Decline,
                    _ => Act::Ignore,
                };
                state.prompted = false;
                self.changed.notify_all();
                return true;
            }
            _ => match path.strip_prefix("/wrong-finger/").map(str::parse) {
                Some(Ok(n)) => {
                    state.misses = n;
                    return true;
                }
                _ => return false,
            },
        };
        state.wish = Some(wish);
        self.changed.notify_all();
        while state.wish.is_some() {
            state = self.changed.wait(state).unwrap();
        }
        true
    }

    /// Whether power was cut, and how.
    pub fn wish(&self) -> Option<Wish> {
        self.state.lock().unwrap().wish
    }

    /// Says that power is back. Reports that were on their way are lost.
    pub fn powered(&self) {
        while self.reports.lock().unwrap().try_recv().is_ok() {}
        self.state.lock().unwrap().wish = None;
        self.changed.notify_all();
    }

    /// The device asks for its user.
    pub fn prompt(&self) -> Act {
        let mut state = self.state.lock().unwrap();
        state.prompted = true;
        self.changed.notify_all();
        state.act
    }

    /// Whether the finger is a wrong one, this time.
    pub fn misses(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        let wrong = state.misses > 0;
        state.misses -= u32::from(wrong);
        wrong
    }

    pub fn send(&self, report: &Report) {
        if let Some(out) = &mut self.state.lock().unwrap().out {
            let mut frame = vec![0, 64];
            frame.extend_from_slice(report);
            out.write_all(&frame).ok();
        }
    }

    pub fn receive(&self, timeout: Duration) -> Option<Report> {
        match self.reports.lock().unwrap().recv_timeout(timeout) {
            Ok(report) => Some(report),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("nobody sends any more"),
        }
    }
}
