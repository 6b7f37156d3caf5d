import Files
public import Foundation

/// The patch and its features that come with an encoder, so that a laboratory can see that its weights and this program
/// give what the encoder's makers saw: a safetensors file with `patch` [side, side, 3] (U8) and `features` [dim] (F32).
public struct GoldenPatch: Equatable, Sendable {
    /// [side, side, 3], red, green, blue.
    public let pixels: [UInt8]
    public let side: Int
    /// [dim], computed in fp32.
    public let features: [Float]

    /// - Parameter dim: the encoder's.
    /// - Throws: `StorageError` for a missing file or one that holds something else.
    public init(contentsOf url: URL, dim: Int) throws {
        let file = try SafeTensors(contentsOf: url)
        func malformed(_ reason: String) -> StorageError { .malformed(path: url.path, reason: reason) }
        guard Set(file.tensors.keys) == ["patch", "features"], let patch = file.tensors["patch"],
            let expected = file.tensors["features"]
        else { throw malformed("the tensors 'patch' and 'features' are wanted, and no other") }
        guard patch.kind == .uint8, patch.shape.count == 3, patch.shape[2] == 3, patch.shape[0] == patch.shape[1],
            (8...4096).contains(patch.shape[0])
        else { throw malformed("'patch' is no square of RGB bytes [side, side, 3]") }
        guard expected.kind == .float32, expected.shape == [dim], let features = expected.floats,
            features.allSatisfy(\.isFinite), features.contains(where: { $0 != 0 })
        else { throw malformed("'features' is no [\(dim)] of finite fp32 that are not all 0") }
        pixels = Array(patch.bytes)
        side = patch.shape[0]
        self.features = features
    }
}
