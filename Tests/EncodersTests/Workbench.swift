import Config
import Files
import Foundation
import Storage
import TestSupport

/// A folder with one encoder in it and a trust store beside; removed with the object.
final class Workbench {
    private let scratch: Scratch
    var folder: URL { scratch.folder }
    var store: TrustStore { TrustStore(at: folder.appending(path: "trusted.json")) }

    init() throws { scratch = try Scratch() }

    /// Writes weights and a manifest that names them; `fields` replace those of a plain one.
    func manifest(weights: Data, trusted: Bool = true, _ fields: [String: Any] = [:]) throws -> EncoderManifest {
        let digest = Digest.sha256(weights)
        let plain: [String: Any] = [
            "name": "tiny", "dim": 3, "input": 8, "mean": [0, 0, 0], "std": [1, 1, 1], "interpolation": "bilinear",
            "weights": "tiny.pt", "sha256": digest, "licence": "Apache-2.0", "source": "a test", "mpp": 0.5,
        ]
        try AtomicFile.write(weights, to: folder.appending(path: "tiny.pt"))
        let json = try JSONSerialization.data(withJSONObject: plain.merging(fields) { _, new in new })
        let url = folder.appending(path: "tiny.json")
        try AtomicFile.write(json, to: url)
        if trusted { try store.trust(digest: digest, name: "tiny") }
        return try EncoderManifest(contentsOf: url)
    }
}
