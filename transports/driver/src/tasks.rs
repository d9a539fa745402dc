//! The tasks of one hub: its keeper, one for each connection, one for each listener.
//!
//! They end with the hub: the keeper when it is stopped and the last link is gone, a link's task with
//! its link, a listener's when the hub is stopped.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant as Std};

use gridwire_core::endpoint::{Cause, ConnId, Endpoint, ListenerId, Target};
use gridwire_core::time::Instant;
use tracing::{Instrument, debug, debug_span};

use crate::hub::{Chore, Desk, Hub, Ready};
use crate::link::cause_of;
use crate::runtime::{Runtime, Socket, Yield, literal_address};
use crate::tls::{Stream, Tls};

/// After an accept failed, as for lack of file descriptors: the rest before the next one.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Time that who was accepted may take to agree on a TLS session.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Reads of one turn, while each gets all it can: what was completed waits for its write no longer.
const READS: usize = 4;
/// Sleeps are at most so long, so that none is beyond what the OS can express.
const LONGEST_SLEEP: Duration = Duration::from_secs(24 * 3600);

/// Starts the keeper.
pub(crate) fn begin<E, D, R>(hub: &Arc<Hub<E, D, R::Socket>>, runtime: &R)
where
    E: Endpoint + Send + 'static,
    D: Desk<E>,
    R: Runtime,
{
    let guard = hub.begin_task(true);
    let (hub, runtime_) = (Arc::clone(hub), runtime.clone());
    runtime.spawn(async move {
        let _guard = guard;
        keep(&hub, &runtime_).await;
    });
}

/// Opens connections, flushes when nudged, and keeps deadlines.
async fn keep<E, D, R>(hub: &Arc<Hub<E, D, R::Socket>>, runtime: &R)
where
    E: Endpoint + Send + 'static,
    D: Desk<E>,
    R: Runtime,
{
    let mut alarm: Option<(Instant, Pin<Box<R::Sleep>>)> = None;
    loop {
        let chore = poll_fn(|cx| {
            loop {
                let armed = alarm.as_ref().map(|(at, _)| *at);
                let until = match hub.poll_chore(cx, armed) {
                    Ok(chore) => return Poll::Ready(chore),
                    Err(until) => until,
                };
                if until != armed {
                    alarm = until.map(|at| {
                        let longest = Std::now() + LONGEST_SLEEP;
                        let os = hub.os_time(at).map_or(longest, |at| at.min(longest));
                        (at, Box::pin(runtime.sleep_until(os)))
                    });
                }
                let Some((_, sleep)) = &mut alarm else { return Poll::Pending };
                if sleep.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                alarm = None;
            }
        })
        .await;
        match chore {
            Chore::Open(conn, target) => {
                let guard = hub.begin_task(false);
                let (hub, runtime_) = (Arc::clone(hub), runtime.clone());
                // From the attempt to the end: what is noted meanwhile stands in it.
                let span = debug_span!(target: "gridwire", "connection", ?conn, %target);
                let task = async move {
                    let _guard = guard;
                    open(&hub, &runtime_, conn, target).await;
                };
                runtime.spawn(task.instrument(span));
            }
            Chore::Flush => {
                // A runtime may run who was woken last, as this task was by the first of many callers,
                // before all others.
                runtime.before_flush().await;
                hub.flush();
            }
            Chore::Timeout => hub.timeout(),
            Chore::Stop => return,
        }
    }
}

/// Opens a connection and serves it to its end.
async fn open<E, D, R>(hub: &Hub<E, D, R::Socket>, runtime: &R, conn: ConnId, target: Target)
where
    E: Endpoint + Send + 'static,
    D: Desk<E>,
    R: Runtime,
{
    let connected = {
        let mut connecting = pin!(connect(runtime, &hub.tls, &target));
        poll_fn(|cx| {
            if hub.poll_gone(cx, conn).is_ready() {
                return Poll::Ready(None);
            }
            connecting.as_mut().poll(cx).map(Some)
        })
        .await
    };
    match connected {
        None => {}
        Some(Err(cause)) => {
            debug!(target: "gridwire", %cause, "not opened");
            hub.unopened(conn, cause);
        }
        Some(Ok(socket)) => {
            debug!(target: "gridwire", "opened");
            let socket = Arc::new(socket);
            if hub.opened(conn, &socket) {
                serve(hub, conn, &socket).await;
            }
        }
    }
}

