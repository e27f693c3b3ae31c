//! Addresses of networks: an IPv4 network of so many bits, and the addresses in it by number.

use std::fmt;
use std::net::Ipv4Addr;

/// `172.18.0.0/16`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Subnet {
    first: u32,
    bits: u8,
}

impl Subnet {
    /// One of 16 bits.
    pub(in super::super) fn wide(first: u8, second: u8) -> Self {
        Self { first: u32::from_be_bytes([first, second, 0, 0]), bits: 16 }
    }

    /// Reads `10.0.0.0/24`.
    pub(in super::super) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let address: Ipv4Addr = address.parse().ok()?;
        let bits: u8 = bits.parse().ok().filter(|bits| (1..=30).contains(bits))?;
        Some(Self { first: u32::from(address) & mask(bits), bits })
    }

    /// The address with this number.
    pub(in super::super) fn address(self, number: u32) -> Ipv4Addr {
        Ipv4Addr::from(self.first | (number & !mask(self.bits)))
    }

    /// How many bits are the network's.
    pub(in super::super) fn bits(self) -> u8 {
        self.bits
    }

    /// Whether an address lies in it.
    pub(in super::super) fn contains(self, address: Ipv4Addr) -> bool {
        u32::from(address) & mask(self.bits) == self.first
    }

    /// Whether the two have addresses in common.
    pub(in super::super) fn overlaps(self, other: Self) -> bool {
        self.contains(Ipv4Addr::from(other.first)) || other.contains(Ipv4Addr::from(self.first))
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", Ipv4Addr::from(self.first), self.bits)
    }
}

fn mask(bits: u8) -> u32 {
    u32::MAX << (32 - bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_subnet() {
        let subnet = Subnet::parse("10.1.2.3/24").unwrap();
        assert_eq!(
            (subnet.to_string(), subnet.address(9).to_string()),
            ("10.1.2.0/24".into(), "10.1.2.9".into())
        );
        assert!(subnet.overlaps(Subnet::wide(10, 1)) && Subnet::wide(10, 1).overlaps(subnet));
        assert!(!subnet.overlaps(Subnet::wide(172, 17)));
        assert_eq!(
            [Subnet::parse("x/24"), Subnet::parse("10.0.0.0/33"), Subnet::parse("10.0.0.0")],
            [None; 3]
        );
    }
}
