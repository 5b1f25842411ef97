//! age files: our look at their headers, the hybrid stanza, and what a sealed segment opens to.

use super::Given;
use age::Identity;
use age_core::format::Stanza;
use homeward::limit;
use homeward::private::Private;
use homeward::seal::{
    AgeEnvelope, Envelope, EpochKey, HybridIdentity, Recipient, RecoveryPhrase, age_header_length, demo_node,
    epoch_identity_text, padme, unlock_with_recovery,
};
use std::io::Write;

/// The epoch that corpora are sealed to.
pub fn epoch() -> EpochKey {
    EpochKey(Private::new([0x11; 32]))
}

/// A whole file. A header that our check refuses is refused at every door.
pub fn header(bytes: &[u8]) -> bool {
    let length = age_header_length(bytes);
    let doha = demo_node("doha");
    let phrase = RecoveryPhrase::from_chance([0x2a; 16]);
    let opened = [
        AgeEnvelope.open_work(&epoch(), bytes),
        AgeEnvelope.open_as(doha.age_seed(), bytes),
        unlock_with_recovery(&phrase, bytes),
    ];
    match length {
        Ok(length) => {
            assert!(length <= bytes.len().min(limit::AGE_HEADER_BYTES));
            let cut = &bytes[..length];
            assert_eq!(age_header_length(cut), Ok(length), "what follows does not matter");
            assert!(age_header_length(&cut[..length - 1]).is_err());
        }
        Err(_) => assert!(opened.iter().all(Result::is_err)),
    }
    opened.iter().any(Result::is_ok)
}

/// The hybrid stanza: number of arguments, arguments, body. And keys as text (first byte 255).
pub fn stanza(bytes: &[u8]) -> bool {
    let mut given = Given(bytes);
    let count = given.byte();
    if count == 255 {
        let text = String::from_utf8_lossy(given.0).into_owned();
        let recipient = Recipient::parse(&text).map(|key| assert_eq!(key.text(), text.to_lowercase()));
        let text = Private::new(text);
        let identity = HybridIdentity::parse(&text).map(|key| {
            assert_eq!(key.text().reveal().to_lowercase(), text.reveal().to_lowercase());
        });
        return recipient.is_ok() || identity.is_ok();
    }
    let argument = |given: &mut Given<'_>| String::from_utf8_lossy(given.piece()).into_owned();
    let args: Vec<String> = (0..count % 4).map(|_| argument(&mut given)).collect();
    let stanza = Stanza { tag: "mlkem768x25519".to_owned(), args, body: given.0.to_vec() };
    let identity = HybridIdentity::new(demo_node("doha").age_seed().clone());
    let opened = matches!(identity.unwrap_stanza(&stanza), Some(Ok(_)));
    if opened {
        assert_eq!((stanza.args.len(), stanza.body.len()), (1, 32));
    }
    let other = Stanza { tag: "mlkem768x25518".to_owned(), ..stanza };
    assert!(identity.unwrap_stanza(&other).is_none(), "a stanza of another kind is not ours");
    opened
}

/// An age file to the known epoch, whatever it holds.
pub fn seal_to_epoch(plaintext: &[u8]) -> Vec<u8> {
    let identity: age::x25519::Identity = epoch_identity_text(&epoch()).reveal().parse().unwrap();
    let recipient = identity.to_public();
    let encryptor =
        age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient)).unwrap();
    let mut sealed = Vec::new();
    let mut writer = encryptor.wrap_output(&mut sealed).unwrap();
    writer.write_all(plaintext).unwrap();
    writer.finish().unwrap();
    sealed
}

/// A sealed segment. First byte 0: as it comes; 1: what follows is what age sealed; 2: it is a zstd frame, padded here;
/// 3: it is a plaintext of our own.
pub fn sealed(bytes: &[u8]) -> bool {
    let mut given = Given(bytes);
    let how = given.byte() % 4;
    let sealed = match how {
        0 => given.0.to_vec(),
        1 => seal_to_epoch(given.0),
        2 => {
            let mut padded = (given.0.len() as u32).to_be_bytes().to_vec();
            padded.extend_from_slice(given.0);
            padded.resize(padme(padded.len()), 0);
            seal_to_epoch(&padded)
        }
        _ => AgeEnvelope.seal_work(&epoch(), given.0).expect("within the limits"),
    };
    let other = EpochKey(Private::new([0x12; 32]));
    assert!(AgeEnvelope.open_work(&other, &sealed).is_err(), "another epoch opens nothing");
    match AgeEnvelope.open_work(&epoch(), &sealed) {
        Ok(plain) => {
            assert!(plain.reveal().len() <= limit::SEGMENT_INFLATED_BYTES);
            assert!(how != 3 || plain.reveal() == given.0);
            true
        }
        Err(_) => {
            assert!(how != 3, "what was sealed opens");
            false
        }
    }
}
