import Files
public import Foundation
public import Records

/// The sidecar JSON of a neural encoder: what its weights want to see and what they give (docs/guides/own-encoder.md).
public struct EncoderManifest: Decodable, Equatable, Sendable {
    /// How a patch is brought to `input` pixels where it has another side.
    public enum Interpolation: String, ConfigChoice {
        case bilinear, bicubic
    }

    /// Part of the feature folder's name.
    public let name: String
    /// Numbers per patch.
    public let dim: Int
    /// Side of the square that the encoder wants, in pixels.
    public let input: Int
    /// Subtracted from channel values in 0…1, red, green, blue; then divided by `std`.
    public let mean: [Double]
    public let std: [Double]
    public let interpolation: Interpolation
    /// Side to which a patch is brought before the `input` pixels in its middle are cut out; nil: `input`, all of it.
    public private(set) var resize: Int?
    /// The weights' file; relative to the manifest. Safetensors where there is an `architecture`, else TorchScript.
    public let weights: String
    /// Of the weights' file, lower-case hexadecimal.
    public let sha256: String
    /// Name or text of the licence; it goes into every feature file and checkpoint.
    public let licence: String
    /// Where the weights come from.
    public let source: String
    /// Microns per pixel that the encoder was trained for.
    public let mpp: Double
    /// The network that the weights belong to; nil for TorchScript, which holds its own.
    public private(set) var architecture: EncoderArchitecture?
    /// A safetensors file with a patch and its features (`GoldenPatch`); relative to the manifest.
    public private(set) var check: String?
    /// The preset that whoever imported the weights says they are; names and shapes cannot prove it.
    public private(set) var preset: String?
    /// The folder of the manifest, which its file names are relative to.
    private var folder = URL(filePath: "/")

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case name, dim, input, mean, std, interpolation, resize, weights, sha256, licence, source, mpp, architecture,
            check
        case preset
    }

    /// Names of encoders that come with the program, whose features must not be mistaken for another's.
    public static let builtIn = ["he-texture-v1"]

    public var weightsURL: URL { URL(filePath: weights, relativeTo: folder).absoluteURL }

    public var checkURL: URL? { check.map { URL(filePath: $0, relativeTo: folder).absoluteURL } }

    /// Reads and checks a manifest; the weights are not looked at.
    /// - Throws: `ConfigError` naming file and key, `StorageError` for a missing file or text that is no JSON.
    public init(contentsOf url: URL) throws {
        do { self = try CanonicalJSON.read(EncoderManifest.self, written: url) } catch let error as ConfigError {
            throw ConfigError(
                [url.path, error.subject ?? ""].filter { !$0.isEmpty }.joined(separator: ": "),
                error.message
            )
        }
        folder = url.absoluteURL.deletingLastPathComponent()
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        name = try reader.require(.name)
        dim = try reader.require(.dim)
        input = try reader.require(.input)
        mean = try reader.require(.mean)
        std = try reader.require(.std)
        interpolation = try reader.require(.interpolation)
        weights = try reader.require(.weights)
        sha256 = try reader.require(.sha256)
        licence = try reader.require(.licence)
        source = try reader.require(.source)
        mpp = try reader.require(.mpp)
        try reader.read(.architecture, into: &architecture)
        try reader.read(.check, into: &check)
        try reader.read(.resize, into: &resize)
        try reader.read(.preset, into: &preset)

        func demand(_ holds: Bool, _ key: CodingKeys, _ message: String) throws {
            try ConfigError.check(holds, reader.keyPath(key), message)
        }
        try demand(
            Self.isSafe(name),
            .name,
            "'\(name.prefix(80).debugDescription.dropFirst().dropLast())' is not a safe folder name; "
                + "use 1 to 64 of A–Z, a–z, 0–9, '.', '_' and '-', a letter or digit first"
        )
        // Case does not tell folders apart everywhere.
        if let taken = Self.builtIn.first(where: { $0.lowercased() == name.lowercased() }) {
            throw ConfigError(
                reader.keyPath(.name),
                "'\(name)' is the name of the built-in encoder \(taken); give this one another"
            )
        }
        try demand((1...65_536).contains(dim), .dim, "\(dim) is not in 1…65536")
        try demand((8...4096).contains(input), .input, "\(input) is not in 8…4096 pixels")
        try demand(
            mean.count == 3 && mean.allSatisfy((-1...1).contains),
            .mean,
            "three numbers in -1…1 are wanted: red, green, blue"
        )
        try demand(
            std.count == 3 && std.allSatisfy { $0 >= 0.001 && $0 <= 10 },
            .std,
            "three numbers in 0.001…10 are wanted: red, green, blue"
        )
        if let resize {
            try demand(
                (input...8192).contains(resize),
                .resize,
                "\(resize) is not in \(input)…8192: the \(input) pixels of the input are cut out of it"
            )
        }
        try demand(!weights.isEmpty && !weights.utf8.contains(0), .weights, "the name of the weights' file is wanted")
        try demand(
            sha256.utf8.count == 64 && sha256.utf8.allSatisfy(Set("0123456789abcdef".utf8).contains),
            .sha256,
            "64 lower-case hexadecimal digits are wanted; sha256sum prints them"
        )
        try demand(TilingConfig.plausibleMPP.contains(mpp), .mpp, "\(mpp) is not in 0.05…100 µm per pixel")
        try demand(
            licence.utf8.count <= 32_768,
            .licence,
            "\(licence.utf8.count) bytes are too long for feature files; 32768 are allowed"
        )
        guard let architecture else { return }
        try demand(
            dim == architecture.dim,
            .dim,
            "\(dim) is not what the architecture gives, which is \(architecture.dim)"
        )
        if let fault = architecture.fault(ofInput: input) { throw ConfigError(reader.keyPath(.input), fault) }
    }

    private static func isSafe(_ name: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        guard let first = name.utf8.first, isAlphanumeric(first), name.utf8.count <= 64 else { return false }
        return name.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
    }
}
