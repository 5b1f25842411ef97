//! Everything, for another decade: a folder that needs no Homeward to be read, only an age program and a CBOR reader.
//!
//! Segments lie there as they were signed and sealed. What opens them lies beside them, locked under a passphrase of
//! its own. Sheets lie there in the clear: handing them out is what an export is for. All files are 0600, in folders
//! of 0700. The README is written last and alone with a sync of its own: a folder without it is not whole.

use super::failure::{bad_input, fail, internal};
use super::house::{Circle, House};
use super::{Answer, Failure, FailureKind};
use crate::id::{Life, LogId, hex};
use crate::log::Kind;
use crate::private::Private;
use crate::seal::{card_to_text, epoch_identity_text, lock_with_passphrase};
use crate::store::circles::{self, RecordKind};
use crate::store::{StoreFault, files, keys, logs};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

const README: &str = "\
Everything that one Homeward node held when this folder was written.

WARNING. The files under sheets/ can be read by anyone who has them. They speak of children and of those who
look for them. Keep this folder where you would keep the paper files, and delete it when it has served.

What lies here
  README.txt                         this text
  epochs.age                         the keys of all sealed segments, under the passphrase of this export
  CIRCLE/                            one folder for each circle, called by the first digits of its id
    charter.cbor                     who founded it, who reads it, who carries it (signed)
    cards/PARTNER.card               the partners' cards (signed)
    records/KIND-HASH.cbor           closures, grants and receipts that came with it (signed)
    segments/NODE-INSTANCE/          one folder for each log: the segments of one life of one node, in order
      NNNNNN.header.cbor             the signed header of segment NNNNNN
      NNNNNN.epoch.cbor              the body of a segment that founds an epoch
      NNNNNN.age                     the body of a segment of edits: an ordinary age file
    sheets/CASE.automerge            the sheet of a case: an Automerge document (automerge.org)
    sheets/CASE.json                 the same sheet to be read by people and other tools
  Of a circle that this office only carried there are no keys and no sheets.

How to open a segment
  You need `age` (age-encryption.org, the format is age-encryption.org/v1), `zstd` (RFC 8878) and a reader of CBOR
  (RFC 8949).
  1. age --decrypt epochs.age > epochs.txt        asks for the passphrase of this export
     Each key stands on a line of its own, AGE-SECRET-KEY-1..., after a line that says which epoch it opens.
  2. age --decrypt -i epochs.txt CIRCLE/segments/LOG/000002.age > padded
     The header of the segment names its epoch.
  3. The first four bytes of `padded`, big end first, are a length. So many bytes after them are one zstd frame, what
     follows is padding. In Python:
       data = open('padded', 'rb').read()
       open('edits.zst', 'wb').write(data[4:4 + int.from_bytes(data[:4], 'big')])
  4. zstd --decompress edits.zst
     `edits` is one CBOR structure: \"Plaintext of a work segment\" below says what is in it.
  Delete epochs.txt and what you opened when you are done.

How to check that nothing was changed
  Each header is signed by its node (Ed25519) and names the hash of its body and of the header before it. A log's first
  header brings its partner's certificate for the node. \"Formats of log\" below says which bytes are hashed and signed.

The formats in full follow.
";

const FORMATS: [&str; 4] = [
    include_str!("../log/FORMAT.md"),
    include_str!("../seal/FORMAT.md"),
    include_str!("../register/FORMAT.md"),
    include_str!("../case/FORMAT.md"),
];

/// How much was written.
#[derive(Default)]
struct Written {
    segments: usize,
    epochs: usize,
    sheets: usize,
}

/// Writes everything to a folder.
pub(super) fn export_all(
    house: &mut House,
    dir: &str,
    passphrase: &Private<String>,
    operator: &Private<String>,
    scrypt_log_n: u8,
) -> Result<Answer, Failure> {
    if passphrase.is_empty() {
        return Err(bad_input(
            "the passphrase is empty",
            "Choose one that others cannot guess: six words, say.",
        ));
    }
    let folder = PathBuf::from(dir);
    prepare(&folder)?;
    let mut written = Written::default();
    let locked = lock_with_passphrase(passphrase, scrypt_log_n, &identities(house, &mut written)?)
        .map_err(|fault| internal(fault.to_string()))?;
    house.note_export(operator, "everything".into(), Private::default(), Private::default())?;
    put(&folder.join("epochs.age"), &locked)?;
    for circle in house.circles.values() {
        let short = folder.join(circle.id.short());
        // Two ids can begin alike.
        let own = if short.exists() { folder.join(circle.id.hex()) } else { short };
        write_circle(house, circle, &own, &mut written)?;
    }
    let whole = File::open(&folder).and_then(|open| Ok(rustix::fs::syncfs(&open)?));
    whole.map_err(|error| disk(&error))?;
    let mut readme = README.to_owned();
    for format in FORMATS {
        readme.push('\n');
        readme.push_str(format);
    }
    files::write_private(&folder.join("README.txt"), readme.as_bytes())?;
    let Written { segments, epochs, sheets } = written;
    Ok(Answer::ExportedAll { dir: dir.to_owned(), segments, epochs, sheets })
}

