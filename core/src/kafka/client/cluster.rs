//! [`Cluster`]: what the client knows of brokers, topics and leaders.
//!
//! Everything here was copied out of the answers that brought it, so that no read buffer lives on.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::Str;
use crate::endpoint::Target;
use crate::kafka::code::ErrorCode;
use crate::kafka::family::{Broker, ClusterMetadata, Partition, Topic};
use crate::kafka::message::metadata::{MetadataResponse, MetadataResponseTopic};
use crate::kafka::wire::Uuid;
use crate::partition::PartitionTable;

/// What is known of the cluster. Empty until the first answer.
#[derive(Debug, Default)]
pub struct Cluster {
    brokers: BTreeMap<i32, Target>,
    topics: BTreeMap<Str, KnownTopic>,
}

/// A topic that somebody uses.
#[derive(Debug, Default)]
pub(super) struct KnownTopic {
    pub(super) id: Uuid,
    /// What the last answer said about it; `None` before the first.
    pub(super) code: Option<ErrorCode>,
    /// How many answers in a row said that it is unknown.
    pub(super) unknown: u32,
    pub(super) leaders: PartitionTable<i32>,
}

/// Who leads a partition, with the topic's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Leader {
    pub(super) node: i32,
    pub(super) epoch: i32,
    pub(super) topic_id: Uuid,
}

impl Cluster {
    /// The brokers' ids.
    pub fn brokers(&self) -> impl Iterator<Item = i32> + '_ {
        self.brokers.keys().copied()
    }

    /// How many partitions a topic has, if that is known.
    pub fn partitions(&self, topic: &str) -> Option<u32> {
        self.topics.get(topic).map(|topic| topic.leaders.count()).filter(|count| *count > 0)
    }

    /// The broker that leads a partition, if that is known.
    pub fn leader(&self, topic: &str, partition: i32) -> Option<i32> {
        self.leader_of(topic, partition).map(|leader| leader.node)
    }

    pub(super) fn address(&self, node: i32) -> Option<&Target> {
        self.brokers.get(&node)
    }

    pub(super) fn node_at(&self, target: &Target) -> Option<i32> {
        self.brokers.iter().find(|(_, known)| *known == target).map(|(node, _)| *node)
    }

    pub(super) fn leader_of(&self, topic: &str, partition: i32) -> Option<Leader> {
        let topic = self.topics.get(topic)?;
        let index = u32::try_from(partition).ok()?;
        let node = *topic.leaders.owner(index)?;
        let epoch = topic.leaders.epoch(index).unwrap_or(-1);
        Some(Leader { node, epoch, topic_id: topic.id })
    }

    pub(super) fn topic(&self, name: &str) -> Option<&KnownTopic> {
        self.topics.get(name)
    }

    /// Has a topic kept up to date from now on. True if it wasn't.
    pub(super) fn watch(&mut self, topic: &Str) -> bool {
        if self.topics.contains_key(topic.as_str()) {
            return false;
        }
        self.topics.insert(topic.detached(), KnownTopic::default());
        true
    }

    /// The topics that are kept up to date.
    pub(super) fn watched(&self) -> impl Iterator<Item = &Str> {
        self.topics.keys()
    }

    /// Somebody new asks for a topic: what was said about it before, if it was final, is asked anew.
    /// True if it is.
    pub(super) fn revive(&mut self, topic: &str, patience: u32) -> bool {
        let Some(topic) = self.topics.get_mut(topic) else { return false };
        let given_up = topic.is_given_up(patience);
        if given_up {
            (topic.code, topic.unknown) = (None, 0);
        }
        given_up
    }

    /// Whether something that is used has no leader, and may still get one. A topic that was unknown
    /// for more than `patience` times is given up.
    pub(super) fn is_incomplete(&self, patience: u32) -> bool {
        self.topics.values().any(|topic| {
            !topic.is_given_up(patience)
                && (topic.leaders.count() == 0
                    || (0..topic.leaders.count()).any(|p| topic.leaders.owner(p).is_none()))
        })
    }

    /// Takes over what a broker says.
    pub(super) fn update(&mut self, answer: &MetadataResponse, bootstrap: &[Target]) {
        let brokers = answer.brokers.iter().filter_map(|broker| {
            let port = u16::try_from(broker.port).ok()?;
            Some((broker.node_id, Target::named_by_peer(broker.host.detached(), port, bootstrap)))
        });
        let brokers: BTreeMap<_, _> = brokers.collect();
        // An answer without brokers comes from one that is starting: what was known is better.
        if !brokers.is_empty() {
            self.brokers = brokers;
        }
        for topic in &answer.topics {
            let Some(name) = &topic.name else { continue };
            if let Some(known) = self.topics.get_mut(name.as_str()) {
                known.update(topic);
            }
        }
    }

    /// A leader has said that it isn't: nobody is asked until metadata names one again.
    pub(super) fn doubt(&mut self, topic: &str, partition: i32) {
        if let (Some(topic), Ok(partition)) = (self.topics.get_mut(topic), u32::try_from(partition))
            && let Some(epoch) = topic.leaders.epoch(partition)
        {
            topic.leaders.clear(partition, epoch);
        }
    }

    /// Takes over a leader that an answer of another API named.
    pub(super) fn moved(&mut self, topic: &str, partition: i32, node: i32, epoch: i32) -> bool {
        let known = self.brokers.contains_key(&node);
        match (self.topics.get_mut(topic), u32::try_from(partition)) {
            (Some(topic), Ok(partition)) if known => {
                // The leader of an epoch never changes, so the same epoch has nothing new.
                topic.leaders.epoch(partition).is_none_or(|current| current < epoch)
                    && topic.leaders.set(partition, node, epoch)
            }
            _ => false,
        }
    }
}

