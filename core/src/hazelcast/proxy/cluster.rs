//! [`ClusterEvents`]: what happens in a cluster, and to the client itself.

use super::DistributedObject;
use crate::call::{Lifecycle, Listen, Unopened};
use crate::hazelcast::Uuid;
use crate::hazelcast::error::Error;
use crate::hazelcast::family::{Hazelcast, Item, MembershipEvent, Registration, Source};
use crate::hazelcast::message::client::{
    AddDistributedObjectListener, AddMigrationListener, AddPartitionLostListener,
    DistributedObjectEvent, MigrationEvent as Moving, PartitionLostEvent as Lost,
    RemoveDistributedObjectListener, RemoveMigrationListener, RemovePartitionLostListener,
    ReplicaMigrationEvent,
};
use crate::hazelcast::message::custom::MigrationState;
use crate::hazelcast::schema::Payload;
use crate::invoker::Invoker;

/// The owner of a partition and some of its backups are gone, and what they kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartitionLost {
    /// The partition.
    pub partition: u32,
    /// How many backups were lost with the owner.
    pub lost_backups: u32,
    /// The member that says so.
    pub source: Option<Uuid>,
}

/// A structure was created, or destroyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObjectEvent {
    /// It is there now.
    Created(DistributedObject),
    /// It is gone.
    Destroyed(DistributedObject),
}

/// Partitions move between members.
#[derive(Debug, Clone, PartialEq)]
pub enum Migration {
    /// Some are about to move.
    Begun(MigrationState),
    /// All have moved, or failed to.
    Done(MigrationState),
    /// One copy of one partition has.
    Replica(ReplicaMigrationEvent),
}

/// Events of a cluster. Implemented for every invoker of the family.
pub trait ClusterEvents: Invoker<Family = Hazelcast> {
    /// The client's life: first how it stands, then each turn that it takes.
    fn lifecycle(&self) -> Self::Subscription<Lifecycle> {
        self.listen(Listen::new(Source::Lifecycle, |item, _| match item {
            Item::Lifecycle(state) => Ok(*state),
            _ => Err(unexpected()),
        }))
    }

    /// The members: first all of them, then each that comes or goes.
    fn membership(&self) -> Self::Subscription<MembershipEvent> {
        self.listen(Listen::new(Source::Membership, |item, _| match item {
            Item::Membership(event) => Ok((**event).clone()),
            _ => Err(unexpected()),
        }))
    }

    /// Partitions that are lost.
    fn lost_partitions(&self) -> Self::Subscription<PartitionLost> {
        let registration = Registration::new(
            |local_only| AddPartitionLostListener { local_only },
            |registration_id| RemovePartitionLostListener { registration_id },
        );
        self.listen(Listen::new(registration.into(), |item: &Item, _| {
            let event: Lost = item.read()?;
            let number = |number| u32::try_from(number).unwrap_or(0);
            Ok(PartitionLost {
                partition: number(event.partition_id),
                lost_backups: number(event.lost_backup_count),
                source: event.source,
            })
        }))
    }

    /// Partitions that move. Members tell beginning, end and each copy on threads of their own: any of them may
    /// come before another. Those that belong together have one `start_time`.
    fn migrations(&self) -> Self::Subscription<Migration> {
        let registration = Registration::new(
            |local_only| AddMigrationListener { local_only },
            |registration_id| RemoveMigrationListener { registration_id },
        );
        self.listen(Listen::new(registration.into(), |item: &Item, _| {
            let Item::Event { message, .. } = item else { return Err(unexpected()) };
            if message.message_type() == ReplicaMigrationEvent::ID {
                return Ok(Migration::Replica(item.read()?));
            }
            let Moving { migration_state, kind } = item.read()?;
            Ok(match kind {
                0 => Migration::Begun(migration_state),
                _ => Migration::Done(migration_state),
            })
        }))
    }

    /// Structures that are created or destroyed.
    fn object_events(&self) -> Self::Subscription<ObjectEvent> {
        let registration = Registration::new(
            |local_only| AddDistributedObjectListener { local_only },
            |registration_id| RemoveDistributedObjectListener { registration_id },
        );
        self.listen(Listen::new(registration.into(), |item: &Item, _| {
            let event: DistributedObjectEvent = item.read()?;
            let (service, name) = (event.service_name.detached(), event.name.detached());
            let object = DistributedObject { service, name };
            Ok(match event.event_type.as_str() {
                "DESTROYED" => ObjectEvent::Destroyed(object),
                _ => ObjectEvent::Created(object),
            })
        }))
    }
}

impl<I: Invoker<Family = Hazelcast>> ClusterEvents for I {}

fn unexpected() -> Unopened<Hazelcast> {
    Unopened::Failed(Error::Unsupported("an item of another subscription"))
}
