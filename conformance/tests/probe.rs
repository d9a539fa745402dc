//! Probing peers that are played here: silent ones, closing ones, slow ones, and recorded servers.

use gridwire_conformance::capture::{Direction, read};
use gridwire_conformance::probe::{Cluster, Finding, Probe, Target};

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// For peers that are silent, which is waited for.
const STEP: Duration = Duration::from_millis(400);

/// For peers that speak or hang up, so at the end of which no step should come, however busy the machine is.
const AMPLE: Duration = Duration::from_secs(30);

fn probe(step: Duration) -> Probe {
    Probe { step, ..Probe::default() }
}

/// A peer that does the same with every connection. It ends with the test program.
fn peer(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Target {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            thread::spawn(move || serve(stream));
        }
    });
    Target { host: "127.0.0.1".into(), port }
}

/// Says these words and no more, and stays until the other side leaves.
fn say(mut stream: TcpStream, words: &[u8]) {
    let _ = stream.write_all(words);
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read_to_end(&mut Vec::new());
}

/// A peer that waits for the first bytes and then sends these, whatever was asked.
fn speaker(words: impl Into<Vec<u8>>) -> Target {
    let words = words.into();
    peer(move |mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        say(stream, &words);
    })
}

/// A server as it was recorded, up to the first 64 KiB.
fn recorded(file: &str, connection: usize) -> Target {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(file);
    let stream = read(path).unwrap().connections[connection].stream(Direction::ToClient);
    speaker(&stream[..stream.len().min(1 << 16)])
}

/// What is found within a time, of which each step may take so much.
fn find_within(time: Duration, step: Duration, target: &Target) -> Finding {
    let started = Instant::now();
    let finding = probe(step).run(target).finding;
    assert!(started.elapsed() < time, "{finding:?} took {:?}", started.elapsed());
    finding
}

/// What is found before any step has taken all of its time.
fn find(target: &Target) -> Finding {
    find_within(AMPLE, AMPLE, target)
}

/// A port that is nobody's: one that was free a moment ago may have become another test's.
fn nobody() -> Target {
    Target { host: "127.0.0.1".into(), port: 1 }
}

fn closed() -> Finding {
    Finding::Closed { why: "connection refused".into() }
}

#[test]
fn nobody_listens() {
    assert_eq!(find(&nobody()), closed());
}

#[test]
fn silent() {
    let target = peer(|mut stream| drop(stream.read_to_end(&mut Vec::new())));
    assert_eq!(find_within(AMPLE, STEP, &target), Finding::Silent);
    let never_accepted = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = never_accepted.local_addr().unwrap().port();
    let target = Target { host: "127.0.0.1".into(), port };
    assert_eq!(find_within(AMPLE, STEP, &target), Finding::Silent);
}

#[test]
fn closes_at_once() {
    assert_eq!(find(&peer(drop)), Finding::HangsUp);
}

#[test]
fn resets() {
    // Closing with bytes unread sends a reset.
    let target = peer(|mut stream| drop(stream.read(&mut [0; 1])));
    assert_eq!(find(&target), Finding::HangsUp);
}

#[test]
fn one_byte_at_a_time_costs_no_more_than_silence() {
    // A frame of 200 bytes that would take twenty seconds, at each of four attempts.
    let step = Duration::from_secs(1);
    let target = peer(move |mut stream| {
        for bytes in [&[200, 0, 0, 0][..]].into_iter().chain([&[0][..]; 196]) {
            if stream.write_all(bytes).is_err() {
                return;
            }
            thread::sleep(step / 10);
        }
    });
    let Finding::Other { first, .. } = find_within(step * 40, step, &target) else {
        panic!("not slow")
    };
    assert!(first.starts_with("c8000000"), "{first}");
}

#[test]
fn something_else() {
    let http = speaker("HTTP/1.1 400 Bad Request\r\n\r\n");
    let Finding::Other { first, looks_like } = find(&http) else { panic!("not HTTP") };
    assert_eq!((&first[..8], looks_like), ("48545450", Some("HTTP")));
    // A service that speaks first.
    let ssh = peer(|stream| say(stream, b"SSH-2.0-OpenSSH_9.2\r\n"));
    let Finding::Other { looks_like, .. } = find(&ssh) else { panic!("not SSH") };
    assert_eq!(looks_like, Some("SSH"));
}

#[test]
fn absurd_lengths() {
    for length in [[0, 0, 0, 0], [5, 0, 0, 0], [0xff; 4], [0, 0, 0, 0x80], [0xff, 0xff, 0xff, 0x7f]]
    {
        let finding = find(&speaker([&length[..], &[0; 60]].concat()));
        assert!(matches!(finding, Finding::Other { .. }), "{finding:?}");
    }
}

