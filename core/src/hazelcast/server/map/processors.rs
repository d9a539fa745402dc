//! Entry processors: code that runs where the entries are. Real members run classes of Java; the embedded
//! ones run what whoever embeds them has registered.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::changes::kind;
use super::requests::Asked;
use super::store::Lifetime;
use crate::Str;
use crate::hazelcast::error::Error;
use crate::hazelcast::message::map::*;
use crate::hazelcast::server::Member;
use crate::hazelcast::server::query::Refused;
use crate::hazelcast::{Data, Payload as _};
use crate::time::Instant;

/// Code that members have for an entry processor.
pub trait Processor: Send + Sync {
    /// Whether this is the code for what a client sent.
    fn is_for(&self, processor: &Data) -> bool;

    /// Does with one entry what a client wants, by what it sent. The result, if there is one.
    fn process(&self, processor: &Data, key: &Data, value: &mut Option<Data>) -> Option<Data>;
}

/// All code that members have.
#[derive(Clone, Default)]
pub struct Processors(Vec<Arc<dyn Processor>>);

impl Processors {
    /// Adds some.
    pub fn add(&mut self, processor: impl Processor + 'static) {
        self.0.push(Arc::new(processor));
    }
}

impl fmt::Debug for Processors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} processors", self.0.len())
    }
}

impl Member {
    pub(super) fn answer_processor(&mut self, asked: Asked<'_>, kind: u32) -> Result<(), Error> {
        let now = asked.now;
        match kind {
            ExecuteOnKey::ID => self.serve_or_refuse(asked, |it, r: ExecuteOnKey| {
                let code = it.code(&r.entry_processor)?;
                let response = it.process(now, &r.name, (&r.entry_processor, &*code), &r.key);
                Ok(ExecuteOnKeyResponse { response })
            }),
            SubmitToKey::ID => self.serve_or_refuse(asked, |it, r: SubmitToKey| {
                let code = it.code(&r.entry_processor)?;
                let response = it.process(now, &r.name, (&r.entry_processor, &*code), &r.key);
                Ok(SubmitToKeyResponse { response })
            }),
            ExecuteOnKeys::ID => self.serve_or_refuse(asked, |it, r: ExecuteOnKeys| {
                let response = it.process_all(now, &r.name, &r.entry_processor, r.keys)?;
                Ok(ExecuteOnKeysResponse { response })
            }),
            ExecuteOnAllKeys::ID => self.serve_or_refuse(asked, |it, r: ExecuteOnAllKeys| {
                let entries = it.select(now, &r.name, None)?;
                let keys = entries.into_iter().map(|(key, _)| key).collect();
                let response = it.process_all(now, &r.name, &r.entry_processor, keys)?;
                Ok(ExecuteOnAllKeysResponse { response })
            }),
            ExecuteWithPredicate::ID => {
                self.serve_or_refuse(asked, |it, r: ExecuteWithPredicate| {
                    let entries = it.select(now, &r.name, Some(&r.predicate))?;
                    let keys = entries.into_iter().map(|(key, _)| key).collect();
                    let response = it.process_all(now, &r.name, &r.entry_processor, keys)?;
                    Ok(ExecuteWithPredicateResponse { response })
                })
            }
            _ => self.answer_journal(asked, kind),
        }
    }

    fn code(&self, processor: &Data) -> Result<Arc<dyn Processor>, Refused> {
        let code = self.config.processors.0.iter().find(|code| code.is_for(processor));
        code.cloned().ok_or_else(|| Refused::unknown_class(alloc::format!("{processor:?}")))
    }

    fn process(
        &mut self,
        now: Instant,
        name: &Str,
        (processor, code): (&Data, &dyn Processor),
        key: &Data,
    ) -> Option<Data> {
        self.exists(name);
        let before = self.peek(now, name, key).map(|entry| (entry.value.clone(), entry.lifetime));
        let mut value = before.as_ref().map(|(value, _)| value.clone());
        let result = code.process(processor, key, &mut value);
        match (value, before) {
            (Some(value), Some((before, lifetime))) if value != before => {
                self.put(now, name, key, &value, lifetime);
            }
            (Some(value), None) => {
                self.put(now, name, key, &value, Lifetime::default());
            }
            (None, Some(_)) => {
                self.remove(now, name, key, kind::REMOVED, true);
            }
            _ => {}
        }
        result
    }

    fn process_all(
        &mut self,
        now: Instant,
        name: &Str,
        processor: &Data,
        keys: Vec<Data>,
    ) -> Result<Vec<(Data, Data)>, Refused> {
        let code = self.code(processor)?;
        let one = |key| {
            let result = self.process(now, name, (processor, &*code), &key)?;
            Some((key, result))
        };
        Ok(keys.into_iter().filter_map(one).collect())
    }
}
