import Foundation
public import Storage
public import Torch

/// A neural encoder from a TorchScript file, immutable once loaded.
///
/// `@unchecked Sendable`, because: every stored property is a `let`; all but `module` are Sendable values; and the module
/// is constant, which `init` checks in its graph: `forward` neither reads nor writes module state. LibTorch's interpreter
/// keeps the state of a run to that run and guards its compiled plan with a mutex. Tensors never leave `encode`.
public final class FrozenEncoder: PatchEncoder, @unchecked Sendable {
    public let name: String
    public let digest: String
    public let dim: Int
    public let inputSize: Int
    public let targetMPP: Double
    private let device: Device
    private let preprocessing: Preprocessing
    private let module: ScriptModule

    /// Loads the weights that a manifest names, if their bytes have its digest and the user trusts that digest.
    /// - Throws: `EncoderError`, `StorageError`.
    public init(_ manifest: EncoderManifest, trustedBy store: TrustStore, on device: Device = .cpu) throws {
        let path = manifest.weightsURL.path
        // Read, not mapped, and read once: the bytes that are hashed are the bytes that run.
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw StorageError.system(path: path, call: "open", errno: ENOENT)
        }
        if let refusal = WeightsKind(bytes).refusal { throw EncoderError.unsuitable(path: path, reason: refusal) }
        let digest = Digest.sha256(bytes)
        guard digest == manifest.sha256 else {
            throw EncoderError.digest(path: path, found: digest, wanted: manifest.sha256)
        }
        guard try store.isTrusted(digest) else { throw EncoderError.untrusted(path: path, digest: digest) }
        do {
            module = try bytes.withUnsafeBytes { try ScriptModule(bytes: $0, on: device) }
            guard try module.isConstant else {
                throw EncoderError.unsuitable(
                    path: path,
                    reason:
                        "the model's forward depends on state that it keeps, so that patches would not be independent; "
                        + "export it in evaluation mode with torch.jit.trace"
                )
            }
        } catch let error as TorchError {
            throw EncoderError.unsuitable(path: path, reason: "LibTorch \(LibTorch.version): \(oneLine(error.message))")
        }
        name = manifest.name
        self.digest = digest
        dim = manifest.dim
        inputSize = manifest.input
        targetMPP = manifest.mpp
        self.device = device
        preprocessing = Preprocessing(manifest)
    }

    /// - Throws: `EncoderError` for a result that is not [count, dim] or not finite.
    public func encode(pixels: UnsafeRawBufferPointer, count: Int, side: Int) throws -> [Float] {
        let (area, tooLarge) = side.multipliedReportingOverflow(by: side)
        guard count > 0, count <= pixels.count, side > 0, !tooLarge, pixels.count.isMultiple(of: 3 * count),
            pixels.count / (3 * count) == area
        else { throw EncoderError.pixels(found: pixels.count, count: count, side: side) }
        let planes = preprocessing.apply(pixels.bindMemory(to: UInt8.self), count: count, side: side)
        let output: Tensor
        let features: [Float]
        do {
            let input = try Tensor(planes, shape: [count, 3, inputSize, inputSize], on: device)
            output = try module.forward(input)
            features = try output.floats()
        } catch {
            throw EncoderError.failed(name: name, reason: oneLine(error.message))
        }
        guard output.shape == [count, dim] else {
            throw EncoderError.output(name: name, found: output.shape, wanted: [count, dim])
        }
        if let index = features.firstIndex(where: { !$0.isFinite }) {
            throw EncoderError.nonFinite(name: name, patch: index / dim)
        }
        return features
    }
}
