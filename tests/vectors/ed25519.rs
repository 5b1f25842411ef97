//! Signatures at the edges of Ed25519: all nodes must judge them alike.

use homeward::sign::{Signature, verify_raw};
use serde_json::Value;

#[test]
fn of_914_edge_signatures_exactly_the_43_strict_ones_hold() {
    let Some(path) = crate::suites("cctv-ed25519/ed25519vectors.json") else { return };
    let vectors: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(vectors.len(), 914);
    let mut accepted = 0;
    for vector in &vectors {
        let bytes = |field: &str| homeward::id::unhex(vector[field].as_str().unwrap()).unwrap();
        let key: [u8; 32] = bytes("key").try_into().unwrap();
        let signature = Signature(bytes("sig").try_into().unwrap());
        let holds = verify_raw(&key, vector["msg"].as_str().unwrap().as_bytes(), &signature);
        // The suite's text: strict verification refuses every flag but these two.
        let strict = vector["flags"]
            .as_array()
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .all(|flag| matches!(flag.as_str(), Some("low_order_component_A" | "low_order_component_R")));
        assert_eq!(holds, strict, "vector {}: {}", vector["number"], vector["flags"]);
        accepted += usize::from(holds);
    }
    assert_eq!(accepted, 43);
}