/// Makes the folder, or sees that it is empty and closes it to others.
fn prepare(folder: &Path) -> Result<(), Failure> {
    if !folder.is_absolute() {
        return Err(bad_input("the folder is not named by an absolute path", "Name it from / on."));
    }
    // What it leads to may be anyone's, and its folder would be closed to them.
    if folder.components().as_path().is_symlink() {
        return Err(bad_input(
            format!("{} is a link to another place; nothing was written", folder.display()),
            "Name the folder itself.",
        ));
    }
    match std::fs::read_dir(folder) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(bad_input(
                    format!("{} is not empty", folder.display()),
                    "Name a folder that is empty or does not exist yet.",
                ));
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            return Err(bad_input(format!("{} is no folder", folder.display()), "Name another."));
        }
        Err(error) => return Err(disk(&error)),
    }
    Ok(files::private_folder(folder)?)
}

/// The text of all epoch identities, as age reads it with `-i`: what is said of a key stands on a line before it.
fn identities(house: &House, written: &mut Written) -> Result<Private<Vec<u8>>, Failure> {
    let reader = house.vault.reader()?;
    // Room for all of it at once: a growing buffer would leave unwiped copies behind.
    let mut lines: Vec<Private<String>> = Vec::new();
    for circle in house.circles.values() {
        for epoch in keys::epoch_ids(&reader, &circle.id)? {
            let Some(secret) = keys::epoch(&reader, &epoch)? else { continue };
            let identity = epoch_identity_text(&secret.key);
            let about = format!("# epoch {} of circle {}", epoch.hex(), circle.id.hex());
            lines.push(Private::new(format!("{about}\n{}\n", identity.reveal())));
            written.epochs += 1;
        }
    }
    let mut text = Vec::with_capacity(lines.iter().map(Private::len_bytes).sum());
    lines.iter().for_each(|line| text.extend_from_slice(line.reveal().as_bytes()));
    Ok(Private::new(text))
}

fn write_circle(house: &House, circle: &Circle, folder: &Path, written: &mut Written) -> Result<(), Failure> {
    for part in ["", "cards", "records", "segments", "sheets"] {
        make(&folder.join(part))?;
    }
    let charter = &circle.known.charter;
    put(&folder.join("charter.cbor"), charter.bytes())?;
    for partner in charter.partners() {
        if let Some(card) = house.people.cards.get(partner) {
            let name = format!("{}.card", partner.hex());
            put(&folder.join("cards").join(name), card_to_text(card).as_bytes())?;
        }
    }
    let reader = house.vault.reader()?;
    for record in circles::records_of(&reader, &circle.id)? {
        let kind = match record.kind {
            RecordKind::Card => "card",
            RecordKind::Certificate => "certificate",
            RecordKind::Closure => "closure",
            RecordKind::Grant => "grant",
            RecordKind::ForkProof => "fork-proof",
            RecordKind::Heads => "heads",
        };
        let name = format!("{kind}-{}.cbor", record.hash.hex());
        put(&folder.join("records").join(name), &record.bytes)?;
    }
    for (life, log) in &circle.logs {
        write_log(house, circle, life, log.end.number, &folder.join("segments"), written)?;
    }
    let sheets = folder.join("sheets");
    for row in house.index.rows_of(circle.id) {
        // One that is spoiled is in the segments: `check` rebuilds it from there, and so does another reader.
        if house.spoiled.contains(&(circle.id, row.case)) {
            continue;
        }
        let Ok(Some(sheet)) = house.sheet(circle, &row.case) else { continue };
        let name = row.case.hex();
        put(&sheets.join(format!("{name}.automerge")), Private::new(sheet.automerge_bytes()).reveal())?;
        let json = super::export::readable(house, circle, &sheet)?;
        put(&sheets.join(format!("{name}.json")), json.reveal())?;
        written.sheets += 1;
    }
    Ok(())
}

/// The segments of one log, as they came.
fn write_log(
    house: &House,
    circle: &Circle,
    life: &Life,
    last: u64,
    parent: &Path,
    written: &mut Written,
) -> Result<(), Failure> {
    let short = format!("{}-{}", life.node.short(), hex(life.instance.0.get(..4).unwrap_or_default()));
    let mut folder = parent.join(short);
    if folder.exists() {
        // Two nodes can begin alike, by chance or by somebody's patience.
        folder = parent.join(format!("{}-{}", life.node.hex(), life.instance.hex()));
    }
    make(&folder)?;
    let id = LogId { circle: circle.id, life: *life };
    let reader = house.vault.reader()?;
    for number in 1..=last {
        let segment = logs::segment(&reader, &id, number)?.ok_or(StoreFault::Damaged("a listed segment"))?;
        let body = match segment.header().kind {
            Kind::Epoch => "epoch.cbor",
            Kind::Work => "age",
        };
        put(&folder.join(format!("{number:06}.header.cbor")), segment.header().bytes())?;
        put(&folder.join(format!("{number:06}.{body}")), segment.body())?;
        written.segments += 1;
    }
    Ok(())
}

fn make(folder: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt as _;
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new().mode(0o700).create(folder).map_err(|error| disk(&error))
}

/// A new file, for its owner alone. All files of an export are synced together at its end: one by one would take
/// minutes for a large circle.
fn put(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options.open(path).and_then(|mut file| file.write_all(bytes)).map_err(|error| disk(&error))
}

fn disk(error: &std::io::Error) -> Failure {
    fail(
        FailureKind::Disk,
        format!("the export could not be written: {}", error.kind()),
        "Check room and rights on that disk. What was written there is not whole: delete it and try again.",
    )
}
