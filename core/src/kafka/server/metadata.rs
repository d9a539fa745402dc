//! Metadata and InitProducerId: who is here, and who may write.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use smallvec::smallvec;

use super::log::LEADER_EPOCH;
use super::topics::{Topic, is_legal};
use super::{Ask, Broker, BrokerEvent, Served};
use crate::Str;
use crate::endpoint::{ConnId, Target};
use crate::kafka::code::ErrorCode;
use crate::kafka::error::Error;
use crate::kafka::message::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use crate::kafka::message::metadata::{
    MetadataRequest, MetadataResponse, MetadataResponseBroker, MetadataResponsePartition,
    MetadataResponseTopic,
};
use crate::kafka::wire::Uuid;

impl Broker {
    pub(super) fn metadata(
        &mut self,
        conn: ConnId,
        ask: Ask,
        request: MetadataRequest,
    ) -> Result<Served, Error> {
        // In version 0 the empty list asks for all.
        let asked = request.topics.filter(|topics| ask.version > 0 || !topics.is_empty());
        let topics = match asked {
            None => self.topics.iter().map(|(name, topic)| self.describe(name, topic)).collect(),
            Some(asked) => {
                let mut topics = Vec::new();
                // Naming a topic many times doesn't describe it many times.
                let mut seen = BTreeSet::new();
                for topic in asked {
                    if !seen.insert((topic.name.clone(), topic.topic_id)) {
                        continue;
                    }
                    topics.push(match topic.name {
                        Some(name) => self.named(&name, request.allow_auto_topic_creation),
                        None => self.identified(topic.topic_id),
                    });
                }
                topics
            }
        };
        let node_id = self.config.node_id;
        let address = self.address(conn);
        let answer = MetadataResponse {
            brokers: vec![MetadataResponseBroker {
                node_id,
                host: address.host,
                port: i32::from(address.port),
                ..MetadataResponseBroker::default()
            }],
            cluster_id: Some(self.cluster_id.clone()),
            controller_id: node_id,
            topics,
            ..MetadataResponse::default()
        };
        self.answer::<MetadataRequest>(conn, ask, &answer)
    }

    /// Where this client reaches the broker.
    fn address(&self, conn: ConnId) -> Target {
        self.config
            .advertised
            .clone()
            .or_else(|| self.links.get(conn)?.local.clone())
            .unwrap_or_else(|| Target::new("localhost", 9092))
    }

    fn named(&mut self, name: &Str, create: bool) -> MetadataResponseTopic {
        let refused = |error_code| MetadataResponseTopic {
            error_code,
            name: Some(name.clone()),
            ..MetadataResponseTopic::default()
        };
        if !is_legal(name) {
            return refused(ErrorCode::INVALID_TOPIC_EXCEPTION);
        }
        if self.topics.get(name).is_none() {
            if !(create && self.config.auto_create_topics) {
                return refused(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
            }
            if self.topics.len() >= self.config.max_topics {
                return refused(ErrorCode::POLICY_VIOLATION);
            }
            let partitions = self.config.default_partitions;
            self.topics.create(name, partitions, &mut self.rng);
            let topic = name.detached();
            self.links.event(BrokerEvent::TopicCreated { topic, partitions });
        }
        match self.topics.get(name) {
            Some(topic) => self.describe(name, topic),
            None => refused(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        }
    }

    fn identified(&self, topic_id: Uuid) -> MetadataResponseTopic {
        let named = self.topics.name(topic_id);
        match named.and_then(|name| Some((name, self.topics.get(name)?))) {
            Some((name, topic)) => self.describe(name, topic),
            None => MetadataResponseTopic {
                error_code: ErrorCode::UNKNOWN_TOPIC_ID,
                name: None,
                topic_id,
                ..MetadataResponseTopic::default()
            },
        }
    }

    fn describe(&self, name: &Str, topic: &Topic) -> MetadataResponseTopic {
        let node = self.config.node_id;
        let partitions = (0..topic.partitions.len()).map(|index| MetadataResponsePartition {
            partition_index: index as i32,
            leader_id: node,
            leader_epoch: LEADER_EPOCH,
            replica_nodes: smallvec![node],
            isr_nodes: smallvec![node],
            ..MetadataResponsePartition::default()
        });
        MetadataResponseTopic {
            name: Some(name.clone()),
            topic_id: topic.id,
            partitions: partitions.collect(),
            ..MetadataResponseTopic::default()
        }
    }

    /// Gives out producer ids. Transactions are not served: their producers are told so.
    pub(super) fn init_producer(
        &mut self,
        conn: ConnId,
        ask: Ask,
        request: InitProducerIdRequest,
    ) -> Result<Served, Error> {
        let mut answer = InitProducerIdResponse { producer_epoch: -1, ..Default::default() };
        if request.transactional_id.is_some() {
            answer.error_code = ErrorCode::INVALID_REQUEST;
        } else if request.producer_id >= 0 && request.producer_epoch < i16::MAX - 1 {
            answer.producer_id = request.producer_id;
            answer.producer_epoch = request.producer_epoch.saturating_add(1).max(0);
        } else {
            answer.producer_id = self.next_producer_id;
            answer.producer_epoch = 0;
            self.next_producer_id = self.next_producer_id.wrapping_add(1).max(0);
        }
        self.answer::<InitProducerIdRequest>(conn, ask, &answer)
    }
}
