//! A signer for HSS/LMS (RFC 8554) with one level of 32 leaves: for vectors only. It keeps no state
//! over a restart, which a real one must.

use iotops_crypto::{Algorithm, digest};

/// `LMS_SHA256_M32_H5` (RFC 8554 §5.1).
const LMS_TYPE: u32 = 5;
const HEIGHT: u32 = 5;
/// `LMOTS_SHA256_N32_W8` (RFC 8554 §4.1).
const OTS_TYPE: u32 = 4;
const CHAINS: u16 = 34;
const CHAIN_END: u8 = 255;

const D_PBLC: [u8; 2] = [0x80, 0x80];
const D_MESG: [u8; 2] = [0x81, 0x81];
const D_LEAF: [u8; 2] = [0x82, 0x82];
const D_INTR: [u8; 2] = [0x83, 0x83];

type Hash = [u8; 32];

fn hash(parts: &[&[u8]]) -> Hash {
    digest(Algorithm::Sha256, parts).unwrap().as_bytes().try_into().unwrap()
}

pub(crate) struct Lms {
    identifier: [u8; 16],
    seed: Hash,
    /// The nodes of the tree from 1 on; 0 is not used.
    nodes: Vec<Hash>,
}

impl Lms {
    pub(crate) fn new(identifier: [u8; 16], seed: Hash) -> Self {
        let leaves = 1 << HEIGHT;
        let mut lms = Self { identifier, seed, nodes: vec![[0; 32]; 2 * leaves] };
        for leaf in 0..leaves {
            let node = leaves + leaf;
            let public = lms.ots_public(leaf as u32);
            lms.nodes[node] = hash(&[&identifier, &(node as u32).to_be_bytes(), &D_LEAF, &public]);
        }
        for node in (1..leaves).rev() {
            let (left, right) = (lms.nodes[2 * node], lms.nodes[2 * node + 1]);
            let number = (node as u32).to_be_bytes();
            lms.nodes[node] = hash(&[&identifier, &number, &D_INTR, &left, &right]);
        }
        lms
    }

    /// The public key of an HSS of one level (RFC 8554 §6.1).
    pub(crate) fn public_key(&self) -> Vec<u8> {
        let numbers = [1_u32, LMS_TYPE, OTS_TYPE].map(u32::to_be_bytes);
        [&numbers.concat()[..], &self.identifier, &self.nodes[1]].concat()
    }

    /// A step of a chain, from its start (RFC 8554 Appendix A) to `end`.
    fn chain(&self, leaf: u32, chain: u16, end: u8) -> Hash {
        let (leaf, chain) = (leaf.to_be_bytes(), chain.to_be_bytes());
        let mut value = hash(&[&self.identifier, &leaf, &chain, &[0xff], &self.seed]);
        for step in 0..end {
            value = hash(&[&self.identifier, &leaf, &chain, &[step], &value]);
        }
        value
    }

    fn ots_public(&self, leaf: u32) -> Hash {
        let ends: Vec<Hash> = (0..CHAINS).map(|chain| self.chain(leaf, chain, CHAIN_END)).collect();
        hash(&[&self.identifier, &leaf.to_be_bytes(), &D_PBLC, &ends.concat()])
    }

    /// Signs with a leaf that must not be used again.
    pub(crate) fn sign(&self, leaf: u32, message: &[&[u8]]) -> Vec<u8> {
        let number = leaf.to_be_bytes();
        let randomizer = hash(&[b"randomizer", &self.seed, &number]);
        let head: [&[u8]; 4] = [&self.identifier, &number, &D_MESG, &randomizer];
        let value = hash(&[&head[..], message].concat());
        let sum: u16 = value.iter().map(|byte| u16::from(CHAIN_END - byte)).sum();
        let ends = [&value[..], &sum.to_be_bytes()].concat();
        let chains: Vec<Hash> =
            (0..CHAINS).zip(ends).map(|(chain, end)| self.chain(leaf, chain, end)).collect();
        let mut node = (1 << HEIGHT) + leaf as usize;
        let mut path = Vec::new();
        while node > 1 {
            path.push(self.nodes[node ^ 1]);
            node /= 2;
        }
        [
            // No levels below.
            &0_u32.to_be_bytes()[..],
            &number,
            &OTS_TYPE.to_be_bytes(),
            &randomizer,
            &chains.concat(),
            &LMS_TYPE.to_be_bytes(),
            &path.concat(),
        ]
        .concat()
    }
}
