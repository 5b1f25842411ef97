//! Our own look at an age header, before the age crate sees it.
//!
//! age 0.12 parses a header again for each line that arrives, so a hostile header of many small stanzas costs it
//! seconds. This check walks the lines once, bounded by [`limit::AGE_HEADER_BYTES`] and [`limit::AGE_STANZAS`], and
//! lets through only the few shapes that Homeward writes. It is stricter than age in two places: a stanza's body
//! must end in a short line (age reads two older forms without), and stanzas of kinds that do not belong are refused.
//! What it leaves out: the header's MAC and every key, which are age's to judge. Format: <https://c2sp.org/age>.

use super::SealFault;
use crate::limit;

/// First line of every age v1 file.
const VERSION: &[u8] = b"age-encryption.org/v1";
/// Base64 characters of a body line that another one follows.
const FULL_LINE: usize = 64;
/// Base64 characters of 32 bytes without padding: an X25519 share, a wrapped file key, the MAC.
const THIRTY_TWO_BYTES: usize = 43;
/// Base64 characters of the 1,120 bytes that mlkem768x25519 encapsulates to.
const ENCAPSULATED: usize = 1494;
/// Body lines of a grease stanza: age writes at most 99 bytes, which are three lines.
const GREASE_LINES: usize = 3;
/// Bytes of the nonce that follows the header.
const NONCE_BYTES: usize = 16;

/// What a file is sealed to, and so which stanzas may stand in its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SealedTo {
    /// An epoch: exactly one X25519 stanza.
    Epoch,
    /// Nodes or a recovery key: 1 to 16 mlkem768x25519 stanzas.
    Nodes,
    /// A passphrase: exactly one scrypt stanza and nothing else.
    Passphrase,
}

/// One stanza as far as the check looks at it.
struct Stanza<'a> {
    tag: &'a [u8],
    /// Length of each argument in characters.
    arguments: Vec<usize>,
    /// Body lines, the short last one included.
    lines: usize,
    /// Body characters in all.
    characters: usize,
}

impl Stanza<'_> {
    fn is_x25519(&self) -> bool {
        self.tag == b"X25519" && self.arguments == [THIRTY_TWO_BYTES] && self.characters == THIRTY_TWO_BYTES
    }

    fn is_hybrid(&self) -> bool {
        self.tag == b"mlkem768x25519"
            && self.arguments == [ENCAPSULATED]
            && self.characters == THIRTY_TWO_BYTES
    }

    fn is_scrypt(&self) -> bool {
        self.tag == b"scrypt" && self.arguments.len() == 2 && self.characters == THIRTY_TWO_BYTES
    }

    fn is_grease(&self) -> bool {
        self.tag.ends_with(b"-grease") && self.lines <= GREASE_LINES
    }
}

/// Checks that a file begins with a whole age header, of any stanzas. Returns the header's length in bytes.
///
/// # Errors
/// [`SealFault::Header`].
pub fn age_header_length(file: &[u8]) -> Result<usize, SealFault> {
    scan(file).map(|(_, length)| length)
}

/// Checks the header for one purpose. Returns how many bytes of plaintext the file can hold at most.
pub(super) fn check(file: &[u8], sealed_to: SealedTo) -> Result<usize, SealFault> {
    let (stanzas, length) = scan(file)?;
    let grease = count(&stanzas, Stanza::is_grease);
    let fits = match sealed_to {
        SealedTo::Epoch => {
            count(&stanzas, Stanza::is_x25519) == 1 && grease <= 1 && stanzas.len() == 1 + grease
        }
        SealedTo::Nodes => {
            let nodes = count(&stanzas, Stanza::is_hybrid);
            (1..=limit::PARTNER_NODES).contains(&nodes) && grease <= 1 && stanzas.len() == nodes + grease
        }
        SealedTo::Passphrase => count(&stanzas, Stanza::is_scrypt) == 1 && stanzas.len() == 1,
    };
    if fits { Ok(file.len().saturating_sub(length + NONCE_BYTES)) } else { Err(SealFault::Header) }
}

