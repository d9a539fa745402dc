//! Child processes that end with the test, however the test ends.
//!
//! Each runs below a small shell that reads a pipe from this process. When the pipe closes, because the
//! handle was dropped, the test panicked or the whole test program was killed, the shell ends the child:
//! first politely, after five seconds for good.

use super::Error;

use std::fs::{self, File};
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// `$0` is the child's directory, `$@` the child; standard input is the pipe, on which the line "crash"
/// kills at once, "freeze" stops the child where it is and "thaw" lets it go on. The guard outlives the
/// child, so that what was printed can be read until the pipe closes.
const GUARD: &str = r#"
exec 3<&0
"$@" 3<&- </dev/null &
child=$!
(
  while read -r order <&3; do
    case $order in
      crash) kill -KILL $child ;;
      freeze) kill -STOP $child && : >"$0/frozen" ;;
      thaw) kill -CONT $child && rm -f "$0/frozen" ;;
    esac
  done
  [ -e "$0/ended" ] || { kill -TERM $child; kill -CONT $child; }
  tenths=0
  while [ ! -e "$0/ended" ] && [ $tenths -lt 50 ]; do
    sleep 0.1
    tenths=$((tenths + 1))
  done
  [ -e "$0/ended" ] || kill -KILL $child
  cd / && rm -rf "$0"
) >/dev/null 2>&1 &
wait $child
code=$?
: >"$0/ended"
exit $code
"#;

/// How often a log or an exit is looked at.
const POLL: Duration = Duration::from_millis(20);

/// A running child with a directory of its own, which goes when it does.
#[derive(Debug)]
pub(super) struct Process {
    name: String,
    guard: Child,
    directory: PathBuf,
}

impl Process {
    /// Starts a command in a fresh directory that `prepare` may fill, with what it prints kept there.
    pub(super) fn start(
        name: &str,
        prepare: impl FnOnce(&Path) -> std::io::Result<Command>,
    ) -> Result<Self, Error> {
        let start = || -> std::io::Result<Self> {
            // Dropped, and so removed, unless the guard is there to do it.
            let directory = tempfile::Builder::new().prefix("gridwire-live-").tempdir()?;
            let command = prepare(directory.path())?;
            let guard = Command::new("sh")
                .args(["-c", GUARD])
                .arg(directory.path())
                .arg(command.get_program())
                .args(command.get_args())
                .current_dir(directory.path())
                .stdin(Stdio::piped())
                .stdout(File::create(directory.path().join("stdout"))?)
                .stderr(File::create(directory.path().join("stderr"))?)
                .spawn()?;
            Ok(Self { name: name.to_owned(), guard, directory: directory.keep() })
        };
        start().map_err(|error| Error::failed(name, error))
    }

    /// What the child has printed so far.
    pub(super) fn stdout(&self) -> String {
        self.read("stdout")
    }

    /// The same with what it printed as errors behind it; servers log there.
    pub(super) fn printed(&self) -> String {
        self.stdout() + &self.read("stderr")
    }