impl KnownTopic {
    /// Whether nothing is left to be hoped for.
    pub(super) fn is_given_up(&self, patience: u32) -> bool {
        let code = self.code.filter(|code| !code.is_ok());
        code.is_some_and(|code| !code.retriable() || self.unknown > patience)
    }

    fn update(&mut self, answer: &MetadataResponseTopic) {
        self.code = Some(answer.error_code);
        if answer.error_code == ErrorCode::UNKNOWN_TOPIC_OR_PARTITION {
            self.unknown += 1;
        } else {
            self.unknown = 0;
        }
        if !answer.error_code.is_ok() {
            return;
        }
        if answer.topic_id != self.id {
            // Deleted and created again: epochs begin anew.
            *self = Self { id: answer.topic_id, code: self.code, ..Self::default() };
        }
        // Numbers are dense; one that is beyond their count is no partition.
        let count = answer.partitions.len();
        if count != self.leaders.count() as usize {
            self.leaders.resize(count);
        }
        for partition in &answer.partitions {
            let Ok(index) = u32::try_from(partition.partition_index) else { continue };
            if partition.leader_id >= 0 {
                self.leaders.set(index, partition.leader_id, partition.leader_epoch);
            } else {
                self.leaders.clear(index, partition.leader_epoch.max(-1));
            }
        }
    }
}

/// An answer as users see it.
pub(super) fn describe(answer: &MetadataResponse) -> ClusterMetadata {
    let brokers = answer.brokers.iter().map(|broker| Broker {
        id: broker.node_id,
        host: broker.host.detached(),
        port: u16::try_from(broker.port).unwrap_or_default(),
        rack: broker.rack.as_ref().map(Str::detached),
    });
    let topics = answer.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| Partition {
            partition: partition.partition_index,
            leader: Some(partition.leader_id).filter(|leader| *leader >= 0),
            leader_epoch: partition.leader_epoch,
            replicas: partition.replica_nodes.clone(),
            in_sync: partition.isr_nodes.clone(),
        });
        let mut partitions: Vec<_> = partitions.collect();
        partitions.sort_by_key(|partition| partition.partition);
        Topic {
            name: topic.name.as_ref().map(Str::detached).unwrap_or_default(),
            id: topic.topic_id,
            internal: topic.is_internal,
            error: topic.error_code,
            partitions,
        }
    });
    let (mut brokers, mut topics): (Vec<_>, Vec<_>) = (brokers.collect(), topics.collect());
    brokers.sort_by_key(|broker| broker.id);
    topics.sort_by(|a, b| a.name.cmp(&b.name));
    ClusterMetadata {
        cluster_id: answer.cluster_id.as_ref().map(Str::detached),
        controller: Some(answer.controller_id).filter(|controller| *controller >= 0),
        brokers,
        topics,
    }
}
