"""The other side of `.ci/interop`: verifies `*.ours`, writes `*.theirs`."""

import json
import pathlib
import sys

import cbor2
from jwcrypto import jwk, jws
from pycose.algorithms import EdDSA, Es256, HMAC256
from pycose.headers import KID, Algorithm
from pycose.keys import CoseKey
from pycose.messages import CoseMessage, Mac0Message, Sign1Message

PAYLOAD = b"what every message says"
AAD = b"context"
ALGORITHMS = {"es256": (Es256, "ES256"), "ed25519": (EdDSA, "EdDSA"), "hmac": (HMAC256, "HS256")}
# pycose knows no fully specified numbers (RFC 9864): the key is the same, only its label differs.
POLYMORPHIC = {-9: -7, -19: -8}


def cose_key(folder: pathlib.Path, name: str) -> CoseKey:
    """The key without its algorithm, where pycose does not know that."""
    fields = cbor2.loads((folder / f"{name}.cosekey").read_bytes())
    fields[3] = POLYMORPHIC.get(fields[3], fields[3])
    return CoseKey.from_dict(fields)


def verify_cose(path: pathlib.Path, key: CoseKey) -> bool:
    """Whether pycose takes our message."""
    message = CoseMessage.decode(path.read_bytes())
    message.key, message.external_aad = key, AAD
    verified = message.verify_tag() if isinstance(message, Mac0Message) else message.verify_signature()
    return verified and message.payload == PAYLOAD


def verify_jws(path: pathlib.Path, key: jwk.JWK) -> bool:
    """Whether jwcrypto takes our message; it raises otherwise."""
    token = jws.JWS()
    token.allowed_algs = ["ES256", "EdDSA", "Ed25519", "HS256"]
    token.deserialize(path.read_text(), key)
    return token.payload == PAYLOAD


def write(folder: pathlib.Path, name: str, key: CoseKey, web: jwk.JWK) -> None:
    """Signs by both libraries."""
    algorithm, jose = ALGORITHMS[name]
    kind, tag = (Mac0Message, "mac") if name == "hmac" else (Sign1Message, "cose")
    for extra, headers in (("", {}), ("-kid", {KID: b"1"})):
        message = kind(phdr={Algorithm: algorithm}, uhdr=headers, payload=PAYLOAD)
        message.key, message.external_aad = key, AAD
        (folder / f"{tag}-{name}{extra}.theirs").write_bytes(message.encode())
    token = jws.JWS(PAYLOAD)
    token.add_signature(web, alg=jose, protected=json.dumps({"alg": jose}), header=json.dumps({"kid": "1"}))
    (folder / f"json-{name}.theirs").write_text(token.serialize(compact=False))
    token = jws.JWS(PAYLOAD)
    token.add_signature(web, alg=jose, protected=json.dumps({"alg": jose, "kid": "1"}))
    (folder / f"jws-{name}.theirs").write_text(token.serialize(compact=True))


def main() -> None:
    """Everything in the folder that is given."""
    folder = pathlib.Path(sys.argv[1])
    verified, skipped = 0, []
    for name in ALGORITHMS:
        key, web = cose_key(folder, name), jwk.JWK.from_json((folder / f"{name}.jwk").read_text())
        for path in sorted(folder.glob(f"*-{name}-*.ours")) + sorted(folder.glob(f"*-{name}[0-9]*.ours")):
            number = int(path.stem.split("-", 1)[1].removeprefix(name))
            if number in POLYMORPHIC and path.stem.startswith("cose"):
                skipped.append(path.name)
                continue
            web_or_cose = verify_cose(path, key) if path.stem.startswith("cose") else verify_jws(path, web)
            if not web_or_cose:
                sys.exit(f"{path}: refused by the other library")
            verified += 1
        write(folder, name, key, web)
    print(f"{verified} of our messages verified by pycose and jwcrypto")
    print(f"not known to pycose: {', '.join(skipped)}")
    if not verified:
        sys.exit("there was nothing to verify")


main()
