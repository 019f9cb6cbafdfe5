//! Links of RFC 6690, records of RFC 6763, and the names of device management.

use proptest::prelude::*;
use suit_manifest::discover::WELL_KNOWN;
use suit_manifest::discover::link::{self, Advertised, links, write_links};
use suit_manifest::discover::service::{Location, Service, Text, key, write_location, write_text};
use suit_manifest::discover::status::{Outcome, REASONS, Stage};
use suit_manifest::model::Section;
use suit_manifest::process::Reason;
use suit_manifest::rules;

/// The examples of RFC 6690 §5.
const EXAMPLES: [(&str, &[&str]); 3] = [
    (
        "</sensors/temp>;if=\"sensor\",</sensors/light>;if=\"sensor\"",
        &["/sensors/temp", "/sensors/light"],
    ),
    (
        "</sensors>;ct=40;title=\"Sensor Index\",</sensors/temp>;rt=\"temperature-c\";if=\"sensor\"\
         ,</sensors/light>;rt=\"light-lux\";if=\"sensor\",<http://www.example.com/sensors/t123>\
         ;anchor=\"/sensors/temp\";rel=\"describedby\",</t>;anchor=\"/sensors/temp\";rel=\"alternate\"",
        &[
            "/sensors",
            "/sensors/temp",
            "/sensors/light",
            "http://www.example.com/sensors/t123",
            "/t",
        ],
    ),
    ("</firmware/v2.1>;rt=\"firmware\";sz=262144", &["/firmware/v2.1"]),
];

