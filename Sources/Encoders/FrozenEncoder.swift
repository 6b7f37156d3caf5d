public import Batching
public import Config
import Records
public import Storage
public import Torch

/// A neural encoder, immutable once loaded: a native network from safetensors, or TorchScript.
///
/// `@unchecked Sendable`, because: every stored property is a `let`; all but `network` and `preprocessing` are Sendable values;
/// and these two are constant. Native networks are structs of `let`s down to their tensors, of which no operator changes one and none
/// records gradients. A TorchScript module is checked in its graph: `forward` neither reads nor writes module state, and
/// LibTorch's interpreter keeps the state of a run to that run and guards its compiled plan with a mutex. Tensors never
/// leave `features(of:count:)`.
public final class FrozenEncoder: @unchecked Sendable {
    /// Part of the feature folder's name.
    public let name: String
    /// SHA-256 of the weights, lower-case hexadecimal.
    public let digest: String
    /// Numbers per patch.
    public let dim: Int
    /// Side in pixels that a patch should have; another side is resampled.
    public let inputSize: Int
    /// µm per pixel that a patch should have.
    public let targetMPP: Double
    /// What the network computes in: bf16 or fp32.
    public let precision: Precision
    private let device: Device
    private let preprocessing: Preprocessing
    private let network: any FrozenNetwork

    /// Loads the weights that a manifest names, if their bytes have its digest and, for TorchScript, the user trusts it.
    /// - Throws: `EncoderError`, `StorageError`.
    public init(
        _ manifest: EncoderManifest,
        trustedBy store: TrustStore,
        precision: Precision = .auto,
        on device: Device = .cpu
    ) throws {
        let isScript = manifest.architecture == nil
        try ComputeChoice.open(device)
        self.precision = try ComputeChoice.precision(precision, isScript: isScript, on: device)
        network = try manifest.network(trustedBy: store, precision: self.precision, on: device)
        name = manifest.name
        digest = manifest.sha256
        dim = manifest.dim
        inputSize = manifest.input
        targetMPP = manifest.mpp
        self.device = device
        preprocessing = try Preprocessing(manifest, on: device)
        // The lanes that compute with the weights do not wait for the queue that brought them.
        try LibTorch.wait(for: device)
    }

    /// Turns patches into features, for several threads at once.
    /// - Parameter pixels: `count` patches [count, side, side, 3], red, green, blue.
    /// - Returns: features [count, dim], row-major.
    /// - Throws: `EncoderError` for a result that is not [count, dim] or not finite.
    public func encode(pixels: UnsafeRawBufferPointer, count: Int, side: Int) throws -> [Float] {
        let (area, tooLarge) = side.multipliedReportingOverflow(by: side)
        guard count > 0, count <= pixels.count, side > 0, !tooLarge, pixels.count.isMultiple(of: 3 * count),
            pixels.count / (3 * count) == area
        else { throw EncoderError.pixels(found: pixels.count, count: count, side: side) }
        let prepared = preprocessing.resampled(pixels, count: count, side: side)
        var features: [Float] = []
        features.reserveCapacity(count * dim)
        try prepared.withUnsafeBytes { prepared in
            for first in stride(from: 0, to: count, by: batch) {
                let rows = first..<min(count, first + batch)
                let bytes = prepared[(rows.lowerBound * bytesPerPatch)..<(rows.upperBound * bytesPerPatch)]
                features += try self.features(of: UnsafeRawBufferPointer(rebasing: bytes), count: rows.count)
            }
        }
        if let index = features.firstIndex(where: { !$0.isFinite }) {
            throw EncoderError.nonFinite(name: name, patch: index / dim)
        }
        return features
    }
}

extension FrozenEncoder: BatchNetwork {
    public var bytesPerPatch: Int { preprocessing.bytesPerPatch }

    public var batch: Int { (device == .cpu ? ComputeDevice.cpu : .cuda(0)).batch }

    public func prepared(_ pixels: [UInt8], count: Int, side: Int) -> [UInt8] {
        if preprocessing.keeps(side) { return pixels }
        return pixels.withUnsafeBytes { preprocessing.resampled($0, count: count, side: side) }
    }

    public func features(of pixels: UnsafeRawBufferPointer, count: Int) throws -> [Float] {
        do {
            return try Lane.with(device) { lane in
                let output = try withoutGrad { () throws(TorchError) in
                    try network.forward(preprocessing.normalised(pixels, count: count, by: lane))
                }
                guard output.shape == [count, dim] else {
                    throw EncoderError.output(name: name, found: output.shape, wanted: [count, dim])
                }
                return try lane.floats(of: output)
            }
        } catch let error as TorchError {
            let failure = EncoderError.failed(name: name, reason: oneLine(error.message))
            throw (device == .cpu ? nil : BatchFault(name, failure.message)) ?? failure
        }
    }
}
