//! Listeners that note what they hear: nothing twice, and after the storms everything.

use std::collections::BTreeSet;
use std::time::Duration;

use gridwire_core::hazelcast::{EntryEvent, EntryEvents, Error};
use gridwire_core::invoker::{AsyncInvoker, Delivered};
use gridwire_tokio::HazelcastClient;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::work::{Map, is_indeterminate};

/// Keys that no lane has, for what is put when the storms are over.
const AFTER: std::ops::Range<i64> = -100..0;

/// Ample for listeners to be registered anew and to hear.
const AMPLE: Duration = Duration::from_secs(60);

/// After as long without a word, it is told again.
const QUIET: Duration = Duration::from_secs(1);

/// What one listener heard.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) events: u64,
    pub(super) doubled: u64,
    pub(super) samples: Vec<String>,
}

/// Listeners at work.
#[derive(Debug)]
pub(super) struct Hearing {
    listeners: Vec<Listener>,
}

#[derive(Debug)]
struct Listener {
    /// Keys of [`AFTER`] as they are heard of.
    after: mpsc::UnboundedReceiver<i64>,
    task: JoinHandle<Heard>,
    stop: mpsc::Sender<()>,
}

impl Hearing {
    pub(super) async fn begin(map: &Map, count: usize) -> Result<Self, Error> {
        let mut listeners = Vec::new();
        for _ in 0..count {
            let mut events = map.listen(EntryEvents::ADDED | EntryEvents::UPDATED, true);
            HazelcastClient::registered(&mut events).await?;
            let (tell, after) = mpsc::unbounded_channel();
            let (stop, mut stopped) = mpsc::channel(1);
            let task = tokio::spawn(async move {
                let (mut heard, mut before) = (Heard::default(), BTreeSet::new());
                loop {
                    tokio::select! {
                        event = events.next() => match event {
                            Some(Ok(Delivered::Item(event))) => heard.take(&event, &mut before, &tell),
                            Some(Ok(other)) => heard.samples.push(format!("a listener: {other:?}")),
                            Some(Err(error)) => heard.samples.push(format!("a listener: {error}")),
                            None => return heard,
                        },
                        _ = stopped.recv() => return heard,
                    }
                }
            });
            listeners.push(Listener { after, task, stop });
        }
        Ok(Self { listeners })
    }

    /// Whether new entries can be made, and each listener hears of each.
    pub(super) async fn goes_on(&mut self, map: &Map) -> bool {
        let put_and_hear = async {
            let mut missing: Vec<BTreeSet<i64>> = vec![AFTER.collect(); self.listeners.len()];
            let mut value = 0;
            loop {
                let keys: BTreeSet<i64> = missing.iter().flatten().copied().collect();
                if keys.is_empty() {
                    return true;
                }
                for key in keys {
                    if !put_anew(map, key, &mut value).await {
                        return false;
                    }
                }
                // A listener that is being registered on a member hears from then on, of which nobody is told.
                for (listener, missing) in self.listeners.iter_mut().zip(&mut missing) {
                    if !listener.hear(missing).await {
                        return false;
                    }
                }
            }
        };
        tokio::time::timeout(AMPLE, put_and_hear).await.unwrap_or(false)
    }

    pub(super) async fn end(self) -> Vec<Heard> {
        let mut all = Vec::new();
        for Listener { stop, task, .. } in self.listeners {
            let _ = stop.send(()).await;
            all.push(task.await.expect("a listener does not panic"));
        }
        all
    }
}

/// Puts a value that no key had, as each is to be heard of once. Members that are late to report a backup leave
/// it open whether a put was done, and are right to. False if it can't be put.
async fn put_anew(map: &Map, key: i64, value: &mut i64) -> bool {
    loop {
        *value += 1;
        match map.put(&key, value).await {
            Ok(_) => return true,
            Err(error) if is_indeterminate(&error) => {}
            Err(_) => return false,
        }
    }
}

impl Listener {
    /// Strikes out what it hears of, until that is all or it has heard nothing for a while. False if it has
    /// ended.
    async fn hear(&mut self, missing: &mut BTreeSet<i64>) -> bool {
        while !missing.is_empty() {
            match tokio::time::timeout(QUIET, self.after.recv()).await {
                Ok(Some(key)) => missing.remove(&key),
                Ok(None) => return false,
                Err(_) => break,
            };
        }
        true
    }
}

impl Heard {
    fn take(
        &mut self,
        event: &EntryEvent<i64, i64>,
        before: &mut BTreeSet<(i64, i64)>,
        tell: &mpsc::UnboundedSender<i64>,
    ) {
        let (Some(key), Some(value)) = (event.key, event.value) else {
            return self.samples.push(format!("a listener: {event:?}"));
        };
        self.events += 1;
        // No lane puts the same twice.
        if !before.insert((key, value)) {
            self.doubled += 1;
            self.samples.push(format!("heard again that {key} is {value}"));
        }
        if AFTER.contains(&key) {
            let _ = tell.send(key);
        }
    }
}
