//! Inflates the zlib streams in which some published vectors are packed (RFC 1950, 1951). For tests alone: it trusts its
//! input and panics on anything else.

const LENGTHS: [(usize, u32); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];
const DISTANCES: [(usize, u32); 30] = [
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 1),
    (7, 1),
    (9, 2),
    (13, 2),
    (17, 3),
    (25, 3),
    (33, 4),
    (49, 4),
    (65, 5),
    (97, 5),
    (129, 6),
    (193, 6),
    (257, 7),
    (385, 7),
    (513, 8),
    (769, 8),
    (1025, 9),
    (1537, 9),
    (2049, 10),
    (3073, 10),
    (4097, 11),
    (6145, 11),
    (8193, 12),
    (12289, 12),
    (16385, 13),
    (24577, 13),
];
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

struct Bits<'a> {
    bytes: &'a [u8],
    place: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> usize {
        (0..count).fold(0, |value, at| {
            let bit = self.bytes[self.place / 8] >> (self.place % 8) & 1;
            self.place += 1;
            value | usize::from(bit) << at
        })
    }
}

/// A canonical Huffman code: how many codes of each length, and the symbols in order.
struct Code {
    counts: [usize; 16],
    symbols: Vec<usize>,
}

impl Code {
    fn new(lengths: &[usize]) -> Self {
        let mut counts = [0; 16];
        for length in lengths {
            counts[*length] += 1;
        }
        counts[0] = 0;
        let symbols = (1..16)
            .flat_map(|length| (0..lengths.len()).filter(move |symbol| lengths[*symbol] == length))
            .collect();
        Self { counts, symbols }
    }

    fn read(&self, bits: &mut Bits<'_>) -> usize {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in &self.counts[1..] {
            code |= bits.take(1);
            if code < first + count {
                return self.symbols[index + code - first];
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        panic!("a code that stands for nothing");
    }
}

fn dynamic(bits: &mut Bits<'_>) -> (Code, Code) {
    let (literals, distances, lengths) = (bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4);
    let mut own = [0; 19];
    for place in &ORDER[..lengths] {
        own[*place] = bits.take(3);
    }
    let own = Code::new(&own);
    let mut all: Vec<usize> = Vec::new();
    while all.len() < literals + distances {
        let (value, times) = match own.read(bits) {
            16 => (*all.last().unwrap(), 3 + bits.take(2)),
            17 => (0, 3 + bits.take(3)),
            18 => (0, 11 + bits.take(7)),
            length => (length, 1),
        };
        all.extend(std::iter::repeat_n(value, times));
    }
    (Code::new(&all[..literals]), Code::new(&all[literals..]))
}

/// The bytes behind a zlib stream.
pub(crate) fn zlib(packed: &[u8]) -> Vec<u8> {
    let mut bits = Bits { bytes: &packed[2..], place: 0 };
    let mut out: Vec<u8> = Vec::new();
    loop {
        let last = bits.take(1) == 1;
        let (literals, distances) = match bits.take(2) {
            0 => {
                let start = bits.place.div_ceil(8);
                let length = usize::from(u16::from_le_bytes([bits.bytes[start], bits.bytes[start + 1]]));
                out.extend_from_slice(&bits.bytes[start + 4..start + 4 + length]);
                bits.place = (start + 4 + length) * 8;
                (None, None)
            }
            1 => {
                let fixed: Vec<usize> = (0..288)
                    .map(|symbol| match symbol {
                        0..=143 | 280..=287 => 8,
                        144..=255 => 9,
                        _ => 7,
                    })
                    .collect();
                (Some(Code::new(&fixed)), Some(Code::new(&[5; 30])))
            }
            _ => {
                let (literals, distances) = dynamic(&mut bits);
                (Some(literals), Some(distances))
            }
        };
        if let (Some(literals), Some(distances)) = (literals, distances) {
            loop {
                match literals.read(&mut bits) {
                    literal @ 0..=255 => out.push(literal as u8),
                    256 => break,
                    symbol => {
                        let (base, extra) = LENGTHS[symbol - 257];
                        let length = base + bits.take(extra);
                        let (base, extra) = DISTANCES[distances.read(&mut bits)];
                        let distance = base + bits.take(extra);
                        for _ in 0..length {
                            out.push(out[out.len() - distance]);
                        }
                    }
                }
            }
        }
        if last {
            return out;
        }
    }
}
