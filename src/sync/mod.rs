//! Who says what next: the hub, its sessions and frames. Pure: no await, clock, socket or file.
