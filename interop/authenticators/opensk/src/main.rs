//! A device of OpenSK's library behind a socket, with a control channel: both addresses
//! are the first two lines that it prints.

mod bench;
mod board;

use std::sync::Arc;
use std::time::Duration;

use opensk::api::persist::{Attestation, AttestationId, Persist};
use opensk::{Ctap, Transport};

use bench::{Act, Bench, Wish};
use board::{Board, Kept};

/// Gives the device power. From the factory it comes with an attestation for U2F, of a
/// certificate that is nobody's.
fn boot(bench: &Arc<Bench>, kept: &Kept) -> Ctap<Board> {
    let mut board = Board::new(bench, kept);
    let attestation = Attestation {
        wrapped_private_key: include_bytes!("attestation.key").to_vec(),
        certificate: include_bytes!("attestation.der").to_vec(),
    };
    if matches!(board.get_attestation(AttestationId::Batch), Ok(None)) {
        board
            .set_attestation(AttestationId::Batch, Some(&attestation))
            .expect("there was none");
    }
    Ctap::new(board)
}

fn main() {
    let bench = Bench::open();
    let kept = Kept::default();
    let mut device = boot(&bench, &kept);
    loop {
        if let Some(wish) = bench.wish() {
            if wish == Wish::Reset {
                kept.lock().unwrap().clear();
            }
            device = boot(&bench, &kept);
            bench.powered();
        }
        let Some(report) = bench.receive(Duration::from_millis(1)) else {
            continue;
        };
        for answer in device.process_hid_packet(&report, Transport::MainHid) {
            bench.send(&answer);
        }
        if device.u2f_needs_user_presence() && bench.prompt() == Act::Approve {
            device.u2f_grant_user_presence();
        }
    }
}
