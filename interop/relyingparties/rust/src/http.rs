//! As much of HTTP as the judge speaks: requests with a body, one to a connection.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

const MOST_BYTES: u64 = 1 << 20;

pub struct Request {
    pub line: String, // "POST /attestation/options HTTP/1.1"
    pub session: String,
    pub body: Vec<u8>,
}

pub struct Response {
    pub status: u16,
    pub body: String, // JSON
    pub session: Option<String>,
}

/// Answers whoever connects, each in a thread.
pub fn serve<F>(listener: TcpListener, answer: F) -> Result<(), Box<dyn Error>>
where
    F: Fn(Request) -> Response + Send + Sync + 'static,
{
    let answer = Arc::new(answer);
    for connection in listener.incoming() {
        let (connection, answer) = (connection?, answer.clone());
        thread::spawn(move || {
            // Whoever ends the connection gets no answer; there is nobody to tell.
            let _ = exchange(connection, &*answer);
        });
    }
    Ok(())
}

fn exchange(connection: TcpStream, answer: &dyn Fn(Request) -> Response) -> Result<(), Box<dyn Error>> {
    let mut from = BufReader::new(&connection).take(MOST_BYTES);
    let mut request = Request { line: String::new(), session: String::new(), body: Vec::new() };
    from.read_line(&mut request.line)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse()?,
            "cookie" => {
                let session = value.split("; ").find_map(|c| c.strip_prefix("session="));
                request.session = session.unwrap_or_default().to_string();
            }
            _ => {}
        }
    }
    request.body.resize(usize::try_from(MOST_BYTES.min(length))?, 0);
    from.read_exact(&mut request.body)?;
    let Response { status, body, session } = answer(request);
    let cookie = session.map(|s| format!("Set-Cookie: session={s}; Path=/; HttpOnly\r\n")).unwrap_or_default();
    let head = format!("HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{cookie}Connection: close\r\n\r\n", body.len());
    (&connection).write_all(format!("{head}{body}").as_bytes())?;
    Ok(())
}