/// Tries each address of the target in turn; the last one's failure is told.
async fn connect<R: Runtime>(
    runtime: &R,
    tls: &Tls,
    target: &Target,
) -> Result<Stream<R::Socket>, Cause> {
    let session = tls.begin(target.tls.as_deref())?;
    let addresses = match literal_address(&target.host, target.port) {
        Some(address) => vec![address],
        None => runtime.resolve(&target.host, target.port).await.unwrap_or_default(),
    };
    let mut cause = Cause::NotResolved;
    for address in addresses {
        match runtime.connect(address).await {
            Ok(socket) => {
                let stream = Stream::new(socket, session);
                return match poll_fn(|cx| stream.poll_handshake(cx)).await {
                    Ok(()) => Ok(stream),
                    Err(error) => Err(cause_of(&error)),
                };
            }
            Err(error) => cause = cause_of(&error),
        }
    }
    Err(cause)
}

/// Reads and writes one connection until it is gone.
async fn serve<E, D, S>(hub: &Hub<E, D, S>, conn: ConnId, socket: &Stream<S>)
where
    E: Endpoint + Send + 'static,
    D: Desk<E>,
    S: Socket,
{
    loop {
        match poll_fn(|cx| hub.poll_link(cx, conn, socket)).await {
            Ready::Gone => return,
            Ready::Write => hub.writable(conn),
            Ready::Read => {
                let mut turn = hub.read(conn, socket);
                let mut reads = 1;
                while turn.more && reads < READS {
                    let next = hub.read(conn, socket);
                    turn.more = next.more;
                    turn.flush |= next.flush;
                    turn.yields |= next.yields;
                    reads += 1;
                }
                if turn.yields {
                    Yield::default().await;
                }
                if turn.flush {
                    hub.flush();
                }
            }
        }
    }
}

/// Starts listening; gives the address.
pub(crate) fn listen<E, D, R>(
    hub: &Arc<Hub<E, D, R::Socket>>,
    runtime: &R,
    on: ListenerId,
    at: SocketAddr,
) -> io::Result<SocketAddr>
where
    E: Endpoint + Send + 'static,
    D: Desk<E>,
    R: Runtime,
{
    let (listener, address) = runtime.listen(at)?;
    let guard = hub.begin_task(false);
    let (hub, runtime_) = (Arc::clone(hub), runtime.clone());
    runtime.spawn(async move {
        let _guard = guard;
        accept(&hub, &runtime_, on, &listener).await;
    });
    Ok(address)
}

/// Accepts connections until the hub is stopped.
async fn accept<E, D, R>(
    hub: &Arc<Hub<E, D, R::Socket>>,
    runtime: &R,
    on: ListenerId,
    listener: &R::Listener,
) where
    E: Endpoint + Send + 'static,
    D: Desk<E>,
    R: Runtime,
{
    loop {
        let accepted = {
            let mut accepting = pin!(runtime.accept(listener));
            poll_fn(|cx| {
                if hub.poll_stopping(cx).is_ready() {
                    return Poll::Ready(None);
                }
                accepting.as_mut().poll(cx).map(Some)
            })
            .await
        };
        match accepted {
            None => return,
            Some(Err(_)) => runtime.sleep_until(Std::now() + ACCEPT_PAUSE).await,
            Some(Ok(socket)) => {
                let Ok(session) = hub.tls.answer() else { continue };
                let stream = Stream::new(socket, session);
                let guard = hub.begin_task(false);
                let (hub, runtime_) = (Arc::clone(hub), runtime.clone());
                let span =
                    debug_span!(target: "gridwire", "accepted", peer = ?stream.peer().remote);
                let task = async move {
                    let _guard = guard;
                    if let Some(stream) = shake_hands(&hub, &runtime_, stream).await {
                        let stream = Arc::new(stream);
                        if let Some(conn) = hub.accept(on, &stream) {
                            serve(&hub, conn, &stream).await;
                        }
                    }
                };
                runtime.spawn(task.instrument(span));
            }
        }
    }
}

/// Agrees on a session with who was accepted, if there is to be one. The engine knows nothing of them
/// yet, so the time that they may take is bounded here.
async fn shake_hands<E, D, R>(
    hub: &Hub<E, D, R::Socket>,
    runtime: &R,
    stream: Stream<R::Socket>,
) -> Option<Stream<R::Socket>>
where
    E: Endpoint + Send + 'static,
    D: Desk<E>,
    R: Runtime,
{
    let mut late = None;
    let result = poll_fn(|cx| {
        if let Poll::Ready(result) = stream.poll_handshake(cx) {
            return Poll::Ready(result.is_ok());
        }
        if hub.poll_stopping(cx).is_ready() {
            return Poll::Ready(false);
        }
        let late =
            late.get_or_insert_with(|| Box::pin(runtime.sleep_until(Std::now() + HANDSHAKE)));
        late.as_mut().poll(cx).map(|()| false)
    })
    .await;
    result.then_some(stream)
}
