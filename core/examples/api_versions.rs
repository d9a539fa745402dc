//! The least that speaks Kafka: asks a broker what it serves, by the messages alone, without an engine.
//!
//! `api_versions HOST:PORT` prints each API with the versions that both sides know. What it is made of is
//! looked at when it is built small (`cargo build --profile small --example api_versions`): no other
//! message comes along.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use gridwire_core::Str;
use gridwire_core::kafka::frame::{LIMIT_BEFORE_AUTHENTICATION, Splitter, write_request};
use gridwire_core::kafka::message::APIS;
use gridwire_core::kafka::session::{FIRST_VERSION, Handshake, handshake, versions_request};
use gridwire_core::kafka::wire::Writer;

const TIMEOUT: Option<Duration> = Some(Duration::from_secs(10));

fn next_frame(
    stream: &mut TcpStream,
    frames: &mut Splitter,
    data: &mut BytesMut,
) -> Result<Bytes, Box<dyn Error>> {
    let mut buffer = [0; 4096];
    loop {
        if let Some(frame) = frames.next(data)? {
            return Ok(frame);
        }
        match stream.read(&mut buffer)? {
            0 => return Err("the broker hung up".into()),
            read => data.extend_from_slice(&buffer[..read]),
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).ok_or("usage: api_versions HOST:PORT")?;
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(TIMEOUT)?;
    let (mut frames, mut data) = (Splitter::new(LIMIT_BEFORE_AUTHENTICATION), BytesMut::new());
    let request = versions_request(&Str::from_static("gridwire"), &Str::from_static("0.1"));
    let mut version = FIRST_VERSION;
    for correlation_id in 0..3 {
        let mut out = Writer::new();
        write_request(&mut out, version, correlation_id, None, &request)?;
        for chunk in out.finish() {
            stream.write_all(&chunk)?;
        }
        let frame = next_frame(&mut stream, &mut frames, &mut data)?;
        match handshake(&frame, version)? {
            Handshake::Again(other) => version = other,
            Handshake::Done(agreed) => {
                for api in APIS {
                    if let Some(both) = agreed.versions(api.key) {
                        println!("{:3} {} {both}", api.key, api.name);
                    }
                }
                return Ok(());
            }
        }
    }
    Err("the broker knows no version of ApiVersions that it names".into())
}
