//! Numbers that never change, in as few bytes as they need: blocks of them, each with its least number and, for each of the
//! block's numbers, by how much it is more. Any of them is read by itself, at once.

/// How many numbers a block has.
const BLOCK: usize = 64;

/// The numbers.
#[derive(Clone, Debug, Default)]
pub struct Packed {
    blocks: Vec<Block>,
    /// The differences of all blocks, one after the other, the lowest byte first.
    bytes: Vec<u8>,
    length: usize,
}

#[derive(Clone, Copy, Debug)]
struct Block {
    least: i64,
    /// Where its differences begin.
    begin: u32,
    /// How many bytes each takes: 0 where all its numbers are the same.
    width: u8,
}

impl Packed {
    /// Packs numbers.
    pub fn new(numbers: impl ExactSizeIterator<Item = i64>) -> Self {
        let length = numbers.len();
        let mut packed =
            Self { blocks: Vec::with_capacity(length.div_ceil(BLOCK)), bytes: Vec::new(), length };
        let mut block = Vec::with_capacity(BLOCK);
        for number in numbers {
            block.push(number);
            if block.len() == BLOCK {
                packed.add(&block);
                block.clear();
            }
        }
        packed.add(&block);
        packed.bytes.shrink_to_fit();
        packed
    }

    /// The number of this place.
    pub fn get(&self, place: usize) -> Option<i64> {
        if place >= self.length {
            return None;
        }
        let block = self.blocks.get(place / BLOCK)?;
        let width = usize::from(block.width);
        let begin = block.begin as usize + place % BLOCK * width;
        let mut more = [0; size_of::<u64>()];
        more.get_mut(..width)?.copy_from_slice(self.bytes.get(begin..begin + width)?);
        Some(block.least.wrapping_add(u64::from_le_bytes(more) as i64))
    }

    /// What they take of the memory, in bytes.
    pub fn size(&self) -> usize {
        self.bytes.capacity() + self.blocks.capacity() * size_of::<Block>()
    }

    fn add(&mut self, numbers: &[i64]) {
        let Some(least) = numbers.iter().min().copied() else { return };
        let more = |number: &i64| number.wrapping_sub(least) as u64;
        let most = numbers.iter().map(more).max().unwrap_or_default();
        let width = (u64::BITS - most.leading_zeros()).div_ceil(u8::BITS) as usize;
        self.blocks.push(Block { least, begin: self.bytes.len() as u32, width: width as u8 });
        for number in numbers {
            self.bytes.extend_from_slice(more(number).to_le_bytes().get(..width).unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packs numbers, and reads them again; gives how many bytes they took.
    fn check(numbers: &[i64]) -> usize {
        let packed = Packed::new(numbers.iter().copied());
        let read: Vec<i64> = (0..).map_while(|place| packed.get(place)).collect();
        assert_eq!(read, numbers);
        assert_eq!(packed.get(numbers.len()), None);
        packed.size()
    }

    #[test]
    fn numbers_come_back_as_they_were() {
        check(&[]);
        check(&[i64::MIN, i64::MAX, 0, -1]);
        for count in [1, 63, 64, 65, 1000] {
            check(&(0..count).map(|number| number * number * 1_000_003 - 5).collect::<Vec<_>>());
        }
    }

    #[test]
    fn they_take_as_little_as_they_need() {
        let blocks = 10 * size_of::<Block>();
        assert_eq!(check(&[7; 640]), blocks);
        assert_eq!(check(&(0..640).collect::<Vec<_>>()), blocks + 640);
        assert_eq!(check(&(0..640).map(|number| number * 1000).collect::<Vec<_>>()), blocks + 2 * 640);
    }
}
