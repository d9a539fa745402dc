//! Shakes hands with an XCP agent.

use super::Finding;
use super::link::{Link, Stop};

use gridwire_core::xcp::CodecId;
use gridwire_core::xcp::session::{Received, Session, Terms};

/// Everything that an agent may speak, so that its answer names what it does speak.
const CODECS: [CodecId; 8] = [
    CodecId::JSON,
    CodecId::TENSOR_F32,
    CodecId::TENSOR_F16,
    CodecId::TENSOR_QNT8,
    CodecId::PROTOBUF,
    CodecId::ARROW_IPC,
    CodecId::DLPACK,
    CodecId::MIXED_LATENT,
];

pub(super) fn probe(link: &mut Link) -> Result<Finding, Stop> {
    let terms = Terms { codecs: CODECS.to_vec(), ..Terms::default() };
    let (mut session, hello) = Session::connect(&terms);
    for chunk in hello {
        link.send(&chunk)?;
    }
    link.read(|data| match session.poll(data, &terms) {
        Ok(None) => Ok(None),
        Ok(Some(Received::Established(_))) => Ok(Some(())),
        Ok(Some(_)) | Err(_) => Err(Stop::Foreign),
    })?;
    let agreed = session.agreed().ok_or(Stop::Foreign)?;
    Ok(Finding::Xcp {
        codecs: agreed.codecs.iter().map(|codec| codec.0).collect(),
        max_frame_bytes: agreed.max_frame_bytes,
        plain: agreed.is_plain(),
    })
}
