//! [`Trace`]: what happened in a run, as a number to compare and lines to read.

use std::collections::VecDeque;
use std::fmt;

use gridwire_core::rng::KeyedHash;
use gridwire_core::time::Instant;
use std::hash::{BuildHasher, Hasher};

/// Lines that are kept for reading, unless told otherwise.
const KEPT: usize = 200;

/// A digest of everything that happened, in order, and the last lines of it.
#[derive(Clone)]
pub struct Trace {
    digest: u64,
    lines: VecDeque<Line>,
    kept: usize,
    count: u64,
}

impl Default for Trace {
    fn default() -> Self {
        Self { digest: 0, lines: VecDeque::new(), kept: KEPT, count: 0 }
    }
}

/// What happened: written out only if somebody reads it.
#[derive(Clone)]
enum Line {
    Note(Instant, &'static str, u64),
    Text(String),
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note(at, what, detail) => {
                write!(f, "{:>12} µs {what} {detail:#x}", at.as_nanos() / 1_000)
            }
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl Trace {
    /// Keeps so many lines from now on.
    pub(super) fn keep(&mut self, lines: usize) {
        self.kept = lines;
    }

    pub(super) fn note(&mut self, now: Instant, what: &'static str, detail: u64) {
        let mut hasher = KeyedHash::new(self.digest).build_hasher();
        hasher.write(what.as_bytes());
        hasher.write_u64(now.as_nanos());
        hasher.write_u64(detail);
        self.add(hasher.finish(), Line::Note(now, what, detail));
    }

    pub(super) fn text(&mut self, line: &str) {
        let mut hasher = KeyedHash::new(self.digest).build_hasher();
        hasher.write(line.as_bytes());
        let line = if self.kept > 0 { line.to_owned() } else { String::new() };
        self.add(hasher.finish(), Line::Text(line));
    }

    /// Notes what is only there to be read.
    pub(super) fn remark(&mut self, line: impl FnOnce() -> String) {
        if self.kept > 0 {
            self.push(Line::Text(line()));
        }
    }

    fn add(&mut self, digest: u64, line: Line) {
        self.digest = digest;
        self.count += 1;
        if self.kept > 0 {
            self.push(line);
        }
    }

    fn push(&mut self, line: Line) {
        if self.lines.len() >= self.kept {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    /// The digest and the number of happenings.
    pub const fn summary(&self) -> (u64, u64) {
        (self.digest, self.count)
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} happenings, digest {:016x}; the last:", self.count, self.digest)?;
        self.lines.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}
