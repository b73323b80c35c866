"""Images, files and links between answers: one address in the file, another one in Notion.

A file of the repository is known by its path and the SHA-256 of its bytes, a file in Notion by the stable path of its address.
`AssetRecord` says which of them are the same; what no record knows is uploaded (`asset:…`) or downloaded (`notion:/…`).
Nothing here talks to Notion or to the disk: bytes and digests come through what the caller passes in.
"""

from notionsync.sides.assets.addresses import KINDS, asset_address, parse_asset
from notionsync.sides.assets.bodies import Pending, hosted, normal, pending, uploaded
from notionsync.sides.assets.content import HEAD, described, place, sniff
from notionsync.sides.assets.links import AssetLinks, Digest, Pages, digests, sha256

__all__ = [
    "HEAD",
    "KINDS",
    "AssetLinks",
    "Digest",
    "Pages",
    "Pending",
    "asset_address",
    "described",
    "digests",
    "hosted",
    "normal",
    "parse_asset",
    "pending",
    "place",
    "sha256",
    "sniff",
    "uploaded",
]
