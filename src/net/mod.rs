//! QUIC with pinned raw keys. A link is a stream of frames. Spawns nothing.