fn count<'a>(stanzas: &[Stanza<'a>], is: fn(&Stanza<'a>) -> bool) -> usize {
    stanzas.iter().filter(|stanza| is(stanza)).count()
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

/// Walks the header's lines once.
fn scan(file: &[u8]) -> Result<(Vec<Stanza<'_>>, usize), SealFault> {
    let bounded = file.get(..limit::AGE_HEADER_BYTES).unwrap_or(file);
    let mut rest = bounded;
    let mut next_line = || {
        let end = rest.iter().position(|byte| *byte == b'\n').ok_or(SealFault::Header)?;
        let (line, after) = rest.split_at(end);
        rest = after.get(1..).unwrap_or_default();
        Ok((line, bounded.len() - rest.len()))
    };
    if next_line()?.0 != VERSION {
        return Err(SealFault::Header);
    }
    let mut stanzas: Vec<Stanza<'_>> = Vec::new();
    loop {
        let (line, read) = next_line()?;
        if let Some(mac) = line.strip_prefix(b"---") {
            let whole = mac
                .strip_prefix(b" ")
                .is_some_and(|mac| mac.len() == THIRTY_TWO_BYTES && mac.iter().copied().all(is_base64));
            return if whole && !stanzas.is_empty() { Ok((stanzas, read)) } else { Err(SealFault::Header) };
        }
        if stanzas.len() == limit::AGE_STANZAS {
            return Err(SealFault::Header);
        }
        let words = line.strip_prefix(b"-> ").ok_or(SealFault::Header)?;
        if !words
            .split(|byte| *byte == b' ')
            .all(|word| !word.is_empty() && word.iter().all(u8::is_ascii_graphic))
        {
            return Err(SealFault::Header);
        }
        let mut words = words.split(|byte| *byte == b' ');
        let tag = words.next().ok_or(SealFault::Header)?;
        let mut stanza = Stanza { tag, arguments: words.map(<[u8]>::len).collect(), lines: 0, characters: 0 };
        loop {
            let (line, _) = next_line()?;
            if line.len() > FULL_LINE || !line.iter().copied().all(is_base64) {
                return Err(SealFault::Header);
            }
            stanza.lines += 1;
            stanza.characters += line.len();
            if line.len() < FULL_LINE {
                break;
            }
        }
        stanzas.push(stanza);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(stanzas: &[&str]) -> Vec<u8> {
        let mut file = b"age-encryption.org/v1\n".to_vec();
        for stanza in stanzas {
            file.extend_from_slice(stanza.as_bytes());
        }
        file.extend_from_slice(format!("--- {}\n", "A".repeat(43)).as_bytes());
        file.extend_from_slice(&[7; 16 + 40]);
        file
    }

    fn x25519() -> String {
        format!("-> X25519 {}\n{}\n", "A".repeat(43), "A".repeat(43))
    }

    fn hybrid() -> String {
        format!("-> mlkem768x25519 {}\n{}\n", "A".repeat(1494), "A".repeat(43))
    }

    fn scrypt() -> String {
        format!("-> scrypt {} 18\n{}\n", "A".repeat(22), "A".repeat(43))
    }

    #[test]
    fn what_we_write_passes() {
        let grease = "-> x!-grease a b\n\n";
        assert_eq!(check(&header(&[&x25519()]), SealedTo::Epoch), Ok(40));
        assert_eq!(check(&header(&[&x25519(), grease]), SealedTo::Epoch), Ok(40));
        let sixteen = vec![hybrid(); 16];
        let mut stanzas: Vec<&str> = sixteen.iter().map(String::as_str).collect();
        stanzas.push(grease);
        assert_eq!(check(&header(&stanzas), SealedTo::Nodes), Ok(40));
        assert_eq!(check(&header(&[&scrypt()]), SealedTo::Passphrase), Ok(40));
    }

    #[test]
    fn what_does_not_belong_is_refused() {
        let (x, h, s, grease) = (x25519(), hybrid(), scrypt(), "-> a-grease\n\n");
        let seventeen = vec![h.as_str(); 17];
        let many = vec![grease; limit::AGE_STANZAS + 1];
        let long_grease = format!("-> a-grease\n{0}\n{0}\n{0}\n\n", "A".repeat(64));
        let cases: &[(&str, SealedTo, Vec<&str>)] = &[
            ("no stanza", SealedTo::Epoch, vec![]),
            ("two epochs", SealedTo::Epoch, vec![&x, &x]),
            ("two grease", SealedTo::Epoch, vec![&x, grease, grease]),
            ("grease alone", SealedTo::Epoch, vec![grease]),
            ("long grease", SealedTo::Epoch, vec![&x, &long_grease]),
            ("a passphrase for work", SealedTo::Epoch, vec![&s]),
            ("a hybrid stanza for work", SealedTo::Epoch, vec![&x, &h]),
            ("unknown stanza", SealedTo::Epoch, vec![&x, "-> piv abc\n\n"]),
            ("an epoch's stanza for nodes", SealedTo::Nodes, vec![&h, &x]),
            ("a passphrase for nodes", SealedTo::Nodes, vec![&s]),
            ("seventeen nodes", SealedTo::Nodes, seventeen),
            ("two passphrases", SealedTo::Passphrase, vec![&s, &s]),
            ("grease beside a passphrase", SealedTo::Passphrase, vec![&s, grease]),
            ("too many stanzas", SealedTo::Epoch, many),
        ];
        for (what, to, stanzas) in cases {
            assert_eq!(check(&header(stanzas), *to), Err(SealFault::Header), "{what}");
        }
    }

    #[test]
    fn broken_lines_are_refused() {
        let good = String::from_utf8_lossy(&header(&[&x25519()])).replace('\u{fffd}', "");
        for (what, from, to) in [
            ("version", "/v1", "/v2"),
            ("carriage return", "v1\n", "v1\r\n"),
            ("two spaces", "-> X", "->  X"),
            ("trailing space", "X25519 ", "X25519  "),
            ("padding", "A\n---", "=\n---"),
            ("mac missing", "--- ", "---"),
            ("no short line", "\n---", "AAAAAAAAAAAAAAAAAAAAA\n---"),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good);
            assert_eq!(check(bad.as_bytes(), SealedTo::Epoch), Err(SealFault::Header), "{what}");
        }
        assert_eq!(age_header_length(b""), Err(SealFault::Header));
    }

    #[test]
    fn a_header_beyond_its_limit_is_refused_without_reading_on() {
        let line = format!("{}\n", "A".repeat(64));
        let body = line.repeat(limit::AGE_HEADER_BYTES / line.len() + 1);
        let stanza = format!("-> X25519 {}\n{body}\n", "A".repeat(43));
        assert_eq!(age_header_length(&header(&[&stanza])), Err(SealFault::Header));
    }
}
