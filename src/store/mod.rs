//! The vault: one redb file in which every record is sealed.