    fn read(&self, file: &str) -> String {
        let bytes = fs::read(self.directory.join(file)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits until `ready` finds in the child what it looks for.
    pub(super) fn wait_for<T>(
        &mut self,
        within: Duration,
        mut ready: impl FnMut(&Self) -> Option<T>,
    ) -> Result<T, Error> {
        let deadline = Instant::now() + within;
        loop {
            // Asked before reading, so that the last lines of a child that has just ended are seen.
            let ended = self.exit_status();
            if let Some(found) = ready(self) {
                return Ok(found);
            }
            if let Some(status) = ended {
                return Err(self.failure(&format!("ended too early ({status})")));
            }
            if Instant::now() > deadline {
                return Err(self.failure(&format!("not ready within {within:?}")));
            }
            thread::sleep(POLL);
        }
    }

    /// Waits for the child's own end and gives what it printed.
    pub(super) fn finish(mut self, within: Duration) -> Result<String, Error> {
        let deadline = Instant::now() + within;
        let status = loop {
            if let Some(status) = self.exit_status() {
                break status;
            }
            if Instant::now() > deadline {
                return Err(self.failure(&format!("did not end within {within:?}")));
            }
            thread::sleep(POLL);
        };
        if status.success() { Ok(self.stdout()) } else { Err(self.failure(&status.to_string())) }
    }

    /// Kills the child without letting it say goodbye, and waits until it is gone.
    pub(super) fn crash(&mut self) {
        self.order("crash");
        // Not `wait`, which would close the pipe, and have the directory removed.
        while self.exit_status().is_none() {
            thread::sleep(POLL);
        }
    }

    /// Stops the child where it is: its connections stand, and it says nothing.
    pub(super) fn freeze(&mut self) -> Result<(), Error> {
        self.order("freeze");
        self.wait_until_frozen(true)
    }

    /// Has a frozen child go on.
    pub(super) fn thaw(&mut self) -> Result<(), Error> {
        self.order("thaw");
        self.wait_until_frozen(false)
    }

    fn wait_until_frozen(&mut self, frozen: bool) -> Result<(), Error> {
        self.wait_for(Duration::from_secs(60), |child| {
            (child.directory.join("frozen").exists() == frozen).then_some(())
        })
    }

    /// The child's directory; it stays until the handle is dropped.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    fn order(&mut self, order: &str) {
        if let Some(pipe) = &mut self.guard.stdin {
            let _ = writeln!(pipe, "{order}");
        }
    }

    fn exit_status(&mut self) -> Option<ExitStatus> {
        self.guard.try_wait().ok().flatten()
    }

    /// The end of what the child printed is the most useful part of any failure.
    fn failure(&self, what: &str) -> Error {
        let printed = self.printed();
        let lines: Vec<_> = printed.trim_end().lines().collect();
        let tail = lines[lines.len().saturating_sub(30)..].join("\n");
        Error::failed(&self.name, format!("{what}; the end of its output:\n{tail}"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// Where ports are looked for: below those that systems take for outgoing connections, any of which could
/// take a port that nobody has bound yet, or that a server gave back until it starts again.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// From one port to the next: a probe of a few ports in a row is to find one server, not those of other tests.
const STRIDE: usize = 7;

/// Loopback ports that nothing listens on, at the time of asking, and that were not given a while ago.
pub(super) fn free_ports(count: usize) -> Result<Vec<u16>, Error> {
    // Several programs may look at once: each begins elsewhere.
    static GIVEN: AtomicUsize = AtomicUsize::new(0);
    let begin = std::process::id() as usize * 97;
    // All are held at once, so that they differ.
    let mut held = Vec::new();
    for _ in PORTS {
        if held.len() == count {
            break;
        }
        let number = (begin + GIVEN.fetch_add(STRIDE, Ordering::Relaxed)) % PORTS.len();
        let port = PORTS.start + number as u16;
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            held.push((port, listener));
        }
    }
    if held.len() < count {
        return Err(Error::failed("free ports", format!("{} of {count} found", held.len())));
    }
    Ok(held.into_iter().map(|(port, _)| port).collect())
}

/// A Java command with a class path of one directory of the cache.
pub(super) fn java(library: &str, heap: &str) -> Command {
    let mut java = Command::new("java");
    // Short-lived servers on few cores: a quick start matters more than throughput.
    java.args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", heap]);
    java.arg("-cp").arg(super::cache().join(library).join("*"));
    java
}

/// Starts again, on other ports, what another process took the port from.
pub(super) fn retry_taken_ports<T>(
    mut start: impl FnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    let taken = |error: &Error| {
        let text = error.to_string();
        text.contains("BindException") || text.contains("already in use")
    };
    let mut left = 3;
    loop {
        left -= 1;
        match start() {
            Err(error) if left > 0 && taken(&error) => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    fn shell(script: &'static str) -> Process {
        Process::start("a shell", |_| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            Ok(command)
        })
        .unwrap()
    }

    fn is_alive(pid: &str) -> bool {
        Command::new("kill").args(["-0", pid]).stderr(Stdio::null()).status().unwrap().success()
    }

    fn gone_soon(what: impl Fn() -> bool) -> bool {
        let deadline = Instant::now() + SOON;
        while !what() && Instant::now() < deadline {
            thread::sleep(POLL);
        }
        what()
    }

    /// A child that would run for long, its process id, and where it may write.
    fn long() -> (Process, String, PathBuf) {
        let mut process = shell("echo $$; exec sleep 1000");
        let pid = process.wait_for(SOON, |p| p.stdout().lines().next().map(str::to_owned)).unwrap();
        assert!(is_alive(&pid));
        let directory = process.directory.clone();
        (process, pid, directory)
    }

    #[test]
    fn ends_with_its_handle() {
        let (process, pid, directory) = long();
        drop(process);
        assert!(!is_alive(&pid));
        assert!(gone_soon(|| !directory.exists()));
    }

    #[test]
    fn ends_when_the_pipe_closes_without_anybody_waiting() {
        let (mut process, pid, directory) = long();
        // What the system does when this program is killed.
        drop(process.guard.stdin.take());
        std::mem::forget(process);
        assert!(gone_soon(|| !is_alive(&pid) && !directory.exists()));
    }

    #[test]
    fn crashes() {
        let (mut process, pid, directory) = long();
        process.crash();
        assert!(!is_alive(&pid) && directory.exists());
        drop(process);
        assert!(gone_soon(|| !directory.exists()));
    }

    #[test]
    fn freezes_and_goes_on() {
        let mut process = shell("while :; do echo; sleep 0.01; done");
        process.freeze().unwrap();
        let before = process.stdout().len();
        thread::sleep(Duration::from_millis(100));
        assert_eq!(process.stdout().len(), before);
        process.thaw().unwrap();
        process.wait_for(SOON, |p| (p.stdout().len() > before).then_some(())).unwrap();
        process.freeze().unwrap();
        // And ends all the same.
    }

    #[test]
    fn a_child_that_ignores_the_polite_request_ends_too() {
        let mut process = shell("trap '' TERM; echo $$; while :; do sleep 1; done");
        let pid = process.wait_for(SOON, |p| p.stdout().lines().next().map(str::to_owned)).unwrap();
        drop(process);
        assert!(!is_alive(&pid));
    }

    #[test]
    fn ports_are_free_and_given_once() {
        let (some, others) = (free_ports(3).unwrap(), free_ports(3).unwrap());
        let mut all = [some, others].concat();
        for port in &all {
            assert!(PORTS.contains(port));
            TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).unwrap();
        }
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 6);
    }

    #[test]
    fn gives_what_was_printed_or_says_how_it_ended() {
        assert_eq!(shell("echo out; echo err >&2").finish(SOON).unwrap(), "out\n");
        let failed = shell("echo why >&2; exit 7").finish(SOON).unwrap_err().to_string();
        assert!(failed.contains('7') && failed.contains("why"), "{failed}");
        let late =
            shell("exec sleep 1000").finish(Duration::from_millis(50)).unwrap_err().to_string();
        assert!(late.contains("did not end within"), "{late}");
        let early = shell("echo bye").wait_for(SOON, |_| None::<()>).unwrap_err().to_string();
        assert!(early.contains("ended too early") && early.contains("bye"), "{early}");
    }
}
