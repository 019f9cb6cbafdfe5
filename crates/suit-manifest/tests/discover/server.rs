//! SRV records.

use proptest::prelude::*;
use suit_manifest::crypto::wire::rules as wire;
use suit_manifest::discover::service::{Server, write_server};
use suit_manifest::rules;

const HOST: [&[u8]; 2] = [b"gateway", b"local"];
/// Priority 1, weight 2, port 8080, gateway.local.
const RECORD: &[u8] = b"\x00\x01\x00\x02\x1f\x90\x07gateway\x05local\x00";

#[test]
fn a_server_comes_back() {
    let mut space = [0; 64];
    let length = write_server(1, 2, 8080, &HOST, &mut space).unwrap();
    assert_eq!(&space[..length], RECORD);
    let server = Server::read(RECORD).unwrap();
    assert_eq!((server.priority, server.weight, server.port), (1, 2, 8080));
    assert!(server.labels().eq(HOST));
    // The root says that there is no such service.
    assert_eq!(Server::read(&[0; 7]).unwrap().labels().count(), 0);
    let full = write_server(1, 2, 8080, &HOST, &mut space[..RECORD.len() - 1]).unwrap_err();
    assert_eq!(full.rule(), wire::OUT_OF_SPACE);
}

#[test]
fn every_truncation_and_every_wrong_name_is_refused() {
    let refused = |data: &[u8]| Server::read(data).unwrap_err().rule();
    for length in 0..RECORD.len() {
        assert_eq!(refused(&RECORD[..length]), rules::SERVICE_SERVER, "{length}");
    }
    assert_eq!(refused(&[RECORD, b"\x00"].concat()), rules::SERVICE_SERVER, "trailing bytes");
    assert_eq!(refused(b"\0\0\0\0\0\0\xc0\x0c"), rules::SERVICE_SERVER, "a pointer");
    let label = [63; 64];
    let name =
        |labels: usize, last: &[u8]| [&[0; 6][..], &label.repeat(labels), last, &[0]].concat();
    // 3 × 64 + 62 + 1 = 255 bytes, and one more.
    let mut last = [7; 62];
    last[0] = 61;
    assert!(Server::read(&name(3, &last)).is_ok());
    let mut last = [7; 63];
    last[0] = 62;
    assert_eq!(refused(&name(3, &last)), rules::SERVICE_SERVER);
    let mut long = [7; 65];
    long[0] = 64;
    assert_eq!(refused(&name(0, &long)), rules::SERVICE_SERVER);
    let full = [7; 63];
    for host in [&[&full[..]; 4][..], &[b""], &[&[7; 64]]] {
        let refused = write_server(0, 0, 1, host, &mut [0; 512]).unwrap_err();
        assert_eq!(refused.rule(), rules::SERVICE_NAME);
    }
}

proptest! {
    #[test]
    fn what_is_read_is_written_the_same(data in prop::collection::vec(0_u8..4, 0..40)) {
        if let Ok(server) = Server::read(&data) {
            let labels: Vec<&[u8]> = server.labels().collect();
            let mut space = [0; 64];
            let Server { priority, weight, port, .. } = server;
            let length = write_server(priority, weight, port, &labels, &mut space).unwrap();
            prop_assert_eq!(&space[..length], &data[..]);
        }
    }
}
