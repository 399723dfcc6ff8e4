//! The board: storage in memory, the machine's clock, a button, and a reader of
//! fingerprints that are all the same.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::bench::{Act, Bench};
use opensk::api::clock::Clock;
use opensk::api::connection::{HidConnection, RecvStatus, UsbEndpoint};
use opensk::api::crypto::software_crypto::SoftwareCrypto;
use opensk::api::customization::{CustomizationImpl, DEFAULT_CUSTOMIZATION};
use opensk::api::fingerprint::{
    Ctap2EnrollFeedback, Fingerprint, FingerprintCheckError, FingerprintKind,
};
use opensk::api::key_store;
use opensk::api::persist::{Persist, PersistIter};
use opensk::api::rng::Rng;
use opensk::api::user_presence::{UserPresence, UserPresenceError, UserPresenceWaitResult};
use opensk::ctap::status_code::{Ctap2StatusCode, CtapResult};
use opensk::env::Env;
use rand::rngs::StdRng;
use rand::{CryptoRng, Error, RngCore, SeedableRng};

pub type Kept = Arc<Mutex<BTreeMap<usize, Vec<u8>>>>;

pub struct Chance(StdRng);

impl RngCore for Chance {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }
    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }
    fn fill_bytes(&mut self, dest: &mut [u8]) {
        self.0.fill_bytes(dest)
    }
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), Error> {
        self.0.try_fill_bytes(dest)
    }
}

impl CryptoRng for Chance {}
impl Rng for Chance {}

#[derive(Default)]
pub struct Ends(Option<Instant>);

pub struct Wall;

impl Clock for Wall {
    type Timer = Ends;

    fn make_timer(&mut self, milliseconds: usize) -> Ends {
        Ends(Some(
            Instant::now() + Duration::from_millis(milliseconds as u64),
        ))
    }

    fn is_elapsed(&mut self, timer: &Ends) -> bool {
        timer.0.is_none_or(|end| Instant::now() >= end)
    }
}

pub struct Hand(Arc<Bench>);

impl UserPresence for Hand {
    fn check_init(&mut self) {}

    fn wait_with_timeout(
        &mut self,
        packet: &mut [u8; 64],
        timeout_ms: usize,
    ) -> UserPresenceWaitResult {
        if self.0.wish().is_some() {
            return Ok((Err(UserPresenceError::Canceled), RecvStatus::Timeout));
        }
        match self.0.prompt() {
            Act::Approve => Ok((Ok(()), RecvStatus::Timeout)),
            Act::Decline => Ok((Err(UserPresenceError::Declined), RecvStatus::Timeout)),
            Act::Ignore => {
                let status = match self.0.receive(Duration::from_millis(timeout_ms as u64)) {
                    Some(report) => {
                        *packet = report;
                        RecvStatus::Received(UsbEndpoint::MainHid)
                    }
                    None => RecvStatus::Timeout,
                };
                Ok((Err(UserPresenceError::Timeout), status))
            }
        }
    }

    fn check_complete(&mut self) {}
}

pub struct Wire(Arc<Bench>);

impl HidConnection for Wire {
    fn send(&mut self, buf: &[u8; 64], _: UsbEndpoint) -> CtapResult<()> {
        self.0.send(buf);
        Ok(())
    }

    fn recv(&mut self, buf: &mut [u8; 64], timeout_ms: usize) -> CtapResult<RecvStatus> {
        Ok(
            match self.0.receive(Duration::from_millis(timeout_ms as u64)) {
                Some(report) => {
                    *buf = report;
                    RecvStatus::Received(UsbEndpoint::MainHid)
                }
                None => RecvStatus::Timeout,
            },
        )
    }
}

pub struct Reader {
    bench: Arc<Bench>,
    samples: usize,
    counter: u32,
}

const SAMPLES: usize = 2;

impl Reader {
    /// The name of the finger that is being enrolled, from its first sample on.
    fn id(&self) -> Option<Vec<u8>> {
        Some(self.counter.to_be_bytes().to_vec())
    }
}

impl Fingerprint for Reader {
    fn prepare_enrollment(&mut self) -> CtapResult<()> {
        self.samples = 0;
        self.counter += 1;
        Ok(())
    }

