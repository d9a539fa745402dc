//! The Hazelcast open binary client protocol, version 2.x.
