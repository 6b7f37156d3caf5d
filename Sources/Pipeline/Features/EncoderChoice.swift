public import Config
import Files
public import Foundation
import Records
import Storage
import Texture

/// The encoder that a user names: a built-in one, or a JSON that describes a file of weights.
public enum EncoderChoice: Sendable {
    case texture
    case neural(EncoderManifest, file: URL)

    /// - Parameter word: `he-texture-v1` or the path of an encoder's JSON.
    /// - Throws: `Failure` for an unknown name (usage), a weights file of another digest (4) or TorchScript without
    ///   consent (5).
    public init(_ word: String) throws {
        if Self.isBuiltIn(word) {
            self = .texture
            return
        }
        let url = URL(filePath: word)
        guard try RegularFile.exists(url) else {
            throw Failure(
                .notFound,
                word,
                "no such encoder: give \(HETexture.name) or the path of an encoder's JSON file"
            )
        }
        guard url.pathExtension == "json" else {
            throw Failure(.usage, word, "give the encoder's JSON file, which names its weights and their digest")
        }
        let manifest = try EncoderManifest(contentsOf: url)
        try manifest.checkWeights()
        guard try manifest.architecture != nil || TrustStore().isTrusted(manifest.sha256) else {
            throw Failure(
                .untrusted,
                word,
                "TorchScript is a program and this one has not been trusted; look at where it comes from, "
                    + "then run: wsi encoder trust \(word)"
            )
        }
        self = .neural(manifest, file: url.standardizedFileURL)
    }

    /// Whether a word, as `init` takes it, names what needs no `wsi-compute`.
    public static func isBuiltIn(_ word: String) -> Bool { word == HETexture.name }

    /// The JSON of a neural encoder.
    var file: URL? {
        guard case .neural(_, let file) = self else { return nil }
        return file
    }

    /// Whether its network is built here, and so in bf16 where nothing is wanted.
    var isNative: Bool {
        guard case .neural(let manifest, _) = self else { return false }
        return manifest.architecture != nil
    }

    /// - Throws: `Failure` (usage) where two encoders would write into one folder.
    public static func distinct(_ words: [String]) throws -> [EncoderChoice] {
        let encoders = try words.map { try EncoderChoice($0) }
        var seen: Set<String> = []
        for name in encoders.map(\.identity.name) where !seen.insert(name).inserted {
            throw Failure(.usage, name, "two encoders have this name, which is that of their folder; give each its own")
        }
        return encoders
    }

    /// What turns pixels into the encoder's input; changes of it change every feature.
    var preprocessing: String {
        switch self {
        case .texture: "none"
        case .neural(let manifest, _):
            "input \(manifest.input), mean \(manifest.mean), std \(manifest.std), \(manifest.interpolation.rawValue)"
                + (manifest.resize.map { ", resize \($0)" } ?? "")
        }
    }

    /// What of the encoder's network is not in its weights; part of the fingerprint of features.
    func networkFacts(_ precision: Precision) throws -> [String: String] {
        guard case .neural(let manifest, _) = self else { return [:] }
        guard let architecture = manifest.architecture else {
            // TorchScript is in fp32 where nothing is said, as it always was.
            return precision == .bf16 ? ["precision": precision.rawValue] : [:]
        }
        let numbers = String(decoding: try CanonicalJSON.line(architecture), as: UTF8.self)
        return ["architecture": numbers, "precision": precision.rawValue]
    }

    public var identity: EncoderIdentity {
        switch self {
        case .texture:
            EncoderIdentity(
                name: HETexture.name,
                digest: HETexture.name,
                width: HETexture.dimension,
                input: nil,
                licence: "Apache-2.0",
                preprocessing: preprocessing
            )
        case .neural(let manifest, _):
            EncoderIdentity(
                name: manifest.name,
                digest: manifest.sha256,
                width: manifest.dim,
                input: manifest.input,
                licence: manifest.licence,
                preprocessing: preprocessing
            )
        }
    }
}

extension EncoderManifest {
    /// - Parameter url: a manifest, or a file of weights that a manifest beside it names.
    /// - Throws: as `init(contentsOf:)`; `Failure` for weights that cannot be used or that no manifest names.
    public static func describing(_ url: URL) throws -> EncoderManifest {
        let bytes = try? RegularFile.data(url, options: .alwaysMapped)
        // Archives, safetensors and pickles begin with other bytes than a JSON object.
        let isWeights = bytes?.first.map { !"{ \t\r\n".utf8.contains($0) && $0 != 0xEF } ?? false
        guard let bytes, isWeights else { return try EncoderManifest(contentsOf: url) }
        let folder = url.absoluteURL.deletingLastPathComponent()
        let beside = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
        let found = beside.lazy.compactMap { try? EncoderManifest(contentsOf: $0) }.first {
            $0.weightsURL.standardizedFileURL.path == url.absoluteURL.standardizedFileURL.path
        }
        if let found { return found }
        let reason =
            WeightsKind(bytes).refusal ?? "no JSON beside it names this file; write one (README, \"Your own encoder\")"
        throw Failure(.encoder, url.path, reason)
    }

    /// - Throws: `Failure` where the weights are missing (usage), are not those that the manifest means, or are
    ///   neither safetensors with an architecture nor TorchScript (4).
    public func checkWeights() throws {
        guard try RegularFile.exists(weightsURL) else {
            throw Failure(.notFound, weightsURL.path, "the weights that the encoder's JSON names are not there")
        }
        // Before the digest, and so before anyone is asked to trust it.
        if architecture == nil {
            let bytes = try RegularFile.data(weightsURL, options: .alwaysMapped)
            if let refusal = WeightsKind(bytes).refusal { throw Failure(.encoder, weightsURL.path, refusal) }
        } else if let foreign = ForeignWeights(contentsOf: weightsURL) {
            throw Failure(.encoder, weightsURL.path, foreign.refusal)
        }
        let found = try Digest.sha256(fileAt: weightsURL)
        guard found == sha256 else {
            throw Failure(
                .digest,
                weightsURL.path,
                "SHA-256 is \(found), but the encoder's JSON says \(sha256); get the right file"
            )
        }
    }
}
