//! XCP v0.2: Ethers between agents.