#[test]
fn recorded_members() {
    for (file, release, members) in [
        ("hazelcast/5.7.0-java-idle.pcap.gz", "5.7.0", 3),
        ("hazelcast/5.3.8-java-cp.pcap.gz", "5.3.8", 3),
        ("hazelcast/4.2.8-java-basic.pcap.gz", "4.2.8", 1),
        ("hazelcast/3.12.13-java-wrongpassword.pcap", "3.12.13", 1),
    ] {
        let found = find(&recorded(file, 0));
        let Finding::Hazelcast {
            protocol,
            version,
            cluster,
            members: seen,
            partitions,
            cluster_id,
        } = found
        else {
            panic!("{file}: {found:?}")
        };
        assert_eq!(version.as_deref(), Some(release));
        assert_eq!(protocol, if release.starts_with('3') { "1.x (CB2)" } else { "2.x (CP2)" });
        assert_eq!(
            (cluster, seen.len(), partitions),
            (Cluster::Accepted, members, Some(271)),
            "{file}"
        );
        assert_eq!(cluster_id.map(|id| id.len()), Some(36));
        assert!(seen.iter().all(|member| member.address.starts_with("127.0.0.1:") && !member.lite));
    }
}

#[test]
fn recorded_refusals() {
    let refused = find(&recorded("hazelcast/3.12.13-java-wrongpassword.pcap", 1));
    let Finding::Hazelcast { cluster, members, .. } = refused else { panic!("{refused:?}") };
    assert_eq!((cluster, members.len()), (Cluster::Refused, 0));
}

#[test]
fn recorded_broker() {
    let found = find(&recorded("kafka/4.4.0-librdkafka-admin.pcap.gz", 0));
    // librdkafka's first correlation id is not ours, so this is no answer to us.
    assert!(matches!(found, Finding::Other { .. }), "{found:?}");
}

/// An ApiVersions answer in the first version: an error, and keys with their versions.
fn api_versions(correlation_id: i32, error: i16, apis: &[[i16; 3]]) -> Vec<u8> {
    let mut body = [&correlation_id.to_be_bytes()[..], &error.to_be_bytes()].concat();
    body.extend((apis.len() as i32).to_be_bytes());
    apis.iter().flatten().for_each(|number| body.extend(number.to_be_bytes()));
    [&(body.len() as i32).to_be_bytes()[..], &body].concat()
}

#[test]
fn an_old_broker_is_asked_again_in_the_first_version() {
    let target = peer(|mut stream| {
        let mut request = [0; 4096];
        while let Ok(1..) = stream.read(&mut request) {
            // Whatever else it is asked ends its connection.
            if request[4..6] != [0, 18] {
                return;
            }
            let (version, id) = (request[7], [request[8], request[9], request[10], request[11]]);
            let id = i32::from_be_bytes(id);
            let answer = match version {
                0 => api_versions(id, 0, &[[0, 0, 2], [18, 0, 0], [99, 1, 7]]),
                _ => api_versions(id, 35, &[[18, 0, 0]]),
            };
            let _ = stream.write_all(&answer);
        }
    });
    let found = find(&target);
    let Finding::Kafka { apis, error } = found else { panic!("{found:?}") };
    let seen: Vec<_> = apis.iter().map(|api| (api.key, api.name, api.min, api.max)).collect();
    assert_eq!(
        seen,
        [(0, Some("Produce"), 0, 2), (18, Some("ApiVersions"), 0, 0), (99, None, 1, 7)]
    );
    assert_eq!(error, 0);
}

#[test]
fn recorded_agents() {
    for (file, codecs) in [
        ("xcp/reference-handshake.pcap", vec![1, 8]),
        ("xcp/reference-json-only-server.pcap", vec![1]),
    ] {
        let found = find(&recorded(file, 0));
        let Finding::Xcp { codecs: mut seen, max_frame_bytes, plain } = found else {
            panic!("{file}: {found:?}")
        };
        seen.sort_unstable();
        assert_eq!((seen, max_frame_bytes, plain), (codecs, 1 << 20, true), "{file}");
    }
}

#[test]
fn many_at_once_and_in_order() {
    let silent = peer(|mut stream| drop(stream.read_to_end(&mut Vec::new())));
    let targets: Vec<_> =
        (0..40).map(|i| if i % 2 == 0 { silent.clone() } else { nobody() }).collect();
    let done = AtomicUsize::new(0);
    let started = Instant::now();
    let found = Probe { concurrency: 20, ..probe(STEP) }.scan(&targets, || {
        done.fetch_add(1, Ordering::SeqCst);
    });
    // One after the other they would take 20 times four steps.
    assert!(started.elapsed() < STEP * 4 * 10, "{:?}", started.elapsed());
    assert_eq!(done.into_inner(), 40);
    for (index, one) in found.iter().enumerate() {
        let expected = if index % 2 == 0 { Finding::Silent } else { closed() };
        assert_eq!((&one.target, &one.finding), (&targets[index].to_string(), &expected));
    }
}

#[test]
fn no_more_at_once_than_was_allowed() {
    let silent = peer(|mut stream| drop(stream.read_to_end(&mut Vec::new())));
    let started = Instant::now();
    Probe { concurrency: 2, ..probe(STEP) }.scan(&vec![silent; 4], || ());
    // Four attempts each, of one step.
    assert!(started.elapsed() >= STEP * 4 * 2, "{:?}", started.elapsed());
}
