//! A new token of `SoftHSM` 2 for a test.
//!
//! `$IOTOPS_PKCS11_MODULE` names the module; without it, the place where Debian puts it. If there
//! is none, the test says so and checks nothing; the continuous build installs it.

use std::path::PathBuf;
use std::{env, fs, process};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;

const DEBIAN: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// A session with a new token, logged in; `None` without `SoftHSM`.
fn session() -> Option<Session> {
    let named = env::var_os("IOTOPS_PKCS11_MODULE");
    let module = named.clone().map_or_else(|| DEBIAN.into(), PathBuf::from);
    if named.is_none() && !module.is_file() {
        eprintln!("{} is missing: nothing was checked", module.display());
        return None;
    }
    let pkcs11 = Pkcs11::new(module).unwrap();
    pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
    let slot = pkcs11.get_slots_with_token().unwrap()[0];
    let (officer, user) = (AuthPin::new("12345678".into()), AuthPin::new("87654321".into()));
    pkcs11.init_token(slot, &officer, "iotops").unwrap();
    let session = pkcs11.open_rw_session(slot).unwrap();
    session.login(UserType::So, Some(&officer)).unwrap();
    session.init_pin(&user).unwrap();
    session.logout().unwrap();
    session.login(UserType::User, Some(&user)).unwrap();
    Some(session)
}

/// Runs `test` with a session. There may be one such test in a binary: it runs the binary again.
pub(crate) fn with_session(test: impl FnOnce(&Session)) {
    let folder = env::temp_dir().join(format!("iotops-softhsm-{}", process::id()));
    fs::create_dir_all(folder.join("tokens")).unwrap();
    let configuration = folder.join("softhsm2.conf");
    let tokens = folder.join("tokens");
    fs::write(&configuration, format!("directories.tokendir = {}\n", tokens.display())).unwrap();
    // The library reads its environment when it is loaded, so the test runs itself again with it.
    if env::var_os("SOFTHSM2_CONF").is_none() {
        let status = process::Command::new(env::current_exe().unwrap())
            .args(env::args_os().skip(1))
            .env("SOFTHSM2_CONF", &configuration)
            .status()
            .unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert!(status.success());
        return;
    }
    if let Some(session) = session() {
        test(&session);
    }
    fs::remove_dir_all(&folder).unwrap();
}
