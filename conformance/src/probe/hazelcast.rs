//! Logs in to a Hazelcast 4.x or 5.x member, and asks for its members where the login doesn't say.

use super::link::{Link, Stop};
use super::{Cluster, Finding, Member, Probe};

use std::hash::{BuildHasher, Hasher, RandomState};

use gridwire_core::Str;
use gridwire_core::hazelcast::frame::{Limits, PRELUDE, Scanned, Scanner};
use gridwire_core::hazelcast::message::client::{
    AddClusterViewListener, Authentication, AuthenticationResponse, MembersViewEvent,
};
use gridwire_core::hazelcast::message::custom::MemberInfo;
use gridwire_core::hazelcast::message::error::Error;
use gridwire_core::hazelcast::{FrameWriter, Message, Payload, Uuid, Version};

/// Larger than the views of the largest clusters.
const LIMITS: Limits = Limits { message: 8 << 20 };

pub(super) fn probe(link: &mut Link, options: &Probe) -> Result<Finding, Stop> {
    let login = Authentication {
        cluster_name: options.cluster.as_str().into(),
        uuid: Some(random_uuid()),
        client_type: Str::from_static("GWR"),
        serialization_version: 1,
        client_hazelcast_version: Str::from_static("5.7.0"),
        client_name: Str::from_static("gridwire-probe"),
        ..Authentication::default()
    };
    link.send(&PRELUDE)?;
    send(link, &login, 1)?;
    let message = receive(link)?;
    let answer = match message.message_type() {
        AuthenticationResponse::ID => AuthenticationResponse::decode(&message),
        Error::ID => return refused(&message),
        // Anything else before the login's answer is another protocol's.
        _ => return Err(Stop::Foreign),
    };
    let (answer, _) = answer.map_err(|_| Stop::Foreign)?;

    let cluster = match answer.status {
        0 => Cluster::Accepted,
        1 => Cluster::Refused,
        2 => Cluster::Other("the serialization version differs".into()),
        3 => Cluster::Other("the client is not allowed in the cluster".into()),
        other => Cluster::Other(format!("status {other}")),
    };
    let mut members: Vec<Member> = answer.member_infos.iter().map(member).collect();
    if cluster == Cluster::Accepted && members.is_empty() {
        members = ask_for_members(link)?;
    }
    let version = answer.server_hazelcast_version.to_string();
    Ok(Finding::Hazelcast {
        protocol: "2.x (CP2)",
        version: Some(version).filter(|version| !version.is_empty()),
        partitions: u32::try_from(answer.partition_count)
            .ok()
            .filter(|_| cluster == Cluster::Accepted),
        cluster_id: answer.cluster_id.map(|id| id.to_string()),
        cluster,
        members,
    })
}

/// Two probes must not be the same client. The keys of std's hash maps are as random as that needs.
fn random_uuid() -> Uuid {
    let word = || RandomState::new().build_hasher().finish().to_le_bytes();
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&word());
    bytes[8..].copy_from_slice(&word());
    Uuid::random(bytes)
}

/// Members before 5.5 or so send the list only as an event.
fn ask_for_members(link: &mut Link) -> Result<Vec<Member>, Stop> {
    send(link, &AddClusterViewListener, 2)?;
    loop {
        let message = receive(link)?;
        match message.message_type() {
            MembersViewEvent::ID => {
                let (event, _) = MembersViewEvent::decode(&message).map_err(|_| Stop::Foreign)?;
                return Ok(event.member_infos.iter().map(member).collect());
            }
            Error::ID => return Ok(Vec::new()),
            _ => {}
        }
    }
}

/// A member that is starting, or has no room, answers with an error.
fn refused(message: &Message) -> Result<Finding, Stop> {
    let (error, _) = Error::decode(message).map_err(|_| Stop::Foreign)?;
    let said = error.holders.first().map_or_else(String::new, |holder| {
        let text = holder.message.as_ref().map_or("", Str::as_str);
        format!("{}: {text}", holder.class_name)
    });
    Ok(Finding::Hazelcast {
        protocol: "2.x (CP2)",
        version: None,
        cluster: Cluster::Other(said),
        members: Vec::new(),
        partitions: None,
        cluster_id: None,
    })
}

fn member(info: &MemberInfo) -> Member {
    let version = &info.version;
    Member {
        address: format!("{}:{}", info.address.host, info.address.port),
        uuid: info.uuid.to_string(),
        version: Some(format!("{}.{}.{}", version.major, version.minor, version.patch)),
        lite: info.lite_member,
    }
}

/// In the first version of the protocol, which every member takes.
fn send(link: &mut Link, payload: &impl Payload, correlation_id: i64) -> Result<(), Stop> {
    let mut writer = FrameWriter::new();
    payload.encode(Version::V2_0, &mut writer);
    let mut message = writer.finish();
    message.set_correlation_id(correlation_id);
    link.send(&message.into_bytes())
}

/// The next whole message. Members send no fragments.
fn receive(link: &mut Link) -> Result<Message, Stop> {
    let mut scanner = Scanner::new(LIMITS);
    link.read(|data| match scanner.next(data) {
        Ok(None) => Ok(None),
        Ok(Some(Scanned::Message(message))) => Ok(Some(message)),
        Ok(Some(Scanned::Fragment(_))) | Err(_) => Err(Stop::Foreign),
    })
}