    fn capture_sample(
        &mut self,
        timeout_ms: Option<usize>,
    ) -> CtapResult<(Ctap2EnrollFeedback, usize, Option<Vec<u8>>)> {
        if self.bench.prompt() != Act::Approve {
            std::thread::sleep(Duration::from_millis(
                timeout_ms.unwrap_or(2_000).min(2_000) as u64,
            ));
            return Ok((
                Ctap2EnrollFeedback::NoUserActivity,
                SAMPLES - self.samples,
                self.id(),
            ));
        }
        if self.bench.misses() {
            return Ok((
                Ctap2EnrollFeedback::FpPoorQuality,
                SAMPLES - self.samples,
                self.id(),
            ));
        }
        self.samples += 1;
        let left = SAMPLES - self.samples;
        Ok((Ctap2EnrollFeedback::FpGood, left, self.id()))
    }

    fn cancel_enrollment(&mut self) -> CtapResult<()> {
        self.samples = 0;
        Ok(())
    }

    fn remove_enrollment(&mut self, _: &[u8]) -> CtapResult<()> {
        Ok(())
    }

    fn check_fingerprint_init(&mut self) -> CtapResult<()> {
        Ok(())
    }

    fn check_fingerprint(&mut self, timeout_ms: usize) -> Result<(), FingerprintCheckError> {
        match self.bench.prompt() {
            Act::Approve if self.bench.misses() => Err(FingerprintCheckError::NoMatch),
            Act::Approve => Ok(()),
            Act::Decline => Err(FingerprintCheckError::Other),
            Act::Ignore => {
                std::thread::sleep(Duration::from_millis(timeout_ms as u64));
                Err(FingerprintCheckError::Timeout)
            }
        }
    }

    fn check_fingerprint_complete(&mut self) -> CtapResult<()> {
        Ok(())
    }

    fn fingerprint_kind(&self) -> FingerprintKind {
        FingerprintKind::Touch
    }

    fn max_capture_samples_required_for_enroll(&self) -> usize {
        SAMPLES
    }
}

pub struct Board {
    rng: Chance,
    kept: Kept,
    clock: Wall,
    hand: Hand,
    wire: Wire,
    reader: Reader,
}

impl Persist for Board {
    fn find(&self, key: usize) -> CtapResult<Option<Vec<u8>>> {
        Ok(self.kept.lock().unwrap().get(&key).cloned())
    }

    fn insert(&mut self, key: usize, value: &[u8]) -> CtapResult<()> {
        if value.len() > 1023 {
            return Err(Ctap2StatusCode::CTAP2_ERR_VENDOR_INTERNAL_ERROR);
        }
        self.kept.lock().unwrap().insert(key, value.to_vec());
        Ok(())
    }

    fn remove(&mut self, key: usize) -> CtapResult<()> {
        self.kept.lock().unwrap().remove(&key);
        Ok(())
    }

    fn iter(&self) -> CtapResult<PersistIter<'_>> {
        let keys: Vec<_> = self.kept.lock().unwrap().keys().copied().collect();
        Ok(Box::new(keys.into_iter().map(Ok)))
    }
}

impl key_store::Helper for Board {}

impl Env for Board {
    type Rng = Chance;
    type UserPresence = Hand;
    type Persist = Self;
    type KeyStore = Self;
    type Clock = Wall;
    type Write = String;
    type Customization = CustomizationImpl;
    type HidConnection = Wire;
    type Crypto = SoftwareCrypto;
    type Fingerprint = Reader;

    fn rng(&mut self) -> &mut Chance {
        &mut self.rng
    }
    fn user_presence(&mut self) -> &mut Hand {
        &mut self.hand
    }
    fn persist(&mut self) -> &mut Self {
        self
    }
    fn key_store(&mut self) -> &mut Self {
        self
    }
    fn clock(&mut self) -> &mut Wall {
        &mut self.clock
    }
    fn fingerprint(&mut self) -> &mut Reader {
        &mut self.reader
    }
    fn write(&mut self) -> String {
        String::new()
    }
    fn customization(&self) -> &CustomizationImpl {
        &DEFAULT_CUSTOMIZATION
    }
    fn hid_connection(&mut self) -> &mut Wire {
        &mut self.wire
    }
    fn boots_after_soft_reset(&self) -> bool {
        false
    }
    fn firmware_version(&self) -> Option<u64> {
        Some(1)
    }
}

impl Board {
    pub fn new(bench: &Arc<Bench>, kept: &Kept) -> Board {
        Board {
            rng: Chance(StdRng::from_entropy()),
            kept: kept.clone(),
            clock: Wall,
            hand: Hand(bench.clone()),
            wire: Wire(bench.clone()),
            reader: Reader {
                bench: bench.clone(),
                samples: 0,
                counter: 0,
            },
        }
    }
}
