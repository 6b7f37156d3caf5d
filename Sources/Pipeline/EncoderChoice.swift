public import Foundation
import Records
public import Storage
import Texture

/// The encoder that a user names: a built-in one, or a sidecar JSON that describes a TorchScript file.
public enum EncoderChoice: Sendable {
    case texture
    case script(EncoderManifest, file: URL)

    /// - Parameter word: `he-texture-v1` or the path of an encoder's JSON.
    /// - Throws: `Failure` for an unknown name (usage), a weights file of another digest (4) or one without consent (5).
    public init(_ word: String) throws {
        if word == HETexture.name {
            self = .texture
            return
        }
        let url = URL(filePath: word)
        guard FileManager.default.fileExists(atPath: url.path) else {
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
        guard try TrustStore().isTrusted(manifest.sha256) else {
            throw Failure(
                .untrusted,
                word,
                "TorchScript is a program and this one has not been trusted; look at where it comes from, "
                    + "then run: wsi encoder trust \(word)"
            )
        }
        self = .script(manifest, file: url.standardizedFileURL)
    }

    /// What turns pixels into the encoder's input; changes of it change every feature.
    var preprocessing: String {
        switch self {
        case .texture: "none"
        case .script(let manifest, _):
            "input \(manifest.input), mean \(manifest.mean), std \(manifest.std), \(manifest.interpolation.rawValue)"
        }
    }

    public var identity: EncoderIdentity {
        switch self {
        case .texture:
            EncoderIdentity(
                name: HETexture.name,
                digest: HETexture.name,
                width: HETexture.dimension,
                input: nil,
                licence: "Apache-2.0"
            )
        case .script(let manifest, _):
            EncoderIdentity(
                name: manifest.name,
                digest: manifest.sha256,
                width: manifest.dim,
                input: manifest.input,
                licence: manifest.licence
            )
        }
    }
}

extension EncoderManifest {
    /// - Throws: `Failure` where the weights are missing (usage) or are not those that the manifest means (4).
    public func checkWeights() throws {
        guard FileManager.default.fileExists(atPath: weightsURL.path) else {
            throw Failure(.notFound, weightsURL.path, "the weights that the encoder's JSON names are not there")
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