#[test]
fn examples_are_read() {
    for (document, targets) in EXAMPLES {
        let found: Vec<_> = links(document).map(|link| link.unwrap().target()).collect();
        assert_eq!(found, targets);
    }
    let firmware = links(EXAMPLES[2].0).next().unwrap().unwrap();
    assert_eq!(firmware.attribute("SZ"), Some("262144"));
    assert_eq!(firmware.attribute("rt"), Some("firmware"));
    assert_eq!(firmware.attribute("ct"), None);
    let quoted = links(r#"</a>;title="x;\",<";obs;rt="b c""#).next().unwrap().unwrap();
    assert_eq!(quoted.attribute("title"), Some(r#"x;\",<"#));
    assert_eq!(quoted.attribute("obs"), Some(""));
    assert!(quoted.has_type("c") && !quoted.has_type("b c"));
}

#[test]
fn what_is_no_link_is_refused_at_its_place() {
    let cases = [
        ("x", 0),
        ("<>", 0),
        ("</a", 0),
        ("</a>;", 0),
        ("</a>;=1", 0),
        ("</a>;b=", 0),
        ("</a>;b=\"c", 0),
        ("</a>;b=\"c\u{1}\"", 0),
        ("</a>,", 0),
        ("</a>,</b", 5),
        ("</a> ,</b>", 0),
        ("</a b>", 0),
    ];
    for (document, offset) in cases {
        let all: Vec<_> = links(document).collect();
        let last = all.last().unwrap().as_ref().unwrap_err();
        assert_eq!((last.rule(), last.place().offset()), (rules::LINK, offset), "{document}");
    }
}

#[test]
fn what_is_advertised_is_found() {
    let resources = [
        Advertised {
            target: WELL_KNOWN,
            resource_type: link::CATALOGUE,
            content_format: Some(18),
            size: Some(700),
        },
        Advertised {
            target: "/fw/a",
            resource_type: link::ENVELOPE,
            content_format: None,
            size: None,
        },
    ];
    let mut document = String::new();
    write_links(&resources, &mut document).unwrap();
    assert_eq!(
        document,
        "</.well-known/suit-catalogue>;rt=\"suit.catalogue\";ct=18;sz=700,</fw/a>;rt=\"suit.envelope\""
    );
    let found = links(&document).map(Result::unwrap).find(|one| one.has_type(link::CATALOGUE));
    assert_eq!(found.unwrap().target(), WELL_KNOWN);
    for target in ["", "/a b", "/a>", "/ä"] {
        let wrong = Advertised { target, ..resources[1] };
        assert_eq!(write_links(&[wrong], &mut String::new()).unwrap_err().rule(), rules::LINK);
    }
    let wrong = Advertised { resource_type: "a\"b", ..resources[1] };
    assert_eq!(write_links(&[wrong], &mut String::new()).unwrap_err().rule(), rules::LINK);
}

#[test]
fn text_records_come_back() {
    let mut space = [0; 64];
    let pairs = [(key::VERSION, &b"1"[..]), (key::PATH, b"/a=b"), (key::NUMBER, b"")];
    let length = write_text(&pairs, &mut space).unwrap();
    let text = Text::read(&space[..length]).unwrap();
    assert_eq!(text.get("TXTVERS"), Some(&b"1"[..]));
    assert_eq!(text.get("path"), Some(&b"/a=b"[..]));
    assert_eq!(text.get("number"), Some(&b""[..]));
    assert_eq!(text.get("other"), None);
    // The first of two counts; one without a key is passed over; a key may have no value.
    let text = Text::read(b"\x03a=1\x03A=2\x02=x\x01b\x00").unwrap();
    assert_eq!(
        (text.get("A"), text.get("b"), text.get("")),
        (Some(&b"1"[..]), Some(&b""[..]), None)
    );
    for broken in [&b"\x04a=1"[..], b"\x03\x01=1"] {
        assert_eq!(Text::read(broken).unwrap_err().rule(), rules::SERVICE_TEXT);
    }
    for wrong in [("", &b"x"[..]), ("a=b", b""), ("\u{7}", b""), ("a", &[0; 254])] {
        let refused = write_text(&[wrong], &mut [0; 300]).unwrap_err();
        assert_eq!(refused.rule(), rules::SERVICE_TEXT);
    }
    let full = write_text(&pairs, &mut space[..length - 1]).unwrap_err();
    assert_eq!(full.rule(), suit_manifest::crypto::wire::rules::OUT_OF_SPACE);
}

#[test]
fn a_service_is_three_records() {
    let service = Service {
        instance: "Third floor.",
        service: "_suit._tcp",
        domain: "local",
        host: "gateway",
        port: 8080,
        path: WELL_KNOWN,
        number: 12,
    };
    let mut zone = String::new();
    service.write_zone(120, &mut zone).unwrap();
    let name = r"Third\032floor\046._suit._tcp.local.";
    assert_eq!(
        zone,
        format!(
            "_suit._tcp.local. 120 IN PTR {name}\n\
             {name} 120 IN SRV 0 0 8080 gateway.local.\n\
             {name} 120 IN TXT \"txtvers=1\" \"path=/.well-known/suit-catalogue\" \"number=12\"\n"
        )
    );
    let long = "a".repeat(64);
    let (deep, name) = ([&long[..63]; 4].join("."), [&long[..63]; 3].join("."));
    let wrong = [
        Service { instance: "", ..service },
        Service { host: &long, ..service },
        Service { domain: &deep, ..service },
        // 254 bytes with the host, but not with the instance.
        Service { domain: &name, instance: &long[..63], ..service },
        Service { host: "", ..service },
        Service { domain: "local.", ..service },
        // What would end the record and begin another.
        Service { host: "a.local.\nb.local. 1 IN A 192.0.2.1\nc", ..service },
        Service { domain: "local. ; x", ..service },
        Service { service: "_suit._tcp\n", ..service },
        Service { host: "a\"b", ..service },
    ];
    for wrong in wrong {
        let refused = wrong.write_zone(1, &mut String::new()).unwrap_err();
        assert_eq!(refused.rule(), rules::SERVICE_NAME);
    }
    let wrong = Service { path: "/ä", ..service };
    assert_eq!(wrong.write_zone(1, &mut String::new()).unwrap_err().rule(), rules::SERVICE_TEXT);
}

#[test]
fn every_end_and_stage_has_its_codes() {
    // The ranges of resource 3 and of resource 5 of object 5 1.1.
    for section in Section::ALL {
        let stage = Stage::of(*section);
        assert!((1..=3).contains(&stage.lwm2m()));
        assert!(["proceeding", "downloaded"].contains(&stage.hawkbit_execution()));
    }
    assert_eq!((Stage::Idle.lwm2m(), Stage::Idle.hawkbit_execution()), (0, "closed"));
    let reasons: Vec<_> = (0..).map_while(Reason::from_code).collect();
    assert_eq!(reasons, REASONS.map(|(reason, _)| reason), "every reason has a row");
    let pending = Outcome::Failed(Reason::InvokePending).codes();
    assert_eq!((pending.firmware_update, pending.hawkbit), (0, ("proceeding", "none")));
    for reason in reasons.into_iter().filter(|reason| *reason != Reason::InvokePending) {
        let codes = Outcome::Failed(reason).codes();
        assert!((5..=8).contains(&codes.firmware_update));
        assert_eq!(codes.firmware_update, codes.advanced_firmware_update);
        assert_eq!(codes.hawkbit, ("closed", "failure"));
    }
    let of = |outcome: Outcome| {
        let codes = outcome.codes();
        (codes.firmware_update, codes.advanced_firmware_update)
    };
    assert_eq!(of(Outcome::Success), (1, 1));
    assert_eq!(Outcome::Success.codes().hawkbit, ("closed", "success"));
    assert_eq!(of(Outcome::NoSpace), (2, 2));
    assert_eq!(of(Outcome::ConnectionLost), (4, 4));
    assert_eq!(of(Outcome::Corrupt), (5, 5));
    assert_eq!(of(Outcome::InvalidUri), (7, 7));
    assert_eq!(of(Outcome::UnsupportedProtocol), (9, 9));
    assert_eq!(of(Outcome::Cancelled), (10, 10));
    assert_eq!(of(Outcome::Deferred), (11, 11));
    assert_eq!(of(Outcome::Conflicting), (8, 12));
    assert_eq!(of(Outcome::Dependency), (8, 13));
}

#[test]
fn locations_come_back() {
    let mut space = [0; 64];
    let length = write_location([1, 2, 8080], "gateway.local", &mut space).unwrap();
    assert_eq!(space[..length], *b"\0\x01\0\x02\x1f\x90\x07gateway\x05local\0");
    let found = Location::read(&space[..length]).unwrap();
    assert_eq!((found.priority, found.weight, found.port), (1, 2, 8080));
    assert!(found.target.labels().eq([&b"gateway"[..], b"local"]));
    let none = write_location([0; 3], "", &mut space).unwrap();
    assert_eq!(Location::read(&space[..none]).unwrap().target.labels().count(), 0);
    let full = write_location([1, 2, 8080], "gateway.local", &mut [0; 20]).unwrap_err();
    assert_eq!(full.rule(), suit_manifest::crypto::wire::rules::OUT_OF_SPACE);
    let (long, deep) = ("a".repeat(64), ["a".repeat(63).as_str(); 4].join("."));
    for wrong in [".", "a..b", "a.", &long, &deep] {
        let refused = write_location([0; 3], wrong, &mut [0; 300]).unwrap_err();
        assert_eq!(refused.rule(), rules::SERVICE_NAME, "{wrong}");
    }
    // The longest name: 255 bytes with its lengths.
    let most = [&deep[..191], &deep[..61]].join(".");
    let mut space = [0; 300];
    let length = write_location([0; 3], &most, &mut space).unwrap();
    assert_eq!((length, Location::read(&space[..length]).is_ok()), (6 + 255, true));
}

#[test]
fn what_is_no_location_is_refused() {
    let with = |name: &[u8]| [&[0; 6], name].concat();
    let label = [&[63][..], &[b'a'; 63]].concat();
    let cases = [
        (vec![0; 5], rules::SERVICE_LOCATION),
        (with(b""), rules::SERVICE_LOCATION),
        (with(b"\x01a"), rules::SERVICE_LOCATION),
        (with(b"\x02a"), rules::SERVICE_LOCATION),
        (with(b"\x01a\0x"), rules::SERVICE_LOCATION),
        // A pointer of compression, by itself and with what a length would take.
        (with(b"\xc0\x0c"), rules::SERVICE_LOCATION),
        (with(&[&[0xc0][..], &[1; 192], &[0]].concat()), rules::SERVICE_LOCATION),
        (with(&[&[64][..], &[b'a'; 64], &[0]].concat()), rules::SERVICE_LOCATION),
        (with(&[&label.repeat(4)[..], &[0]].concat()), rules::SERVICE_NAME),
    ];
    for (data, rule) in cases {
        assert_eq!(Location::read(&data).unwrap_err().rule(), rule, "{data:02x?}");
    }
}

proptest! {
    #[test]
    fn any_location_ends_in_a_verdict(data in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(found) = Location::read(&data) {
            let bytes: usize = found.target.labels().map(|label| label.len() + 1).sum();
            prop_assert_eq!(bytes + 6 + 1, data.len());
        }
    }

    #[test]
    fn any_text_ends_in_a_verdict(document in "[<>/;,=\"a-c\\\\ ]{0,40}") {
        for link in links(&document).flatten() {
            let _ = (link.attribute("a"), link.has_type("b"));
        }
    }

    #[test]
    fn any_record_ends_in_a_verdict(data in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(text) = Text::read(&data) {
            let _ = text.get("a");
        }
    }
}
