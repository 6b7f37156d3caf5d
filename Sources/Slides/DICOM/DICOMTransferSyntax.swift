/// How frames are stored (PS3.5, annex A; PS3.6, table A-1).
enum DICOMTransferSyntax {
    /// What decodes a frame.
    enum Codec: Equatable {
        case none, runLength, jpeg, jpeg2000

        /// Whether each frame is in items of its own.
        var isEncapsulated: Bool { self != .none }
    }

    static let implicit = "1.2.840.10008.1.2"

    /// One that is known: what decodes it, or nil where nothing does here.
    struct Entry {
        var name: String
        var codec: Codec?
    }

    static let all: [String: Entry] = [
        implicit: Entry(name: "implicit VR little endian", codec: Codec.none),
        "1.2.840.10008.1.2.1": Entry(name: "explicit VR little endian", codec: Codec.none),
        "1.2.840.10008.1.2.5": Entry(name: "RLE lossless", codec: .runLength),
        "1.2.840.10008.1.2.4.50": Entry(name: "JPEG baseline", codec: .jpeg),
        "1.2.840.10008.1.2.4.90": Entry(name: "JPEG 2000 lossless", codec: .jpeg2000),
        "1.2.840.10008.1.2.4.91": Entry(name: "JPEG 2000", codec: .jpeg2000),
        bigEndian: Entry(name: "explicit VR big endian"),
        deflated: Entry(name: "deflated explicit VR little endian"),
        "1.2.840.10008.1.2.4.51": Entry(name: "JPEG extended"),
        "1.2.840.10008.1.2.4.57": Entry(name: "JPEG lossless"),
        "1.2.840.10008.1.2.4.70": Entry(name: "JPEG lossless, first-order prediction"),
        "1.2.840.10008.1.2.4.80": Entry(name: "JPEG-LS lossless"),
        "1.2.840.10008.1.2.4.81": Entry(name: "JPEG-LS near-lossless"),
        "1.2.840.10008.1.2.4.92": Entry(name: "JPEG 2000 multi-component lossless"),
        "1.2.840.10008.1.2.4.93": Entry(name: "JPEG 2000 multi-component"),
        "1.2.840.10008.1.2.4.100": Entry(name: "MPEG-2 main profile"),
        "1.2.840.10008.1.2.4.101": Entry(name: "MPEG-2 main profile, high level"),
        "1.2.840.10008.1.2.4.102": Entry(name: "MPEG-4 H.264"),
        "1.2.840.10008.1.2.4.107": Entry(name: "MPEG-H H.265"),
        "1.2.840.10008.1.2.4.110": Entry(name: "JPEG XL lossless"),
        "1.2.840.10008.1.2.4.111": Entry(name: "JPEG XL recompressed JPEG"),
        "1.2.840.10008.1.2.4.112": Entry(name: "JPEG XL"),
        "1.2.840.10008.1.2.4.201": Entry(name: "HTJ2K lossless"),
        "1.2.840.10008.1.2.4.202": Entry(name: "HTJ2K lossless, RPCL"),
        "1.2.840.10008.1.2.4.203": Entry(name: "HTJ2K"),
    ]

    /// Whether the header can be walked: all others keep to the explicit form (PS3.5, A.4).
    static func isWalked(_ uid: String) -> Bool { uid != bigEndian && uid != deflated }

    /// - Throws: `SlideError.refused` for one that is not read.
    static func codec(of uid: String) throws -> Codec {
        let entry = all[uid]
        if let codec = entry?.codec { return codec }
        let isUID = uid.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
        let name = entry.map { "\($0.name), " } ?? "unknown, "
        throw SlideError.refused(
            "its transfer syntax, \(name)\(isUID ? String(uid.prefix(64)) : "no UID"), is not read",
            wayOut:
                "convert the files to JPEG baseline, JPEG 2000, RLE or no compression, for instance with gdcmconv --raw"
        )
    }

    private static let bigEndian = "1.2.840.10008.1.2.2"
    private static let deflated = "1.2.840.10008.1.2.1.99"
}
